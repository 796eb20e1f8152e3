package plan

import (
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// breach is a guard whose limit is exceeded, and its row.
type breach struct {
	Guard
	row guard.Row
}

// breaches returns the guards of class hold whose limits are exceeded.
func (r *review) breaches(guards []Guard) []breach {
	var breached []breach
	for _, g := range guards {
		if row, _ := r.rules.table.Lookup(g.Name); row.Class == guard.Hold && g.Verdict == VerdictBreached {
			breached = append(breached, breach{g, row})
		}
	}
	return breached
}

// holdBreached holds the steps that the rows of breached guards name. It reports whether
// there was anything to hold.
func (r *review) holdBreached(guards []Guard, steps []*pendingStep) bool {
	breached := r.breaches(guards)
	held := false
	for _, d := range steps {
		by := slices.DeleteFunc(slices.Clone(breached), func(b breach) bool { return !r.holds(b, d) })
		if len(by) == 0 {
			continue
		}
		held = true
		d.drop(DispositionHeld)
		d.userPlan.heldBy = append(d.userPlan.heldBy, by...)
	}
	return held
}

// holds reports whether the step is one of those that a breach of the guard leaves out.
func (r *review) holds(b breach, d *pendingStep) bool {
	switch b.row.Holds {
	case guard.HoldsCounted:
		return d.countedAs(b.row.Counts) && r.concerns(b.Guard, d)
	case guard.HoldsTaking:
		return d.takes
	case guard.HoldsTakingAndExposed:
		return d.takes || r.exceptionShrunk[b.Policy] && r.concerns(b.Guard, d)
	}
	return false
}

// concerns reports whether a step is about the SKU or the policy of the guard's entry, if
// it has any.
func (r *review) concerns(g Guard, d *pendingStep) bool {
	return (g.SKU == "" || slices.ContainsFunc(d.touched(), func(sku state.SKUID) bool { return r.part(sku) == g.SKU })) &&
		(g.Policy == "" || d.isDecidedBy(g.Policy))
}

// afterHold returns the guards on the steps that are left. A guard that holds steps keeps
// what it saw before they were held.
func (r *review) afterHold(before, after []Guard) []Guard {
	for _, b := range r.breaches(before) {
		b.Verdict = VerdictHeld
		i := slices.IndexFunc(after, func(a Guard) bool { return a.isSameLimit(b.Guard) })
		switch {
		case i < 0:
			after = append(after, b.Guard)
		case after[i].Verdict != VerdictBreached:
			after[i] = b.Guard
		}
	}
	return after
}

// isSameLimit reports whether two entries are for one limit.
func (g Guard) isSameLimit(other Guard) bool {
	return g.Name == other.Name && g.SKU == other.SKU && g.Policy == other.Policy
}

// releaseRest marks guards that are still breached although all that they hold is held, if their
// rows let the rest go. So an implausible count does not keep users from getting a license.
// Any other guard that is still breached stops the run.
func (r *review) releaseRest(guards []Guard, users []*userPlan) {
	for i, g := range guards {
		row, _ := r.rules.table.Lookup(g.Name)
		if g.Verdict != VerdictBreached || row.Class != guard.Hold || !row.RestGoes {
			continue
		}
		guards[i].Verdict = VerdictHeld
		if !slices.ContainsFunc(users, func(x *userPlan) bool { return x.isHeldBy(g) }) {
			guards[i].Detail += "; it holds no step, since no step takes anything"
		}
	}
}

func (x *userPlan) isHeldBy(g Guard) bool {
	return slices.ContainsFunc(x.heldBy, func(b breach) bool { return b.isSameLimit(g) })
}

// heldDetail names the guard that holds steps of the user.
func (x *userPlan) heldDetail() string {
	b := x.heldBy[0]
	detail := fmt.Sprintf("held by the guard %s (%s seen, the limit is %d)", b.formatTarget(), b.formatSeen(b.row), b.Limit)
	if allow := b.Allow(b.row); allow != "" {
		detail += ": " + allow + " would let it through"
	}
	return detail
}
