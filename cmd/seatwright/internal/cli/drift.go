package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state/graph"
)

// driftArgs are the arguments of seatwright drift.
type driftArgs struct {
	applyArgs
	viewFlags
	correct string // "": nothing is corrected
}

func driftCommand(p Program, g *globals) *cobra.Command {
	var args driftArgs
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Show what changed since the last run, and who changed it",
		Long: `Drift compares the tenant with the policies of the last successful run. What they would change today is drift:
the tenant changed, or users entered or left what policies select by. What only today's policies want is pending; use
` + "`seatwright apply`" + ` for that. The audit log of the tenant shows who made a change and when. It needs AuditLog.Read.All, and
drift works without it.

It exits with 2 if there is something new. Not counted as drift: pending changes, assignments already blocked or waiting
after the last run, entries in accept.yaml. They are listed.

With --correct it corrects drift and does nothing else. It only makes changes that the policies of the last run and
today's policies both want. The guards of apply and the guard ` + "`corrections`" + ` apply. With ` + "`additive`" + ` no user loses
anything. It does not correct flapping: changes that runs and another writer keep reversing. Nor does it repeat what an
undo took back.`,
		Example: "  seatwright drift\n  seatwright drift --format markdown --budget github-comment\n  seatwright drift --correct additive --auto-approve",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			show, err := args.viewFlags.check(g.dir)
			if err == nil {
				err = args.checkCorrection(p.InTerminal && p.OutTerminal && p.ErrTerminal && asks(show))
			}
			if err != nil {
				return err
			}
			return showing(cmd.Context(), p, *g, show, func(c *call) error { return showDrift(cmd.Context(), c, args, show) })
		},
	}
	args.addDrift(cmd)
	return cmd
}

func (a *driftArgs) addDrift(cmd *cobra.Command) {
	a.add(cmd, view.DriftFormats())
	flags := cmd.Flags()
	flags.StringVar(&a.correct, "correct", "", "correct `WHAT` drifted: additive (no user loses anything) or all")
	flags.BoolVar(&a.autoApprove, "auto-approve", false, "do not ask")
	flags.BoolVar(&a.planOptions.Hold, "hold", false, "if a guard that can hold steps is exceeded, leave out removals and continue with the rest")
	flags.StringArrayVar(&a.planOptions.Allow, "allow", nil, "override a `GUARD`, as GUARD[:SKU|POLICY]=N; repeatable")
	flags.IntVar(&a.planOptions.Rate, "rate", graph.DefaultRate, "`PERCENT` to use of the documented quota of writes (3,000 in 150 s)")
	flags.DurationVar(&a.deadline, "deadline", 0, "start no more steps after this `TIME`, such as 30m; exit with 9")
	flags.DurationVar(&a.lockTimeout, "lock-timeout", 0, "wait this `TIME` for another run to end, then exit with 7")
	flags.IntVar(&a.maxErrors, "max-errors", 0, "stop after this `NUMBER` of failed steps; exit with 9")
	group(flags, "Flags for --correct", "auto-approve", "hold", "allow", "rate", "deadline", "lock-timeout", "max-errors")
}

// asks reports whether a user can approve what a view shows: it is text, with all names.
func asks(show view.PlanOptions) bool {
	return show.Format == view.FormatText && show.Redact == view.RedactNone
}

// checkCorrection refuses flags that contradict each other. The format is checked with the
// other flags of the view.
func (a driftArgs) checkCorrection(terminal bool) error {
	switch drift.Correction(a.correct) {
	case "":
		if a.autoApprove || a.planOptions.Hold || len(a.planOptions.Allow) > 0 || a.deadline != 0 || a.lockTimeout != 0 || a.maxErrors != 0 {
			return usage("add --correct additive or --correct all, or remove these flags", "--auto-approve, --hold, --allow, --deadline, --lock-timeout and --max-errors need --correct")
		}
		return nil
	case drift.Additive, drift.All:
	default:
		return usage("give additive or all", "--correct is %q", a.correct)
	}
	if !a.autoApprove && !terminal {
		return usage("add --auto-approve: guards still apply", "approval of corrections needs a terminal with --format text, and there is none")
	}
	run := a.applyArgs
	run.format, run.autoApprove = "text", true
	return run.check(terminal)
}

func showDrift(ctx context.Context, c *call, args driftArgs, show view.PlanOptions) error {
	if args.correct != "" {
		return correctDrift(ctx, c, args, show)
	}
	archive, err := c.archive(ctx, "")
	if err != nil {
		return err
	}
	accepted, err := c.project.Accepted()
	if err != nil {
		return err
	}
	loaded, err := c.project.Load(policies.PolicyWords{})
	if err != nil {
		return err
	}
	tenant, err := c.connect(ctx)
	if err != nil {
		return err
	}
	found, _, err := findDrift(ctx, loaded, session.Source{Tenant: tenant, Archive: archive}, args, accepted)
	if err != nil {
		return err
	}
	return showDriftReport(c, found.Report, show, driftExit(found.Report))
}

// findDrift reads the tenant and makes the report.
func findDrift(ctx context.Context, loaded *session.Loaded, from session.Source, args driftArgs, accepted []policies.Acceptance) (*session.Drift, *session.Resolved, error) {
	resolved, err := loaded.ReadTwice(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	found, err := resolved.Drift(ctx, args.planOptions, accepted)
	return found, resolved.Now(), err
}

// showDriftReport shows the report, with how the program ends.
func showDriftReport(c *call, r *drift.Report, show view.PlanOptions, end error) error {
	r.ExitReason = string(classify(end).reason)
	return errors.Join(view.ShowDrift(c.program.Out, r, show), end)
}

// driftExit returns how a report that was shown ends the program.
func driftExit(r *drift.Report) error {
	if r.AttentionCount() > 0 {
		return ends(reasonDrift, nil, "")
	}
	return ends(reasonNoDrift, nil, "")
}
