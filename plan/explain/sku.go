package explain

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/state"
)

// SKUExplanation is everything a plan knows of one SKU.
type SKUExplanation struct {
	SKU      plan.SKU        `json:"sku"`
	Direct   int             `json:"direct"`   // users with a direct path only
	ByGroup  int             `json:"by_group"` // users with inherited paths only
	Both     int             `json:"both"`     // users with both
	Kept     []CountedPolicy `json:"kept"`     // by the policies that want what is there
	Ignored  int             `json:"ignored"`  // holders that no policy covers
	Outcomes []SKUOutcome    `json:"outcomes"` // all other users for which there is something to report
}

// CountedPolicy is a policy and how many users it is about.
type CountedPolicy struct {
	Policy string `json:"policy"`
	Users  int    `json:"users"`
}

// SKUOutcome is what becomes of the SKU for one user.
type SKUOutcome struct {
	User    plan.UserRef   `json:"user"`
	Outcome string         `json:"outcome"`
	Detail  string         `json:"detail"`
	Because []plan.Because `json:"because"`
}

// SKU computes the plan and explains all of it that concerns one SKU, if it is managed.
func SKU(in plan.Input, sku state.SKUID) (e SKUExplanation, managed bool) {
	p, d := plan.Compute(in)
	e = SKUExplanation{Kept: []CountedPolicy{}, Outcomes: []SKUOutcome{}}
	for _, account := range p.SKUs {
		if account.ID == sku {
			e.SKU = account
		}
	}
	for paths, users := range in.Snapshot.PathSets() {
		e.count(effective.HoldingOf(effective.PathsOf(paths, sku)), users)
	}
	kept := map[string]int{}
	e.Ignored = e.Direct + e.ByGroup + e.Both
	for alike := range d.Unchanged() {
		e.keep(alike.Decisions, effective.PathsOf(alike.Paths, sku), sku, alike.Users, kept)
	}
	for of := range d.Users() {
		paths := of.User().PathsOf(sku)
		e.keep(of.Decisions(), paths, sku, 1, kept)
		for y := range of.Decisions() {
			if y.SKU != sku || y.Disposition == plan.DispositionKeep || y.Disposition == plan.DispositionIgnored {
				continue
			}
			if slices.ContainsFunc(paths, state.Path.Holds) {
				e.Ignored--
			}
			detail := y.Detail
			if y.Disposition == plan.DispositionHeld {
				detail = "" // the guard that holds it is listed with the guards
			}
			e.Outcomes = append(e.Outcomes, SKUOutcome{d.Ref(of.User()), string(y.Disposition), detail, y.Because()})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		e.Kept = append(e.Kept, CountedPolicy{name, kept[name]})
	}
	slices.SortStableFunc(e.Outcomes, func(a, b SKUOutcome) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(strings.ToLower(a.User.UserPrincipalName), strings.ToLower(b.User.UserPrincipalName)))
	})
	return e, d.IsManaged(sku)
}

// count counts so many users by how they hold the SKU.
func (e *SKUExplanation) count(h effective.Holding, users int) {
	switch {
	case h.Direct != nil && len(h.Inherited) > 0:
		e.Both += users
	case h.Direct != nil:
		e.Direct += users
	case len(h.Inherited) > 0:
		e.ByGroup += users
	}
}

// keep counts holders that keep the SKU because a policy wants it.
func (e *SKUExplanation) keep(decisions iter.Seq[plan.Decision], paths []state.Path, sku state.SKUID, users int, kept map[string]int) {
	for y := range decisions {
		if y.SKU == sku && y.Disposition == plan.DispositionKeep && slices.ContainsFunc(paths, state.Path.Holds) {
			e.Ignored -= users
			kept[y.Winners()[0]] += users
		}
	}
}
