package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/state"
)

// UndoOf is the run that a plan reverts.
type UndoOf struct {
	Run  string `json:"run"`
	Head string `json:"head"` // digest of the last line of its journal
}

// Undo returns the plan that reverts a run, whose steps are in the order of the run. A user
// is restored as a whole, and only if still as the run left it. Every other user is blocked.
// The plan goes through seats, protection and guards like any plan. A note names policies
// that want something else.
func Undo(in Input, of UndoOf, done []Step) (*Plan, *Details) {
	f := newFacts(in)
	a, none := arrange(f, undone(f, done)), newUnchangedUsers()
	p := write(f, a, none)
	p.Mode, p.Undo, p.Reported = ModeUndo, &of, []Step{} // policies do not decide it
	return p, &Details{f, a, none}
}

// netChange is what all steps of a run changed of one user.
type netChange struct {
	user     state.UserID
	location [2]Location // before, after
	licenses map[state.SKUID][2]*License
}

// undone returns the users that a run changed, with what reverts the change.
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

// add adds the next step of the user.
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
			change[0] = licenseOf(s.Before.Licenses, sku)
		}
		change[1] = licenseOf(s.After.Licenses, sku)
		c.licenses[sku] = change
	}
}

func licenseOf(licenses []License, sku state.SKUID) *License {
	if license, found := find(licenses, sku); found {
		return &license
	}
	return nil
}

// takeBack decides how one user is restored.
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
			y.stop(DispositionBlocked, ReasonChanged, "%s is not as the run left it: nothing of the user is changed", f.part(x.assignments[blocked].sku))
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

// locateBack restores the old usage location, if there was one.
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

// restore returns the assignment that restores one SKU.
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
		y.stop(DispositionBlocked, ReasonChanged, "it is not as the run left it: it has been changed since")
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

// noteStillWanted notes what the next apply would change back.
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
			x.notes.note("policy %s still wants %s absent: the next apply removes it again", by, f.part(d.sku))
		}
	}
}
