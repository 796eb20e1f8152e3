package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
)

func undoCommand(p Program, g *globals) *cobra.Command {
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
			return viewing(cmd.Context(), p, *g, args.viewFlags, func(c *call, show view.PlanOptions) error { return undo(cmd.Context(), c, args, show, runs[0]) })
		},
	}
	cmd.Flags().StringVarP(&args.out, "out", "o", "", "write the plan to this file")
	args.viewFlags.add(cmd, view.PlanFormats())
	args.addScreen(cmd, p.Streams)
	cmd.Flags().StringArrayVar(&args.planOptions.Allow, "allow", nil, "lift a guard's limit: GUARD[:SKU|POLICY]=N; may be repeated")
	return cmd
}

func undo(ctx context.Context, c *call, args planArgs, show view.PlanOptions, run string) error {
	archive, err := c.archive(ctx, "")
	if err != nil {
		return err
	}
	if archive.Store == nil {
		return noRuns(c.globals)
	}
	loaded, err := c.project.Load(policies.PolicyWords{})
	if err != nil {
		return err
	}
	resolved, err := c.resolve(ctx, loaded, session.Source{Archive: archive})
	if err != nil {
		return err
	}
	fresh, err := resolved.Undo(ctx, args.planOptions, run)
	if err != nil {
		return err
	}
	return writePlan(c, args, show, fresh)
}
