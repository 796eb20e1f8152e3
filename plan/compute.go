package plan

import (
	"slices"

	"github.com/seatwright/seatwright/policies"
)

// Compute returns the plan and the decisions behind it. It never fails: what cannot be
// done is in the outcomes, and what must not be done is in the guards.
//
// The parts of the plan that only report (inputs, sources, schedule, cost, notes) are
// empty. A plan for people or for a file comes from explain.Plan, which completes them.
func Compute(in Input) (*Plan, *Details) { return compute(newFacts(in)) }

func compute(f *facts) (*Plan, *Details) {
	users, unchanged := decideUsers(f)
	a := arrange(f, users)
	p := write(f, a, unchanged)
	p.Reported = writtenSteps(f, reported(f, a.steps))
	return p, &Details{f, a, unchanged}
}

// arrangement is the result of the stages that look at all users together.
type arrangement struct {
	users  []*userPlan
	steps  []*pendingStep
	ledger *ledger
	guards []Guard
}

// arrange takes decided users through the stages that they have in common: filters,
// seats, steps and guards. With `--hold` it starts again from the seats when a guard is
// breached, without the steps that the guard holds.
func arrange(f *facts, users []*userPlan) arrangement {
	a := arrangement{users: users}
	applyFilters(f.Filters, users)
	a.steps, a.ledger = serve(f, users)
	r := newReview(f)
	a.guards = r.guards(a.steps)
	for f.Hold && r.holdBreached(a.guards, a.steps) {
		a.steps, a.ledger = serve(f, users)
		a.guards = r.afterHold(a.guards, r.guards(a.steps))
	}
	if f.Hold {
		r.releaseRest(a.guards, users)
	}
	return a
}

// serve allocates seats and makes the steps, until flags and an approved plan let every
// step through.
func serve(f *facts, users []*userPlan) ([]*pendingStep, *ledger) {
	for {
		l := allocate(f, users)
		steps := makeSteps(f, users)
		if !dropFiltered(f.Filters, steps) {
			return steps, l
		}
	}
}

// reported returns the steps that policies with `mode: report` would add: those of a plan
// in which they are enforced, if one of them decides the step.
func reported(f *facts, enforced []*pendingStep) []*pendingStep {
	in, reports := f.Input, map[string]bool{}
	set := *f.Set
	set.Policies = slices.Clone(f.Set.Policies)
	due := false
	for i, policy := range set.Policies {
		reports[policy.Name] = policy.Mode == policies.ModeReport
		due = due || reports[policy.Name] && policy.InForce(in.Now)
		set.Policies[i].Mode = policies.ModeEnforce
	}
	if !due {
		return nil
	}
	in.Set, in.Filters, in.Hold = &set, Filters{}, false
	ids := map[string]bool{}
	for _, d := range enforced {
		ids[d.ID] = true
	}
	all := newFacts(in)
	users, _ := decideUsers(all)
	return slices.DeleteFunc(arrange(all, users).steps, func(d *pendingStep) bool {
		return ids[d.ID] || !slices.ContainsFunc(d.deciding, func(policy string) bool { return reports[policy] })
	})
}
