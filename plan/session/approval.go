package session

import (
	"context"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/state"
)

// Approval is a plan file that was approved, and what vouches for it.
type Approval struct {
	Plan         *plan.Plan // nil: nothing was approved beforehand
	ExpectDigest string     // of the steps; "" is any
	Again        bool       // although it was carried out before
	AtTerminal   bool       // a user can see what is done
}

// ClockSkew is how far the clocks of two machines may differ.
const ClockSkew = 5 * time.Minute

// digestLifetime is how long the digest of a plan is good for instead of its file.
const digestLifetime = 24 * time.Hour

// Accept refuses a plan file that was not made for this tenant and this time.
func (r *Resolved) Accept(a Approval) error {
	if a.Plan == nil {
		return nil
	}
	return a.check(r.read.history.finished(a.Plan.Digest), r.read.observed.Snapshot.Header, r.read.now())
}

// check refuses a plan that a run finished before, or that does not fit a tenant and a
// time.
func (a Approval) check(finishedBy string, tenant state.Header, now time.Time) error {
	approved := a.Plan
	switch {
	case finishedBy != "" && !a.Again:
		return &planfile.RefusedError{Why: "run " + finishedBy + " finished it; later changes may be intended",
			Hint: "plan again, or add --again"}
	case approved.Mode == plan.ModeUndo && a.ExpectDigest == "" && !a.AtTerminal:
		return &planfile.RefusedError{Why: "it reverses a run, which no policy asks for, and neither a terminal nor a digest confirms the file",
			Hint: "apply it at a terminal, or add --expect-digest with the steps_digest that seatwright undo --format github-output prints"}
	case approved.Tenant.ID != tenant.Organization.ID:
		return refused("it is for tenant %s, and this is %s", approved.Tenant.ID, tenant.Organization.ID)
	case approved.Source != tenant.Source && (approved.Source != state.SourceFile || tenant.Source != state.SourceLive):
		return refused("it was made from a %s tenant, and this is a %s tenant", approved.Source, tenant.Source)
	case !now.Before(expiry(approved)):
		return refused("it expired at %s", expiry(approved).Format("2006-01-02 15:04 MST"))
	case approved.CreatedAt.After(now.Add(ClockSkew)):
		return refused("it was made in the future, at %s", approved.CreatedAt.Format("2006-01-02 15:04 MST"))
	case a.ExpectDigest != "" && !now.Before(approved.CreatedAt.Add(digestLifetime)):
		return refused("--expect-digest needs a plan of the last 24 hours, and it was made at %s", approved.CreatedAt.Format("2006-01-02 15:04 MST"))
	case !approved.Complete:
		return refused("the tenant was not read completely")
	}
	return nil
}

// expiry returns when a plan ends, whatever the file states.
func expiry(p *plan.Plan) time.Time {
	if latest := p.CreatedAt.Add(plan.Lifetime); latest.Before(p.ExpiresAt) {
		return latest
	}
	return p.ExpiresAt
}

// Fresh is what will be carried out, and what that was chosen from.
type Fresh struct {
	Plan  *plan.Plan // sealed
	Whole *plan.Plan // all that would be done now, without an approved plan; the same if none is given

	Approval    Approval
	NotNeeded   []plan.Step // approved, but no longer needed
	NotApproved []plan.Step // needed, but not approved
}

// Breached returns the plan that a guard stops, or nil. Guards look at the whole plan
// too: a file that was cut into slices could pass them slice by slice.
func (f *Fresh) Breached() *plan.Plan {
	for _, p := range []*plan.Plan{f.Plan, f.Whole} {
		if len(p.Breached()) > 0 {
			return p
		}
	}
	return nil
}

// Fresh plans again. With an approved plan the result is what is in both plans, step by
// step: a plan file is a list of what may be done, and never an instruction.
func (r *Resolved) Fresh(ctx context.Context, o Options, a Approval) (*Fresh, error) {
	whole, err := r.wholePlan(ctx, o, a.Plan, nil)
	if err != nil {
		return nil, err
	}
	if a.ExpectDigest != "" {
		if err := expectDigest(a.ExpectDigest, whole, a.Plan, r.read.observed.Snapshot); err != nil {
			return nil, err
		}
	}
	f := &Fresh{Plan: whole, Whole: whole, Approval: a}
	if a.Plan != nil {
		both := approvedPart(whole, a.Plan)
		if f.Plan, err = r.wholePlan(ctx, o, a.Plan, both); err != nil {
			return nil, err
		}
		f.NotNeeded, f.NotApproved = missingFrom(f.Plan, a.Plan.Steps), missingFrom(a.Plan, whole.Steps)
	}
	return f, planfile.Seal(f.Plan)
}

// wholePlan makes the plan of what would be done now: what the policies want, or what
// undoes the run that an approved plan is about. With a plan in only, no other steps.
func (r *Resolved) wholePlan(ctx context.Context, o Options, approved, only *plan.Plan) (*plan.Plan, error) {
	if approved != nil && approved.Mode == plan.ModeUndo {
		return r.undo(ctx, o, approved.Undo, only)
	}
	return r.compute(o, only)
}

// approvedPart returns the approved plan with those steps that are in the whole plan.
func approvedPart(whole, approved *plan.Plan) *plan.Plan {
	both := *approved
	both.Steps = slices.DeleteFunc(slices.Clone(approved.Steps), func(step plan.Step) bool { return len(missingFrom(whole, []plan.Step{step})) > 0 })
	return &both
}

// expectDigest refuses unless the whole plan, with those approved steps that are done
// already, has a digest.
func expectDigest(want string, whole, approved *plan.Plan, now *state.Snapshot) error {
	all := plan.Plan{Tenant: whole.Tenant, Steps: slices.Clone(whole.Steps)}
	for _, step := range missingFrom(whole, approved.Steps) {
		if isDone(step, now) {
			all.Steps = append(all.Steps, step)
		}
	}
	if err := planfile.Seal(&all); err != nil {
		return err
	}
	if all.StepsDigest != want {
		return refused("the fresh plan has the steps digest %s, and --expect-digest is %s", all.StepsDigest, want)
	}
	return nil
}

// isDone reports whether a user exists and is as a step would leave the user.
func isDone(step plan.Step, now *state.Snapshot) bool {
	user, found := now.Find(step.User.ID)
	return found && step.Done(step.Live(user))
}

// missingFrom returns the steps whose id is not in a plan.
func missingFrom(p *plan.Plan, steps []plan.Step) []plan.Step {
	ids := map[string]bool{}
	for _, step := range p.Steps {
		ids[step.ID] = true
	}
	var missing []plan.Step
	for _, step := range steps {
		if !ids[step.ID] {
			missing = append(missing, step)
		}
	}
	return missing
}

// Stuck reports, for a run without steps, whether something is wanted that cannot be
// done now. With an approved plan only its own steps count: that something else in the
// tenant has drifted, is blocked or waits does not make a merge fail.
func (r *Resolved) Stuck(f *Fresh) bool {
	left := slices.Concat(f.Plan.Outcomes.Blocked, f.Plan.Outcomes.Waiting)
	if f.Approval.Plan == nil {
		return len(left) > 0 || f.Plan.Outcomes.Filtered > 0
	}
	return slices.ContainsFunc(f.Approval.Plan.Steps, func(step plan.Step) bool {
		if _, found := r.read.observed.Snapshot.Find(step.User.ID); !found || isDone(step, r.read.observed.Snapshot) {
			return false
		}
		wanted := func(now plan.Step) bool { return now.ID == step.ID || step.Rivals(now) } // the same, if it needs one that was not approved
		return slices.ContainsFunc(left, step.Concerns) || slices.ContainsFunc(f.Whole.Steps, wanted)
	})
}
