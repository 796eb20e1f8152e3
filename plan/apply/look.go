package apply

import (
	"context"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// look reads back the users of steps that were sent.
func (r *run) look(ctx context.Context, batch []int) result {
	res := result{batch: batch, looked: true, verdicts: make([]verdict, len(batch))}
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
		res.verdicts[n] = r.shows(step, users)
	}
	return res
}

// shows says whether the step's effect can be read.
func (e *Executor) shows(step plan.Step, users *state.Snapshot) verdict {
	user, found := users.Find(step.User.ID)
	switch {
	case !found && users.Complete:
		return verdict{outcome: gone()}
	case !found || unclear(step, user):
		return verdict{}
	case step.Done(step.Live(user)):
		return verdict{outcome: Outcome{Result: Confirmed}}
	}
	off, done := step.DoneBut(step.Live(user))
	if !done {
		return verdict{}
	}
	names := make([]string, len(off))
	for n, plan := range off {
		names[n] = e.Catalog.PlanName(plan)
	}
	return verdict{but: &Outcome{Result: Confirmed, Detail: "the service switched off besides, since what they need is off: " + strings.Join(names, ", ")}}
}

// looked takes in what was read back.
func (r *run) looked(ctx context.Context, res result) {
	for n, i := range res.batch {
		t, v := &r.tracks[i], res.verdicts[n]
		t.looks++
		t.blind = res.err
		patient := t.looks <= len(patience)
		switch {
		case v.outcome.Result == Confirmed && t.refused && t.sends == 0: // not by this run
			r.settle(i, Outcome{Result: Unchanged, Detail: "it has become so meanwhile"})
		case v.outcome.Result != "":
			r.settle(i, v.outcome)
		case patient:
			r.lookAgain(i)
		case t.refused:
			r.settle(i, Outcome{Result: Conflict, Reason: state.ReasonOf(t.err), Detail: t.err.Error(), Hint: hint(t.err)})
		case v.but != nil && t.err == nil: // time enough for it not to be a read that lags
			r.settle(i, *v.but)
		case t.blind != nil || t.sends > 1 || r.halted(ctx) != nil:
			r.unknown(i)
		case r.now().Before(t.since.Add(Horizon)): // also if the user cannot be read, where an attempt would give up
			r.lookAgain(i)
		default: // it cannot lag any more: written once more if he is still as planned
			t.sent, t.due = false, r.now()
			r.later = append(r.later, i)
		}
	}
}

func (r *run) lookAgain(i int) {
	t := &r.tracks[i]
	t.due = r.now().Add(pause(t.looks - 1))
	if end := t.since.Add(Horizon); t.due.After(end) {
		t.due = end
	}
	r.later = append(r.later, i)
}

// unknown gives a step up of which nobody can tell what became of it.
func (r *run) unknown(i int) {
	t := r.tracks[i]
	if t.blind != nil {
		r.stop(t.blind)
	}
	r.settle(i, Outcome{Result: Unknown, Detail: doubt(t.err, t.blind), Hint: runAgain})
}

// doubt says why it is not known whether a write took effect.
func doubt(answer, failure error) string {
	switch {
	case answer != nil:
		return answer.Error()
	case failure != nil:
		return "the service accepted it, but it could not be read back: " + failure.Error()
	}
	return "the service accepted it, but it does not show yet"
}
