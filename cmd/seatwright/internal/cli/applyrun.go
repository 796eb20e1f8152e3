package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/plan/session"
)

// carryOut applies the plan, on record, and reports the result.
func (l *lockedTenant) carryOut(ctx context.Context, args applyArgs, resolved *session.Resolved, fresh *session.Fresh) error {
	c := l.call
	run, report, err := l.execute(ctx, args, resolved, fresh.Plan, fresh.Approval.Plan)
	if err != nil {
		return err
	}
	end := *classify(applyExit(report, fresh.Plan, args.detailedExitCode, resolved.Stuck(fresh)))
	head, err := run.Close(ctx, fresh, report, string(end.reason))
	end = end.withJournal(c.run, head)
	if err != nil {
		end = withoutJournal(end, err, report.Written)
	}
	reported := &view.RunReport{Report: report, Plan: fresh.Plan, NotNeeded: fresh.NotNeeded, NotApproved: fresh.NotApproved,
		Run: c.run, Head: head, ExitReason: string(end.reason), ExitCode: int(end.code)}
	writeReport(c, args, func(w io.Writer) error { return view.ShowReport(w, reported, args.reportAs) })
	return errors.Join(view.ShowReport(c.program.Out, reported, args.show), &end)
}

// execute signs in to write, begins the run and carries the steps out.
func (l *lockedTenant) execute(ctx context.Context, args applyArgs, resolved *session.Resolved, fresh, approved *plan.Plan) (*session.Run, *apply.Report, error) {
	how := session.Execution{Reader: l.reading.client, Deadline: args.deadline, MaxErrors: args.maxErrors, Canary: args.canary}
	var err error
	if how.Writer, err = l.writer(ctx, args.planOptions.Rate, fresh); err != nil {
		return nil, nil, err
	}
	run, err := resolved.Begin(ctx, l.parts(), fresh, approved)
	if err != nil {
		return nil, nil, err
	}
	if len(fresh.Steps) > 0 {
		progress := l.call.progress("applying", len(fresh.Steps))
		defer progress.Close()
		how.Progress = func(apply.Outcome) { progress.Step() }
	}
	return run, run.Execute(ctx, how), nil
}

// showStopped shows a plan that a guard stops, in the format of the call, and returns how
// that ends the program.
func showStopped(c *call, args applyArgs, p *plan.Plan) error {
	end := c.program.stopped(p, args.show)
	if err := planfile.Seal(p); err != nil {
		return errors.Join(err, end)
	}
	writeReport(c, args, func(w io.Writer) error { return view.ShowPlan(w, p, args.reportAs) })
	switch args.show.Format {
	case view.FormatMarkdown:
		return errors.Join(view.ShowPlan(c.program.Out, p, args.show), end)
	case view.FormatGitHubOutput, view.FormatAzureOutput:
		reported := &view.RunReport{Report: &apply.Report{}, Plan: p, ExitReason: string(reasonGuard), ExitCode: int(ExitGuard)}
		return errors.Join(view.ShowReport(c.program.Out, reported, args.show), end)
	}
	return end
}

// writeReport writes the report to the file of --report. The run is over by then, so a
// report that cannot be written is a warning.
func writeReport(c *call, args applyArgs, show func(io.Writer) error) {
	if args.report == "" {
		return
	}
	if err := checkout.SaveFile("report", args.report, show); err != nil {
		c.warn("%s", err)
	}
}

// withoutJournal returns how a run ends if its journal could not be closed. An earlier error
// goes first.
func withoutJournal(end exit, err error, written int) exit {
	if end.code != ExitOK {
		end.err = errors.Join(end.err, err)
		return end
	}
	failed := ends(reasonJournal, err, end.hint)
	failed.journal = end.journal
	if written > 0 {
		failed = failed.as(ExitSteps)
	}
	return *failed
}

// applyExit returns how a run ends the program. After the first write an error has the code
// 8 or that of a signal; before it, it has its own.
func applyExit(r *apply.Report, p *plan.Plan, detailed, stuck bool) error {
	const again = "run again: steps that are done are not repeated"
	if early, ok := errors.AsType[*apply.EarlyError](r.Stopped); ok {
		return ends(exitReason(early.Reason), fmt.Errorf("%w: %s", early, view.ReportSummary(r)), early.Hint())
	}
	if lost, ok := errors.AsType[*journal.LostError](r.Stopped); ok && r.Written > 0 {
		return ends(reasonLockLost, lost, again).as(ExitEarly)
	}
	if interrupted, ok := errors.AsType[*Interrupted](r.Stopped); ok {
		hint := again
		if r.Written == 0 {
			hint = "nothing was written; run again"
		}
		return ends(reasonInterrupted, interrupted, hint).as(interrupted.Code())
	}
	switch session.Judge(r, p, detailed, stuck) {
	case session.Stopped:
		return r.Stopped
	case session.StepsFailed:
		return ends(reasonStepsFailed, fmt.Errorf("some steps failed: %s", view.ReportSummary(r)), again)
	case session.GuardHeld:
		return ends(reasonGuardHeld, nil, "")
	case session.NothingPossible:
		return ends(reasonNothingPossible, nil, "")
	case session.DifferencesLeft:
		return ends(reasonDifferences, nil, "")
	case session.NothingToDo:
		return ends(reasonNoChanges, nil, "")
	case session.Done:
	}
	return nil
}
