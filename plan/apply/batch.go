package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// patience is how long a write may take to show, and how often a refusal that this
// run may have caused itself is tried again.
var patience = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// write is a step that was sent, and the service's answer.
type write struct {
	step int
	err  error
}

func stepsOf(writes []write) []int {
	steps := make([]int, len(writes))
	for n, w := range writes {
		steps[n] = w.step
	}
	return steps
}

// batch settles some steps: it reads their users, writes those that are as planned,
// and reads them back. What is in flight is finished, whatever the signal.
func (r *run) batch(ctx context.Context, batch []int) {
	flight := context.WithoutCancel(ctx)
	sent, again := r.attempt(flight, batch)
	for _, pause := range patience {
		if len(again) == 0 {
			break
		}
		_ = r.wait(ctx, pause) // cut short by a signal, which halts
		if r.halted(ctx) != nil {
			break
		}
		var more []write
		more, again = r.attempt(flight, stepsOf(again))
		sent = append(sent, more...)
	}
	for _, w := range again {
		r.refused(w.step, w.err)
	}
	r.confirm(flight, sent)
}

// attempt reads the users and writes those that are as planned. It returns what the
// service accepted, or may have, and what it may soon accept.
func (r *run) attempt(ctx context.Context, batch []int) (sent, again []write) {
	users, err := r.read(ctx, batch)
	if err != nil {
		r.stop(err)
		r.settleAll(batch, NotSent, err.Error(), hint(err))
		return nil, nil
	}
	var ready []int
	for _, i := range batch {
		if r.precondition(i, users) {
			ready = append(ready, i)
		}
	}
	return r.send(ctx, ready)
}

func (r *run) read(ctx context.Context, batch []int) (*state.Snapshot, error) {
	var ids []state.UserID
	for _, i := range batch {
		ids = append(ids, r.steps[i].User.ID)
	}
	snapshot, err := r.Reader.Read(ctx, state.Query{Users: ids})
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	return snapshot, nil
}

// precondition settles a step that must not or need not be written, and says
// whether it may be.
func (r *run) precondition(i int, users *state.Snapshot) bool {
	step := r.steps[i]
	user, found := users.Find(step.User.ID)
	switch {
	case !found && !users.Complete: // left out since he could not be understood
		r.conflict(i, "the user could not be read: "+users.Incomplete)
	case !found:
		r.gone(i)
	case unclear(step, user):
		r.conflict(i, "the service contradicts itself about what the user holds")
	case step.Done(step.Live(user)):
		r.settle(i, Outcome{Result: Unchanged, Detail: "it is so already"})
	case !strings.EqualFold(user.UserPrincipalName(), step.User.UserPrincipalName):
		r.conflict(i, "the id belongs to another name now")
	case !step.MayRun(step.Live(user)):
		r.conflict(i, "the user has been changed since the plan was made")
	default:
		loss, more := step.LosesMore(r.Catalog, r.Snapshot, user)
		if more {
			r.conflict(i, fmt.Sprintf("the user would lose more than the plan shows: %s (%s)", loss.Family, loss.From))
		}
		return !more
	}
	return false
}

// unclear says that nothing may be concluded from what was read of the user. His
// location is never in doubt.
func unclear(step plan.Step, user state.User) bool {
	return step.Kind != plan.KindLocation && user.Inconsistent()
}

func (r *run) gone(i int) {
	r.settle(i, Outcome{Result: Gone, Detail: "the user has been deleted"})
}

func (r *run) conflict(i int, detail string) {
	r.settle(i, Outcome{Result: Conflict, Detail: detail, Hint: "plan again and look at this user"})
}

// send writes the steps, and settles those that were refused for good.
func (r *run) send(ctx context.Context, batch []int) (sent, again []write) {
	if len(batch) == 0 {
		return nil, nil
	}
	changes := make([]state.Change, len(batch))
	for n, i := range batch {
		changes[n] = r.steps[i].Change()
	}
	errs := r.Writer.Write(ctx, changes)
	for n, err := range errs {
		switch w := (write{batch[n], err}); {
		case err == nil || mayHaveHappened(err):
			sent = append(sent, w)
		case r.ownDoing(w):
			again = append(again, w)
		default:
			r.refused(w.step, err)
		}
	}
	r.written += len(sent)
	r.permission(errs)
	return sent, again
}

// permission ends the pass where a whole batch is forbidden and none of its writes
// was accepted before. After that it is about users or SKUs: self-service ones are
// refused so.
func (r *run) permission(errs []error) {
	r.permitted = r.permitted || slices.Contains(errs, nil)
	if !r.permitted && !slices.ContainsFunc(errs, func(err error) bool { return state.ReasonOf(err) != state.ReasonForbidden }) {
		r.forbidden = errs[0]
	}
}

// ownDoing says that this run has just made possible what the service still
// refuses: it set the location, or freed the seat, and the service lags behind.
func (r *run) ownDoing(w write) bool {
	reason := state.ReasonOf(w.err)
	step := r.steps[w.step]
	return slices.ContainsFunc(step.Needs, func(id string) bool {
		i := r.byID[id]
		if r.outcomes[i].Result != Confirmed {
			return false
		}
		needed := r.steps[i]
		return reason == state.ReasonNoLocation && needed.Kind == plan.KindLocation || reason == state.ReasonNoSeats && frees(needed, step)
	})
}

// frees says that one step gives a licence up which the other one assigns.
func frees(one, other plan.Step) bool {
	return slices.ContainsFunc(one.Removes(), func(l plan.License) bool {
		return slices.ContainsFunc(other.Adds(), func(added plan.License) bool { return added.SKU == l.SKU })
	})
}

// refused settles a step that the service did not accept. A user who already lost
// the licence another way is a conflict, not a failure of the service.
func (r *run) refused(i int, err error) {
	outcome := Outcome{Result: Failed, Reason: state.ReasonOf(err), Detail: err.Error(), Hint: hint(err)}
	switch outcome.Reason {
	case state.ReasonNotFound:
		outcome.Result = Gone
	case state.ReasonNotHeld, state.ReasonInherited:
		outcome.Result = Conflict
	}
	r.stop(err)
	r.settle(i, outcome)
}

// confirm reads back what was sent until it shows, or patience ends.
func (r *run) confirm(ctx context.Context, sent []write) {
	var failure error
	var seen *state.Snapshot
	for attempt := 0; len(sent) > 0; attempt++ {
		users, err := r.read(ctx, stepsOf(sent))
		if failure = err; err == nil {
			seen = users
			sent = slices.DeleteFunc(sent, func(w write) bool { return r.shows(w.step, users) })
		}
		if len(sent) == 0 || attempt == len(patience) || r.wait(ctx, patience[attempt]) != nil {
			break
		}
	}
	if failure != nil {
		r.stop(failure)
	}
	for _, w := range sent {
		if w.err == nil && failure == nil && r.showsBut(w.step, seen) {
			continue
		}
		r.settle(w.step, Outcome{Result: Unknown, Detail: doubt(w.err, failure), Hint: runAgain})
	}
}

// showsBut says whether the step's effect can be read but for service plans that the
// service switched off besides, and settles it then. Time enough has passed for it
// not to be a read that lags.
func (r *run) showsBut(i int, users *state.Snapshot) bool {
	step := r.steps[i]
	user, found := users.Find(step.User.ID)
	if !found || unclear(step, user) {
		return false
	}
	off, done := step.DoneBut(step.Live(user))
	if !done {
		return false
	}
	names := make([]string, len(off))
	for n, plan := range off {
		names[n] = r.Catalog.PlanName(plan)
	}
	r.settle(i, Outcome{Result: Confirmed, Detail: "the service switched off besides, since what they need is off: " + strings.Join(names, ", ")})
	return true
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

// shows says whether the step's effect can be read, and settles it then.
func (r *run) shows(i int, users *state.Snapshot) bool {
	step := r.steps[i]
	user, found := users.Find(step.User.ID)
	switch {
	case !found && users.Complete:
		r.gone(i)
	case found && !unclear(step, user) && step.Done(step.Live(user)):
		r.settle(i, Outcome{Result: Confirmed})
	default:
		return false
	}
	return true
}

func (r *run) wait(ctx context.Context, d time.Duration) error {
	if r.Wait != nil {
		return r.Wait(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func mayHaveHappened(err error) bool {
	refusal, answered := errors.AsType[*state.Error](err)
	return answered && refusal.MayHaveHappened()
}

func hint(err error) string {
	if refusal, ok := errors.AsType[*state.Error](err); ok {
		return refusal.Hint()
	}
	return ""
}
