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
		(g.Policy == "" || d.by(g.Policy))
}

// afterHold are the guards on what is left, with those that held the rest as they
// were seen then.
func (r *review) afterHold(before, after []Guard) []Guard {
	for _, b := range r.breaches(before) {
		b.Verdict = VerdictHeld
		i := slices.IndexFunc(after, func(a Guard) bool { return a.same(b.Guard) })
		switch {
		case i < 0:
			after = append(after, b.Guard)
		case after[i].Verdict != VerdictBreached:
			after[i] = b.Guard
		}
	}
	return after
}

// same reports whether two entries are for one limit.
func (g Guard) same(other Guard) bool {
	return g.Name == other.Name && g.SKU == other.SKU && g.Policy == other.Policy
}

// passRest marks the guards that are breached still, though all that they hold is held,
// and whose rows let the rest go: an implausible count keeps no user from getting a
// license. Any other guard that is breached still stops the run.
func (r *review) passRest(guards []Guard, users []*userPlan) {
	for i, g := range guards {
		row, _ := r.rules.table.Lookup(g.Name)
		if g.Verdict != VerdictBreached || row.Class != guard.Hold || !row.RestGoes {
			continue
		}
		guards[i].Verdict = VerdictHeld
		if !slices.ContainsFunc(users, func(x *userPlan) bool { return x.isHeldBy(g) }) {
			guards[i].Detail += "; no step is held by it: none takes anything, and it lets the others go"
		}
	}
}

func (x *userPlan) isHeldBy(g Guard) bool {
	return slices.ContainsFunc(x.heldBy, func(b breach) bool { return b.same(g) })
}

// heldDetail names the guard that holds a user's steps.
func (x *userPlan) heldDetail() string {
	b := x.heldBy[0]
	detail := fmt.Sprintf("held by the guard %s (%s seen, the limit is %d)", b.target(), b.seen(b.row), b.Limit)
	if allow := b.Allow(b.row); allow != "" {
		detail += ": " + allow + " would let it through"
	}
	return detail
}
