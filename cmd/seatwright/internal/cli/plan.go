package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/plan/session"
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

func planCommand(p Program, g *globals) *cobra.Command {
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
			return viewing(cmd.Context(), p, *g, args.viewFlags, func(c *call, show view.PlanOptions) error { return showPlan(cmd.Context(), c, args, show) })
		},
	}
	args.planFlags.add(cmd)
	args.viewFlags.add(cmd, view.PlanFormats())
	args.addScreen(cmd, p.Streams)
	cmd.Flags().StringVarP(&args.out, "out", "o", "", "write the plan to this file")
	cmd.Flags().StringVar(&args.snapshot, "snapshot", "", "plan from this file, which seatwright snapshot wrote, and not from the tenant; needs no network")
	cmd.Flags().StringVar(&args.base, "base", "", "tell what this change of policies does from what would be done without it too: plan from where HEAD left this git revision as well")
	cmd.Flags().BoolVar(&args.detailedExitCode, "detailed-exitcode", false, "exit 2 if there are steps; with --base: if this change makes or ends some")
	return cmd
}

// viewing does something on a tenant and shows it, redacted where the view asks for that.
func viewing(ctx context.Context, p Program, g globals, flags viewFlags, do func(*call, view.PlanOptions) error) error {
	show, err := flags.options(g.dir)
	if err != nil {
		return err
	}
	return showing(ctx, p, g, show, func(c *call) error { return do(c, show) })
}

// showing does something on a tenant. Where the view is redacted, so are warnings and
// errors: who reads the view reads the log beside it.
func showing(ctx context.Context, p Program, g globals, show view.PlanOptions, do func(*call) error) error {
	if show.Redact == view.RedactNone {
		return onTenant(ctx, p, g, do)
	}
	p.Err, p.ErrTerminal = view.Redacting(p.Err, show.Redact), false
	return redacted(ctx, onTenant(ctx, p, g, do), show.Redact)
}

// showPlan makes the plan and shows it.
func showPlan(ctx context.Context, c *call, args planArgs, show view.PlanOptions) error {
	from := session.Source{File: args.snapshot}
	var err error
	if from.Archive, err = c.archive(ctx, args.snapshot); err != nil {
		return err
	}
	from.Archive.Brief = true
	loaded, err := loadToCompare(ctx, c, args)
	if err != nil {
		return err
	}
	resolved, err := c.resolve(ctx, loaded, from)
	if err != nil {
		return err
	}
	fresh, err := resolved.Compute(args.planOptions)
	if err != nil {
		return err
	}
	return writePlan(c, args, show, fresh)
}

// loadToCompare loads the policies, and those of the base where one is named.
func loadToCompare(ctx context.Context, c *call, args planArgs) (*session.Loaded, error) {
	if args.base == "" {
		return c.project.Load(args.words)
	}
	if !args.words.None() {
		return nil, usage("leave one of the two out", "--base is for changes of policies in git, not for a policy on the command line")
	}
	base, err := c.project.LoadBase(ctx, args.base)
	if err != nil {
		return nil, err
	}
	loaded, err := c.project.Load(args.words)
	if err != nil {
		return nil, err
	}
	loaded.CompareWith(base)
	return loaded, nil
}

// resolve reads the tenant, if the source does not name a file or a tenant, and finds the
// users that the policies select.
func (c *call) resolve(ctx context.Context, loaded *session.Loaded, from session.Source) (*session.Resolved, error) {
	if from.File == "" && from.Tenant == nil {
		tenant, err := c.connect(ctx)
		if err != nil {
			return nil, err
		}
		from.Tenant = tenant
	}
	read, err := loaded.Read(ctx, from)
	if err != nil {
		return nil, err
	}
	return read.Resolve()
}

// writePlan shows a plan, writes it to the file that was asked for, and returns how it
// ends the program.
func writePlan(c *call, args planArgs, show view.PlanOptions, fresh *plan.Plan) error {
	if err := planfile.Seal(fresh); err != nil {
		return err
	}
	if err := view.ShowPlan(c.program.Out, fresh, show); err != nil {
		return err
	}
	if args.out != "" {
		if err := savePlan(args.out, fresh); err != nil {
			return err
		}
	}
	return planExit(view.Redact(fresh, show.Redact), args.detailedExitCode, func(p *plan.Plan) *exit { return c.program.stopped(p, show) })
}

// planExit returns how a plan that was shown ends the program.
func planExit(fresh *plan.Plan, detailed bool, stopped func(*plan.Plan) *exit) error {
	switch {
	case len(fresh.Breached()) > 0:
		return stopped(fresh)
	case detailed && fresh.Changed():
		return &exit{code: ExitDifferences, reason: "changes"}
	case len(fresh.Steps) == 0:
		return &exit{code: ExitOK, reason: "no_changes"}
	}
	return nil
}

// breached repeats the guards at the very end, with the flags to type.
func breached(fresh *plan.Plan) *exit {
	guards := fresh.Breached()
	text := "a guard stops this plan"
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
	return checkout.SaveFile("plan", name, func(w io.Writer) error { return planfile.Write(w, p) })
}
