package sandbox

import (
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// Lag makes the tenant eventually consistent, as the directory is: a write that
// succeeded may not show in the next read (Microsoft Entra: designing for
// eventual consistency). The zero value shows every write at once.
type Lag struct {
	// Replicas is how far each replica is behind, such as {0, 5 * time.Second}. Every
	// read is answered by one that the seed chooses; advanced queries, which read an
	// index of their own, by the one that is behind most. Writes are decided on the
	// tenant itself. A replica follows what its own handler writes. Each that is
	// behind keeps the whole tenant once more.
	Replicas []time.Duration
	// Location is how long after a user's first usageLocation licences are still
	// refused for want of it (Microsoft Q&A 5984903).
	Location time.Duration
}

// lag keeps the replicas that are behind.
type lag struct {
	Lag

	now   func() time.Time
	faces []*face // one for each replica, nil where it is not behind
	reads atomic.Uint64

	mu      sync.Mutex
	lines   []stampedLine // those that not all have seen
	applied []int         // by replica: how many of them it has seen

	located map[string]time.Time // by user id; the tenant's lock guards it
}

// stampedLine is a change as [Options.Changed] is given it.
type stampedLine struct {
	at   time.Time
	line []byte
}

func newLag(o Lag, f *face) *lag {
	l := &lag{Lag: o, now: f.now, located: map[string]time.Time{}}
	for _, behind := range o.Replicas {
		var replica *face
		if behind > 0 {
			replica = &face{tenant: f.tenant.Replicate(), now: f.now, pages: f.pages, seed: f.seed,
				groupDelay: f.groupDelay, variants: f.variants}
		}
		l.faces = append(l.faces, replica)
	}
	l.applied = make([]int, len(l.faces))
	return l
}

// tenants yields the replicas that are behind.
func (l *lag) tenants() iter.Seq2[int, *directory.Tenant] {
	return func(yield func(int, *directory.Tenant) bool) {
		for i, f := range l.faces {
			if f != nil && !yield(i, f.tenant) {
				return
			}
		}
	}
}

// following also notes for the replicas whatever changed keeps.
func (l *lag) following(changed func([]byte) error) func([]byte) error {
	if len(l.faces) == 0 {
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

// undelayed are the routes that no replica answers: batches, whose items find their
// own, and the journals, which only the tenant itself keeps.
var undelayed = []string{"$batch", "users/delta", "auditLogs/directoryAudits"}

// replica chooses who answers a call.
func (f *face) replica(r route, c *call) *face {
	if len(f.lag.faces) == 0 || r.writes() || slices.Contains(undelayed, r.pattern) {
		return f
	}
	chosen := f.lag.faces[f.lag.choose(f.seed, c)]
	if chosen == nil {
		return f
	}
	f.lag.catchUp()
	return chosen
}

func (l *lag) choose(seed uint64, c *call) int {
	if strings.EqualFold(c.Header.Get("ConsistencyLevel"), "eventual") {
		return slices.Index(l.Replicas, slices.Max(l.Replicas))
	}
	return int(chance(seed, "replica", l.reads.Add(1)) * float64(len(l.Replicas)))
}

// catchUp shows every replica what has reached it by now, and forgets what all
// have seen.
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

// locate notes a user's first location. The caller holds the tenant's lock.
func (f *face) locate(u *directory.User) {
	if f.lag.Location > 0 && u.State.Location == "" {
		f.lag.located[u.ID] = f.now()
	}
}

// unlocated refuses licences for a user whose location has not got around yet.
// The caller holds the tenant's lock.
func (f *face) unlocated(u *directory.User, change directory.LicenseChange) *refusal.Error {
	since, fresh := f.lag.located[u.ID]
	if !fresh || len(change.Add) == 0 {
		return nil
	}
	if f.now().Sub(since) >= f.lag.Location {
		delete(f.lag.located, u.ID)
		return nil
	}
	return directory.InvalidLocation()
}
