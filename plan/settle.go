package plan

import (
	"math"
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// settle decides whether the whole group can be done. If a wanted SKU cannot be given, the
// rest of its group waits for it. Otherwise service plans that are off are carried over,
// and the seats are counted.
func settle(f *facts, u *swapGroup) {
	var missing *assignment
	u.each(func(x *assignment) {
		if x.pending() && x.disposition != DispositionAdd && missing == nil {
			missing = x
		}
	})
	switch {
	case missing != nil:
		u.waitFor(missing.sku, f.part(missing.sku))
		return
	case stopUnowned(f, u), stopUnknown(f, u):
		return
	}
	blockProtected(f, u)
	carryOver(f, u)
	countSeats(u)
}

// stopUnknown makes the group wait if a removal in it may follow from a source that failed.
// It reports whether it does.
func stopUnknown(f *facts, u *swapGroup) bool {
	unknown := slices.ContainsFunc(u.assignments, func(i int) bool { return waitsForBaseline(f, u.userPlan.assignments[i]) })
	if unknown {
		u.each(func(x *assignment) {
			if x.disposition.changes() {
				x.stop(DispositionWaiting, ReasonNoBaseline, "there is no baseline of the users that matched before: compare with an earlier read by --baseline SNAPSHOT, or pass --first-run once")
			}
		})
	}
	return unknown
}

// stopUnowned makes removals wait that would cost data, if the policy behind them gives a
// SKU only `if_owned` and the tenant does not own it: that SKU was to replace them. It
// reports whether it does.
func stopUnowned(f *facts, u *swapGroup) bool {
	var removed []state.SKUID
	name := ""
	u.each(func(x *assignment) {
		for _, w := range x.winners {
			i := slices.IndexFunc(w.policy.Licenses, func(l policies.License) bool { return l.Missing })
			if x.disposition == DispositionRemove && !w.want && i >= 0 {
				removed, name = append(removed, x.sku), w.policy.Licenses[i].SKU.Name
			}
		}
	})
	if len(removed) == 0 || len(Losses(f.Catalog, f.Snapshot, u.userPlan.user.Paths(), u.userPlan.afterwards(removed))) == 0 {
		return false
	}
	u.each(func(x *assignment) {
		if x.disposition.changes() {
			x.stop(DispositionWaiting, ReasonNotOwned, "the policy gives %s `if_owned`, and the tenant does not own it: what it takes would be lost without it", name)
		}
	})
	return true
}

// afterwards returns the paths of the user without these SKUs and with all that is given.
func (x *userPlan) afterwards(removed []state.SKUID) []state.Path {
	var given []state.License
	for _, y := range x.assignments {
		if y.disposition == DispositionAdd {
			given = append(given, state.License{SKU: y.sku, Disabled: y.off})
		}
	}
	return effective.WithLicenses(effective.WithoutDirect(x.user.Paths(), removed), given)
}

// waitFor makes everything in the group that would change wait for one SKU.
func (u *swapGroup) waitFor(sku state.SKUID, part string) {
	u.each(func(x *assignment) {
		if x.disposition.changes() && x.sku != sku {
			x.stop(DispositionWaiting, ReasonUntil, "until %s", part)
		}
	})
}

// blockProtected blocks a group that would take anything from a protected user. It blocks
// the whole group, since half a swap would leave the user with both SKUs.
func blockProtected(f *facts, u *swapGroup) {
	if !f.isProtected(u.userPlan.user) {
		return
	}
	protection := f.protectedUsers[u.userPlan.user.Row()]
	takes := false
	u.each(func(x *assignment) { takes = takes || x.takes() })
	if takes {
		u.each(func(x *assignment) {
			x.stop(DispositionBlocked, protection.reason, "%s", protection.why)
		})
	}
}

// carryOver keeps off, on the SKUs that replace others, the service plans that were not
// effective before.
func carryOver(f *facts, u *swapGroup) {
	var from []state.SKUID
	u.each(func(x *assignment) {
		if x.disposition == DispositionRemove {
			from = append(from, x.sku)
		}
	})
	u.each(func(x *assignment) {
		if x.disposition != DispositionAdd {
			return
		}
		kept := effective.Carried(f.Snapshot, u.userPlan.user.Paths(), from, x.sku)
		kept = slices.DeleteFunc(kept, func(plan state.PlanID) bool { return slices.Contains(x.plans.on, plan) })
		for _, plan := range kept {
			if !slices.Contains(x.off, plan) {
				x.note("%s stays off on %s, as it was on what %s replaces", f.Catalog.PlanName(plan), f.part(x.sku), f.part(x.sku))
			}
		}
		x.off = state.SortedPlans(slices.Concat(x.off, kept))
	})
}

// countSeats sets the seats that the group takes and frees.
func countSeats(u *swapGroup) {
	u.takes, u.frees = nil, nil
	u.each(func(x *assignment) {
		switch x.seats(u.userPlan.user.PathsOf(x.sku)) {
		case 1:
			u.takes = append(u.takes, x.sku)
		case -1:
			u.frees = append(u.frees, x.sku)
		}
	})
}

// seats returns 1 if the change takes a seat, -1 if it frees one, and else 0. The paths are
// those by which the user holds the SKU: a user has one seat of it, by whatever path.
func (x *assignment) seats(paths []state.Path) int {
	held := effective.HoldingOf(paths)
	switch {
	case x.disposition == DispositionAdd && held.Direct == nil && len(held.Inherited) == 0:
		return 1
	case x.disposition == DispositionRemove && len(held.Inherited) == 0:
		return -1
	}
	return 0
}

// waitsForBaseline reports whether a removal may follow from a user that left a source
// while it is unknown which users were in it. These removals can: what `others` implies,
// what a policy on unmatched users takes, and what a policy of a higher priority would
// keep if it still matched. If only files are unknown, only policies by files count.
func waitsForBaseline(f *facts, y assignment) bool {
	if f.FirstRun || y.disposition != DispositionRemove || f.Baseline != nil && !f.Baseline.FilesUnknown {
		return false
	}
	if y.result == resultImplied && canHaveLeft(f, y.sku, minPriority) {
		return true
	}
	return slices.ContainsFunc(y.winners, func(w mention) bool {
		return !w.want && (w.byUnmatched() && canHaveLeft(f, state.SKUID{}, minPriority) || canHaveLeft(f, w.sku, w.policy.Priority+1))
	})
}

// minPriority is below every priority.
const minPriority = math.MinInt

// canHaveLeft reports whether the user may have left, unseen, an active policy that gives
// the SKU with this priority or a higher one. The zero SKU means any policy at all. Without
// a baseline the earlier policies are unknown too, also those that are gone.
func canHaveLeft(f *facts, sku state.SKUID, priority int) bool {
	if f.Baseline == nil && priority == minPriority {
		return true
	}
	for i, policy := range f.Set.Policies {
		unseen := f.Baseline == nil || byFile(policy)
		if f.active[i] && unseen && policy.Priority >= priority && (sku.IsZero() || gives(policy, sku)) {
			return true
		}
	}
	return false
}

// byUnmatched reports whether the policy matches the user because no other one does.
func (m match) byUnmatched() bool {
	return slices.ContainsFunc(m.hits, func(h selector.Hit) bool { return m.policy.Users[h.Selector].Kind == policies.KindUnmatched })
}
