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
	correct string // "": only look
}

func driftCommand(p Program, g *globals) *cobra.Command {
	var args driftArgs
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Show what has changed in the tenant since the last run, and who changed it; corrects it where that is asked for",
		Long: `Drift compares the tenant with the policies of the last run that ended well. What they want changed
today is drift: the tenant moved, or people moved into sources and out of them. What only the
policies at hand want is pending, for seatwright apply. The audit log of the tenant says who changed
what, and when; it needs AuditLog.Read.All, and drift goes on without it.

It exits with 2 if there is anything new: what is pending, what the last run left undone too, and what
stands in accept.yaml is listed and is no news. With --correct it carries drift out and nothing else,
by the policies of the last run and those at hand alike, within the guards of apply and one of its
own, corrections; additive takes nothing from anybody. What runs and somebody else turn round again
and again is reported as a fight, and left alone; so is what an undo has taken back.

` + exitMeanings,
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
	flags.StringVar(&a.correct, "correct", "", "carry drift out: additive (what takes nothing) or all")
	flags.BoolVar(&a.autoApprove, "auto-approve", false, "with --correct: do not ask")
	flags.BoolVar(&a.planOptions.Hold, "hold", false, "with --correct: where a guard of class hold is breached, hold what takes something and go on with the rest")
	flags.StringArrayVar(&a.planOptions.Allow, "allow", nil, "with --correct: lift a guard's limit: GUARD[:SKU|POLICY]=N; may be repeated")
	flags.IntVar(&a.planOptions.Rate, "rate", graph.DefaultRate, "with --correct: percent of the documented quota of writes (3,000 in 150 s) to use")
	flags.DurationVar(&a.deadline, "deadline", 0, "with --correct: send nothing more after so long, as in 30m; exit 9")
	flags.DurationVar(&a.lockTimeout, "lock-timeout", 0, "with --correct: wait so long for another run to end; exit 7 after it")
	flags.IntVar(&a.maxErrors, "max-errors", 0, "with --correct: stop after so many failed steps; exit 9")
}

// asks reports whether a user can be asked about a view: it is text, with all names.
func asks(show view.PlanOptions) bool {
	return show.Format == view.FormatText && show.Redact == view.RedactNone
}

// checkCorrection refuses flags that make no sense together. The format is checked with
// the other flags of the view.
func (a driftArgs) checkCorrection(terminal bool) error {
	switch drift.Correction(a.correct) {
	case "":
		if a.autoApprove || a.planOptions.Hold || len(a.planOptions.Allow) > 0 || a.deadline != 0 || a.lockTimeout != 0 || a.maxErrors != 0 {
			return usage("give --correct additive or --correct all, or leave them out", "drift only looks without --correct: there is nothing to approve, to hold or to stop")
		}
		return nil
	case drift.Additive, drift.All:
	default:
		return usage("", "--correct is %q, want additive or all", a.correct)
	}
	if !a.autoApprove && !terminal {
		return usage("give --auto-approve to go within the guards", "nobody sits at a terminal to approve corrections")
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

// findDrift reads everything and makes the report.
func findDrift(ctx context.Context, loaded *session.Loaded, from session.Source, args driftArgs, accepted []policies.Acceptance) (*session.Drift, *session.Resolved, error) {
	resolved, err := loaded.ReadTwice(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	found, err := resolved.Drift(ctx, args.planOptions, accepted)
	return found, resolved.Now(), err
}

// showDriftReport shows the report with the way in which the program ends.
func showDriftReport(c *call, r *drift.Report, show view.PlanOptions, end error) error {
	r.ExitReason = classify(end).reason
	return errors.Join(view.ShowDrift(c.program.Out, r, show), end)
}

// driftExit returns how a report that was shown ends the program.
func driftExit(r *drift.Report) error {
	if r.AttentionCount() > 0 {
		return &exit{code: ExitDifferences, reason: "drift"}
	}
	return &exit{code: ExitOK, reason: "no_drift"}
}
