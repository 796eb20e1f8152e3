package graph

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// pacing lets reads out side by side, but not more than readWidth, and none before
// the time that the service named when it refused another. Writes pass: how many of
// them stand in one batch must be known before there is a request, see [pacer].
type pacing struct {
	next  http.RoundTripper
	reads *lane
}

// RoundTrip implements [http.RoundTripper].
func (p pacing) RoundTrip(req *http.Request) (*http.Response, error) {
	if !onlyReads(req.Context()) {
		return p.next.RoundTrip(req)
	}
	if err := p.reads.enter(req.Context()); err != nil {
		return nil, err
	}
	defer p.reads.leave()
	answer, err := p.next.RoundTrip(req)
	if err == nil && momentary(answer.StatusCode) {
		p.reads.gate.shut(retryAfter(answer.Header.Get("Retry-After")))
	}
	return answer, err
}

// readWidth is how many reads are in flight: reading all users is bound by the time
// that a page takes, and ten of them are far below any documented quota.
const readWidth = 10

// lane is what all reads of a client pass.
type lane struct {
	slots chan struct{}
	gate  gate
}

func newLane() *lane { return &lane{slots: make(chan struct{}, readWidth)} }

// enter waits for a slot and for the gate to be open.
func (l *lane) enter(ctx context.Context) error {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := l.gate.pass(ctx); err != nil {
		l.leave()
		return err
	}
	return nil
}

func (l *lane) leave() { <-l.slots }

// gate is shut for a time when the service says so. The zero gate is open.
type gate struct {
	mu    sync.Mutex
	opens time.Time
}

// pass waits until the gate is open; it may be shut again meanwhile.
func (g *gate) pass(ctx context.Context) error {
	for {
		g.mu.Lock()
		wait := time.Until(g.opens)
		g.mu.Unlock()
		if wait <= 0 {
			return ctx.Err()
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// shut closes the gate for a time, if it would not be closed longer anyway.
func (g *gate) shut(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if opens := time.Now().Add(d); opens.After(g.opens) {
		g.opens = opens
	}
}
