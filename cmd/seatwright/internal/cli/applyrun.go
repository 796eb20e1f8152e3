package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/planfile"
)

// carryOut applies the plan, on record, and tells what became of it.
func (j *job) carryOut(ctx context.Context, args applyArgs, run *view.RunReport, approved *plan.Plan, stuck bool) error {
	fresh := run.Plan
	executor, err := j.executor(ctx, args, fresh)
	if err != nil {
		return err
	}
	record, err := j.begin(ctx, fresh, approved)
	if err != nil {
		return err
	}
	report := &apply.Report{}
	if len(fresh.Steps) > 0 {
		report = j.execute(ctx, args, executor, record, fresh)
	}
	end := *classify(applyExit(report, fresh, args.detailedExitCode, stuck))
	if err := j.finish(ctx, record, fresh, approved, report, !args.words.None(), &end); err != nil {
		end = unkept(end, err, report.Written)
	}
	run.Report, run.Run, run.Head, run.ExitReason, run.ExitCode = report, j.run, end.head, end.reason, int(end.code)
	j.keepReport(args, func(w io.Writer) error { return view.ShowReport(w, run, args.reportAs) })
	return errors.Join(view.ShowReport(j.Out, run, args.show), &end)
}

// stopped tells of a plan that a guard stops, in the form that was asked for.
func (j *job) stopped(args applyArgs, p *plan.Plan) error {
	end := breached(p)
	if err := planfile.Seal(p); err != nil {
		return errors.Join(err, end)
	}
	j.keepReport(args, func(w io.Writer) error { return view.ShowPlan(w, p, args.reportAs) })
	switch args.show.Format {
	case view.FormatMarkdown:
		return errors.Join(view.ShowPlan(j.Out, p, args.show), end)
	case view.FormatGitHubOutput, view.FormatAzureOutput:
		told := &view.RunReport{Report: &apply.Report{}, Plan: p, ExitReason: "guard", ExitCode: int(ExitGuard)}
		return errors.Join(view.ShowReport(j.Out, told, args.show), end)
	}
	return end
}

// keepReport writes the report where that is asked for. The run is over by then, and
// ends as it ends.
func (j *job) keepReport(args applyArgs, show func(io.Writer) error) {
	if args.report == "" {
		return
	}
	if err := saveFile("report", args.report, show); err != nil {
		_ = view.Warning(j.Err, "%s", err)
	}
}

// unkept is how a run ends whose journal could not be closed. What went wrong before
// goes first.
func unkept(end exit, err error, written int) exit {
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

// executor signs in to write, where there is something to write.
func (j *job) executor(ctx context.Context, args applyArgs, fresh *plan.Plan) (*apply.Executor, error) {
	if len(fresh.Steps) == 0 {
		return nil, nil //nolint:nilnil // nothing is to be executed
	}
	client, err := j.backend.writing(args.rate)
	if err != nil {
		return nil, err
	}
	if err := j.permitted(ctx, client, fresh); err != nil {
		return nil, err
	}
	writer, err := client.Writer()
	if err != nil {
		return nil, err
	}
	return &apply.Executor{
		Reader: j.backend.reader, Writer: writer, Catalog: j.catalog, Snapshot: j.snapshot, CheckLock: j.held.Renew,
		Earlier: j.recentWrites(), MaxErrors: args.maxErrors, Canary: args.canary, Now: j.running(),
	}, nil
}

// execute carries the steps out, within the deadline.
func (j *job) execute(ctx context.Context, args applyArgs, executor *apply.Executor, record *journal.Writer, fresh *plan.Plan) *apply.Report {
	if args.deadline > 0 {
		why := &apply.EarlyError{Reason: "deadline", Why: fmt.Sprintf("the deadline of %s has come", args.deadline)}
		within, cancel := context.WithTimeoutCause(ctx, args.deadline, why)
		defer cancel()
		ctx = within
	}
	progress := view.NewProgress(j.Err, j.ErrTerminal, j.Now, "applying", len(fresh.Steps))
	defer progress.Close()
	executor.Journal, executor.Progress = record, func(apply.Outcome) { progress.Step() }
	return executor.Run(ctx, fresh)
}

// applyExit says how a run ends the program. After the first write trouble is 8 or
// a signal's own code; before it the trouble has its own.
func applyExit(r *apply.Report, p *plan.Plan, detailed, stuck bool) error {
	left := len(p.Outcomes.Blocked) + len(p.Outcomes.Waiting) + len(p.Outcomes.Held) + p.Outcomes.Filtered
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
	switch {
	case r.Stopped != nil && r.Written == 0:
		return r.Stopped
	case r.Err() != nil:
		return &exit{code: ExitSteps, reason: "steps_failed", err: fmt.Errorf("some steps failed: %s", view.ReportSummary(r)), hint: again}
	case len(p.Outcomes.Held) > 0:
		return &exit{code: ExitDifferences, reason: "guard_held"}
	case len(p.Steps) == 0 && stuck:
		return &exit{code: ExitDifferences, reason: "nothing_possible"}
	case detailed && left > 0:
		return &exit{code: ExitDifferences, reason: "differences_remain"}
	case len(p.Steps) == 0:
		return &exit{code: ExitOK, reason: "no_changes"}
	}
	return nil
}
