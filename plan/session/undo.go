package session

import (
	"context"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/state"
)

// undoLifetime is how old a run may be that is undone.
const undoLifetime = 30 * 24 * time.Hour

// Undo makes the plan that undoes a run, from its journal as it is now.
func (r *Resolved) Undo(ctx context.Context, o Options, run string) (*plan.Plan, error) {
	return r.undo(ctx, o, &plan.UndoOf{Run: run}, nil)
}

// undo makes the plan that undoes a run. A head that is given must be the journal's; with
// a plan in only, no other steps.
func (r *Resolved) undo(ctx context.Context, o Options, of *plan.UndoOf, only *plan.Plan) (*plan.Plan, error) {
	run, err := ReadRun(ctx, r.read.source.Archive.Store, of.Run)
	if err != nil {
		return nil, err
	}
	if err := mayUndo(of, run, r.read.observed.Snapshot.Header, r.read.now()); err != nil {
		return nil, err
	}
	in, err := r.Input(o)
	if err != nil {
		return nil, err
	}
	in.Filters.Approved = only
	return explain.Undo(in, plan.UndoOf{Run: run.Run, Head: run.Head}, mayHaveDone(run)), nil
}

// mayUndo refuses a run of another tenant, one whose journal has changed, and an old one.
func mayUndo(of *plan.UndoOf, run *journal.Run, tenant state.Header, now time.Time) error {
	switch {
	case run.Tenant != tenant.Organization.ID || run.Source != tenant.Source:
		return usage("name the tenant of the run with --tenant", "run %s was on tenant %s (%s), and this is %s (%s)", of.Run, run.Tenant, run.Source,
			tenant.Organization.ID, tenant.Source)
	case of.Head != "" && of.Head != run.Head:
		return refused("it reverses run %s up to head %s, and the journal now ends in %s", of.Run, of.Head, run.Head)
	case now.Sub(run.At) > undoLifetime:
		return usage("write policies for what you want, and plan them", "run %s is older than 30 days, so it cannot be undone", of.Run)
	}
	return nil
}

// mayHaveDone returns the steps that a run carried out, or may have.
func mayHaveDone(run *journal.Run) []plan.Step {
	var done []plan.Step
	for _, entry := range run.Steps {
		if entry.Result == apply.Confirmed || entry.Open() {
			done = append(done, entry.Step())
		}
	}
	return done
}
