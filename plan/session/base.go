package session

import (
	"context"
	"errors"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
)

// Base is the policies of the commit at which a branch left another one. Trouble with
// them must not stop the change: it may be the one that repairs them.
type Base struct {
	of  plan.Base
	set *policies.Set // nil: there is trouble
}

// fail keeps why the policies of the base make no plan.
func (b *Base) fail(err error) {
	b.set, b.of.Trouble = nil, firstProblem(err)
}

// LoadBase reads the policies of the commit at which HEAD left a revision. Its settings
// are those of the base too, unless they come from a trusted commit anyway.
func (p *Project) LoadBase(ctx context.Context, name string) (*Base, error) {
	git := p.env.Git
	if err := git.NotInside(ctx); err != nil {
		return nil, err
	}
	commit, err := git.MergeBase(ctx, name)
	if err != nil {
		return nil, err
	}
	revision, err := git.Revision(ctx, commit)
	if err != nil {
		return nil, err
	}
	tracked, err := git.TrackedFiles(ctx)
	if err != nil {
		return nil, err
	}
	base := &Base{of: plan.Base{Name: name, Commit: commit}}
	if base.set, err = p.loadCommit(revision, tracked); err != nil {
		base.fail(err)
	}
	return base, nil
}

// loadCommit reads the policies of a commit, for the tenant of the project.
func (p *Project) loadCommit(revision Revision, tracked map[string]bool) (*policies.Set, error) {
	files := revision.With(p.env.Files, tracked)
	if p.trusted != nil {
		set, _, err := policies.LoadWith(p.settings, files, p.tenant)
		return set, err
	}
	settings, err := policies.LoadSettings(files)
	if err != nil {
		return nil, err
	}
	tenant, err := settings.Tenant(p.tenant.Name)
	if err != nil {
		return nil, err
	}
	if tenant.ID != p.tenant.ID || tenant.Sandbox != p.tenant.Sandbox {
		return nil, errors.New("the settings named another tenant there")
	}
	set, _, err := policies.Load(files, tenant) // its warnings are about another day
	return set, err
}

// CompareWith makes plans mark what the policies of a base would do too.
func (l *Loaded) CompareWith(base *Base) { l.base = base }

// compareWithBase marks in a plan what the policies of the base would do with what was
// read, by the same options.
func (r *Resolved) compareWithBase(fresh *plan.Plan, in plan.Input, o Options) {
	base := r.read.loaded.base
	if base == nil {
		return
	}
	before, err := r.planBase(base, in, o)
	if err != nil {
		base.fail(err)
	}
	if before != nil {
		explain.CompareWith(fresh, before, base.of)
		return
	}
	r.read.loaded.project.warn("what this change does is not known, because the policies of %s make no plan: %s", base.of.Name, base.of.Trouble)
	fresh.WithoutBase(base.of)
}

// planBase makes the plan of the base; nil if its policies could not be loaded.
func (r *Resolved) planBase(base *Base, in plan.Input, o Options) (*plan.Plan, error) {
	if base.set == nil {
		return nil, nil //nolint:nilnil // the base knows its trouble
	}
	then, err := r.with(base.set)
	if err != nil {
		return nil, err
	}
	in.Set, in.Matches, in.Commit = then.set, then.matches, base.of.Commit
	if o.Baseline != "" {
		if in.Baseline, err = then.readBaseline(o.Baseline); err != nil {
			return nil, err
		}
	}
	return explain.Plan(in), nil
}
