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

// batchResult is the result of an attempt or of a look.
type batchResult struct {
	batch  []int
	looked bool
	err    error // concerns the whole batch: nothing of it was sent
	checks []stepCheck
}

// stepCheck is the result for one step of a batch.
type stepCheck struct {
	outcome Outcome // if it has a result, the step is settled
	sent    bool    // the write was sent, and err is the answer
	err     error
	stale   time.Time // the read lags behind a write, and may lag until then
	partial *Outcome  // the outcome if later reads show the same
}

// attempt has all that is needed to read the users of a batch and to write to them. It runs
// in a goroutine of its own and shares no state with others.
type attempt struct {
	*Executor
	batch  []int
	steps  []plan.Step
	recent [][]Write
	now    time.Time
}

func (r *run) newAttempt(batch []int) attempt {
	a := attempt{Executor: r.Executor, batch: batch, now: r.now()}
	for _, i := range batch {
		a.steps = append(a.steps, r.steps[i])
		a.recent = append(a.recent, slices.Clone(r.recent[r.steps[i].User.ID]))
	}
	return a
}

func (a attempt) run(ctx context.Context) batchResult {
	res := batchResult{batch: a.batch, checks: make([]stepCheck, len(a.batch))}
	users, err := readUsers(ctx, a.Reader, a.steps)
	if err != nil {
		res.err = err
		return res
	}
	var ready []int
	for n := range a.steps {
		v := a.checkUser(n, users)
		if res.checks[n] = v; v.outcome.Result == "" && v.stale.IsZero() {
			ready = append(ready, n)
		}
	}
	res.err = a.sendReady(ctx, ready, res.checks)
	return res
}

func readUsers(ctx context.Context, reader state.Reader, steps []plan.Step) (*state.Snapshot, error) {
	var ids []state.UserID
	for _, step := range steps {
		ids = append(ids, step.User.ID)
	}
	snapshot, err := reader.Read(ctx, state.Query{Users: ids})
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	return snapshot, nil
}

// checkUser finds steps that must not or need not be written. The zero check means that the
// step may be written.
func (a attempt) checkUser(n int, users *state.Snapshot) stepCheck {
	step := a.steps[n]
	user, found := users.Find(step.User.ID)
	switch {
	case !found && !users.Complete: // left out because the answer about the user could not be understood
		return conflictCheck("the user could not be read: " + users.Incomplete)
	case !found:
		return stepCheck{outcome: goneOutcome()}
	case isInconsistent(step, user):
		return conflictCheck("the service returns contradictory data about the licenses of the user")
	}
	if until := a.stale(n, user); !until.IsZero() {
		return stepCheck{stale: until}
	}
	switch {
	case step.Done(step.Live(user)):
		return stepCheck{outcome: Outcome{Result: Unchanged, Detail: "the user is already as the step wants"}}
	case !strings.EqualFold(user.UserPrincipalName(), step.User.UserPrincipalName):
		return conflictCheck("the user has another user principal name now")
	case !step.MayRun(step.Live(user)):
		return conflictCheck("the user has been changed since the plan was made")
	}
	if loss, more := step.LosesMore(a.Catalog, a.Snapshot, user); more {
		return conflictCheck(fmt.Sprintf("the user would lose more than the plan shows: %s (%s)", loss.Family, loss.From))
	}
	return stepCheck{}
}

// stale returns until when a read that does not show an earlier write proves nothing. It
// returns the zero time if the read shows all writes. It keeps a user from being written to
// again within the [Horizon], by this run or an earlier one. How long a write is looked for
// is decided in [run.handleLook]: an attempt gives up at once if the user cannot be read, a
// look does not.
func (a attempt) stale(n int, user state.User) time.Time {
	var until time.Time
	for _, write := range a.recent[n] {
		end := write.At.Add(Horizon)
		if !end.After(a.now) || write.isVisible(user) {
			continue
		}
		if end.After(until) {
			until = end
		}
	}
	return until
}

// isVisible reports whether the effect of a write can be read. Service plans that the
// service switched off in addition do not count.
func (w Write) isVisible(user state.User) bool {
	live := w.Step.Live(user)
	_, but := w.Step.DoneBut(live)
	return w.Step.Done(live) || but
}

// isInconsistent reports whether no conclusion is possible from what was read of the user.
// The location is never in doubt.
func isInconsistent(step plan.Step, user state.User) bool {
	return step.Kind != plan.KindLocation && user.Inconsistent()
}

func goneOutcome() Outcome { return Outcome{Result: Gone, Detail: "the user has been deleted"} }

func conflictCheck(detail string) stepCheck {
	return stepCheck{outcome: Outcome{Result: Conflict, Detail: detail, Hint: "check this user and run seatwright plan again"}}
}

// sendReady writes the steps after their intents are recorded.
func (a attempt) sendReady(ctx context.Context, ready []int, verdicts []stepCheck) error {
	if len(ready) == 0 {
		return nil
	}
	steps, changes := make([]plan.Step, len(ready)), make([]state.Change, len(ready))
	for k, n := range ready {
		steps[k], changes[k] = a.steps[n], a.steps[n].Change()
	}
	if a.CheckLock != nil {
		if err := a.CheckLock(); err != nil {
			return err
		}
	}
	if a.Journal != nil {
		if err := a.Journal.RecordIntents(steps); err != nil {
			return err
		}
	}
	for k, err := range a.Writer.Write(ctx, changes) {
		verdicts[ready[k]] = stepCheck{sent: true, err: err}
	}
	return nil
}

// handleResult handles the result of an attempt or of a look.
func (r *run) handleResult(ctx context.Context, res batchResult) {
	if res.looked {
		r.handleLook(ctx, res)
		return
	}
	if res.err != nil {
		r.stopOn(res.err)
	}
	for n, i := range res.batch {
		switch v := res.checks[n]; {
		case v.outcome.Result == Conflict && r.tracks[i].sends > 0: // it was sent once, and may have had an effect
			r.settleUnknown(i)
		case v.outcome.Result == Unchanged && r.tracks[i].sends > 0:
			r.settle(i, Outcome{Result: Confirmed})
		case v.outcome.Result != "":
			r.settle(i, v.outcome)
		case !v.stale.IsZero():
			r.retryRead(i, v.stale)
		case v.sent:
			r.handleAnswer(ctx, i, v.err)
		default:
			r.notSent(i, res.err)
		}
	}
	r.checkPermission(res)
}

// retryRead schedules another look at a step whose user cannot be read reliably yet, at the
// latest when reads can no longer lag.
func (r *run) retryRead(i int, until time.Time) {
	t := &r.tracks[i]
	t.due = r.now().Add(pauseAfter(t.looks))
	if t.due.After(until) {
		t.due = until
	}
	t.looks++
	r.later = append(r.later, i)
}

func pauseAfter(looks int) time.Duration {
	if looks < len(usualWaits) {
		return usualWaits[looks]
	}
	return longWait
}

// handleAnswer handles the answer of the service to a write.
func (r *run) handleAnswer(ctx context.Context, i int, err error) {
	t := &r.tracks[i]
	switch {
	case err == nil || mayHaveHappened(err):
		r.written++
		t.sent, t.since, t.due, t.looks, t.err, t.lookErr = true, r.now(), r.now(), 0, err, nil
		t.sends++
		r.recordWrite(Write{Step: r.steps[i], At: t.since})
		r.later = append(r.later, i)
	case r.isCausedByThisRun(i, err) && t.looks < len(usualWaits) && r.stopReason(ctx) == nil:
		t.err, t.due = err, r.now().Add(usualWaits[t.looks])
		r.unrecorded = append(r.unrecorded, Outcome{Step: r.steps[i], Result: Failed, Reason: state.ReasonOf(err)})
		t.looks++
		r.later = append(r.later, i)
	default:
		r.handleRefusal(i, err)
	}
}

func mayHaveHappened(err error) bool {
	refusal, answered := errors.AsType[*state.Error](err)
	return answered && refusal.MayHaveHappened()
}

// isCausedByThisRun reports whether this run has just made possible what the service still
// refuses. It has set the location, or freed the seat, and the service lags behind.
func (r *run) isCausedByThisRun(n int, err error) bool {
	reason := state.ReasonOf(err)
	step := r.steps[n]
	return slices.ContainsFunc(step.Needs, func(id string) bool {
		i, known := r.byID[id]
		if !known || r.outcomes[i].Result != Confirmed {
			return false
		}
		needed := r.steps[i]
		return reason == state.ReasonNoLocation && needed.Kind == plan.KindLocation || reason == state.ReasonNoSeats && freesLicenseFor(needed, step)
	})
}

// freesLicenseFor reports whether one step removes a license that the other step assigns.
func freesLicenseFor(one, other plan.Step) bool {
	return slices.ContainsFunc(one.Removes(), func(l plan.License) bool {
		return slices.ContainsFunc(other.Adds(), func(added plan.License) bool { return added.SKU == l.SKU })
	})
}

// handleRefusal settles a step that the service refused. A refusal because there is nothing
// to remove is not a failure: a look at the user shows whether another writer has already
// removed it.
func (r *run) handleRefusal(i int, err error) {
	outcome := Outcome{Result: Failed, Reason: state.ReasonOf(err), Detail: err.Error(), Hint: hint(err)}
	switch outcome.Reason {
	case state.ReasonNotFound:
		outcome.Result = Gone
	case state.ReasonNotHeld, state.ReasonInherited:
		r.lookAfterRefusal(i, err)
		return
	case state.ReasonNoSeats:
		if takes, _ := r.steps[i].Seats(); len(takes) == 1 {
			r.full[takes[0]] = true
		}
	}
	r.stopOn(err)
	r.settle(i, outcome)
}

// lookAfterRefusal schedules a look at a user who has changed since the read before the
// write.
func (r *run) lookAfterRefusal(i int, err error) {
	t := &r.tracks[i]
	t.sent, t.refused, t.since, t.due, t.looks, t.err, t.lookErr = true, true, r.now(), r.now(), 0, err, nil
	r.later = append(r.later, i)
}
