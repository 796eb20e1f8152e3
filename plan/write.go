package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/policies"
)

// write returns the plan of what the stages decided.
func write(f *facts, a arrangement, unchanged unchangedUsers) *Plan {
	created := f.Now.UTC().Truncate(time.Second)
	p := &Plan{
		FormatVersion: FormatVersion, ToolVersion: f.ToolVersion, Source: f.Snapshot.Source,
		Tenant:    Tenant{Name: f.Set.Tenant.Name, ID: f.Snapshot.Organization.ID},
		CreatedAt: created, ExpiresAt: expiry(f.Set, created), Commit: f.Commit, PoliciesDigest: f.Set.Digest, Settings: f.Settings,
		Mode: cmp.Or(f.Mode, ModePolicies), Filters: f.Filters.names(f.Mode), Overrides: []string{}, Complete: f.Snapshot.Complete,
		SKUs: a.ledger.rows(), Steps: writtenSteps(f, a.steps), Outcomes: outcomes(f, a.users, unchanged), Guards: a.guards,
	}
	if f.Baseline != nil {
		p.Baseline = f.Baseline.Origin
	}
	for _, override := range f.Overrides {
		p.Overrides = append(p.Overrides, override.Text)
	}
	slices.Sort(p.Overrides)
	p.Applyable = p.Complete && len(p.Breached()) == 0
	return p
}

// writtenSteps returns the steps with their reasons.
func writtenSteps(f *facts, steps []*pendingStep) []Step {
	out := make([]Step, 0, len(steps))
	for _, d := range steps {
		step := d.Step
		step.Because = becauseStep(f, d)
		out = append(out, step)
	}
	return out
}

// expiry returns when the plan expires: two weeks after it was made, or when the window
// of a policy opens or closes, since another plan is right from then on.
func expiry(set *policies.Set, created time.Time) time.Time {
	end := created.Add(Lifetime)
	for _, policy := range set.Policies {
		for _, boundary := range []time.Time{policy.From, policy.Until} {
			if boundary.After(created) && boundary.Before(end) {
				end = boundary
			}
		}
	}
	return end
}

// outcomes counts every assignment once. Assignments without a desire are ignored.
func outcomes(f *facts, users []*userPlan, unchanged unchangedUsers) Outcomes {
	out := Outcomes{Blocked: []Outcome{}, Waiting: []Outcome{}, Held: []Outcome{}, Notes: []Note{}}
	total := f.Snapshot.Len() * len(f.managed)
	for _, alike := range unchanged.groups {
		keep := alike.count(DispositionKeep)
		out.Keep += keep
		total -= keep
	}
	for _, x := range users {
		addLocation(f, &out, x)
		for _, y := range x.assignments {
			addAssignment(f, &out, x, y)
		}
		total -= len(x.assignments)
	}
	out.Ignored += total
	for _, list := range [][]Outcome{out.Blocked, out.Waiting, out.Held} {
		slices.SortFunc(list, Outcome.compare)
	}
	return out
}

// addLocation lists a location that stays as it is although a policy states one.
func addLocation(f *facts, out *Outcomes, x *userPlan) {
	if x.location.blocked != "" {
		out.Blocked = append(out.Blocked, Outcome{User: f.ref(x.user), Reason: x.location.blocked, Detail: x.location.detail, Because: becauseLocation(x)})
	}
	if x.location.dropped == DispositionHeld {
		out.Held = append(out.Held, Outcome{User: f.ref(x.user), Reason: ReasonGuard, Detail: x.heldDetail(), Because: becauseLocation(x)})
	}
}

// addAssignment counts an assignment that no step serves, or lists it.
func addAssignment(f *facts, out *Outcomes, x *userPlan, y assignment) {
	switch y.disposition {
	case DispositionKeep:
		out.Keep++
	case DispositionIgnored:
		out.Ignored++
	case DispositionFiltered:
		out.Filtered++
	case DispositionHeld:
		y.reason, y.detail = ReasonGuard, x.heldDetail()
		out.Held = append(out.Held, outcomeOf(f, x, y))
	case DispositionBlocked:
		out.Blocked = append(out.Blocked, outcomeOf(f, x, y))
	case DispositionWaiting:
		out.Waiting = append(out.Waiting, outcomeOf(f, x, y))
	}
}

func outcomeOf(f *facts, x *userPlan, y assignment) Outcome {
	return Outcome{User: f.ref(x.user), PartNumber: f.part(y.sku), Reason: y.reason, Detail: y.detail, Because: because(f, y)}
}

func (o Outcome) compare(other Outcome) int {
	return cmp.Or(cmp.Compare(strings.ToLower(o.User.UserPrincipalName), strings.ToLower(other.User.UserPrincipalName)),
		o.User.ID.Compare(other.User.ID), cmp.Compare(o.PartNumber, other.PartNumber), cmp.Compare(o.Reason, other.Reason))
}
