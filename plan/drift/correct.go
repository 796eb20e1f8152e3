package drift

import (
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
)

// Correction is what a correction may change.
type Correction string

// The corrections.
const (
	Additive Correction = "additive" // no change that takes something from a user
	All      Correction = "all"
)

// mayCorrect reports whether a correction may put the item right. Only drift is corrected.
// Flapping items, accepted items and changes that a run of ours made are not. An item that
// waits today counts too: it may be served once pending changes are left alone.
func (i *Item) mayCorrect(how Correction) bool {
	return i.Class == Drift && i.Flapping == nil && i.Accepted == nil && !i.Ours() && (how == All || !i.takes)
}

// Ours reports whether a run of ours made the latest change of the item, for example an
// undo or a run with other policies. That change was intended, so a nightly correction must
// not revert it.
func (i *Item) Ours() bool { return len(i.Changed) > 0 && i.Changed[0].Ours }

// LeftAlone returns the assignments that a correction must not touch: all that either plan
// would change and that must not be corrected.
func (r *Report) LeftAlone(how Correction) []plan.Pair {
	leave := map[plan.Pair]bool{}
	for _, list := range [][]Item{r.Items, r.Superseded} {
		for i := range list {
			x := &list[i]
			unowned := x.PartNumber != "" && x.sku.IsZero() // an SKU that the tenant does not own: no step can change it
			if !unowned && !x.mayCorrect(how) {
				leave[plan.Pair{User: x.User.ID, SKU: x.sku}] = true
			}
		}
	}
	assignments := make([]plan.Pair, 0, len(leave))
	for assignment := range leave {
		assignments = append(assignments, assignment)
	}
	slices.SortFunc(assignments, func(a, b plan.Pair) int {
		if by := a.User.Compare(b.User); by != 0 {
			return by
		}
		return a.SKU.Compare(b.SKU)
	})
	return assignments
}

// Correct returns the plan that corrects drift and does nothing else: exactly the steps
// that the policies of the last run and today's policies both want. The first input is that of
// today's policies, the second that of the last run.
func Correct(head, last plan.Input, leave []plan.Pair) *plan.Plan {
	last.Filters.Leave, last.Hold = leave, false
	head.Filters.Leave, head.Filters.Approved, head.Mode = leave, explain.Plan(last), plan.ModeCorrections
	return explain.Plan(head)
}

// StepResult is the result of one step of a correction.
type StepResult struct {
	Step   plan.Step
	Result string
	Well   bool // the user is as the step wants
}

// RecordResults records the results of the steps of a correction.
func (r *Report) RecordResults(steps []StepResult) {
	assignments := byAssignment(r.Items)
	for _, s := range steps {
		for _, did := range itemsOfStep(s.Step) {
			for _, x := range assignments[did.assignment()] {
				if (x.Sort == Location) == (did.Sort == Location) {
					x.Result, x.Corrected = s.Result, s.Well
				}
			}
		}
	}
}

// IsApplied reports whether today's policies want no more change that a step could make.
func (r *Report) IsApplied() bool {
	return r.Undecided == "" && r.Count(func(x *Item) bool { return x.Serves() && !x.Corrected }) == 0
}

// StuckKeys returns the keys of pending items that no step can change.
func (r *Report) StuckKeys() []string {
	var keys []string
	for i := range r.Items {
		if x := &r.Items[i]; x.Class == Pending && !x.Serves() {
			keys = append(keys, x.Key)
		}
	}
	return keys
}

// IsDriftFree reports whether no drift is left that a step could correct.
func (r *Report) IsDriftFree() bool {
	return r.Undecided == "" && r.Count(func(x *Item) bool { return x.Class == Drift && x.Serves() && !x.Corrected }) == 0
}
