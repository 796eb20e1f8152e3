package graph

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The quota of writes that Microsoft documents for one application in one tenant
// ("Microsoft Entra service limits: throttling limits of identity and access").
const (
	quotaWrites = 3000
	quotaTime   = 150 * time.Second
)

// DefaultRate is how much of the documented quota is used, in percent, if [Options].Rate
// is 0. The rest is for other applications of the tenant.
const DefaultRate = 80

const (
	// firstWidth is how many writes are in flight at first. Microsoft publishes no
	// number, and license writes are reported to be processed one at a time per tenant.
	firstWidth = 2
	maxWidth   = 2 * batchSize
	// maxRefusal is how long a tenant may refuse every write temporarily before no more
	// are sent.
	maxRefusal = 5 * time.Minute
)

// errBusy reports that the tenant has refused every write for several minutes.
var errBusy = errors.New("the tenant has refused every write for several minutes")

// pacer releases writes. It needs no refusal to learn the quota, because it stays below
// its share. It slows down when answers report that other applications use the same
// quota, and by half when they have used it up. It learns how many writes may be in
// flight at once, as TCP does. It begins with few, doubles until the first refusal,
// halves at each refusal, and then grows by one per round.
//
// It counts writes and not requests: each item of a batch is one.
type pacer struct {
	share   float64 // of the quota, 0 to 1
	full    rate.Limit
	limiter *rate.Limiter
	gate    gate // closed by a 429 for the time that the service names

	mu        sync.Mutex
	width     int
	threshold int     // of width: below it doubles, above it grows by one
	grown     int     // accepted since the width last grew
	pace      float64 // of the full rate: halved by a 429, 1 again some time later
	inFlight  int
	round     int           // counts the halvings: what was sent before one does not cause the next
	freed     chan struct{} // closed when writes have returned
	refusedAt time.Time     // start of a time with nothing but refusals; zero: not now
}

// newPacer returns a pacer that uses this percentage of the quota, [DefaultRate] if it is
// 0.
func newPacer(percent int) (*pacer, error) {
	if percent == 0 {
		percent = DefaultRate
	}
	if percent < 1 || percent > 100 {
		return nil, fmt.Errorf("rate is %d %%: want 1 to 100 percent of the documented quota", percent)
	}
	share := float64(percent) / 100
	// The limiter allows a burst of one batch on top of a steady rate. Together they stay
	// below the quota in every window of its length, wherever the service lets one begin.
	full := rate.Limit((quotaWrites*share - batchSize) / quotaTime.Seconds())
	return &pacer{
		share: share, full: full, limiter: rate.NewLimiter(full, batchSize),
		pace: 1, width: firstWidth, threshold: maxWidth, freed: make(chan struct{}),
	}, nil
}

// flight is a number of writes that may be sent now, in one batch.
type flight struct {
	writes int
	round  int
}

// admit waits until writes may be sent, and returns how many: at least one, at most as
// many as are wanted. Every flight must be given back by release.
func (p *pacer) admit(ctx context.Context, want int) (flight, error) {
	f, err := p.reserve(ctx, min(want, batchSize))
	if err != nil {
		return flight{}, err
	}
	turn := p.limiter.ReserveN(time.Now(), f.writes)
	if err = pause(ctx, turn.Delay()); err != nil {
		turn.Cancel()
	} else {
		err = p.gate.wait(ctx)
	}
	if err == nil && p.busy() {
		err = errBusy
	}
	if err != nil {
		p.release(f, feedback{})
		return flight{}, err
	}
	return f, nil
}

// reserve waits for room among the writes in flight.
func (p *pacer) reserve(ctx context.Context, want int) (flight, error) {
	for {
		p.mu.Lock()
		room, freed := p.width-p.inFlight, p.freed
		if room > 0 {
			f := flight{writes: min(want, room), round: p.round}
			p.inFlight += f.writes
			p.mu.Unlock()
			return f, nil
		}
		p.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return flight{}, ctx.Err()
		}
	}
}

func (p *pacer) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.refusedAt.IsZero() && time.Since(p.refusedAt) > maxRefusal
}

// feedback is what the answers to a flight reported. The zero feedback reports nothing.
type feedback struct {
	accepted int           // writes that were not refused temporarily
	refused  int           // writes that were
	wait     time.Duration // the longest time that a 429 named
	used     float64       // of the quota, by all applications; 0: less than 0.8
}

// release ends a flight and adjusts width and pace by its results.
func (p *pacer) release(f flight, v feedback) {
	if v.wait > 0 {
		p.gate.closeFor(v.wait)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight -= f.writes
	close(p.freed)
	p.freed = make(chan struct{})
	if v.accepted+v.refused == 0 {
		return
	}
	p.adjustPace(f, v)
	p.adjustWidth(f, v)
}

// adjustWidth halves the width at a refusal, once per round, and lets it grow otherwise.
func (p *pacer) adjustWidth(f flight, v feedback) {
	switch {
	case v.accepted > 0:
		p.refusedAt = time.Time{}
	case p.refusedAt.IsZero():
		p.refusedAt = time.Now()
	}
	switch {
	case v.refused > 0 && f.round == p.round:
		p.width = max(1, p.width/2)
		p.threshold = p.width
		p.grown = 0
		p.round++
	case v.refused == 0 && p.width < p.threshold:
		p.width = min(p.width+v.accepted, p.threshold)
	case v.refused == 0:
		if p.grown += v.accepted; p.grown >= p.width {
			p.width, p.grown = min(p.width+1, maxWidth), 0
		}
	}
}

// paceGain is how many accepted writes raise the pace from zero to the full rate: as many
// as the quota allows in half its time.
const paceGain = quotaWrites / 2

// adjustPace slows down in proportion if more of the quota is used than this client's
// share. It slows down by half, once per round, if a 429 shows that the quota is smaller
// than documented.
func (p *pacer) adjustPace(f flight, v feedback) {
	if v.wait == 0 {
		p.pace = min(1, p.pace+float64(v.accepted)/paceGain)
	} else if f.round == p.round {
		p.pace = max(p.pace/2, 0.01)
	}
	pace := p.pace
	if v.used > p.share {
		pace = min(pace, p.share/v.used)
	}
	p.limiter.SetLimit(p.full * rate.Limit(pace))
}
