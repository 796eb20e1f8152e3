package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
)

// undoLifetime is how old a run may be that is taken back.
const undoLifetime = 30 * 24 * time.Hour

func (p Program) undoCommand(g *globals) *cobra.Command {
	var args planArgs
	cmd := &cobra.Command{
		Use:   "undo RUN",
		Short: "Make the plan that takes a run back; changes nothing",
		Long: `Undo reads the journal of a run and the tenant, and writes the plan that gives back what the run took and
takes what it gave: only to users who still are as the run left them, each whole or not at all. The
others are listed, and so is what policies still want. The plan is bound to the run and the head of
its journal; seatwright apply carries it out within the guards, like any other, but at a terminal or
with --expect-digest alone: no policy asks for it, so that the file has to be the one that was looked
at. What the service has deleted meanwhile does not come back with a licence.

` + exitMeanings,
		Example: "  seatwright undo 20261123T020000Z-k3v9qa2m -o undo.json\n  seatwright apply undo.json",
		Args:    oneRun,
		RunE: func(cmd *cobra.Command, runs []string) error {
			return p.viewing(cmd.Context(), *g, args, func(j *job, show view.PlanOptions) error { return j.undo(cmd.Context(), args, show, runs[0]) })
		},
	}
	cmd.Flags().StringVarP(&args.out, "out", "o", "", "write the plan to this file")
	args.viewFlags.add(cmd, view.PlanFormats())
	cmd.Flags().StringArrayVar(&args.allow, "allow", nil, "lift a guard's limit: GUARD[:SKU|POLICY]=N; may be repeated")
	return cmd
}

func (j *job) undo(ctx context.Context, args planArgs, show view.PlanOptions, run string) error {
	if err := j.openPast(ctx, toLook); err != nil {
		return err
	}
	if j.past.store == nil {
		return usage("seatwright apply makes one; --state-dir says where", "there is no record of any run in %s", j.statePlace())
	}
	if err := j.stages(ctx, policies.PolicyWords{}); err != nil {
		return err
	}
	fresh, err := j.undoPlan(ctx, args.planFlags, &plan.UndoOf{Run: run}, nil)
	if err != nil {
		return err
	}
	return j.putOut(args, show, fresh)
}

// undoPlan makes the plan that takes a run back, from its journal as it is now. A head
// that is given must be the journal's.
func (j *job) undoPlan(ctx context.Context, flags planFlags, of *plan.UndoOf, only *plan.Plan) (*plan.Plan, error) {
	run, err := readRun(ctx, j.past.store, of.Run)
	if err != nil {
		return nil, err
	}
	switch {
	case run.Tenant != j.snapshot.Organization.ID || run.Source != j.snapshot.Source:
		return nil, usage("name the tenant of the run with --tenant", "run %s was on tenant %s (%s), this is %s (%s)", of.Run, run.Tenant, run.Source,
			j.snapshot.Organization.ID, j.snapshot.Source)
	case of.Head != "" && of.Head != run.Head:
		return nil, refused("it takes run %s back as it stood at head %s, its journal ends in %s now", of.Run, of.Head, run.Head)
	case j.Now().Sub(run.At) > undoLifetime:
		return nil, usage("plan what you want by policies", "run %s is older than 30 days: too much has happened since", of.Run)
	}
	in, err := j.input(flags)
	if err != nil {
		return nil, err
	}
	in.Filters.Approved = only
	var done []plan.Step
	for _, entry := range run.Steps {
		if entry.Result == apply.Confirmed || entry.Open() {
			done = append(done, entry.Step())
		}
	}
	return explain.Undo(in, plan.UndoOf{Run: run.Run, Head: run.Head}, done), nil
}
