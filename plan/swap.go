package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// unit is what is done whole or not at all for one user: an addition alone, a
// removal alone, or removals with the wants they are tied to.
type unit struct {
	person *person
	pairs  []int         // into person.pairs
	takes  []state.SKUID // seats that a path appears for where there was none
	frees  []state.SKUID // seats whose last path goes

	served bool
	needs  []*unit // whose freed seats it takes
	feeds  bool    // somebody takes a seat that it frees
	wave   int     // 0: can run at once; else one more than the latest it needs
}

// each walks the pairs of the unit.
func (u *unit) each(do func(*pair)) {
	for _, i := range u.pairs {
		do(&u.person.pairs[i])
	}
}

// tie finds what hangs together (the whole-swap rule): a removal, or a plan that is
// switched off, is tied to a wanted SKU that contains a service plan he would lose,
// or that takes its place by `replace`. The rest is on its own. So a missing Visio
// seat does not stop an E3 to E5 swap, and nobody loses E3 because there was no E5
// for him, or Teams because there was no seat of the SKU that is to bring it.
func tie(p *planner, x *person) []*unit {
	group := make([]int, len(x.pairs)) // each pair's group, by the first pair in it
	for i := range group {
		group[i] = i
	}
	lost := lostPlans(p, x)
	for i, loss := range x.pairs {
		if !loss.takes() {
			continue
		}
		for j, want := range x.pairs {
			if i != j && want.pending() && (loss.replacedBy(want.sku) || hasAnyPlan(p.Snapshot, want.sku, lost[i])) {
				join(group, i, j)
			}
		}
	}
	members := map[int]*unit{}
	var units []*unit
	for i, pair := range x.pairs {
		if !pair.fate.changes() && !pair.pending() {
			continue
		}
		u := members[group[i]]
		if u == nil {
			u = &unit{person: x}
			members[group[i]] = u
			units = append(units, u)
		}
		u.pairs = append(u.pairs, i)
	}
	return units
}

// pending says that the pair is a want that is not there yet.
func (x pair) pending() bool {
	return x.wanted && (x.fate == DispositionAdd || x.fate == DispositionBlocked || x.fate == DispositionWaiting)
}

func join(group []int, a, b int) {
	from, to := max(group[a], group[b]), min(group[a], group[b])
	for i := range group {
		if group[i] == from {
			group[i] = to
		}
	}
}

// lostPlans are, for each pair that takes something, the plans that its direct path
// turns on and that nothing would turn on after all that is taken from the user.
func lostPlans(p *planner, x *person) map[int][]state.PlanID {
	var removed []state.SKUID
	var changed []state.License
	for _, pair := range x.pairs {
		switch pair.fate {
		case DispositionRemove:
			removed = append(removed, pair.sku)
		case DispositionPlans:
			changed = append(changed, state.License{SKU: pair.sku, Disabled: pair.off})
		}
	}
	if len(removed)+len(changed) == 0 {
		return nil
	}
	left := effective.Plans(p.Snapshot, effective.WithLicenses(effective.WithoutDirect(x.user.Paths(), removed), changed))
	lost := map[int][]state.PlanID{}
	for i, pair := range x.pairs {
		if held := effective.HoldingOf(x.user.PathsOf(pair.sku)); pair.fate == DispositionRemove || pair.fate == DispositionPlans {
			lost[i] = effective.Plans(p.Snapshot, []state.Path{*held.Direct}).Minus(left)
		}
	}
	return lost
}

func hasAnyPlan(snapshot *state.Snapshot, id state.SKUID, plans []state.PlanID) bool {
	return slices.ContainsFunc(effective.UserPlans(snapshot, id), func(plan state.ServicePlan) bool { return slices.Contains(plans, plan.ID) })
}

// settle makes units whole: where a want cannot be had, the rest of its unit waits
// for it. What is left of the unit counts its seats and carries plans over.
func settle(p *planner, u *unit) {
	var missing *pair
	u.each(func(x *pair) {
		if x.pending() && x.fate != DispositionAdd && missing == nil {
			missing = x
		}
	})
	switch {
	case missing != nil:
		u.wait(missing.sku, p.part(missing.sku))
		return
	case stopUnowned(p, u), stopUnknown(p, u):
		return
	}
	blockProtected(p, u)
	carryOver(p, u)
	u.count()
}

// stopUnknown makes a unit wait whose removals nobody can tell from the failure of
// a source.
func stopUnknown(p *planner, u *unit) bool {
	unknown := slices.ContainsFunc(u.pairs, func(i int) bool { return waitsForBaseline(p, u.person.pairs[i]) })
	if unknown {
		u.each(func(x *pair) {
			if x.fate.changes() {
				x.stop(DispositionWaiting, ReasonNoBaseline, "nobody knows who matched before: compare with an earlier read by --baseline SNAPSHOT, or say --first-run once")
			}
		})
	}
	return unknown
}

// stopUnowned makes removals wait that would cost data, where the policy behind them
// gives a SKU only `if_owned` and the tenant does not own it: it was to take their place.
func stopUnowned(p *planner, u *unit) bool {
	var removed []state.SKUID
	name := ""
	u.each(func(x *pair) {
		for _, w := range x.winners {
			i := slices.IndexFunc(w.policy.Licenses, func(l policies.License) bool { return l.Missing })
			if x.fate == DispositionRemove && !w.want && i >= 0 {
				removed, name = append(removed, x.sku), w.policy.Licenses[i].SKU.Name
			}
		}
	})
	if len(removed) == 0 || len(Losses(p.Catalog, p.Snapshot, u.person.user.Paths(), u.person.afterwards(removed))) == 0 {
		return false
	}
	u.each(func(x *pair) {
		if x.fate.changes() {
			x.stop(DispositionWaiting, ReasonNotOwned, "the policy gives %s `if_owned`, and the tenant does not own it: what it takes would be lost without it", name)
		}
	})
	return true
}

// afterwards are the user's paths when these SKUs are gone and all that he is given
// is there.
func (x *person) afterwards(removed []state.SKUID) []state.Path {
	var given []state.License
	for _, y := range x.pairs {
		if y.fate == DispositionAdd {
			given = append(given, state.License{SKU: y.sku, Disabled: y.off})
		}
	}
	return effective.WithLicenses(effective.WithoutDirect(x.user.Paths(), removed), given)
}

// wait makes everything in the unit that would change wait for one SKU.
func (u *unit) wait(sku state.SKUID, part string) {
	u.each(func(x *pair) {
		if x.fate.changes() && x.sku != sku {
			x.stop(DispositionWaiting, ReasonUntil, "until %s", part)
		}
	})
}

// shield blocks whatever would take something from a protected user; the whole
// unit, since half a swap would leave him with both.
func blockProtected(p *planner, u *unit) {
	if !p.isProtected(u.person.user) {
		return
	}
	shield := p.shields[u.person.user.Row()]
	takes := false
	u.each(func(x *pair) { takes = takes || x.takes() })
	if takes {
		u.each(func(x *pair) {
			x.stop(DispositionBlocked, shield.reason, "%s", shield.why)
		})
	}
}

// carry keeps off, on the SKUs that take another's place, what was effectively off.
func carryOver(p *planner, u *unit) {
	var from []state.SKUID
	u.each(func(x *pair) {
		if x.fate == DispositionRemove {
			from = append(from, x.sku)
		}
	})
	u.each(func(x *pair) {
		if x.fate != DispositionAdd {
			return
		}
		kept := effective.Carried(p.Snapshot, u.person.user.Paths(), from, x.sku)
		kept = slices.DeleteFunc(kept, func(plan state.PlanID) bool { return slices.Contains(x.plans.on, plan) })
		for _, plan := range kept {
			if !slices.Contains(x.off, plan) {
				x.note("%s stays off on %s, as it was on what %s replaces", p.Catalog.PlanName(plan), p.part(x.sku), p.part(x.sku))
			}
		}
		x.off = state.SortedPlans(slices.Concat(x.off, kept))
	})
}

// count works out the seats that the unit takes and frees.
func (u *unit) count() {
	u.takes, u.frees = nil, nil
	u.each(func(x *pair) {
		held := effective.HoldingOf(u.person.user.PathsOf(x.sku))
		switch {
		case x.fate == DispositionAdd && held.Direct == nil && len(held.Inherited) == 0:
			u.takes = append(u.takes, x.sku)
		case x.fate == DispositionRemove && len(held.Inherited) == 0:
			u.frees = append(u.frees, x.sku)
		}
	})
}

// changes says whether anything in the unit is still to be done.
func (u *unit) changes() bool {
	return slices.ContainsFunc(u.pairs, func(i int) bool { return u.person.pairs[i].fate.changes() })
}

// removes says whether the unit takes anything away.
func (u *unit) removes() bool {
	return slices.ContainsFunc(u.pairs, func(i int) bool { return u.person.pairs[i].takes() })
}

// adds are the SKUs that the unit assigns anew.
func (u *unit) adds() []state.SKUID {
	var skus []state.SKUID
	u.each(func(x *pair) {
		if x.fate == DispositionAdd {
			skus = append(skus, x.sku)
		}
	})
	return skus
}
