package session

import (
	"context"
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/plan/planfile"
)

// Corrections makes the plan that corrects drift and does nothing else. It is an error if
// drift is not known, or if a guard stops the plan.
func (d *Drift) Corrections(how drift.Correction, o Options) (*plan.Plan, error) {
	last, known := d.from.last.input(d.head)
	if !known {
		return nil, usage(d.from.last.fix, "nothing can be corrected, because drift and pending changes cannot be distinguished: %s", d.from.last.why)
	}
	head := d.head
	head.Hold, head.Rate = o.Hold, writeRate(o.Rate)
	fresh := drift.Correct(head, last, d.Report.LeftAlone(how))
	if err := planfile.Seal(fresh); err != nil {
		return nil, err
	}
	if len(fresh.Breached()) > 0 {
		return nil, &BreachedError{fresh}
	}
	return fresh, nil
}

// Settle marks in the report what became of the steps that corrected it.
func (d *Drift) Settle(report *apply.Report) {
	var done []drift.StepResult
	for _, o := range report.Outcomes {
		done = append(done, drift.StepResult{Step: o.Step, Result: string(o.Result), Well: o.Result == apply.Confirmed || o.Result == apply.Unchanged})
	}
	d.Report.RecordResults(done)
}

// CloseCorrections closes the journal of a run that corrected drift. If no drift is left,
// the tenant is as the last run left it: the record of that run is renewed, with its
// policies and not those at hand, which are still to be applied, and with what it left
// undone. If the policies at hand want nothing more either, they have been applied, by a
// plan file perhaps, and from now on drift is what differs from them.
func (r *Run) CloseCorrections(ctx context.Context, d *Drift, report *apply.Report, reason string) (head string, err error) {
	head, err = r.closeJournal(report, false, reason)
	if err != nil || report.Stopped != nil || report.Err() != nil || !d.Report.Complete || !d.Report.IsDriftFree() {
		return head, err
	}
	last := d.from.last
	record, then := *last.record, &Resolved{read: r.resolved.read, set: last.set, matches: last.matches}
	if d.Report.IsApplied() {
		record, then = r.record(ctx), r.resolved
		record.Left = append(d.Report.StuckKeys(), last.record.Left...)
	}
	record.Run, record.At, record.Sources = r.id, r.resolved.read.now(), nil
	record.Left = slices.Clone(record.Left)
	for _, key := range then.leftUndone(report) {
		if !d.Report.Has(key) { // this run caused it; what was there before and is new stays new
			record.Left = append(record.Left, key)
		}
	}
	return head, r.store.WriteRecord(context.WithoutCancel(ctx), record, then.baselineNow())
}
