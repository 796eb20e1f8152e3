package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
)

// carryOut applies the plan, on record, and tells what became of it.
func (j *job) carryOut(ctx context.Context, args applyArgs, fresh, approved *plan.Plan, stuck bool) error {
	executor, err := j.executor(ctx, args, fresh)
	if err != nil {
		return err
	}
	record, err := j.begin(fresh, approved)
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
	switch {
	case args.format == "json":
		return errors.Join(view.ReportJSON(j.Out, report, end.reason), &end)
	case len(fresh.Steps) == 0:
		return &end
	}
	return errors.Join(view.Report(j.Out, report), &end)
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
		Reader: j.backend.reader, Writer: writer, Catalog: j.catalog, Snapshot: j.snapshot, Held: j.held.Renew,
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
