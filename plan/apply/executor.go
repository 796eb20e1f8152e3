package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Executor carries plans out. All fields but Progress and Wait are required.
type Executor struct {
	Reader   state.Reader
	Writer   state.Writer
	Catalog  *catalog.Catalog
	Snapshot *state.Snapshot // the one the plan was made from: it knows the SKUs

	// Progress is told each outcome as it is settled, from one goroutine; nil: nobody.
	Progress func(Outcome)
	// Wait sleeps between reads that lag and writes that may soon be accepted; nil: real time.
	Wait func(context.Context, time.Duration) error
}

// patience is how long a write may take to show, and how often a refusal that this
// run may have caused itself is tried again.
var patience = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// Run carries out the steps. The error of a context that is cancelled, or of
// trouble that concerns everything, is in the report: what was written has been read
// back by then. Steps that were not sent can be had by running again.
func (e *Executor) Run(ctx context.Context, p *plan.Plan) *Report {
	r := &run{Executor: e, steps: p.Steps, outcomes: make([]Outcome, len(p.Steps)), byID: map[string]int{}}
	for i, step := range p.Steps {
		r.byID[step.ID] = i
		r.outcomes[i].Step = step
	}
	r.rounds(ctx, func(s plan.Step) bool { return s.Kind == plan.KindLocation })
	r.rounds(ctx, func(s plan.Step) bool { return s.Kind != plan.KindLocation })
	return &Report{Outcomes: r.outcomes, Written: r.written, Stopped: r.stopped}
}

// run is one execution of a plan.
type run struct {
	*Executor
	steps    []plan.Step
	outcomes []Outcome
	byID     map[string]int
	written  int
	stopped  error
}

// rounds runs the steps of a pass: again and again all that have what they need.
func (r *run) rounds(ctx context.Context, inPass func(plan.Step) bool) {
	for {
		ready := r.ready(inPass)
		if len(ready) == 0 {
			return
		}
		for batch := range slices.Chunk(ready, state.MaxWrites) {
			if r.stopped == nil {
				r.stopped = context.Cause(ctx)
			}
			if r.stopped != nil {
				r.settleAll(batch, NotSent, "the run stopped: "+r.stopped.Error(), "run again: what has been done is seen and not repeated")
				continue
			}
			// What is in flight is finished, whatever the signal.
			r.batch(context.WithoutCancel(ctx), batch)
		}
	}
}

// ready are the unsettled steps of a pass whose needs have succeeded. Those whose
// needs have not are settled here.
func (r *run) ready(inPass func(plan.Step) bool) []int {
	var ready []int
	for i, step := range r.steps {
		if r.outcomes[i].Result != "" || !inPass(step) {
			continue
		}
		switch failed, open := r.needs(step); {
		case failed != "":
			r.settle(i, Outcome{Result: NotSent, Detail: "it needs a step that did not succeed: " + failed, Hint: "plan again"})
		case !open:
			ready = append(ready, i)
		}
	}
	return ready
}

func (r *run) needs(step plan.Step) (failed string, open bool) {
	for _, id := range step.Needs {
		i, known := r.byID[id]
		switch {
		case !known:
			return "it is not in the plan", false
		case r.outcomes[i].Result == "":
			open = true
		case !r.outcomes[i].Result.settled():
			return r.steps[i].String(), false
		}
	}
	return "", open
}

// batch reads the users of some steps, writes those that are as planned, and reads
// them back.
func (r *run) batch(ctx context.Context, batch []int) {
	users, err := r.read(ctx, batch)
	if err != nil {
		r.stop(err)
		r.settleAll(batch, NotSent, err.Error(), hint(err))
		return
	}
	send := slices.DeleteFunc(slices.Clone(batch), func(i int) bool { return !r.precondition(i, users) })
	sent := r.send(ctx, send)
	r.confirm(ctx, sent)
}

func (r *run) read(ctx context.Context, batch []int) (*state.Snapshot, error) {
	var ids []state.UserID
	for _, i := range batch {
		ids = append(ids, r.steps[i].User.ID)
	}
	snapshot, err := r.Reader.Read(ctx, state.Query{Users: ids})
	if err != nil {
		return nil, fmt.Errorf("read users before writing: %w", err)
	}
	return snapshot, nil
}

// precondition settles a step that must not or need not be written, and says
// whether it may be.
func (r *run) precondition(i int, users *state.Snapshot) bool {
	step := r.steps[i]
	user, found := users.Find(step.User.ID)
	if !found {
		r.settle(i, Outcome{Result: Gone, Detail: "the user has been deleted"})
		return false
	}
	live := step.Live(user)
	switch {
	case step.Done(live):
		r.settle(i, Outcome{Result: Unchanged, Detail: "it is so already"})
	case user.Inconsistent():
		r.conflict(i, "the service contradicts itself about what the user holds")
	case !strings.EqualFold(user.UserPrincipalName(), step.User.UserPrincipalName):
		r.conflict(i, "the id belongs to another name now")
	case !step.MayRun(live):
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

func (r *run) conflict(i int, detail string) {
	r.settle(i, Outcome{Result: Conflict, Detail: detail, Hint: "plan again and look at this user"})
}

// send writes the steps and returns those that the service accepted, or may have.
func (r *run) send(ctx context.Context, batch []int) []int {
	var sent []int
	for attempt := 0; len(batch) > 0; attempt++ {
		changes := make([]state.Change, len(batch))
		for n, i := range batch {
			changes[n] = r.steps[i].Change()
		}
		errs := r.Writer.Write(ctx, changes)
		r.stopIfForbidden(errs)
		var again []int
		for n, err := range errs {
			switch i := batch[n]; {
			case err == nil:
				sent = append(sent, i)
			case mayHaveHappened(err):
				r.outcomes[i].Detail, r.outcomes[i].Hint = err.Error(), hint(err)
				sent = append(sent, i)
			case attempt < len(patience) && r.ownDoing(i, err):
				again = append(again, i)
			default:
				r.refused(i, err)
			}
		}
		batch = again
		if len(batch) > 0 {
			_ = r.wait(ctx, patience[attempt]) // cannot be cut short: what is in flight is finished
		}
	}
	r.written += len(sent)
	return sent
}

// stopIfForbidden ends the run where every write of a batch is forbidden. One alone
// can be about that SKU: self-service ones are refused so.
func (r *run) stopIfForbidden(errs []error) {
	if !slices.ContainsFunc(errs, func(err error) bool { return state.ReasonOf(err) != state.ReasonForbidden }) {
		r.stopped = errs[0]
	}
}

// ownDoing says that this run has just made possible what the service still
// refuses: it set the location, or freed the seat, and the service lags behind.
func (r *run) ownDoing(i int, err error) bool {
	reason := state.ReasonOf(err)
	if reason != state.ReasonNoLocation && reason != state.ReasonNoSeats {
		return false
	}
	return slices.ContainsFunc(r.steps[i].Needs, func(id string) bool {
		needed := r.steps[r.byID[id]]
		return r.outcomes[r.byID[id]].Result == Confirmed && (needed.Kind == plan.KindLocation) == (reason == state.ReasonNoLocation)
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
func (r *run) confirm(ctx context.Context, sent []int) {
	for attempt := 0; len(sent) > 0; attempt++ {
		users, err := r.read(ctx, sent)
		if err == nil {
			sent = slices.DeleteFunc(sent, func(i int) bool { return r.shows(i, users) })
		}
		if len(sent) == 0 || attempt == len(patience) || r.wait(ctx, patience[attempt]) != nil {
			break
		}
	}
	for _, i := range sent {
		detail := r.outcomes[i].Detail
		if detail == "" {
			detail = "the service accepted it, but it does not show yet"
		}
		r.settle(i, Outcome{Result: Unknown, Detail: detail, Hint: "run again: what has been done is seen and not repeated"})
	}
}

// shows says whether the step's effect can be read, and settles it then.
func (r *run) shows(i int, users *state.Snapshot) bool {
	user, found := users.Find(r.steps[i].User.ID)
	switch {
	case !found:
		r.settle(i, Outcome{Result: Gone, Detail: "the user has been deleted"})
	case r.steps[i].Done(r.steps[i].Live(user)):
		r.settle(i, Outcome{Result: Confirmed})
	default:
		return false
	}
	return true
}

func (r *run) settleAll(batch []int, result Result, detail, hint string) {
	for _, i := range batch {
		r.settle(i, Outcome{Result: result, Detail: detail, Hint: hint})
	}
}

func (r *run) settle(i int, outcome Outcome) {
	outcome.Step = r.steps[i]
	r.outcomes[i] = outcome
	if r.Progress != nil {
		r.Progress(outcome)
	}
}

// stop ends the run at trouble that concerns more than one user.
func (r *run) stop(err error) {
	refusal, answered := errors.AsType[*state.Error](err)
	if r.stopped == nil && (!answered || refusal.Reason == state.ReasonUnauthorized) {
		r.stopped = err
	}
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
