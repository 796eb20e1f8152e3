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

// result is what came of an attempt, or of a look.
type result struct {
	batch    []int
	looked   bool
	err      error // that concerns the whole batch: nothing of it was sent
	verdicts []verdict
}

// verdict is what came of one step.
type verdict struct {
	outcome Outcome // with a result: that is what became of it
	sent    bool    // the service was asked, and err is its answer
	err     error
	stale   time.Time // the read lags behind a write, and may do so until then
	but     *Outcome  // what it has become if it stays as it is
}

// attempt is what it takes to read the users of a batch and to write to them. It runs
// in a goroutine of its own, and touches nothing that others do.
type attempt struct {
	*Executor
	batch  []int
	steps  []plan.Step
	recent [][]Write
	now    time.Time
}

func (r *run) attemptOf(batch []int) attempt {
	a := attempt{Executor: r.Executor, batch: batch, now: r.now()}
	for _, i := range batch {
		a.steps = append(a.steps, r.steps[i])
		a.recent = append(a.recent, slices.Clone(r.recent[r.steps[i].User.ID]))
	}
	return a
}

func (a attempt) run(ctx context.Context) result {
	res := result{batch: a.batch, verdicts: make([]verdict, len(a.batch))}
	users, err := readUsers(ctx, a.Reader, a.steps)
	if err != nil {
		res.err = err
		return res
	}
	var ready []int
	for n := range a.steps {
		v := a.precondition(n, users)
		if res.verdicts[n] = v; v.outcome.Result == "" && v.stale.IsZero() {
			ready = append(ready, n)
		}
	}
	res.err = a.send(ctx, ready, res.verdicts)
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

// precondition finds what must not or need not be written. The zero verdict says
// that it may be.
func (a attempt) precondition(n int, users *state.Snapshot) verdict {
	step := a.steps[n]
	user, found := users.Find(step.User.ID)
	switch {
	case !found && !users.Complete: // left out since he could not be understood
		return conflict("the user could not be read: " + users.Incomplete)
	case !found:
		return verdict{outcome: gone()}
	case unclear(step, user):
		return conflict("the service contradicts itself about what the user holds")
	}
	if until := a.stale(n, user); !until.IsZero() {
		return verdict{stale: until}
	}
	switch {
	case step.Done(step.Live(user)):
		return verdict{outcome: Outcome{Result: Unchanged, Detail: "it is so already"}}
	case !strings.EqualFold(user.UserPrincipalName(), step.User.UserPrincipalName):
		return conflict("the id belongs to another name now")
	case !step.MayRun(step.Live(user)):
		return conflict("the user has been changed since the plan was made")
	}
	if loss, more := step.LosesMore(a.Catalog, a.Snapshot, user); more {
		return conflict(fmt.Sprintf("the user would lose more than the plan shows: %s (%s)", loss.Family, loss.From))
	}
	return verdict{}
}

// stale says until when a read that does not show an earlier write proves nothing;
// the zero time if it shows all. It keeps a user from being written to again within the
// [Horizon], by this run or an earlier one. How long a write is looked for is decided in
// [run.looked]: an attempt gives up at once if the user cannot be read, a look does not.
func (a attempt) stale(n int, user state.User) time.Time {
	var until time.Time
	for _, write := range a.recent[n] {
		end := write.At.Add(Horizon)
		if !end.After(a.now) || write.shows(user) {
			continue
		}
		if end.After(until) {
			until = end
		}
	}
	return until
}

// shows says whether the effect of a write can be read, but for service plans that
// the service switched off besides.
func (w Write) shows(user state.User) bool {
	live := w.Step.Live(user)
	_, but := w.Step.DoneBut(live)
	return w.Step.Done(live) || but
}

// unclear says that nothing may be concluded from what was read of the user. His
// location is never in doubt.
func unclear(step plan.Step, user state.User) bool {
	return step.Kind != plan.KindLocation && user.Inconsistent()
}

func gone() Outcome { return Outcome{Result: Gone, Detail: "the user has been deleted"} }

func conflict(detail string) verdict {
	return verdict{outcome: Outcome{Result: Conflict, Detail: detail, Hint: "plan again and look at this user"}}
}

// send writes the steps, once that they are to be written is on record.
func (a attempt) send(ctx context.Context, ready []int, verdicts []verdict) error {
	if len(ready) == 0 {
		return nil
	}
	steps, changes := make([]plan.Step, len(ready)), make([]state.Change, len(ready))
	for k, n := range ready {
		steps[k], changes[k] = a.steps[n], a.steps[n].Change()
	}
	if a.Held != nil {
		if err := a.Held(); err != nil {
			return err
		}
	}
	if a.Journal != nil {
		if err := a.Journal.Intend(steps); err != nil {
			return err
		}
	}
	for k, err := range a.Writer.Write(ctx, changes) {
		verdicts[ready[k]] = verdict{sent: true, err: err}
	}
	return nil
}

// land takes in what came of an attempt, or of a look.
func (r *run) land(ctx context.Context, res result) {
	if res.looked {
		r.looked(ctx, res)
		return
	}
	if res.err != nil {
		r.stop(res.err)
	}
	for n, i := range res.batch {
		switch v := res.verdicts[n]; {
		case v.outcome.Result == Conflict && r.tracks[i].sends > 0: // it was sent once, and may have worked
			r.unknown(i)
		case v.outcome.Result == Unchanged && r.tracks[i].sends > 0:
			r.settle(i, Outcome{Result: Confirmed})
		case v.outcome.Result != "":
			r.settle(i, v.outcome)
		case !v.stale.IsZero():
			r.again(i, v.stale)
		case v.sent:
			r.answered(ctx, i, v.err)
		default:
			r.notSent(i, res.err)
		}
	}
	r.permission(res)
}

// again looks at a step later whose user cannot be read well yet, at the latest when
// that must have passed.
func (r *run) again(i int, until time.Time) {
	t := &r.tracks[i]
	t.due = r.now().Add(pause(t.looks))
	if t.due.After(until) {
		t.due = until
	}
	t.looks++
	r.later = append(r.later, i)
}

func pause(looks int) time.Duration {
	if looks < len(patience) {
		return patience[looks]
	}
	return slowly
}

// answered takes in the service's answer to a write.
func (r *run) answered(ctx context.Context, i int, err error) {
	t := &r.tracks[i]
	switch {
	case err == nil || mayHaveHappened(err):
		r.written++
		t.sent, t.since, t.due, t.looks, t.err, t.blind = true, r.now(), r.now(), 0, err, nil
		t.sends++
		r.remember(Write{Step: r.steps[i], At: t.since})
		r.later = append(r.later, i)
	case r.ownDoing(i, err) && t.looks < len(patience) && r.halted(ctx) == nil:
		t.err, t.due = err, r.now().Add(patience[t.looks])
		r.unkept = append(r.unkept, Outcome{Step: r.steps[i], Result: Failed, Reason: state.ReasonOf(err)})
		t.looks++
		r.later = append(r.later, i)
	default:
		r.refused(i, err)
	}
}

func mayHaveHappened(err error) bool {
	refusal, answered := errors.AsType[*state.Error](err)
	return answered && refusal.MayHaveHappened()
}

// ownDoing says that this run has just made possible what the service still
// refuses: it set the location, or freed the seat, and the service lags behind.
func (r *run) ownDoing(n int, err error) bool {
	reason := state.ReasonOf(err)
	step := r.steps[n]
	return slices.ContainsFunc(step.Needs, func(id string) bool {
		i, known := r.byID[id]
		if !known || r.outcomes[i].Result != Confirmed {
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

// refused settles a step that the service did not accept. A refusal that says that
// there is nothing to take away is no failure: what the user has is read, and tells
// whether somebody has done it already.
func (r *run) refused(i int, err error) {
	outcome := Outcome{Result: Failed, Reason: state.ReasonOf(err), Detail: err.Error(), Hint: hint(err)}
	switch outcome.Reason {
	case state.ReasonNotFound:
		outcome.Result = Gone
	case state.ReasonNotHeld, state.ReasonInherited:
		r.doubt(i, err)
		return
	case state.ReasonNoSeats:
		if takes, _ := r.steps[i].Seats(); len(takes) == 1 {
			r.full[takes[0]] = true
		}
	}
	r.stop(err)
	r.settle(i, outcome)
}

// doubt looks at a user who is no longer as he was read before the write.
func (r *run) doubt(i int, err error) {
	t := &r.tracks[i]
	t.sent, t.refused, t.since, t.due, t.looks, t.err, t.blind = true, true, r.now(), r.now(), 0, err, nil
	r.later = append(r.later, i)
}
