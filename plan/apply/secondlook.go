package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// secondLook comes when all chains have ended, some of them early: a step that was to
// free a seat did not succeed, so those behind it were not sent. The SKUs are read
// once more, and whoever finds a seat after all is served, in the plan's order. The
// rest is settled.
func (r *run) secondLook(ctx context.Context, p *plan.Plan) {
	if len(r.broken) > 0 && r.halted(ctx) == nil {
		r.serveBroken(ctx, p)
	}
	for i := range r.steps {
		if failed, broken := r.broken[i]; broken {
			r.settle(i, Outcome{Result: NotSent, Detail: "it needs a step that did not succeed: " + failed, Hint: "plan again"})
		}
	}
}

func (r *run) serveBroken(ctx context.Context, p *plan.Plan) {
	live, err := r.Reader.Read(context.WithoutCancel(ctx), state.Query{SKUs: true})
	if err != nil {
		r.stop(fmt.Errorf("read SKUs: %w", err))
		return
	}
	then := r.taken()
	for {
		batch := r.fitting(r.freeSeats(p, live, then))
		if len(batch) == 0 || r.halted(ctx) != nil {
			return
		}
		for _, i := range batch {
			delete(r.broken, i)
		}
		r.batch(ctx, batch)
	}
}

// freeSeats are the seats that may be handed out: what the service said then, less what
// this run has taken since. If it said too much, since its numbers lag, it refuses the
// step, which does no harm.
func (r *run) freeSeats(p *plan.Plan, live *state.Snapshot, then map[state.SKUID]int) map[state.SKUID]int {
	free, taken := map[state.SKUID]int{}, r.taken()
	for _, sku := range p.SKUs {
		said, _ := live.SKU(sku.ID)
		free[sku.ID] = said.Units() - said.Consumed - sku.Reserve - sku.Pending - (taken[sku.ID] - then[sku.ID])
	}
	return free
}

// taken is by how many seats this run has made each SKU fewer. A write of which
// nothing is known may have taken a seat, and has freed none.
func (r *run) taken() map[state.SKUID]int {
	taken := map[state.SKUID]int{}
	for i, step := range r.steps {
		takes, frees := step.Seats()
		switch r.outcomes[i].Result {
		case Confirmed:
			for _, sku := range frees {
				taken[sku]--
			}
			fallthrough
		case Unknown:
			for _, sku := range takes {
				taken[sku]++
			}
		}
	}
	return taken
}

// fitting are broken steps, a batch at most, that find all their seats and lack
// nothing else.
func (r *run) fitting(free map[state.SKUID]int) []int {
	var fit []int
	for i, step := range r.steps {
		if _, broken := r.broken[i]; !broken || len(fit) == state.MaxWrites || !r.lacksSeatsOnly(step) {
			continue
		}
		takes, _ := step.Seats()
		if slices.ContainsFunc(takes, func(sku state.SKUID) bool { return free[sku] < 1 }) {
			continue
		}
		for _, sku := range takes {
			free[sku]--
		}
		fit = append(fit, i)
	}
	return fit
}

// lacksSeatsOnly says that whatever the step needs and has not is a seat of somebody
// else: not a location, nor an earlier step of the same user.
func (r *run) lacksSeatsOnly(step plan.Step) bool {
	return !slices.ContainsFunc(step.Needs, func(id string) bool {
		i, known := r.byID[id]
		if !known {
			return true
		}
		needed := r.steps[i]
		return !r.outcomes[i].Result.settled() && (needed.Kind == plan.KindLocation || needed.User.ID == step.User.ID)
	})
}
