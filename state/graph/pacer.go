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

// DefaultRate is how much of the documented quota is used, in percent, where
// [Options].Rate does not say: others live in the same tenant.
const DefaultRate = 80

const (
	// firstWidth is how many writes are in flight at first. There is no published number,
	// and license writes are reported to be taken one at a time per tenant.
	firstWidth = 2
	maxWidth   = 2 * batchSize
	// maxRefusal is how long a tenant may refuse everything for the moment before
	// it is left alone.
	maxRefusal = 5 * time.Minute
)

// errBusy says that the tenant has refused every write for minutes.
var errBusy = errors.New("the tenant has refused every write for minutes")

// pacer lets writes out. It needs no refusal to learn the quota: it keeps below the
// part of it that it was given, and slows down as soon as answers say that others
// draw from the same quota, and by half when they have used it up. How many writes
// are in flight at once it does learn, as TCP does: it begins with few, doubles until
// the first refusal, halves at each, and then grows by one a round.
//
// What counts is writes and not requests: each item of a batch is one.
type pacer struct {
	share   float64 // of the quota, 0 to 1
	full    rate.Limit
	limiter *rate.Limiter
	gate    gate // shut by a 429 for as long as the service asks

	mu        sync.Mutex
	width     int
	threshold int     // of width: below it doubles, above it grows by one
	grown     int     // accepted since the width last grew
	pace      float64 // of the full rate: halved by a 429, 1 again some time later
	flying    int
	round     int           // counts the halvings: what was sent before one does not cause the next
	freed     chan struct{} // closed when writes have come back
	refusedAt time.Time     // since when nothing but refusals came; zero: not now
}

// newPacer makes a pacer that uses so many percent of the quota, [DefaultRate] where
// it is 0.
func newPacer(percent int) (*pacer, error) {
	if percent == 0 {
		percent = DefaultRate
	}
	if percent < 1 || percent > 100 {
		return nil, fmt.Errorf("rate is %d %%: want 1 to 100 percent of the documented quota", percent)
	}
	share := float64(percent) / 100
	// A burst of one batch on top of a steady rate: together they stay below the
	// quota in every window of its length, wherever the service lets one begin.
	full := rate.Limit((quotaWrites*share - batchSize) / quotaTime.Seconds())
	return &pacer{
		share: share, full: full, limiter: rate.NewLimiter(full, batchSize),
		pace: 1, width: firstWidth, threshold: maxWidth, freed: make(chan struct{}),
	}, nil
}

// flight is some writes that may go out now, in one batch.
type flight struct {
	writes int
	round  int
}

// admit waits until writes may go out, and says how many: at least one, at most as
// many as are wanted. Every flight must land.
func (p *pacer) admit(ctx context.Context, want int) (flight, error) {
	f, err := p.takeOff(ctx, min(want, batchSize))
	if err != nil {
		return flight{}, err
	}
	turn := p.limiter.ReserveN(time.Now(), f.writes)
	if err = pause(ctx, turn.Delay()); err != nil {
		turn.Cancel()
	} else {
		err = p.gate.pass(ctx)
	}
	if err == nil && p.busy() {
		err = errBusy
	}
	if err != nil {
		p.land(f, verdict{})
		return flight{}, err
	}
	return f, nil
}

// takeOff waits for room among the writes in flight.
func (p *pacer) takeOff(ctx context.Context, want int) (flight, error) {
	for {
		p.mu.Lock()
		room, freed := p.width-p.flying, p.freed
		if room > 0 {
			f := flight{writes: min(want, room), round: p.round}
			p.flying += f.writes
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

// verdict is what the answers to a flight said. The zero verdict says nothing.
type verdict struct {
	accepted int           // writes that were not refused for the moment
	refused  int           // writes that were
	wait     time.Duration // the longest time that a 429 asked for
	used     float64       // of the quota, by all who draw from it; 0: less than 0.8
}

// land takes writes out of the air and draws conclusions from what became of them.
func (p *pacer) land(f flight, v verdict) {
	if v.wait > 0 {
		p.gate.shut(v.wait)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying -= f.writes
	close(p.freed)
	p.freed = make(chan struct{})
	if v.accepted+v.refused == 0 {
		return
	}
	p.adapt(f, v)
	p.judge(f, v)
}

// judge halves the width at a refusal, once a round, and lets it grow otherwise.
func (p *pacer) judge(f flight, v verdict) {
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

// paceGain is how many accepted writes bring the pace from nothing to the full rate:
// what the quota allows in half its time.
const paceGain = quotaWrites / 2

// adapt slows down in proportion where more of the quota is used than our share, and
// by half, once a round, where a 429 says that it is smaller than we know.
func (p *pacer) adapt(f flight, v verdict) {
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
