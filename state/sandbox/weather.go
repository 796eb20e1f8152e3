package sandbox

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/entra"
)

// The weather is what stands between a client and the directory: quotas, other
// writers, replicas that lag, faults. Each is a layer around the route, and all
// are off in the zero [Options].

// trip is one HTTP request under way. The items of a batch share the one of
// their batch.
type trip struct {
	ctx      context.Context // of the request
	token    string          // that it brought, "" for none
	caller   entra.Caller    // what the token says
	parallel bool            // the items of the batch are carried out at the same time
	owed     time.Duration   // how long the answer must wait before it is sent
	ending   ending          // what becomes of the answer
	held     int             // bytes of memory

	requestID string // of the whole
}

func newTrip(r *http.Request) *trip {
	return &trip{ctx: r.Context(), token: bearer(r)}
}

// owe makes the answer wait, for the longest of all that ask for it.
func (t *trip) owe(d time.Duration) { t.owed = max(t.owed, d) }

// app is the application that asks, "" where no token says so.
func (t *trip) app() string { return t.caller.App }

// waits is how the face lets time pass, of [Options.Wait].
type waits func(ctx context.Context, d time.Duration) error

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

// layer is something that a call goes through before its route. It answers itself, or
// passes the call on.
type layer interface {
	around(r route, c *call, next func() answer) answer
}

// pass leads a call through the layers to its route.
func (f *face) pass(r route, c *call) answer {
	next := func() answer { return r.serve(f.lag.replica(r, c, f.service), c) }
	for _, l := range slices.Backward(f.layers) {
		inner := next
		next = func() answer { return l.around(r, c, inner) }
	}
	return next()
}

// writes tells whether a route changes the directory. These POSTs only read.
func (r route) writes() bool {
	switch r.pattern {
	case "$batch", "directoryObjects/getByIds":
		return false
	}
	return r.method != http.MethodGet
}

// end sends the answer, when and as far as the weather lets it through.
func (f *face) end(w http.ResponseWriter, c *call, a answer) {
	if c.trip.owed > 0 && f.wait(c.trip.ctx, c.trip.owed) != nil {
		return // the client has gone
	}
	switch c.trip.ending {
	case endReset, endDrop:
		hangUp(w, c.trip.ending)
	case endTruncated:
		f.sendHalf(w, c, a)
	default:
		f.send(w, c, a)
	}
}
