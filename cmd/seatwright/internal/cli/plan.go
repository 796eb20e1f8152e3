package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/plan/planfile"
)

// planArgs are the arguments of seatwright plan.
type planArgs struct {
	planFlags
	viewFlags
	out              string
	snapshot         string
	base             string
	detailedExitCode bool
}

func (p Program) planCommand(g *globals) *cobra.Command {
	var args planArgs
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what has to change so that the tenant is as the policies say; changes nothing",
		Long: `Plan reads the policies and the tenant and prints the steps between them: what is removed
first, then replacements, additions, plan changes and locations, each with the policy, line and
row behind it. It changes nothing. With -o the plan is kept, as the list of what may be applied.

With --base origin/main it plans the policies of the commit where this branch left main too, from
the same read of the tenant: the plan marks what would be done without the change. --settings-from
origin/main takes the settings from there, so that a pull request is held to the limits of main.

With the words of a policy (--csv and --replace, say) it plans that one policy instead of those of
the settings, for a job of the moment, within the same guards; what it stands for in YAML goes to
stderr.

` + exitMeanings,
		Example: "  seatwright plan\n  seatwright plan -o plan.json --detailed-exitcode\n  seatwright plan --baseline last-night.snap\n" +
			"  seatwright plan --csv leavers.csv --absent all",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.viewing(cmd.Context(), *g, args, func(j *job, show view.PlanOptions) error { return j.plan(cmd.Context(), args, show) })
		},
	}
	args.planFlags.add(cmd)
	args.viewFlags.add(cmd, view.PlanFormats())
	cmd.Flags().StringVarP(&args.out, "out", "o", "", "write the plan to this file")
	cmd.Flags().StringVar(&args.snapshot, "snapshot", "", "plan from this file, which seatwright snapshot wrote, and not from the tenant; needs no network")
	cmd.Flags().StringVar(&args.base, "base", "", "tell what this change of policies does from what would be done without it too: plan from where HEAD left this git revision as well")
	cmd.Flags().BoolVar(&args.detailedExitCode, "detailed-exitcode", false, "exit 2 if there are steps; with --base: if this change makes or ends some")
	return cmd
}

// viewing makes a plan and shows it, with names taken out where the view asks for that.
func (p Program) viewing(ctx context.Context, g globals, args planArgs, do func(*job, view.PlanOptions) error) error {
	show, err := args.options(g.dir)
	if err != nil {
		return err
	}
	return p.showing(ctx, g, show, do)
}

// showing does something on a tenant whose names are taken out of what is said of it,
// where the view asks for that.
func (p Program) showing(ctx context.Context, g globals, show view.PlanOptions, do func(*job, view.PlanOptions) error) error {
	if show.Redact == view.RedactNone {
		return p.onTenant(ctx, g, func(j *job) error { return do(j, show) })
	}
	// Whoever reads the view reads the log beside it.
	hushed := p
	hushed.Err, hushed.ErrTerminal = view.Redacting(p.Err, show.Redact), false
	return redacted(ctx, hushed.onTenant(ctx, g, func(j *job) error { return do(j, show) }), show.Redact)
}

func (j *job) plan(ctx context.Context, args planArgs, show view.PlanOptions) error {
	j.file = args.snapshot
	if err := j.openPast(ctx, toLook); err != nil {
		return err
	}
	j.past.brief = true
	if args.base != "" {
		if !args.words.None() {
			return usage("leave one of the two out", "--base is for changes of policies in git, not for a policy on the command line")
		}
		if err := j.loadBase(ctx, args.base); err != nil {
			return err
		}
	}
	if err := j.stages(ctx, args.words); err != nil {
		return err
	}
	in, err := j.input(args.planFlags)
	if err != nil {
		return err
	}
	fresh := explain.Plan(in)
	j.compareWithBase(fresh, in, args.planFlags)
	return j.putOut(args, show, fresh)
}

// putOut shows a plan, keeps it where that is asked for, and says how it ends the program.
func (j *job) putOut(args planArgs, show view.PlanOptions, fresh *plan.Plan) error {
	if err := planfile.Seal(fresh); err != nil {
		return err
	}
	if err := view.ShowPlan(j.Out, fresh, show); err != nil {
		return err
	}
	if args.out != "" {
		if err := savePlan(args.out, fresh); err != nil {
			return err
		}
	}
	return planExit(view.Redact(fresh, show.Redact), args.detailedExitCode)
}

// planExit says how a plan that was shown ends the program.
func planExit(fresh *plan.Plan, detailed bool) error {
	switch {
	case len(fresh.Breached()) > 0:
		return breached(fresh)
	case detailed && fresh.Changed():
		return &exit{code: ExitDifferences, reason: "changes"}
	case len(fresh.Steps) == 0:
		return &exit{code: ExitOK, reason: "no_changes"}
	}
	return nil
}

// breached repeats the guards at the very end, with the flags to type.
func breached(fresh *plan.Plan) error {
	guards := fresh.Breached()
	text := "nothing was applied: a guard stops this plan"
	for _, g := range guards {
		text += "\n  " + view.GuardLine(g)
		for _, opener := range view.GuardOpeners(g, fresh) {
			text += "\n      " + opener
		}
	}
	return &exit{code: ExitGuard, reason: "guard", err: fmt.Errorf("%s", text)}
}

// savePlan writes the plan file.
func savePlan(name string, p *plan.Plan) error {
	return saveFile("plan", name, func(w io.Writer) error { return planfile.Write(w, p) })
}
