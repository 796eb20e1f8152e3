package apply

import (
	"context"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// look reads back the users of steps that were sent.
func (r *run) look(ctx context.Context, batch []int) batchResult {
	res := batchResult{batch: batch, looked: true, checks: make([]stepCheck, len(batch))}
	steps := make([]plan.Step, len(batch))
	for n, i := range batch {
		steps[n] = r.steps[i]
	}
	users, err := readUsers(ctx, r.Reader, steps)
	if err != nil {
		res.err = err
		return res
	}
	for n, step := range steps {
		res.checks[n] = r.checkEffect(step, users)
	}
	return res
}

// checkEffect returns the outcome of the step if its effect can be read.
func (e *Executor) checkEffect(step plan.Step, users *state.Snapshot) stepCheck {
	user, found := users.Find(step.User.ID)
	switch {
	case !found && users.Complete:
		return stepCheck{outcome: goneOutcome()}
	case !found || isInconsistent(step, user):
		return stepCheck{}
	case step.Done(step.Live(user)):
		return stepCheck{outcome: Outcome{Result: Confirmed}}
	}
	off, done := step.DoneBut(step.Live(user))
	if !done {
		return stepCheck{}
	}
	names := make([]string, len(off))
	for n, plan := range off {
		names[n] = e.Catalog.PlanName(plan)
	}
	return stepCheck{partial: &Outcome{Result: Confirmed, Detail: "the service also switched off service plans that depend on others that are off: " + strings.Join(names, ", ")}}
}

// handleLook handles what was read back.
func (r *run) handleLook(ctx context.Context, res batchResult) {
	for n, i := range res.batch {
		t, v := &r.tracks[i], res.checks[n]
		t.looks++
		t.lookErr = res.err
		early := t.looks <= len(usualWaits)
		switch {
		case v.outcome.Result == Confirmed && t.refused && t.sends == 0: // not by this run
			r.settle(i, Outcome{Result: Unchanged, Detail: "another writer made the same change meanwhile"})
		case v.outcome.Result != "":
			r.settle(i, v.outcome)
		case early:
			r.lookAgain(i)
		case t.refused:
			r.settle(i, Outcome{Result: Conflict, Reason: state.ReasonOf(t.err), Detail: t.err.Error(), Hint: hint(t.err)})
		case v.partial != nil && t.err == nil: // after enough time, so that it is not a read that lags
			r.settle(i, *v.partial)
		case t.lookErr != nil || t.sends > 1 || r.stopReason(ctx) != nil:
			r.settleUnknown(i)
		case r.now().Before(t.since.Add(Horizon)): // also if the user cannot be read, where an attempt would give up
			r.lookAgain(i)
		default: // it cannot lag any more: written once more if the user is still as the step expects
			t.sent, t.due = false, r.now()
			r.later = append(r.later, i)
		}
	}
}

func (r *run) lookAgain(i int) {
	t := &r.tracks[i]
	t.due = r.now().Add(pauseAfter(t.looks - 1))
	if end := t.since.Add(Horizon); t.due.After(end) {
		t.due = end
	}
	r.later = append(r.later, i)
}

// settleUnknown settles a step whose effect is not known.
func (r *run) settleUnknown(i int) {
	t := r.tracks[i]
	if t.lookErr != nil {
		r.stopOn(t.lookErr)
	}
	r.settle(i, Outcome{Result: Unknown, Detail: unknownDetail(t.err, t.lookErr), Hint: runAgain})
}

// unknownDetail returns why it is not known whether a write took effect.
func unknownDetail(answer, failure error) string {
	switch {
	case answer != nil:
		return answer.Error()
	case failure != nil:
		return "the service accepted it, but it could not be read back: " + failure.Error()
	}
	return "the service accepted it, but it does not show yet"
}
