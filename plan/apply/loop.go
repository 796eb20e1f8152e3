package apply

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// usualWaits are the waits for a write to show, which usually takes no longer, and for
// another try after a refusal that this run may have caused itself.
var usualWaits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// longWait is the wait between looks after that.
const longWait = 30 * time.Second

// runLoop runs until no step is in progress.
func (r *run) runLoop(ctx context.Context) {
	for {
		if why := r.stopReason(ctx); why != nil {
			r.settleUnsent(why)
		}
		r.startBatches(ctx)
		if r.inFlight > 0 {
			r.handleResult(ctx, <-r.results)
			r.inFlight--
			r.recordOutcomes()
			continue
		}
		if len(r.later) == 0 {
			return
		}
		r.sleepUntilDue(ctx)
	}
}

// startBatches starts as many batches as may be in flight. Looks come first, since other
// steps wait for what they show.
func (r *run) startBatches(ctx context.Context) {
	flight := context.WithoutCancel(ctx) // what is in flight is finished even after a signal
	for r.inFlight < cmp.Or(r.Parallel, defaultParallel) {
		looking, batch := r.dueBatch()
		if len(batch) == 0 {
			if batch = r.readyBatch(); len(batch) == 0 {
				return
			}
		}
		r.inFlight++
		if looking {
			go func() { r.results <- r.look(flight, batch) }()
			continue
		}
		task := r.newAttempt(batch)
		go func() { r.results <- task.run(flight) }()
	}
}

// dueBatch returns steps that are due: to be looked at, or else to be tried again.
func (r *run) dueBatch() (looking bool, batch []int) {
	now := r.now()
	for _, i := range r.later {
		t := r.tracks[i]
		if t.due.After(now) || len(batch) > 0 && t.sent != looking {
			continue
		}
		looking = t.sent
		if batch = append(batch, i); len(batch) == state.MaxWrites {
			break
		}
	}
	r.later = slices.DeleteFunc(r.later, func(i int) bool { return slices.Contains(batch, i) })
	return looking, batch
}

// readyBatch returns steps that have what they need, one for each user.
func (r *run) readyBatch() []int {
	var batch, busy []int
	for len(r.queue) > 0 && len(batch) < state.MaxWrites {
		i := r.queue[0]
		r.queue = r.queue[1:]
		step := r.steps[i]
		_, taken := r.users[step.User.ID]
		switch {
		case r.outcomes[i].Result != "":
		case taken:
			busy = append(busy, i)
		case r.forbidden[permissionOf(step)] != nil:
			r.notSent(i, r.forbidden[permissionOf(step)])
		case r.lacksSeat(i):
			r.setAside(i, "no seat is left")
		default:
			r.users[step.User.ID] = i
			r.tracks[i].started = true
			batch = append(batch, i)
		}
	}
	r.queue = append(busy, r.queue...)
	return batch
}

// sleepUntilDue waits until the next step is due. Once the run has stopped, no signal ends
// the wait: what is in flight is looked at as long as its effect usually takes to show.
func (r *run) sleepUntilDue(ctx context.Context) {
	next := slices.MinFunc(r.later, func(a, b int) int { return r.tracks[a].due.Compare(r.tracks[b].due) })
	if r.stopReason(ctx) != nil {
		ctx = context.WithoutCancel(ctx)
	}
	d := r.tracks[next].due.Sub(r.now())
	before := r.now()
	if r.wait(ctx, d) == nil {
		if passed := r.now().Sub(before); passed < d {
			r.slept += d - passed
		}
	}
}

// now returns the time of the clock plus all waits that did not show on it.
func (r *run) now() time.Time {
	if r.Now != nil {
		return r.Now().Add(r.slept)
	}
	return time.Now().Add(r.slept)
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

// settle records the outcome of a step and lets the steps run that wait for it.
func (r *run) settle(i int, outcome Outcome) {
	outcome.Step = r.steps[i]
	r.outcomes[i] = outcome
	if user := r.steps[i].User.ID; r.tracks[i].started && r.users[user] == i {
		delete(r.users, user)
	}
	r.unrecorded = append(r.unrecorded, outcome)
	if r.Progress != nil {
		r.Progress(outcome)
	}
	r.countFailure(outcome)
	for _, dependent := range r.tracks[i].dependents {
		r.notifyDependent(dependent, i)
	}
}

// notifyDependent updates a step after a step that it needs is settled.
func (r *run) notifyDependent(i, needed int) {
	t := &r.tracks[i]
	if t.isAside || r.outcomes[i].Result != "" {
		return
	}
	if !r.outcomes[needed].Result.hasEffect() {
		r.setAside(i, "it needs a step that did not succeed: "+r.steps[needed].String())
		return
	}
	if t.missing--; t.missing == 0 && t.released {
		r.queue = append(r.queue, i)
	}
}

// setAside puts a step aside until the end, with all steps that need it. Other steps may
// have left a seat by then.
func (r *run) setAside(i int, why string) {
	t := &r.tracks[i]
	t.isAside, t.asideReason = true, why
	r.aside = append(r.aside, i)
	for _, dependent := range t.dependents {
		if r.outcomes[dependent].Result == "" && !r.tracks[dependent].isAside {
			r.setAside(dependent, "it needs a step that did not succeed: "+r.steps[i].String())
		}
	}
}

// runSecondRound reads the SKUs once more and carries out the steps set aside for which
// there are seats now: seats that other steps left, or that another writer freed.
func (r *run) runSecondRound(ctx context.Context) {
	aside := slices.Clone(r.aside)
	slices.Sort(aside)
	if len(aside) > 0 && r.stopReason(ctx) == nil {
		free := r.freeSeats(ctx)
		for _, i := range aside {
			r.retryAside(i, free)
		}
		r.runLoop(ctx)
	}
	for _, i := range aside {
		if r.outcomes[i].Result == "" {
			r.settle(i, Outcome{Result: NotSent, Detail: r.tracks[i].asideReason, Hint: planAgain})
		}
	}
}

func (r *run) freeSeats(ctx context.Context) map[state.SKUID]int {
	free := map[state.SKUID]int{}
	snapshot, err := r.Reader.Read(context.WithoutCancel(ctx), state.Query{SKUs: true})
	if err != nil {
		return free // no step runs without a seat that is known to be free
	}
	for _, sku := range snapshot.SKUs {
		free[sku.ID] = sku.Units() - sku.Consumed - r.reserve[sku.ID]
	}
	return free
}

// retryAside lets a step that was set aside run if there are seats for it. A step that
// frees a seat for it may run in this round too.
func (r *run) retryAside(i int, free map[state.SKUID]int) {
	step, open := r.steps[i], 0
	takes, _ := step.Seats()
	for _, id := range step.Needs {
		needed, known := r.byID[id]
		switch {
		case !known:
			return
		case r.outcomes[needed].Result.hasEffect():
		case r.outcomes[needed].Result == "" && r.tracks[needed].retried:
			open++ // it runs too, and frees its seat as planned
			_, frees := r.steps[needed].Seats()
			takes = slices.DeleteFunc(takes, func(sku state.SKUID) bool { return slices.Contains(frees, sku) })
		case permissionOf(r.steps[needed]) == 0 || r.steps[needed].User.ID == step.User.ID || !freesLicenseFor(r.steps[needed], step):
			return // the need is not about a seat
		}
	}
	if slices.ContainsFunc(takes, func(sku state.SKUID) bool { return free[sku] < 1 }) {
		return
	}
	for _, sku := range takes {
		free[sku]--
		delete(r.full, sku)
	}
	t := &r.tracks[i]
	t.retried, t.isAside, t.missing = true, false, open
	if open == 0 {
		r.queue = append(r.queue, i)
	}
}

// lacksSeat reports whether the step takes a seat of a SKU that has none left, and no step
// of this run has just freed one for it.
func (r *run) lacksSeat(i int) bool {
	takes, _ := r.steps[i].Seats()
	return slices.ContainsFunc(takes, func(sku state.SKUID) bool {
		return r.full[sku] && !slices.ContainsFunc(r.steps[i].Needs, func(id string) bool {
			needed, known := r.byID[id]
			return known && r.outcomes[needed].Result.hasEffect() && slices.ContainsFunc(r.steps[needed].Removes(), func(l plan.License) bool { return l.SKU == sku })
		})
	})
}
