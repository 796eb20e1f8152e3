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
		Short: "Make the plan that reverses a run; changes nothing",
		Long: `Undo reads the journal of a run and the tenant, and makes the plan that reverses the run. The plan gives back what
the run removed, and removes what it assigned. It only changes users who still are as the run left them, and each user
completely or not at all. Other users are listed, and so is what policies still want.

The plan is bound to the run and the head of its journal. ` + "`seatwright apply`" + ` carries it out, and guards apply. No policy
asks for this plan, so apply needs a terminal or --expect-digest. Data that the service has deleted does not come back
with a license.`,
		Example: "  seatwright undo 20261123T020000Z-k3v9qa2m -o undo.json\n  seatwright apply undo.json",
		Args:    oneRun,
		RunE: func(cmd *cobra.Command, runs []string) error {
			return viewing(cmd.Context(), p, *g, args.viewFlags, func(c *call, show view.PlanOptions) error { return undo(cmd.Context(), c, args, show, runs[0]) })
		},
	}
	cmd.Flags().StringVarP(&args.out, "out", "o", "", "write the plan to this `FILE`")
	args.viewFlags.add(cmd, view.PlanFormats())
	args.addScreen(cmd, p.Streams)
	cmd.Flags().StringArrayVar(&args.planOptions.Allow, "allow", nil, "override a `GUARD`, as GUARD[:SKU|POLICY]=N; repeatable")
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
