package apply

import (
	"cmp"
	"context"
	"errors"
	"slices"
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

// Run carries out the steps. The error of a context that is cancelled, or of
// trouble that concerns everything, is in the report: what was written has been read
// back by then. Steps that were not sent can be had by running again.
func (e *Executor) Run(ctx context.Context, p *plan.Plan) *Report {
	r := &run{Executor: e, steps: p.Steps, outcomes: make([]Outcome, len(p.Steps)), byID: map[string]int{}}
	for i, step := range p.Steps {
		r.byID[step.ID] = i
		r.outcomes[i].Step = step
	}
	locations := r.pass(ctx, func(s plan.Step) bool { return s.Kind == plan.KindLocation })
	licences := r.pass(ctx, func(s plan.Step) bool { return s.Kind != plan.KindLocation })
	r.settleAll(r.unsettled(), NotSent, "the steps it needs wait for each other", "plan again")
	if r.written == 0 {
		r.stopped = cmp.Or(r.stopped, locations, licences)
	}
	return &Report{Outcomes: r.outcomes, Written: r.written, Stopped: r.stopped}
}

// run is one execution of a plan. Steps go by their position in it.
type run struct {
	*Executor
	steps    []plan.Step
	outcomes []Outcome
	byID     map[string]int
	written  int
	stopped  error // why nothing more is sent

	permitted bool  // a write of this pass was accepted
	forbidden error // why nothing more of this pass is sent
}

// pass runs the steps of a sort: again and again all that have what they need. It
// returns why it ended early, if its writes are forbidden: locations and licences
// take different permissions.
func (r *run) pass(ctx context.Context, inPass func(plan.Step) bool) error {
	r.permitted, r.forbidden = false, nil
	for {
		ready := r.ready(inPass)
		if len(ready) == 0 {
			return r.forbidden
		}
		for batch := range slices.Chunk(ready, state.MaxWrites) {
			if why := r.halted(ctx); why != nil {
				r.settleAll(batch, NotSent, "nothing more was sent: "+why.Error(), cmp.Or(hint(why), runAgain))
				continue
			}
			r.batch(ctx, batch)
		}
	}
}

const runAgain = "run again: what has been done is seen and not repeated"

// halted says why nothing more is to be sent in this pass, or is nil.
func (r *run) halted(ctx context.Context) error {
	r.stopped = cmp.Or(r.stopped, context.Cause(ctx))
	return cmp.Or(r.stopped, r.forbidden)
}

// ready are the unsettled steps of a pass whose needs have succeeded. Those whose
// needs have not are settled here.
func (r *run) ready(inPass func(plan.Step) bool) []int {
	var ready []int
	for _, i := range r.unsettled() {
		step := r.steps[i]
		if !inPass(step) {
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

// needs names a needed step that cannot succeed any more, and says whether one is
// still to come.
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

func (r *run) unsettled() []int {
	var steps []int
	for i := range r.steps {
		if r.outcomes[i].Result == "" {
			steps = append(steps, i)
		}
	}
	return steps
}

func (r *run) settleAll(steps []int, result Result, detail, hint string) {
	for _, i := range steps {
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
	if r.stopped == nil && (!answered || refusal.Reason == state.ReasonUnauthorized || refusal.Reason == state.ReasonBusy) {
		r.stopped = err
	}
}
