package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// base are the policies of the commit from which the checkout went its own way. What
// is wrong with them must not stop the change that may be about to mend it.
type base struct {
	of  plan.Base
	set *policies.Set // nil: there is trouble
}

// failed takes down why the base's policies make no plan.
func (b *base) failed(err error) {
	b.set, b.of.Trouble = nil, firstProblem(err)
}

func firstProblem(err error) string {
	if problems := policies.ProblemsIn(err); len(problems) > 0 {
		return fmt.Sprintf("problems: %d, the first: %v", len(problems), problems[0])
	}
	return err.Error()
}

// loadBase reads the policies of the base. Settings are those of the base too, unless
// they are taken from a commit that is trusted anyway.
func (j *job) loadBase(ctx context.Context, name string) error {
	if err := notInside(ctx, j.dir); err != nil {
		return err
	}
	commit, err := mergeBase(ctx, j.dir, name)
	if err != nil {
		return err
	}
	revision, err := openRevision(ctx, j.dir, commit)
	if err != nil {
		return err
	}
	tracked, err := trackedFiles(ctx, j.dir)
	if err != nil {
		return err
	}
	j.base = &base{of: plan.Base{Name: name, Commit: commit}}
	if set, err := j.loadCommit(revision.with(j.project, tracked)); err != nil {
		j.base.failed(err)
	} else {
		j.base.set = set
	}
	return nil
}

// loadCommit reads the policies of a commit, for the tenant of the call.
func (j *job) loadCommit(revision *revision) (*policies.Set, error) {
	if j.trusted != nil {
		set, _, err := policies.LoadWith(j.settings, revision, j.tenant)
		return set, err
	}
	settings, err := policies.LoadSettings(revision)
	if err != nil {
		return nil, err
	}
	tenant, err := settings.Tenant(j.tenant.Name)
	if err != nil {
		return nil, err
	}
	if tenant.ID != j.tenant.ID || tenant.Sandbox != j.tenant.Sandbox {
		return nil, errors.New("the settings named another tenant there")
	}
	set, _, err := policies.Load(revision, tenant) // its warnings are of another day
	return set, err
}

// needs are what must be read of the tenant, for the base too.
func (j *job) needs() state.Query {
	if j.base != nil && j.base.set != nil && j.file == "" {
		return selector.Needs(j.set, j.base.set)
	}
	return selector.Needs(j.set)
}

// readPlaces looks the places up in the directory that the policies name, and those
// of the base. One that is gone there is the base's trouble where it alone names it.
func (j *job) readPlaces(ctx context.Context) error {
	if j.base == nil || j.base.set == nil {
		return j.readDirectory(ctx, selector.Places(j.set))
	}
	err := j.readDirectory(ctx, selector.Places(j.set, j.base.set))
	trouble, ok := errors.AsType[*state.DirectoryError](err)
	if len(policies.ProblemsIn(err)) == 0 && (!ok || trouble.Place == nil) {
		return err
	}
	j.base.failed(err)
	return j.readDirectory(ctx, selector.Places(j.set))
}

// compareWithBase says in the plan what the policies of the base would do with what
// was read, by the same flags.
func (j *job) compareWithBase(fresh *plan.Plan, in plan.Input, flags planFlags) {
	if j.base == nil {
		return
	}
	if before := j.planBase(in, flags); before != nil {
		explain.CompareWith(fresh, before, j.base.of)
		return
	}
	_ = view.Warning(j.Err, "what this change does cannot be told from what would be done anyway: the policies of %s make no plan: %s", j.base.of.Name, j.base.of.Trouble)
	fresh.WithoutBase(j.base.of)
}

// planBase makes the plan of the base, or nil if there is trouble.
func (j *job) planBase(in plan.Input, flags planFlags) *plan.Plan {
	if j.base.set == nil {
		return nil
	}
	then := *j
	if err := then.turnTo(j.base.set); err != nil {
		j.base.failed(err)
		return nil
	}
	in.Set, in.Matches, in.Commit = then.set, then.matches, j.base.of.Commit
	if flags.baseline != "" {
		baseline, err := then.readBaseline(flags.baseline)
		if err != nil {
			j.base.failed(err)
			return nil
		}
		in.Baseline = baseline
	}
	return explain.Plan(in)
}

// turnTo resolves another set of policies against what was read. Its warnings are of
// another day.
func (j *job) turnTo(set *policies.Set) error {
	bound, err := policies.Bind(set, j.catalog)
	if err != nil {
		return err
	}
	if err := checkBrought(selector.Needs(bound), j.snapshot); err != nil && j.file != "" {
		return err
	}
	matches, _, err := selector.Resolve(bound, j.snapshot)
	j.set, j.matches = bound, matches
	return err
}
