package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/seatwright/seatwright/state"
)

const (
	runAgain  = "run again: changes that are already made are not repeated"
	planAgain = "run seatwright plan again"
)

// maxServiceRefusals is how many refusals in a row that concern neither a user nor a
// license show that the service has a problem.
const maxServiceRefusals = 3 * state.MaxWrites

// EarlyError is returned if a run was stopped before all its steps were done.
type EarlyError struct {
	Reason string // one word: deadline, max_errors, canary, service
	Why    string
}

func (e *EarlyError) Error() string { return "stopped early: " + e.Why }

// Hint returns what to do next.
func (e *EarlyError) Hint() string { return runAgain }

// stopReason returns why nothing more may be sent, or nil.
func (r *run) stopReason(ctx context.Context) error {
	r.stopped = cmp.Or(r.stopped, context.Cause(ctx))
	return r.stopped
}

// settleUnsent settles the steps that have not been sent. Steps that were sent are still
// looked at.
func (r *run) settleUnsent(why error) {
	later := r.later
	r.later = nil
	for _, i := range later {
		switch t := r.tracks[i]; {
		case t.sent:
			r.later = append(r.later, i)
		case t.sends > 0: // it was due to be sent once more
			r.settleUnknown(i)
		case t.err != nil:
			r.handleRefusal(i, t.err)
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

// checkPermission stops all steps that need a permission if a whole batch of them is
// forbidden and no write with it was accepted before. After an accepted write, a refusal is
// about users or SKUs: self-service SKUs are refused like this.
func (r *run) checkPermission(res batchResult) {
	var accepted, refused, forbidden [2]int
	var why [2]error
	for n, i := range res.batch {
		v := res.checks[n]
		if !v.sent {
			continue
		}
		kind := permissionOf(r.steps[i])
		switch {
		case v.err == nil:
			accepted[kind]++
			r.serviceRefusals = 0
		case state.ReasonOf(v.err) == state.ReasonForbidden:
			forbidden[kind]++
			why[kind] = v.err
		default:
			refused[kind]++
			if isServiceProblem(state.ReasonOf(v.err)) {
				r.serviceRefusals++
			}
		}
	}
	for kind := range why {
		r.permitted[kind] = r.permitted[kind] || accepted[kind] > 0
		if !r.permitted[kind] && forbidden[kind] > 0 && refused[kind] == 0 {
			r.forbidden[kind] = why[kind]
		}
	}
	if r.serviceRefusals >= maxServiceRefusals && r.stopped == nil {
		r.stopped = &EarlyError{Reason: "service", Why: fmt.Sprintf("the service refused %d changes in a row, for reasons that concern neither the users nor the licenses", r.serviceRefusals)}
	}
}

// isServiceProblem reports whether a refusal is about neither the user nor the license.
func isServiceProblem(reason state.Reason) bool {
	switch reason {
	case state.ReasonUnknown, state.ReasonUnavailable, state.ReasonLostAnswer, state.ReasonThrottled, state.ReasonConcurrency, state.ReasonMalformed:
		return true
	}
	return false
}

// countFailure stops the run once there are too many failures.
func (r *run) countFailure(o Outcome) {
	if o.Result.Failure() && o.Result != NotSent {
		r.errors++
	}
	if r.MaxErrors > 0 && r.errors >= r.MaxErrors && r.stopped == nil {
		r.stopped = &EarlyError{Reason: "max_errors", Why: fmt.Sprintf("%d steps failed, as many as --max-errors allows", r.errors)}
	}
}

// recordOutcomes records in the journal what has been settled.
func (r *run) recordOutcomes() {
	if r.Journal == nil || len(r.unrecorded) == 0 {
		return
	}
	if err := r.Journal.RecordOutcomes(r.unrecorded); err != nil {
		r.stopOn(err)
	}
	r.unrecorded = nil
}

// stopOn stops the run if the error concerns more than one user.
func (r *run) stopOn(err error) {
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
