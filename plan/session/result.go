package session

import (
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/state"
)

// Result is how a run ended.
type Result int

// The results of runs.
const (
	Done            Result = iota
	Stopped                // before the first write, by the error of the report
	StepsFailed            // some steps failed, or were not sent after the first write
	GuardHeld              // a guard held steps back
	NothingPossible        // without steps, although something is wanted
	DifferencesLeft        // something is blocked, waiting, held or filtered out
	NothingToDo            // without steps, and nothing is wanted
)

// Judge returns how a run ended. What is left counts only if that is asked for; stuck is
// what [Resolved.Stuck] reports.
func Judge(report *apply.Report, p *plan.Plan, countLeft, stuck bool) Result {
	left := len(p.Outcomes.Blocked) + len(p.Outcomes.Waiting) + len(p.Outcomes.Held) + p.Outcomes.Filtered
	switch {
	case report.Stopped != nil && report.Written == 0:
		return Stopped
	case report.Err() != nil:
		return StepsFailed
	case len(p.Outcomes.Held) > 0:
		return GuardHeld
	case len(p.Steps) == 0 && stuck:
		return NothingPossible
	case countLeft && left > 0:
		return DifferencesLeft
	case len(p.Steps) == 0:
		return NothingToDo
	}
	return Done
}

// successful reports whether all that was wanted, and could be done, was done. Only then
// is the run what the next one compares with: otherwise a source that shrank without
// approval would become the baseline.
func successful(p *plan.Plan, report *apply.Report) bool {
	return report.Stopped == nil && report.Err() == nil && len(p.Outcomes.Held) == 0 && p.Outcomes.Filtered == 0 && p.Complete && p.Undo == nil
}

// nothingLeft reports whether all steps of an approved plan are done.
func nothingLeft(approved *plan.Plan, report *apply.Report, before *state.Snapshot) bool {
	done := map[string]bool{}
	for _, o := range report.Outcomes {
		done[o.Step.ID] = !o.Result.Failure()
	}
	for _, step := range approved.Steps {
		user, found := before.Find(step.User.ID)
		if found && !done[step.ID] && !step.Done(step.Live(user)) {
			return false
		}
	}
	return true
}

// leftUndone returns the keys of what the policies still want after a run, and no step
// can do.
func (r *Resolved) leftUndone(report *apply.Report) []string {
	o := r.read.observed
	in := plan.Input{Set: r.set, Matches: r.matches, Snapshot: o.Snapshot, Catalog: o.Catalog, Now: r.read.now(), Baseline: r.baselineNow()}
	var done []plan.Step
	for _, outcome := range report.Outcomes {
		if !outcome.Result.Failure() {
			done = append(done, outcome.Step)
		}
	}
	return drift.LeftUndone(in, done)
}

// baselineNow returns the users that the policies select now, for the record of a run.
func (r *Resolved) baselineNow() *plan.Baseline {
	return plan.NewBaseline("", r.set, r.matches, r.read.observed.Snapshot)
}
