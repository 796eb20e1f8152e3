package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/state"
)

// swapGroup is a set of changes of one user that are done together or not at all: an addition
// alone, a removal alone, or removals with the wants that they are tied to.
type swapGroup struct {
	userPlan    *userPlan
	assignments []int         // into userPlan.assignments
	takes       []state.SKUID // SKUs of which the user gets the first path, which takes a seat
	frees       []state.SKUID // SKUs of which the user loses the last path, which frees a seat

	served   bool
	needs    []*swapGroup // whose freed seats it takes
	isSource bool         // another group takes a seat that it frees
	wave     int          // 0: can run at once; else one more than the latest it needs
}

// each walks the assignments of the group.
func (u *swapGroup) each(do func(*assignment)) {
	for _, i := range u.assignments {
		do(&u.userPlan.assignments[i])
	}
}

// tie returns the changes that must be done together (the whole-swap rule). A removal is tied
// to a wanted SKU that replaces it, or that contains a service plan which the user would lose.
// So is a service plan that goes off. Every other change is a group of its own. So a missing
// seat of Visio does not stop a swap from E3 to E5. No user loses E3 because no seat of E5 was
// left, or Teams because the SKU that contains it had no seat.
func tie(f *facts, x *userPlan) []*swapGroup {
	group := make([]int, len(x.assignments)) // each assignment's group, by the first assignment in it
	for i := range group {
		group[i] = i
	}
	lost := lostPlans(f, x)
	for i, loss := range x.assignments {
		if !loss.takes() {
			continue
		}
		for j, want := range x.assignments {
			if i != j && want.pending() && (loss.replacedBy(want.sku) || hasAnyPlan(f.Snapshot, want.sku, lost[i])) {
				join(group, i, j)
			}
		}
	}
	members := map[int]*swapGroup{}
	var groups []*swapGroup
	for i, assignment := range x.assignments {
		if !assignment.disposition.changes() && !assignment.pending() {
			continue
		}
		u := members[group[i]]
		if u == nil {
			u = &swapGroup{userPlan: x}
			members[group[i]] = u
			groups = append(groups, u)
		}
		u.assignments = append(u.assignments, i)
	}
	return groups
}

// pending reports whether the assignment is wanted and the user does not have it yet.
func (x assignment) pending() bool {
	return x.wanted && (x.disposition == DispositionAdd || x.disposition == DispositionBlocked || x.disposition == DispositionWaiting)
}

func join(group []int, a, b int) {
	from, to := max(group[a], group[b]), min(group[a], group[b])
	for i := range group {
		if group[i] == from {
			group[i] = to
		}
	}
}

// lostPlans returns the service plans that each assignment takes. Its direct path turns them
// on, and no path would turn them on after all removals of the user.
func lostPlans(f *facts, x *userPlan) map[int][]state.PlanID {
	var removed []state.SKUID
	var changed []state.License
	for _, assignment := range x.assignments {
		switch assignment.disposition {
		case DispositionRemove:
			removed = append(removed, assignment.sku)
		case DispositionPlans:
			changed = append(changed, state.License{SKU: assignment.sku, Disabled: assignment.off})
		}
	}
	if len(removed)+len(changed) == 0 {
		return nil
	}
	left := effective.Plans(f.Snapshot, effective.WithLicenses(effective.WithoutDirect(x.user.Paths(), removed), changed))
	lost := map[int][]state.PlanID{}
	for i, assignment := range x.assignments {
		if held := effective.HoldingOf(x.user.PathsOf(assignment.sku)); assignment.disposition == DispositionRemove || assignment.disposition == DispositionPlans {
			lost[i] = effective.Plans(f.Snapshot, []state.Path{*held.Direct}).Minus(left)
		}
	}
	return lost
}

func hasAnyPlan(snapshot *state.Snapshot, id state.SKUID, plans []state.PlanID) bool {
	return slices.ContainsFunc(effective.UserPlans(snapshot, id), func(plan state.ServicePlan) bool { return slices.Contains(plans, plan.ID) })
}

// changes reports whether anything in the group is still to be done.
func (u *swapGroup) changes() bool {
	return slices.ContainsFunc(u.assignments, func(i int) bool { return u.userPlan.assignments[i].disposition.changes() })
}

// removes reports whether the group takes anything away.
func (u *swapGroup) removes() bool {
	return slices.ContainsFunc(u.assignments, func(i int) bool { return u.userPlan.assignments[i].takes() })
}

// adds returns the SKUs that the group assigns anew.
func (u *swapGroup) adds() []state.SKUID {
	var skus []state.SKUID
	u.each(func(x *assignment) {
		if x.disposition == DispositionAdd {
			skus = append(skus, x.sku)
		}
	})
	return skus
}
