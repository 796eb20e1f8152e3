package graph

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// pacing sends reads in parallel, but not more than readWidth, and none before the time
// that the service named when it refused another. It does not limit writes: the number of
// writes in one batch must be decided before there is a request, see [pacer].
type pacing struct {
	next  http.RoundTripper
	reads *readLimiter
}

// RoundTrip implements [http.RoundTripper].
func (p pacing) RoundTrip(req *http.Request) (*http.Response, error) {
	if !onlyReads(req.Context()) {
		return p.next.RoundTrip(req)
	}
	if err := p.reads.acquire(req.Context()); err != nil {
		return nil, err
	}
	defer p.reads.release()
	answer, err := p.next.RoundTrip(req)
	if err == nil && isTemporary(answer.StatusCode) {
		p.reads.gate.closeFor(retryAfter(answer.Header.Get("Retry-After")))
	}
	return answer, err
}

// readWidth is how many reads are in flight. The time of a page limits a read of all
// users, and ten pages at once are far below any documented quota.
const readWidth = 10

// readLimiter limits all reads of a client.
type readLimiter struct {
	slots chan struct{}
	gate  gate
}

func newReadLimiter() *readLimiter { return &readLimiter{slots: make(chan struct{}, readWidth)} }

// acquire waits for a slot and for the gate to be open.
func (l *readLimiter) acquire(ctx context.Context) error {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := l.gate.wait(ctx); err != nil {
		l.release()
		return err
	}
	return nil
}

func (l *readLimiter) release() { <-l.slots }

// gate is closed for a time when the service names one. The zero gate is open.
type gate struct {
	mu    sync.Mutex
	opens time.Time
}

// wait waits until the gate is open; the gate can be closed again in the meantime.
func (g *gate) wait(ctx context.Context) error {
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

// closeFor closes the gate for a time, unless it is closed longer already.
func (g *gate) closeFor(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if opens := time.Now().Add(d); opens.After(g.opens) {
		g.opens = opens
	}
}
