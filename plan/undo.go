package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/state"
)

// UndoOf is the run that a plan takes back.
type UndoOf struct {
	Run  string `json:"run"`
	Head string `json:"head"` // digest of the last line of its journal
}

// Undo makes the plan that takes back what a run did, in the order in which it did it.
// A user gets back what the run took only if the user is still as the run left it, whole or
// not at all; every other user is blocked. It goes through seats, protection and guards
// like any plan; that policies want something else is noted.
func Undo(in Input, of UndoOf, done []Step) (*Plan, *Details) {
	f := newFacts(in)
	a, none := arrange(f, undone(f, done)), newUnchangedUsers()
	p := write(f, a, none)
	p.Mode, p.Undo, p.Reported = ModeUndo, &of, []Step{} // no policy has a part in it
	return p, &Details{f, a, none}
}

// change is what a run made of one user, from first to last.
type netChange struct {
	user     state.UserID
	location [2]Location // before, after
	licenses map[state.SKUID][2]*License
}

// undone returns the users that a run changed, with what takes the change back.
func undone(f *facts, done []Step) []*userPlan {
	changes, order := map[state.UserID]*netChange{}, []state.UserID{}
	for _, step := range done {
		c := changes[step.User.ID]
		if c == nil {
			c = &netChange{user: step.User.ID, licenses: map[state.SKUID][2]*License{}}
			changes[step.User.ID] = c
			order = append(order, step.User.ID)
		}
		c.add(step)
	}
	slices.SortFunc(order, state.UserID.Compare)
	var users []*userPlan
	for _, id := range order {
		if user, found := f.Snapshot.Find(id); found { // else it was deleted
			users = append(users, takeBack(f, user, changes[id]))
		}
	}
	return users
}

// add puts one more step behind the others of its user.
func (c *netChange) add(s Step) {
	if s.Kind == KindLocation {
		if !c.location[0].Touched {
			c.location[0] = s.Before.UsageLocation
		}
		c.location[1] = s.After.UsageLocation
		return
	}
	for _, sku := range s.touched() {
		change, seen := c.licenses[sku]
		if !seen {
			change[0] = pick(s.Before.Licenses, sku)
		}
		change[1] = pick(s.After.Licenses, sku)
		c.licenses[sku] = change
	}
}

func pick(licenses []License, sku state.SKUID) *License {
	if license, found := find(licenses, sku); found {
		return &license
	}
	return nil
}

// takeBack decides what one user gets back.
func takeBack(f *facts, user state.User, c *netChange) *userPlan {
	x := &userPlan{user: user, location: locationPlan{before: user.UsageLocation(), after: user.UsageLocation()}}
	locateBack(x, c)
	u := &swapGroup{userPlan: x}
	for sku, change := range c.licenses {
		x.assignments = append(x.assignments, restore(f, user, sku, change))
	}
	slices.SortFunc(x.assignments, func(a, b assignment) int { return a.sku.Compare(b.sku) })
	blocked := slices.IndexFunc(x.assignments, func(y assignment) bool { return y.disposition == DispositionBlocked })
	for i := range x.assignments {
		y := &x.assignments[i]
		switch {
		case blocked >= 0 && y.disposition.changes():
			y.stop(DispositionBlocked, ReasonChanged, "%s is not as the run left it: he keeps all that he has", f.part(x.assignments[blocked].sku))
		case y.disposition == DispositionAdd && x.location.after == "":
			y.stop(DispositionBlocked, ReasonNoLocation, "the user has no usage location")
		}
		if y.disposition.changes() {
			u.assignments = append(u.assignments, i)
		}
	}
	if len(u.assignments) > 0 {
		x.groups = []*swapGroup{u}
		blockProtected(f, u)
		countSeats(u)
		noteStillWanted(f, x)
	}
	if !u.changes() {
		x.groups = nil
	}
	return x
}

// locateBack gives the old usage location back, where there was one.
func locateBack(x *userPlan, c *netChange) {
	before, after := c.location[0], c.location[1]
	switch {
	case !after.Touched || before == after:
	case x.location.before != after.Value:
		x.location.blocked, x.location.detail = ReasonChanged, "the usage location is not as the run left it"
	case before.Value == "":
		x.location.blocked, x.location.detail = ReasonChanged, "a usage location that was set cannot be unset"
	default:
		x.location.after, x.locating = before.Value, true
	}
}

// restore is what has to happen to one SKU so that it is as it was before.
func restore(f *facts, user state.User, sku state.SKUID, change [2]*License) assignment {
	y := assignment{desire: desire{sku: sku}, disposition: DispositionKeep}
	was, left := change[0], change[1]
	held := effective.HoldingOf(user.PathsOf(sku))
	asLeft := (held.Direct == nil) == (left == nil) && (left == nil || slices.Equal(held.Direct.Disabled, state.SortedPlans(left.DisabledPlans)))
	owned, known := f.Snapshot.SKU(sku)
	switch {
	case user.Inconsistent():
		y.stop(DispositionBlocked, ReasonInconsistent, "the service contradicts itself about what the user holds; try again later")
	case !asLeft:
		y.stop(DispositionBlocked, ReasonChanged, "it is not as the run left it: somebody has changed it since")
	case !f.isManaged(sku):
		y.stop(DispositionBlocked, ReasonChanged, "the settings do not manage it any more")
	case was == nil && left != nil:
		y.disposition = DispositionRemove
	case was != nil && (!known || !owned.Assignable()):
		y.stop(DispositionBlocked, ReasonNotAssignable, "the tenant cannot assign it any more")
	case was != nil && left == nil:
		y.disposition, y.off = DispositionAdd, state.SortedPlans(was.DisabledPlans)
	case was != nil && !equalPlans(was.DisabledPlans, left.DisabledPlans):
		y.disposition, y.off = DispositionPlans, state.SortedPlans(was.DisabledPlans)
		y.cuts = slices.ContainsFunc(y.off, func(plan state.PlanID) bool { return !state.HasPlan(held.Direct.Disabled, plan) })
	}
	return y
}

// noteStillWanted says what the next apply would turn round again.
func noteStillWanted(f *facts, x *userPlan) {
	for _, d := range desiresOf(f, x.user, matchesFor(f, x.user), &x.notes) {
		i := slices.IndexFunc(x.assignments, func(y assignment) bool { return y.sku == d.sku && y.disposition.changes() })
		if i < 0 || len(d.winners) == 0 {
			continue
		}
		names := make([]string, len(d.winners))
		for n, w := range d.winners {
			names[n] = w.policy.Name
		}
		by := strings.Join(slices.Compact(slices.SortedFunc(slices.Values(names), cmp.Compare[string])), ", ")
		switch {
		case d.result == resultWant && x.assignments[i].disposition == DispositionRemove:
			x.notes.note("policy %s still wants %s: the next apply gives it again", by, f.part(d.sku))
		case (d.result == resultAbsent || d.result == resultImplied) && x.assignments[i].disposition == DispositionAdd:
			x.notes.note("policy %s still wants %s absent: the next apply takes it again", by, f.part(d.sku))
		}
	}
}
