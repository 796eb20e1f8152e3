package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// fate is where a pair of a user and a managed SKU ends. Every pair has one.
type fate string

const (
	fateKeep     fate = "keep"
	fateIgnored  fate = "ignored"
	fateBlocked  fate = "blocked"
	fateWaiting  fate = "waiting"
	fateFiltered fate = "filtered"
	fateHeld     fate = "held"   // by a guard
	fateAdd      fate = "add"    // assign it
	fatePlans    fate = "plans"  // held directly: switch plans off
	fateRemove   fate = "remove" // take the direct path away
)

// changes says whether the fate is something to be done.
func (f fate) changes() bool { return f == fateAdd || f == fatePlans || f == fateRemove }

// pair is one user and one SKU on the way through the stages.
type pair struct {
	desire
	fate   fate
	reason Reason // of a blocked or waiting pair
	detail string
	off    []state.PlanID // of fateAdd and fatePlans: the plans to be off on the direct path
	cuts   bool           // of fatePlans: a plan that is on goes off
	wanted bool           // it was a want before it was blocked or had to wait
	notes  []string       // worth saying if it is done
}

// takes says that a direct path, or a plan on it, goes.
func (x pair) takes() bool { return x.fate == fateRemove || x.fate == fatePlans && x.cuts }

func (x *pair) note(format string, args ...any) {
	x.notes = append(x.notes, fmt.Sprintf(format, args...))
}

// stop turns a pair into one that is blocked or waits.
func (x *pair) stop(f fate, reason Reason, format string, args ...any) {
	x.fate, x.reason, x.detail = f, reason, fmt.Sprintf(format, args...)
}

// compare gives the pair its fate by the table in the package comment.
func (p *planner) compare(user state.User, d desire) pair {
	x := pair{desire: d, wanted: d.result == resultWant}
	held := effective.HoldingOf(user.PathsOf(d.sku))
	switch d.result {
	case resultWant:
		p.compareWant(&x, user, held)
	case resultUnstated:
		p.comparePlans(&x, user, held)
		if x.fate == fateKeep {
			x.fate = fateIgnored
		}
	case resultAbsent, resultImplied:
		p.compareAbsent(&x, held)
	case resultConflict:
		x.stop(fateBlocked, ReasonConflict, "%s", p.disagreement(d))
	}
	return x
}

func (p *planner) compareWant(x *pair, user state.User, held effective.Holding) {
	nothing := held.Direct == nil && len(held.Inherited) == 0
	switch {
	case nothing && x.dormant:
		x.fate = fateIgnored
	case x.dormant:
		x.fate = fateKeep
	case nothing && len(held.Failed) > 0:
		// He is a member: a second, direct licence beside the group's would stay for ever.
		failed := held.Failed[0]
		x.stop(fateWaiting, ReasonGroup, "group %q is to give it and could not yet: %s", p.Snapshot.GroupName(failed.Group), groupTrouble(failed.Error))
	case nothing && p.pending.has(user, x.sku):
		x.stop(fateWaiting, ReasonGroup, "group %q is to give it and has not yet: a member was added, or the group is still being processed",
			p.Snapshot.GroupName(p.pending.group(user, x.sku)))
	case nothing:
		x.off = x.plans.off
		p.compareAdd(x)
	default:
		p.comparePlans(x, user, held)
	}
}

func (p *planner) compareAdd(x *pair) {
	sku, _ := p.Snapshot.SKU(x.sku)
	if !sku.Assignable() {
		x.stop(fateBlocked, ReasonNotAssignable, "%s is %s and for %ss: it cannot be assigned", p.part(x.sku), sku.Capability, sku.AppliesTo)
		return
	}
	x.fate = fateAdd
}

// comparePlans is for a SKU that is held already. What counts is what is effective:
// a plan that a group turns on is on, whatever the direct path says.
func (p *planner) comparePlans(x *pair, user state.User, held effective.Holding) {
	x.fate = fateKeep
	if x.plans.silent() {
		return
	}
	byGroup := effective.Plans(p.Snapshot, held.Inherited)
	if i := slices.IndexFunc(x.plans.off, func(plan state.PlanID) bool { return byGroup[plan] }); i >= 0 {
		x.stop(fateBlocked, ReasonGroupEnables, "group %q turns %s on, which the policy turns off",
			p.Snapshot.GroupName(p.enabler(held.Inherited, x.plans.off[i])), p.Catalog.PlanName(x.plans.off[i]))
		return
	}
	lacking := p.switchable(x, user, slices.DeleteFunc(slices.Clone(x.plans.on), func(plan state.PlanID) bool { return byGroup[plan] }))
	if held.Direct == nil {
		p.compareBeside(x, held.Inherited[0].Group, byGroup, lacking)
		return
	}
	now := held.Direct.Disabled
	next := slices.DeleteFunc(slices.Clone(now), func(plan state.PlanID) bool { return slices.Contains(lacking, plan) })
	next = state.SortedPlans(slices.Concat(next, x.plans.off))
	if !slices.Equal(next, now) {
		x.fate, x.off = fatePlans, next
		x.cuts = slices.ContainsFunc(next, func(plan state.PlanID) bool { return !state.HasPlan(now, plan) })
	}
}

// switchable leaves out plans that would not stay on: the service switches a plan off
// when nothing that it needs is on, and a plan that asked for it would never be empty.
func (p *planner) switchable(x *pair, user state.User, lacking []state.PlanID) []state.PlanID {
	if len(lacking) == 0 {
		return nil
	}
	on := effective.Plans(p.Snapshot, user.Paths())
	for _, plan := range lacking {
		on[plan] = true
	}
	for _, plan := range x.plans.off {
		delete(on, plan)
	}
	return slices.DeleteFunc(lacking, func(plan state.PlanID) bool {
		for _, needs := range catalog.Prerequisites(plan) {
			if !slices.ContainsFunc(needs, func(need state.PlanID) bool { return on[need] }) {
				p.note(user, "%s stays off on %s, though a policy enables it: it needs %s, which is off", p.Catalog.PlanName(plan), p.part(x.sku), p.Catalog.PlanName(needs[0]))
				return true
			}
		}
		return false
	})
}

// compareBeside adds a direct path beside that of a group which lacks plans. It
// turns on what the user is to have in the end, and nothing more.
func (p *planner) compareBeside(x *pair, group state.GroupID, byGroup effective.Set, lacking []state.PlanID) {
	if len(lacking) == 0 {
		return
	}
	if p.compareAdd(x); x.fate != fateAdd {
		return
	}
	for _, plan := range effective.UserPlans(p.Snapshot, x.sku) {
		if !byGroup[plan.ID] && !slices.Contains(lacking, plan.ID) {
			x.off = append(x.off, plan.ID)
		}
	}
	x.off = state.SortedPlans(x.off)
	x.note("a direct licence of %s is added beside group %q, which does not turn on what the policy enables", p.part(x.sku), p.Snapshot.GroupName(group))
}

// enabler is a group that turns a plan on.
func (p *planner) enabler(inherited []state.Path, plan state.PlanID) state.GroupID {
	i := slices.IndexFunc(inherited, func(path state.Path) bool { return !state.HasPlan(path.Disabled, plan) })
	return inherited[i].Group
}

func (p *planner) compareAbsent(x *pair, held effective.Holding) {
	switch {
	case held.Direct != nil:
		x.fate = fateRemove
		for _, path := range held.Inherited {
			x.note("group %q still gives %s when the direct licence is gone", p.Snapshot.GroupName(path.Group), p.part(x.sku))
		}
	case len(held.Inherited) == 0:
		x.fate = fateKeep
	case x.result == resultImplied:
		x.fate = fateIgnored
	default:
		x.stop(fateBlocked, ReasonInherited, "group %q gives it: take the user out of the group, or the licence off it",
			p.Snapshot.GroupName(held.Inherited[0].Group))
	}
}

// groupTrouble says what licenseAssignmentState.error means and what helps (Entra:
// "Resolve group license assignment problems").
func groupTrouble(code string) string {
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
		return "somebody else has the mail address that it would give (UniquenessViolation)"
	}
	return cmp.Or(code, "the service says no reason")
}

// disagreement names both sides of a conflict by file and line.
func (p *planner) disagreement(d desire) string {
	if d.plans.conflict != nil {
		return d.plans.contradiction(p.Catalog.PlanName)
	}
	if a, b := d.rivals[0], d.rivals[1]; a.policy != nil {
		return fmt.Sprintf("policy %s wants %s (%s), policy %s wants %s (%s), both with priority %d: settings `one_of` allow one of them",
			a.policy.Name, p.part(a.sku), a.pos, b.policy.Name, p.part(b.sku), b.pos, a.policy.Priority)
	}
	if by, of := d.chain[0], d.chain[1]; by != nil {
		return fmt.Sprintf("policy %s replaces another SKU by it (%s), policy %s replaces it (%s): that would not come to rest",
			by.policy.Name, by.To.SKU.Pos, of.policy.Name, of.From.Pos)
	}
	want := d.winners[slices.IndexFunc(d.winners, func(w mention) bool { return w.want })]
	absent := d.winners[slices.IndexFunc(d.winners, func(w mention) bool { return !w.want })]
	return fmt.Sprintf("policy %s wants it (%s), policy %s wants it absent (%s), both with priority %d",
		want.policy.Name, want.pos, absent.policy.Name, absent.pos, want.policy.Priority)
}
