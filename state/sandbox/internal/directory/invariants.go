package directory

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// maxPlansAt bounds the history of plans.
const maxPlansAt = 100_000

// PlansAt is the set of service plans that worked for a user from a moment on.
type PlansAt struct {
	At    time.Time // to the second; zero in the first entry of a user, which has the plans before any change
	Plans []string  // ids of service plans over all paths, sorted
}

// Gap is a service plan that a user had, lost and got back: a swap in two calls where one
// call would have kept it. What the service does with the data meanwhile is not documented.
type Gap struct {
	UserID            string    `json:"userId"`
	UserPrincipalName string    `json:"userPrincipalName"`
	Plan              string    `json:"servicePlanId"`
	From              time.Time `json:"from"`
	To                time.Time `json:"to"`
}

// Invariants holds the rules that must hold for any sequence of requests.
type Invariants struct {
	SeatRefusals int           `json:"seatRefusals"` // writes refused because no seat was free
	Seats        []LowestSeats `json:"seats"`        // in the order of the tenant file
	Gaps         []Gap         `json:"gaps"`         // by user, then plan and time
	// PlansOmitted counts changes of plans that were not recorded any more. Gaps among them
	// are not known.
	PlansOmitted int `json:"plansOmitted"`
}

// LowestSeats is the fewest free seats that a SKU has had.
type LowestSeats struct {
	SKUID         string `json:"skuId"`
	SKUPartNumber string `json:"skuPartNumber"`
	MinFree       int    `json:"minFree"` // negative if overused
}

// Invariants returns the invariants that follow from the record.
func (t *Tenant) Invariants() Invariants {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := Invariants{SeatRefusals: t.record.SeatRefusals, PlansOmitted: t.record.PlansOmitted, Seats: []LowestSeats{}, Gaps: []Gap{}}
	for _, s := range t.SKUs {
		out.Seats = append(out.Seats, LowestSeats{s.ID, s.PartNumber, s.minFree})
	}
	for _, id := range slices.Sorted(maps.Keys(t.record.Plans)) {
		for _, gap := range gaps(t.record.Plans[id]) {
			gap.UserID, gap.UserPrincipalName = id, t.userByKey[id].UPN
			out.Gaps = append(out.Gaps, gap)
		}
	}
	return out
}

// gaps returns the plans that a user lost and got back.
func gaps(history []PlansAt) []Gap {
	var out []Gap
	lost := map[string]time.Time{}
	for i := 1; i < len(history); i++ {
		before, now := history[i-1], history[i]
		for _, p := range before.Plans {
			if !slices.Contains(now.Plans, p) {
				lost[p] = now.At
			}
		}
		for _, p := range now.Plans {
			if from, was := lost[p]; was {
				out = append(out, Gap{Plan: p, From: from, To: now.At})
				delete(lost, p)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Gap) int { return cmp.Compare(a.Plan, b.Plan) })
	return out
}

// notePlans records what works for a user now, if that is not what did before.
// The caller holds the lock.
func (r *recorder) notePlans(u *User, before map[string]bool, at time.Time) {
	on := u.State.plansOn()
	if maps.Equal(before, on) {
		return
	}
	if r.plansNoted+2 > maxPlansAt || !r.reserve(64*(len(before)+len(on))) {
		r.PlansOmitted++
		return
	}
	if r.Plans == nil {
		r.Plans = map[string][]PlansAt{}
	}
	history := r.Plans[u.ID]
	if history == nil {
		history = []PlansAt{{Plans: slices.Sorted(maps.Keys(before))}}
		r.plansNoted++
	}
	r.plansNoted++
	r.Plans[u.ID] = append(history, PlansAt{At: at.UTC().Truncate(time.Second), Plans: slices.Sorted(maps.Keys(on))})
}
