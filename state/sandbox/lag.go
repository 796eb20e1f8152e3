package sandbox

import (
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// lag keeps the replicas that are behind.
type lag struct {
	faults.Lag

	now      func() time.Time
	seed     uint64
	replicas []*service // nil if one is not behind
	reads    atomic.Uint64

	mu      sync.Mutex
	lines   []stampedLine // those that some replica has not applied
	applied []int         // by replica: how many of them it has applied
}

// stampedLine is a change as [Options.Changed] is given it.
type stampedLine struct {
	at   time.Time
	line []byte
}

func newLag(o faults.Lag, seed uint64, primary *service) *lag {
	l := &lag{Lag: o, now: primary.now, seed: seed}
	for _, behind := range o.Replicas {
		var replica *service
		if behind > 0 {
			replica = &service{tenant: primary.tenant.Replicate(), now: primary.now, pages: primary.pages,
				groupDelay: primary.groupDelay, variants: primary.variants}
		}
		l.replicas = append(l.replicas, replica)
	}
	l.applied = make([]int, len(l.replicas))
	return l
}

// tenants yields the tenants of the replicas that are behind.
func (l *lag) tenants() iter.Seq2[int, *directory.Tenant] {
	return func(yield func(int, *directory.Tenant) bool) {
		for i, replica := range l.replicas {
			if replica != nil && !yield(i, replica.tenant) {
				return
			}
		}
	}
}

// following returns a function that also records for the replicas each line that changed
// keeps.
func (l *lag) following(changed func([]byte) error) func([]byte) error {
	if len(l.replicas) == 0 {
		return changed
	}
	return func(line []byte) error {
		if changed != nil {
			if err := changed(line); err != nil {
				return err
			}
		}
		l.mu.Lock()
		l.lines = append(l.lines, stampedLine{l.now(), line})
		l.mu.Unlock()
		l.catchUp()
		return nil
	}
}

// undelayed are the routes that no replica answers: batches, because each item has its own,
// and the journals, which only the tenant itself keeps.
var undelayed = []string{"$batch", "users/delta", "auditLogs/directoryAudits"}

// replica returns the service that answers a call: a replica, or the primary.
func (l *lag) replica(r route, c *call, primary *service) *service {
	if len(l.replicas) == 0 || r.writes() || slices.Contains(undelayed, r.pattern) {
		return primary
	}
	chosen := l.replicas[l.choose(c)]
	if chosen == nil {
		return primary
	}
	l.catchUp()
	return chosen
}

func (l *lag) choose(c *call) int {
	if c.Eventual() {
		return slices.Index(l.Replicas, slices.Max(l.Replicas))
	}
	return int(faults.Chance(l.seed, "replica", l.reads.Add(1)) * float64(len(l.Replicas)))
}

// catchUp applies to every replica the lines whose delay is over, and forgets the lines
// that all have applied.
func (l *lag) catchUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, seen := l.now(), len(l.lines)
	for i, tenant := range l.tenants() {
		for ; l.applied[i] < len(l.lines) && now.Sub(l.lines[l.applied[i]].at) >= l.Replicas[i]; l.applied[i]++ {
			if err := tenant.Follow(l.lines[l.applied[i]].line); err != nil {
				panic("sandbox: a replica cannot follow: " + err.Error()) // the tenant itself made the change
			}
		}
		seen = min(seen, l.applied[i])
	}
	l.lines = l.lines[seen:]
	for i := range l.tenants() {
		l.applied[i] -= seen
	}
}

// locations keeps users whose first location is not replicated yet. The tenant's lock
// guards it.
type locations struct {
	delay time.Duration // [Lag.Location]
	now   func() time.Time
	since map[string]time.Time // by user id
}

// note records a user's first location.
func (l *locations) note(u *directory.User) {
	if l.delay > 0 && u.State.Location == "" {
		l.since[u.ID] = l.now()
	}
}

// refuse refuses licenses for a user whose location is not replicated yet.
func (l *locations) refuse(u *directory.User, change directory.LicenseChange) *refusal.Error {
	since, fresh := l.since[u.ID]
	if !fresh || len(change.Add) == 0 {
		return nil
	}
	if l.now().Sub(since) >= l.delay {
		delete(l.since, u.ID)
		return nil
	}
	return directory.InvalidLocation()
}
