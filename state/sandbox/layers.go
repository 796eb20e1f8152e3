package sandbox

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/entra"
)

// A fault profile holds what goes wrong between a client and the directory: quotas, other
// writers, replicas that lag, faults. Each is a layer around the route, and all are off in
// the zero [Options].

// exchange is one HTTP request under way. The items of a batch share the one of
// their batch.
type exchange struct {
	ctx      context.Context // of the request
	token    string          // of the request, "" for none
	caller   entra.Caller    // from the token
	parallel bool            // the items of the batch are carried out at the same time
	delay    time.Duration   // how long the answer must wait before it is sent
	failure  failureMode     // what becomes of the answer
	reserved int             // bytes of memory

	requestID string // of the whole
}

func newExchange(r *http.Request) *exchange {
	return &exchange{ctx: r.Context(), token: bearer(r)}
}

// delayAtLeast makes the answer wait, for the longest time that was asked for.
func (x *exchange) delayAtLeast(d time.Duration) { x.delay = max(x.delay, d) }

// app returns the application of the caller, "" if no token names one.
func (x *exchange) app() string { return x.caller.App }

// waitFunc is the function with which the handler waits, from [Options.Wait].
type waitFunc func(ctx context.Context, d time.Duration) error

// sleep waits in real time, or in that of a testing/synctest bubble.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// layer is a check that a call passes before its route. It answers itself, or passes the
// call on.
type layer interface {
	around(r route, c *call, next func() response) response
}

// runLayers passes a call through the layers to its route.
func (h *handler) runLayers(r route, c *call) response {
	next := func() response { return r.serve(h.lag.replica(r, c, h.service), c) }
	for _, l := range slices.Backward(h.layers) {
		inner := next
		next = func() response { return l.around(r, c, inner) }
	}
	return next()
}

// writes reports whether a route changes the directory. Some POSTs only read.
func (r route) writes() bool {
	switch r.pattern {
	case "$batch", "directoryObjects/getByIds":
		return false
	}
	return r.method != http.MethodGet
}

// finish sends the answer, as far as the faults allow.
func (h *handler) finish(w http.ResponseWriter, c *call, a response) {
	if c.exchange.delay > 0 && h.wait(c.exchange.ctx, c.exchange.delay) != nil {
		return // the client has gone
	}
	switch c.exchange.failure {
	case reset, dropped:
		hangUp(w, c.exchange.failure)
	case truncated:
		h.sendHalf(w, c, a)
	default:
		h.send(w, c, a)
	}
}
