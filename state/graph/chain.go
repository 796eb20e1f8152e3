package graph

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/seatwright/seatwright/state/wire"
)

// chain has the parts that the links of a client's chain are made from.
type chain struct {
	root   root
	tokens tokenSource // nil: send no token (sandbox)
	write  bool
	log    *slog.Logger
	run    *numbering
	reads  *readLimiter
	clock  *serverClock
	base   http.RoundTripper // the transport; tests pass their own
}

// newChain returns the links in their order. The order matters:
//
//   - refusal is outermost, so that every status survives the adapter, which loses
//     that of an answer that is not JSON;
//   - logging sees what the caller gets, once per request;
//   - guard comes before everything that sends, so that what may not be sent is
//     neither repeated nor signed;
//   - identify comes before retry: a request and its repetitions are one thing in
//     Microsoft's logs;
//   - retry is outside pacing, so that every attempt waits for a slot, and outside
//     authorize, so that a repeated request has a fresh token;
//   - authorize is outside limits, next to the transport, so that no other link can
//     change the address after the token was added;
//   - limits reads the answer completely, so that an incomplete answer is retried
//     like a missing one.
func newChain(c chain) http.RoundTripper {
	var next http.RoundTripper = limits{next: c.base, most: maxPage, patience: attemptTime, clock: c.clock}
	next = authorize{next: next, root: c.root, tokens: c.tokens}
	next = pacing{next: next, reads: c.reads}
	next = retry{next: next}
	next = identify{next: next, run: c.run}
	next = guard{next: next, root: c.root, write: c.write}
	next = logging{next: next, log: c.log, root: c.root}
	return refusing{next: next}
}

// newTransport returns the transport to Graph, its authority, or a sandbox on this
// machine.
func newTransport(sandbox bool) *http.Transport { return wire.NewTransport(30*time.Second, sandbox) }
