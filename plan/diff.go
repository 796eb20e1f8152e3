package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Disposition is the result for one assignment of a managed SKU. Every assignment has exactly one.
type Disposition string

// The dispositions.
const (
	DispositionKeep     Disposition = "keep"
	DispositionIgnored  Disposition = "ignored"
	DispositionBlocked  Disposition = "blocked"
	DispositionWaiting  Disposition = "waiting"
	DispositionFiltered Disposition = "filtered"
	DispositionHeld     Disposition = "held"   // by a guard
	DispositionAdd      Disposition = "add"    // assign it
	DispositionPlans    Disposition = "plans"  // held directly: switch plans off
	DispositionRemove   Disposition = "remove" // take the direct path away
)

// changes reports whether a step has to carry the disposition out.
func (f Disposition) changes() bool {
	return f == DispositionAdd || f == DispositionPlans || f == DispositionRemove
}

// assignment is one user and one SKU on the way through the stages.
type assignment struct {
	desire
	disposition Disposition
	reason      Reason // of a blocked or waiting assignment
	detail      string
	off         []state.PlanID // of DispositionAdd and DispositionPlans: the plans to be off on the direct path
	cuts        bool           // of DispositionPlans: a plan that is on goes off
	wanted      bool           // a policy wants it, also if it is blocked or waiting now
	notes       []string       // shown if the change is done
}

// takes reports whether the user loses a direct path, or a service plan on it.
func (x assignment) takes() bool {
	return x.disposition == DispositionRemove || x.disposition == DispositionPlans && x.cuts
}

func (x *assignment) note(format string, args ...any) {
	x.notes = append(x.notes, fmt.Sprintf(format, args...))
}

// stop makes the assignment blocked or waiting.
func (x *assignment) stop(f Disposition, reason Reason, format string, args ...any) {
	x.disposition, x.reason, x.detail = f, reason, fmt.Sprintf(format, args...)
}

// comparison compares what policies want of one SKU with what the user holds.
type comparison struct {
	*facts
	*notes
	user state.User
}

// compare returns the assignment with its disposition, by the table in the package
// comment.
func compare(f *facts, user state.User, d desire, n *notes) assignment {
	c := &comparison{facts: f, user: user, notes: n}
	x := assignment{desire: d, wanted: d.result == resultWant}
	held := effective.HoldingOf(user.PathsOf(d.sku))
	switch d.result {
	case resultWant:
		c.compareWant(&x, held)
	case resultUnstated:
		c.comparePlans(&x, held)
		if x.disposition == DispositionKeep {
			x.disposition = DispositionIgnored
		}
	case resultAbsent, resultImplied:
		c.compareAbsent(&x, held)
	case resultConflict:
		x.stop(DispositionBlocked, ReasonConflict, "%s", c.disagreement(d))
	}
	return x
}

func (c *comparison) compareWant(x *assignment, held effective.Holding) {
	nothing := held.Direct == nil && len(held.Inherited) == 0
	switch {
	case nothing && x.inactive:
		x.disposition = DispositionIgnored
	case x.inactive:
		x.disposition = DispositionKeep
	case nothing && len(held.Failed) > 0:
		// The user is a member: a second, direct license beside the group's would stay forever.
		failed := held.Failed[0]
		x.stop(DispositionWaiting, ReasonGroup, "group %q is to give it and could not yet: %s", c.Snapshot.GroupName(failed.Group), AssignmentTrouble(failed.Error))
	case nothing && c.pending.Has(c.user, x.sku):
		x.stop(DispositionWaiting, ReasonGroup, "group %q is to give it and has not yet: a member was added, or the group is still being processed",
			c.Snapshot.GroupName(c.pending.Group(c.user, x.sku)))
	case nothing:
		x.off = x.plans.off
		c.compareAdd(x)
	default:
		c.comparePlans(x, held)
	}
}

func (c *comparison) compareAdd(x *assignment) {
	sku, _ := c.Snapshot.SKU(x.sku)
	if !sku.Assignable() {
		x.stop(DispositionBlocked, ReasonNotAssignable, "%s is %s and for %ss: it cannot be assigned", c.part(x.sku), sku.Capability, sku.AppliesTo)
		return
	}
	x.disposition = DispositionAdd
}

// comparePlans compares the service plans of a SKU that the user has. Effective plans count:
// a plan that a group turns on is on, whatever the direct path states.
func (c *comparison) comparePlans(x *assignment, held effective.Holding) {
	x.disposition = DispositionKeep
	if x.plans.isUnstated() {
		return
	}
	byGroup := effective.Plans(c.Snapshot, held.Inherited)
	if i := slices.IndexFunc(x.plans.off, func(plan state.PlanID) bool { return byGroup[plan] }); i >= 0 {
		x.stop(DispositionBlocked, ReasonGroupEnables, "group %q turns %s on, which the policy turns off",
			c.Snapshot.GroupName(enabler(held.Inherited, x.plans.off[i])), c.Catalog.PlanName(x.plans.off[i]))
		return
	}
	lacking := c.switchable(x, slices.DeleteFunc(slices.Clone(x.plans.on), func(plan state.PlanID) bool { return byGroup[plan] }))
	if held.Direct == nil {
		c.compareBeside(x, held.Inherited[0].Group, byGroup, lacking)
		return
	}
	now := held.Direct.Disabled
	next := slices.DeleteFunc(slices.Clone(now), func(plan state.PlanID) bool { return slices.Contains(lacking, plan) })
	next = state.SortedPlans(slices.Concat(next, x.plans.off))
	if !slices.Equal(next, now) {
		x.disposition, x.off = DispositionPlans, next
		x.cuts = slices.ContainsFunc(next, func(plan state.PlanID) bool { return !state.HasPlan(now, plan) })
	}
}

// switchable leaves out service plans that would not stay on. The service switches a plan
// off if no plan that it needs is on, so that every later run would change it again.
func (c *comparison) switchable(x *assignment, lacking []state.PlanID) []state.PlanID {
	if len(lacking) == 0 {
		return nil
	}
	on := effective.Plans(c.Snapshot, c.user.Paths())
	for _, plan := range lacking {
		on[plan] = true
	}
	for _, plan := range x.plans.off {
		delete(on, plan)
	}
	return slices.DeleteFunc(lacking, func(plan state.PlanID) bool {
		for _, needs := range catalog.Prerequisites(plan) {
			if !slices.ContainsFunc(needs, func(need state.PlanID) bool { return on[need] }) {
				c.note("%s stays off on %s, though a policy enables it: it needs %s, which is off", c.Catalog.PlanName(plan), c.part(x.sku), c.Catalog.PlanName(needs[0]))
				return true
			}
		}
		return false
	})
}

// compareBeside adds a direct path beside that of a group which lacks plans. It
// turns on what the user should have in the end, and nothing more.
func (c *comparison) compareBeside(x *assignment, group state.GroupID, byGroup effective.Set, lacking []state.PlanID) {
	if len(lacking) == 0 {
		return
	}
	if c.compareAdd(x); x.disposition != DispositionAdd {
		return
	}
	for _, plan := range effective.UserPlans(c.Snapshot, x.sku) {
		if !byGroup[plan.ID] && !slices.Contains(lacking, plan.ID) {
			x.off = append(x.off, plan.ID)
		}
	}
	x.off = state.SortedPlans(x.off)
	x.note("a direct license of %s is added beside group %q, which does not turn on what the policy enables", c.part(x.sku), c.Snapshot.GroupName(group))
}

// enabler returns a group that turns the service plan on.
func enabler(inherited []state.Path, plan state.PlanID) state.GroupID {
	i := slices.IndexFunc(inherited, func(path state.Path) bool { return !state.HasPlan(path.Disabled, plan) })
	return inherited[i].Group
}

func (c *comparison) compareAbsent(x *assignment, held effective.Holding) {
	switch {
	case held.Direct != nil:
		x.disposition = DispositionRemove
		for _, path := range held.Inherited {
			x.note("group %q still gives %s when the direct license is removed", c.Snapshot.GroupName(path.Group), c.part(x.sku))
		}
	case len(held.Inherited) == 0:
		x.disposition = DispositionKeep
	case x.result == resultImplied:
		x.disposition = DispositionIgnored
	default:
		x.stop(DispositionBlocked, ReasonInherited, "group %q gives it: remove the user from the group, or the license from the group",
			c.Snapshot.GroupName(held.Inherited[0].Group))
	}
}

// blockImpossible blocks what cannot or may not be done for this user at all.
func blockImpossible(f *facts, x *userPlan) {
	conflict := slices.IndexFunc(x.assignments, func(y assignment) bool { return y.reason == ReasonConflict })
	for i := range x.assignments {
		y := &x.assignments[i]
		switch {
		case !y.disposition.changes():
		case conflict >= 0:
			y.stop(DispositionBlocked, ReasonConflict, "nothing is changed while policies disagree about %s", f.part(x.assignments[conflict].sku))
		case f.joinConflicts[x.user.Row()] != "":
			y.stop(DispositionBlocked, ReasonJoin, "%s", f.joinConflicts[x.user.Row()])
		case x.user.Inconsistent():
			y.stop(DispositionBlocked, ReasonInconsistent, "the service contradicts itself about what the user holds; plan again later")
		case y.disposition != DispositionRemove && x.location.after == "":
			y.stop(DispositionBlocked, ReasonNoLocation, "%s", cmp.Or(x.location.detail, "the user has no usage location: set one with usage_location in a policy"))
		}
	}
}

// AssignmentTrouble returns what licenseAssignmentState.error means and what helps (Entra:
// "Resolve group license assignment problems").
func AssignmentTrouble(code string) string {
	switch code {
	case "CountViolation":
		return "there were not enough seats; when there are, reprocess the group in Entra ID (CountViolation)"
	case "MutuallyExclusiveViolation":
		return "a service plan excludes one that the user has (MutuallyExclusiveViolation)"
	case "DependencyViolation":
		return "a service plan needs one that the user lacks (DependencyViolation)"
	case "ProhibitedInUsageLocationViolation":
		return "a service is not offered in the user's country (ProhibitedInUsageLocationViolation)"
	case "UniquenessViolation":
		return "another user has the mail address that it would give (UniquenessViolation)"
	}
	return cmp.Or(code, "the service gives no reason")
}

// disagreement names both sides of a conflict by file and line.
func (c *comparison) disagreement(d desire) string {
	if d.plans.conflict != nil {
		return d.plans.contradiction(c.Catalog.PlanName)
	}
	if a, b := d.rivals[0], d.rivals[1]; a.policy != nil {
		return fmt.Sprintf("policy %s wants %s (%s), policy %s wants %s (%s), both with priority %d: settings `one_of` allow one of them",
			a.policy.Name, c.part(a.sku), a.pos, b.policy.Name, c.part(b.sku), b.pos, a.policy.Priority)
	}
	if by, of := d.chain[0], d.chain[1]; by != nil {
		return fmt.Sprintf("policy %s replaces another SKU by it (%s), policy %s replaces it (%s): this would never converge",
			by.policy.Name, by.To.SKU.Pos, of.policy.Name, of.From.Pos)
	}
	want := d.winners[slices.IndexFunc(d.winners, func(w mention) bool { return w.want })]
	absent := d.winners[slices.IndexFunc(d.winners, func(w mention) bool { return !w.want })]
	return fmt.Sprintf("policy %s wants it (%s), policy %s wants it absent (%s), both with priority %d",
		want.policy.Name, want.pos, absent.policy.Name, absent.pos, want.policy.Priority)
}
