package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/seatwright/seatwright/state"
)

const runAgain = "run again: what has been done is seen and not repeated"

// maxStreak is how many refusals that are nobody's in particular, one after the
// other, show that the trouble is with the service and not with users.
const maxStreak = 3 * state.MaxWrites

// EarlyError says that a run was stopped before it had done everything.
type EarlyError struct {
	Reason string // one word: deadline, max_errors, canary, service
	Why    string
}

func (e *EarlyError) Error() string { return "stopped early: " + e.Why }

// Hint says what to do about it.
func (e *EarlyError) Hint() string { return runAgain }

// halted says why nothing more is to be sent, or is nil.
func (r *run) halted(ctx context.Context) error {
	r.stopped = cmp.Or(r.stopped, context.Cause(ctx))
	return r.stopped
}

// halt settles what has not been sent. What was is looked at.
func (r *run) halt(why error) {
	later := r.later
	r.later = nil
	for _, i := range later {
		switch t := r.tracks[i]; {
		case t.sent:
			r.later = append(r.later, i)
		case t.sends > 0: // it was to be sent once more
			r.unknown(i)
		case t.err != nil:
			r.refused(i, t.err)
		default:
			r.notSent(i, why)
		}
	}
	r.queue = nil
	for i := range r.tracks {
		if !r.tracks[i].started && r.outcomes[i].Result == "" {
			r.notSent(i, why)
		}
	}
}

func (r *run) notSent(i int, why error) {
	if r.outcomes[i].Result == "" {
		r.settle(i, Outcome{Result: NotSent, Detail: "nothing more was sent: " + why.Error(), Hint: cmp.Or(hint(why), runAgain)})
	}
}

// permission ends a sort of steps where a whole batch of it is forbidden and none of
// its writes was accepted before. After that it is about users or SKUs: self-service
// ones are refused so.
func (r *run) permission(res result) {
	var accepted, refused, forbidden [2]int
	var why [2]error
	for n, i := range res.batch {
		v := res.verdicts[n]
		if !v.sent {
			continue
		}
		sort := sortOf(r.steps[i])
		switch {
		case v.err == nil:
			accepted[sort]++
			r.streak = 0
		case state.ReasonOf(v.err) == state.ReasonForbidden:
			forbidden[sort]++
			why[sort] = v.err
		default:
			refused[sort]++
			if nobodys(state.ReasonOf(v.err)) {
				r.streak++
			}
		}
	}
	for sort := range why {
		r.permitted[sort] = r.permitted[sort] || accepted[sort] > 0
		if !r.permitted[sort] && forbidden[sort] > 0 && refused[sort] == 0 {
			r.forbidden[sort] = why[sort]
		}
	}
	if r.streak >= maxStreak && r.stopped == nil {
		r.stopped = &EarlyError{Reason: "service", Why: fmt.Sprintf("the service refused %d changes in a row, and not for what they are", r.streak)}
	}
}

// nobodys says that a refusal is about neither the user nor the licence.
func nobodys(reason state.Reason) bool {
	switch reason {
	case state.ReasonUnknown, state.ReasonUnavailable, state.ReasonLostAnswer, state.ReasonThrottled, state.ReasonConcurrency, state.ReasonMalformed:
		return true
	}
	return false
}

// count stops the run at too many failures.
func (r *run) count(o Outcome) {
	if o.Result.Failure() && o.Result != NotSent {
		r.errors++
	}
	if r.MaxErrors > 0 && r.errors >= r.MaxErrors && r.stopped == nil {
		r.stopped = &EarlyError{Reason: "max_errors", Why: fmt.Sprintf("%d steps failed, as many as --max-errors allows", r.errors)}
	}
}

// flush puts on record what has been settled.
func (r *run) flush() {
	if r.Journal == nil || len(r.unkept) == 0 {
		return
	}
	if err := r.Journal.Settle(r.unkept); err != nil {
		r.stop(err)
	}
	r.unkept = nil
}

// stop ends the run at trouble that concerns more than one user.
func (r *run) stop(err error) {
	refusal, answered := errors.AsType[*state.Error](err)
	if r.stopped == nil && (!answered || refusal.Reason == state.ReasonUnauthorized || refusal.Reason == state.ReasonBusy) {
		r.stopped = err
	}
}

func (r *run) settleAll(steps []int, result Result, detail, hint string) {
	for _, i := range steps {
		r.settle(i, Outcome{Result: result, Detail: detail, Hint: hint})
	}
}

func hint(err error) string {
	if helpful, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return helpful.Hint()
	}
	return ""
}
