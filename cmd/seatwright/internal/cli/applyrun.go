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
	head, err := run.Close(ctx, fresh, report, end.reason)
	end = end.withJournal(c.run, head)
	if err != nil {
		end = withoutJournal(end, err, report.Written)
	}
	reported := &view.RunReport{Report: report, Plan: fresh.Plan, NotNeeded: fresh.NotNeeded, NotApproved: fresh.NotApproved,
		Run: c.run, Head: head, ExitReason: end.reason, ExitCode: int(end.code)}
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

// showStopped shows a plan that a guard stops, in the format that was asked for, and
// returns how it ends the program.
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
		reported := &view.RunReport{Report: &apply.Report{}, Plan: p, ExitReason: "guard", ExitCode: int(ExitGuard)}
		return errors.Join(view.ShowReport(c.program.Out, reported, args.show), end)
	}
	return end
}

// writeReport writes the report to the file that was asked for. The run is over by then:
// a report that cannot be written is a warning.
func writeReport(c *call, args applyArgs, show func(io.Writer) error) {
	if args.report == "" {
		return
	}
	if err := checkout.SaveFile("report", args.report, show); err != nil {
		c.warn("%s", err)
	}
}

// withoutJournal returns how a run ends whose journal could not be closed. An error from
// before goes first.
func withoutJournal(end exit, err error, written int) exit {
	if end.code != ExitOK {
		end.err = errors.Join(end.err, err)
		return end
	}
	end.code, end.err, end.reason = ExitError, err, "journal"
	if written > 0 {
		end.code = ExitSteps
	}
	return end
}

// applyExit returns how a run ends the program. After the first write trouble is 8 or
// a signal's own code; before it the trouble has its own.
func applyExit(r *apply.Report, p *plan.Plan, detailed, stuck bool) error {
	const again = "run again: what has been done is seen and not repeated"
	if early, ok := errors.AsType[*apply.EarlyError](r.Stopped); ok {
		return &exit{code: ExitEarly, reason: early.Reason, err: fmt.Errorf("%w: %s", early, view.ReportSummary(r)), hint: early.Hint()}
	}
	if lost, ok := errors.AsType[*journal.LostError](r.Stopped); ok && r.Written > 0 {
		return &exit{code: ExitEarly, reason: "lock_lost", err: lost, hint: again}
	}
	if interrupted, ok := errors.AsType[*Interrupted](r.Stopped); ok {
		hint := again
		if r.Written == 0 {
			hint = "nothing was written; run again"
		}
		return &exit{code: interrupted.Code(), reason: "interrupted", err: interrupted, hint: hint}
	}
	switch session.Judge(r, p, detailed, stuck) {
	case session.Stopped:
		return r.Stopped
	case session.StepsFailed:
		return &exit{code: ExitSteps, reason: "steps_failed", err: fmt.Errorf("some steps failed: %s", view.ReportSummary(r)), hint: again}
	case session.GuardHeld:
		return &exit{code: ExitDifferences, reason: "guard_held"}
	case session.NothingPossible:
		return &exit{code: ExitDifferences, reason: "nothing_possible"}
	case session.DifferencesLeft:
		return &exit{code: ExitDifferences, reason: "differences_remain"}
	case session.NothingToDo:
		return &exit{code: ExitOK, reason: "no_changes"}
	case session.Done:
	}
	return nil
}
