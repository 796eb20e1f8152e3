package session

import (
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
)

// Resolved is a project whose policies are bound to what the tenant owns, with the users
// that they select. Plans can be made from it.
type Resolved struct {
	read    *Read
	set     *policies.Set // bound: every name has its id
	matches *selector.Matches
}

// Resolve binds names to what the tenant owns and finds the users that policies select.
func (r *Read) Resolve() (*Resolved, error) {
	bound, err := policies.Bind(r.loaded.set, r.observed.Catalog)
	if err != nil {
		return nil, err
	}
	matches, warnings, err := selector.Resolve(bound, r.observed.Snapshot)
	r.loaded.project.env.Reporter.Problems(warnings)
	if err != nil {
		return nil, err
	}
	return &Resolved{read: r, set: bound, matches: matches}, nil
}

// Set returns the policies, bound to the tenant.
func (r *Resolved) Set() *policies.Set { return r.set }

// Options shape a plan. They are flags, as they were written.
type Options struct {
	Baseline      string // a snapshot file to compare with; "": the record of the last run
	FirstRun      bool
	NoRemovals    bool
	Only, Exclude []string
	Allow         []string
	Hold          bool
	Rate          int // percent of the documented quota of writes; 0: the default
}

// Compute makes the plan.
func (r *Resolved) Compute(o Options) (*plan.Plan, error) {
	return r.compute(o, nil)
}

// compute makes the plan, of only those steps that are in another one, if it is given.
func (r *Resolved) compute(o Options, only *plan.Plan) (*plan.Plan, error) {
	in, err := r.Input(o)
	if err != nil {
		return nil, err
	}
	in.Filters.Approved = only
	return r.computeFrom(in, o), nil
}

// computeFrom makes the plan and marks in it what the base would do too.
func (r *Resolved) computeFrom(in plan.Input, o Options) *plan.Plan {
	fresh := explain.Plan(in)
	r.compareWithBase(fresh, in, o)
	return fresh
}

// Input returns what a plan is made from.
func (r *Resolved) Input(o Options) (plan.Input, error) {
	overrides, err := parseOverrides(o.Allow, r.read.observed.Catalog, r.set)
	if err != nil {
		return plan.Input{}, err
	}
	only, err := r.parseTerms("--only", o.Only)
	if err != nil {
		return plan.Input{}, err
	}
	exclude, err := r.parseTerms("--exclude", o.Exclude)
	if err != nil {
		return plan.Input{}, err
	}
	baseline, err := r.readBaseline(o.Baseline)
	if err != nil {
		return plan.Input{}, err
	}
	if baseline == nil {
		baseline = r.read.history.baseline()
	}
	now, project := r.read.now(), r.read.loaded.project
	return plan.Input{
		Set: r.set, Matches: r.matches, Snapshot: r.read.observed.Snapshot, Catalog: r.read.observed.Catalog, Now: now,
		Filters:   plan.Filters{NoRemovals: o.NoRemovals, Only: only, Exclude: exclude},
		Overrides: append(overrides, r.waiverOverrides()...), Baseline: baseline, Recent: journal.Removals(r.read.history.runs, now.Add(-journal.RemovalsFor)),
		FirstRun: o.FirstRun, Hold: o.Hold, Rate: writeRate(o.Rate), ToolVersion: project.env.Version, Commit: r.read.commit, Settings: project.trusted,
	}, nil
}

// writeRate returns writes a second for a percentage of the documented quota.
func writeRate(percent int) float64 { return float64(percent) / 100 * plan.QuotaRate }

func (r *Read) now() time.Time { return r.loaded.project.env.Now() }

// with resolves another set of policies against what was read. Its warnings are not
// reported: they are about another day.
func (r *Resolved) with(set *policies.Set) (*Resolved, error) {
	bound, err := policies.Bind(set, r.read.observed.Catalog)
	if err != nil {
		return nil, err
	}
	if r.read.source.File != "" {
		if err := checkGroups(selector.Needs(bound), r.read.observed.Snapshot); err != nil {
			return nil, err
		}
	}
	matches, _, err := selector.Resolve(bound, r.read.observed.Snapshot)
	if err != nil {
		return nil, err
	}
	return &Resolved{read: r.read, set: bound, matches: matches}, nil
}
