package apply

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// patience is how long a write usually takes to show, and how often a refusal that
// this run may have caused itself is tried again.
var patience = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// slowly is how long to wait between looks after that.
const slowly = 30 * time.Second

// loop carries on until nothing is under way any more.
func (r *run) loop(ctx context.Context) {
	for {
		if why := r.halted(ctx); why != nil {
			r.halt(why)
		}
		r.start(ctx)
		if r.inFlight > 0 {
			r.land(ctx, <-r.results)
			r.inFlight--
			r.flush()
			continue
		}
		if len(r.later) == 0 {
			return
		}
		r.sleep(ctx)
	}
}

// start sends out as much as may be under way at a time: looks first, since others
// wait for what they show.
func (r *run) start(ctx context.Context) {
	flight := context.WithoutCancel(ctx) // what is under way is finished, whatever the signal
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
		task := r.attemptOf(batch)
		go func() { r.results <- task.run(flight) }()
	}
}

// dueBatch takes steps whose time has come: to be looked at, or else to be tried again.
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

// readyBatch takes steps that have what they need, one for each user.
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
		case r.forbidden[sortOf(step)] != nil:
			r.notSent(i, r.forbidden[sortOf(step)])
		case r.noSeat(i):
			r.orphan(i, "no seat is left")
		default:
			r.users[step.User.ID] = i
			r.tracks[i].started = true
			batch = append(batch, i)
		}
	}
	r.queue = append(busy, r.queue...)
	return batch
}

// sleep waits until the next step is due. Once the run is halted no signal cuts it
// short: what is under way is looked at as long as it usually takes to show.
func (r *run) sleep(ctx context.Context) {
	next := slices.MinFunc(r.later, func(a, b int) int { return r.tracks[a].due.Compare(r.tracks[b].due) })
	if r.halted(ctx) != nil {
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

// now is the clock with all the waits that did not show on it.
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

// settle says what became of a step, and lets those go that waited for it.
func (r *run) settle(i int, outcome Outcome) {
	outcome.Step = r.steps[i]
	r.outcomes[i] = outcome
	if user := r.steps[i].User.ID; r.tracks[i].started && r.users[user] == i {
		delete(r.users, user)
	}
	r.unkept = append(r.unkept, outcome)
	if r.Progress != nil {
		r.Progress(outcome)
	}
	r.count(outcome)
	for _, fed := range r.tracks[i].feeds {
		r.feed(fed, i)
	}
}

// feed tells a step what became of one that it needs.
func (r *run) feed(i, needed int) {
	t := &r.tracks[i]
	if t.aside || r.outcomes[i].Result != "" {
		return
	}
	if !r.outcomes[needed].Result.settled() {
		r.orphan(i, "it needs a step that did not succeed: "+r.steps[needed].String())
		return
	}
	if t.missing--; t.missing == 0 && t.released {
		r.queue = append(r.queue, i)
	}
}

// orphan puts a step aside, with all that need it, until the end: others may have
// left a seat by then.
func (r *run) orphan(i int, why string) {
	t := &r.tracks[i]
	t.aside, t.orphaned = true, why
	r.orphans = append(r.orphans, i)
	for _, fed := range t.feeds {
		if r.outcomes[fed].Result == "" && !r.tracks[fed].aside {
			r.orphan(fed, "it needs a step that did not succeed: "+r.steps[i].String())
		}
	}
}

// second reads the SKUs once more, and carries out the orphans that fit: seats that
// others left, or that somebody has freed.
func (r *run) second(ctx context.Context) {
	orphans := slices.Clone(r.orphans)
	slices.Sort(orphans)
	if len(orphans) > 0 && r.halted(ctx) == nil {
		free := r.freeSeats(ctx)
		for _, i := range orphans {
			r.adopt(i, free)
		}
		r.loop(ctx)
	}
	for _, i := range orphans {
		if r.outcomes[i].Result == "" {
			r.settle(i, Outcome{Result: NotSent, Detail: r.tracks[i].orphaned, Hint: "plan again"})
		}
	}
}

func (r *run) freeSeats(ctx context.Context) map[state.SKUID]int {
	free := map[state.SKUID]int{}
	snapshot, err := r.Reader.Read(context.WithoutCancel(ctx), state.Query{SKUs: true})
	if err != nil {
		return free // nobody is served without a seat that is known
	}
	for _, sku := range snapshot.SKUs {
		free[sku.ID] = sku.Units() - sku.Consumed - r.reserve[sku.ID]
	}
	return free
}

// adopt lets an orphan go if there are seats for it, or the step that it needs goes now.
func (r *run) adopt(i int, free map[state.SKUID]int) {
	step, open := r.steps[i], 0
	takes, _ := step.Seats()
	for _, id := range step.Needs {
		needed, known := r.byID[id]
		switch {
		case !known:
			return
		case r.outcomes[needed].Result.settled():
		case r.outcomes[needed].Result == "" && r.tracks[needed].adopted:
			open++ // it goes too, and leaves its seat as it was to
			_, frees := r.steps[needed].Seats()
			takes = slices.DeleteFunc(takes, func(sku state.SKUID) bool { return slices.Contains(frees, sku) })
		case sortOf(r.steps[needed]) == 0 || r.steps[needed].User.ID == step.User.ID || !frees(r.steps[needed], step):
			return // it is not for a seat
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
	t.adopted, t.aside, t.missing = true, false, open
	if open == 0 {
		r.queue = append(r.queue, i)
	}
}

// noSeat says that the step takes a seat of a SKU that has none left, and that no
// step of this run has just freed it one.
func (r *run) noSeat(i int) bool {
	takes, _ := r.steps[i].Seats()
	return slices.ContainsFunc(takes, func(sku state.SKUID) bool {
		return r.full[sku] && !slices.ContainsFunc(r.steps[i].Needs, func(id string) bool {
			needed, known := r.byID[id]
			return known && r.outcomes[needed].Result.settled() && slices.ContainsFunc(r.steps[needed].Removes(), func(l plan.License) bool { return l.SKU == sku })
		})
	})
}
