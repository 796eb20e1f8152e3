package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/plan/planfile"
)

// correctDrift carries out what drifted, and nothing else, on record and within the
// guards. The report is shown before it where somebody is asked, and after it elsewhere.
func (j *job) correctDrift(ctx context.Context, args driftArgs, show view.PlanOptions, d *found) error {
	fresh, err := j.corrections(args, d)
	if err != nil {
		return j.showDrift(d.report, show, err)
	}
	whole := asks(show)
	if whole {
		shown := errors.Join(view.ShowDrift(j.Out, d.report, show), view.Remark(j.Out, ""), view.Plan(j.Out, fresh))
		if shown != nil {
			return shown
		}
		if err := j.confirm(ctx, args.applyArgs, fresh); err != nil {
			return err
		}
	}
	report, end, err := j.carryOutCorrections(ctx, args, d, fresh)
	if err != nil {
		return err
	}
	switch {
	case !whole:
		return j.showDrift(d.report, show, end)
	case len(fresh.Steps) == 0:
		return end
	}
	return errors.Join(view.Report(j.Out, report), end)
}

// corrections makes the plan, and refuses to where nobody knows what drifted.
func (j *job) corrections(args driftArgs, d *found) (*plan.Plan, error) {
	last, known := d.last.input(d.head)
	if !known {
		return nil, usage(d.last.hint, "nothing can be corrected, since drift cannot be told from what is pending: %s", d.last.why)
	}
	head := d.head
	head.Hold, head.Rate = args.hold, float64(args.rate)/100*plan.QuotaRate
	fresh := drift.Correct(head, last, d.report.LeftAlone(drift.Correction(args.correct)))
	if err := planfile.Seal(fresh); err != nil {
		return nil, err
	}
	if len(fresh.Breached()) > 0 {
		return nil, breached(fresh)
	}
	return fresh, nil
}

// carryOutCorrections does what carryOut does for a plan of its own.
func (j *job) carryOutCorrections(ctx context.Context, args driftArgs, d *found, fresh *plan.Plan) (*apply.Report, *exit, error) {
	executor, err := j.executor(ctx, args.applyArgs, fresh)
	if err != nil {
		return nil, nil, err
	}
	w, err := j.begin(ctx, fresh, nil)
	if err != nil {
		return nil, nil, err
	}
	report := &apply.Report{}
	if len(fresh.Steps) > 0 {
		report = j.execute(ctx, args.applyArgs, executor, w, fresh)
	}
	var done []drift.StepResult
	for _, o := range report.Outcomes {
		done = append(done, drift.StepResult{Step: o.Step, Result: string(o.Result), Well: o.Result == apply.Confirmed || o.Result == apply.Unchanged})
	}
	d.report.RecordResults(done)
	end := *classify(applyExit(report, fresh, false, false))
	if end.code == ExitOK {
		end = *classify(driftExit(d.report))
	}
	if err := j.closeCorrections(ctx, w, d, report, &end); err != nil {
		end = unkept(end, err, report.Written)
	}
	return report, &end, nil
}

// closeCorrections closes the journal. If no drift is left, the tenant is as the last run
// left it: the record of that is renewed, with its policies and not those at hand, which
// are still to be applied, and with what it left undone. Where they want nothing more
// either, they have been applied, by a plan file perhaps, and from now on it is by them
// that something drifts.
func (j *job) closeCorrections(ctx context.Context, w *journal.Writer, d *found, report *apply.Report, end *exit) error {
	if err := j.endJournal(w, report, false, end); err != nil {
		return err
	}
	if report.Stopped != nil || report.Err() != nil || !d.report.Complete || !d.report.IsDriftFree() {
		return nil
	}
	record, set, matches := *d.last.record, d.last.set, d.last.matches
	if d.report.IsApplied() {
		record, set, matches = j.record(ctx), j.set, j.matches
		record.Left = append(d.report.StuckKeys(), d.last.record.Left...)
	}
	record.Run, record.At, record.Sources = j.run, j.Now(), nil
	record.Left = slices.Clone(record.Left)
	for _, key := range j.leftUndone(set, matches, report) {
		if !d.report.Has(key) { // this run made it so; what was there before and is news stays news
			record.Left = append(record.Left, key)
		}
	}
	return j.past.store.WriteRecord(context.WithoutCancel(ctx), record, plan.NewBaseline("", set, matches, j.snapshot))
}
