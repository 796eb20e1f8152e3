package cli

import (
	"context"
	"errors"
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
		Short: "Show the changes that the policies ask for; changes nothing",
		Long: `Plan reads the policies and the tenant, and prints the steps between them. Removals come first, then replacements,
additions, changes of service plans, and usage locations. Each step shows its policy, line and row. Plan changes nothing.
With -o it writes the plan to a file, which ` + "`seatwright apply`" + ` can be limited to.

With --base origin/main it also plans the policies of the commit where this branch left main, from the same read of the
tenant. The plan marks what would be done without the change. With --settings-from origin/main it reads the settings from
there, so that the limits of main apply to a pull request.

With the flags of one policy, such as --csv and --replace, it plans that policy instead of those in the settings. Guards
apply. The policy is printed to stderr as YAML.`,
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
	cmd.Flags().StringVarP(&args.out, "out", "o", "", "write the plan to this `FILE`")
	cmd.Flags().StringVar(&args.snapshot, "snapshot", "", "plan from this `FILE` of seatwright snapshot instead of the tenant; needs no network")
	cmd.Flags().StringVar(&args.base, "base", "", "mark what this change of policies does: also plan the policies of the commit where HEAD left this git `REVISION`")
	cmd.Flags().BoolVar(&args.detailedExitCode, "detailed-exitcode", false, "exit with 2 if there are steps; with --base, if this change adds or cancels steps")
	return cmd
}

// viewing calls do with a tenant, and redacts what is shown if the view asks for that.
func viewing(ctx context.Context, p Program, g globals, flags viewFlags, do func(*call, view.PlanOptions) error) error {
	show, err := flags.options(g.dir)
	if err != nil {
		return err
	}
	return showing(ctx, p, g, show, func(c *call) error { return do(c, show) })
}

// showing calls do with a tenant. If the view is redacted, so are warnings and errors:
// readers of the view see the log beside it.
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

// loadToCompare loads the policies, and those of the base if there is one.
func loadToCompare(ctx context.Context, c *call, args planArgs) (*session.Loaded, error) {
	if args.base == "" {
		return c.project.Load(args.words)
	}
	if !args.words.None() {
		return nil, usage("remove one of them", "--base compares policies in git, and the flags of one policy are not in git")
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

// resolve finds the users that the policies select. It reads the tenant unless the source
// already has a file or a tenant.
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

// writePlan shows a plan, writes it to the file of --out, and returns how that ends the
// program.
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
		return ends(reasonChanges, nil, "")
	case len(fresh.Steps) == 0:
		return ends(reasonNoChanges, nil, "")
	}
	return nil
}

// breached returns the end of the program for a plan that guards stop. It repeats the guards,
// with the flags that allow the plan.
func breached(fresh *plan.Plan) *exit {
	guards := fresh.Breached()
	text := "a guard stops this plan"
	for _, g := range guards {
		text += "\n  " + view.GuardLine(g)
		for _, opener := range view.GuardOpeners(g, fresh) {
			text += "\n      " + opener
		}
	}
	return ends(reasonGuard, errors.New(text), "")
}

// savePlan writes the plan file.
func savePlan(name string, p *plan.Plan) error {
	return checkout.SaveFile("plan", name, func(w io.Writer) error { return planfile.Write(w, p) })
}
