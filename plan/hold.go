package plan

import (
	"fmt"
	"slices"
)

// holdBreached holds what breached guards of class hold are about: every step that
// takes something, locations that are written over where too many are, and all
// steps of a policy whose exceptions shrank. It says whether there was anything.
func (p *planner) holdBreached(guards []Guard, steps []*draft) bool {
	breached := slices.DeleteFunc(slices.Clone(guards), func(g Guard) bool { return g.Class != ClassHold || g.Verdict != VerdictBreached })
	held := false
	for _, d := range steps {
		i := slices.IndexFunc(breached, func(g Guard) bool { return p.holds(g, d) })
		if i < 0 {
			continue
		}
		held = true
		d.drop(fateHeld)
		d.person.heldBy = append(d.person.heldBy, breached[i])
	}
	return held
}

// holds says whether a breach of the guard concerns the step.
func (p *planner) holds(g Guard, d *draft) bool {
	if g.Name == GuardSource && p.bared[g.Policy] && (g.Policy == "" || d.by(g.Policy)) {
		return true
	}
	if g.Name == GuardLocations {
		return d.overwrites()
	}
	return d.takes
}

// afterHold are the guards on what is left, with those that held the rest as they
// were seen then.
func afterHold(before, after []Guard) []Guard {
	for _, g := range before {
		if g.Class != ClassHold || g.Verdict != VerdictBreached {
			continue
		}
		g.Verdict = VerdictHeld
		i := slices.IndexFunc(after, func(a Guard) bool { return a.Name == g.Name && a.SKU == g.SKU && a.Policy == g.Policy })
		switch {
		case i < 0:
			after = append(after, g)
		case after[i].Verdict != VerdictBreached:
			after[i] = g
		}
	}
	return after
}

// allHeld marks the guards that are breached still, though all that a guard of class
// hold may hold is held: a count that is not to be believed, say, stops nobody from
// being given something.
func allHeld(guards []Guard) {
	for i, g := range guards {
		if g.Class == ClassHold && g.Verdict == VerdictBreached {
			guards[i].Verdict = VerdictHeld
		}
	}
}

// heldDetail names the guard that holds a user's steps.
func (x *person) heldDetail() string {
	g := x.heldBy[0]
	return fmt.Sprintf("held by the guard %s (%s seen, the limit is %d): %s would let it through", g.target(), g.seen(), g.Limit, g.Allow())
}
