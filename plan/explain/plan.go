package explain

import (
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// Plan computes a plan and completes the parts of it that only report: inputs, sources,
// schedule, cost and notes.
func Plan(in plan.Input) *plan.Plan {
	p, d := plan.Compute(in)
	complete(in, p, d)
	p.Sources = comparer{in, d}.sources()
	p.Outcomes.Notes = notes(in, p, d).sorted()
	return p
}

// Undo computes the plan that takes a run back, and completes it like [Plan].
func Undo(in plan.Input, of plan.UndoOf, done []plan.Step) *plan.Plan {
	p, d := plan.Undo(in, of, done)
	complete(in, p, d)
	p.Sources = []plan.SourceChange{} // no policy has a part in it
	n := notes(in, p, d)
	deleted := map[state.UserID]bool{}
	for _, step := range done {
		if _, found := in.Snapshot.Find(step.User.ID); !found && !deleted[step.User.ID] {
			deleted[step.User.ID] = true
			n.count(1, "a user that the run changed was deleted: nothing can be restored")
		}
	}
	p.Outcomes.Notes = n.sorted()
	return p
}

func complete(in plan.Input, p *plan.Plan, d *plan.Details) {
	p.Inputs = inputs(in, p.CreatedAt)
	p.Schedule = schedule(in.Rate, in.Catalog, p, d)
	p.Cost = cost(in.Set.Prices, p, d)
}
