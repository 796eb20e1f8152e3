package sandbox

import (
	"maps"
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// maxWrites bounds what a long-lived sandbox remembers.
const maxWrites = 100_000

// Record is what the tenant has seen since it was parsed: what tests assert and
// no client can see.
type Record struct {
	Writes        []Write        // in the order they were decided, at most 100,000
	WritesOmitted int            // writes beyond that
	SeatRefusals  int            // writes refused for want of seats
	MinFree       map[string]int // by skuId: the fewest free seats there have been, negative if overused
	Requests      map[string]int // by route, as "POST users/{id}/assignLicense"; batch items count too

	Log          []Request            // in the order they were answered, at most 100,000; items before their batch
	LogOmitted   int                  // requests beyond that
	Plans        map[string][]PlansAt // by user id, of those whose plans changed
	PlansOmitted int                  // changes beyond 100,000
}

// Write is one request to change a user, whether or not it took effect.
type Write struct {
	At                time.Time    `json:"at"`
	Method            string       `json:"method"`
	Route             string       `json:"route"`  // as "users/{id}/assignLicense"
	User              string       `json:"user"`   // as the URL named him, or the group that was told
	UserID            string       `json:"userId"` // "" where there is no such user, and of a group
	UserPrincipalName string       `json:"userPrincipalName"`
	Add               []AddLicense `json:"addLicenses"`             // as asked for; nil where the body could not be read
	Remove            []string     `json:"removeLicenses"`          // skuIds, likewise
	UsageLocation     string       `json:"usageLocation,omitempty"` // of a PATCH
	Status            int          `json:"status"`                  // of the answer
	Code              string       `json:"code,omitempty"`          // of a refusal
	Message           string       `json:"message,omitempty"`
	TookEffect        bool         `json:"tookEffect"` // false also for a write that changed nothing
}

// AddLicense is one element of addLicenses.
type AddLicense struct {
	SKUID         string   `json:"skuId"`
	DisabledPlans []string `json:"disabledPlans"` // ids of service plans
}

// Record returns a copy of the record.
func (t *Tenant) Record() Record {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r := t.record
	r.Writes = slices.Clone(r.Writes)
	r.Requests = maps.Clone(r.Requests)
	r.Log = slices.Clone(r.Log)
	r.Plans = maps.Clone(r.Plans) // histories only grow
	r.MinFree = map[string]int{}
	for _, s := range t.skus {
		r.MinFree[s.id] = s.minFree
	}
	return r
}

func (t *Tenant) countRequest(route string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.record.Requests == nil {
		t.record.Requests = map[string]int{}
	}
	t.record.Requests[route]++
}

// note records a write with its outcome. The caller holds the lock.
func (t *Tenant) note(w Write, refused *refusal.Error) {
	if refused != nil {
		w.Status, w.Code, w.Message = refused.Status, refused.Code, clip(refused.Message)
		if refused.Seats {
			t.record.SeatRefusals++
		}
	}
	w.User = clip(w.User)
	if len(t.record.Writes) >= maxWrites || !t.affords(w.size()) {
		t.record.WritesOmitted++
		return
	}
	t.record.Writes = append(t.record.Writes, w)
}

// noteSeats keeps the fewest free seats of each SKU. The caller holds the lock.
func (t *Tenant) noteSeats() {
	for _, s := range t.skus {
		s.minFree = min(s.minFree, s.free())
	}
}
