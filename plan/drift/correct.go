package drift

import (
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
)

// Correction says what may be put right.
type Correction string

// The corrections.
const (
	Additive Correction = "additive" // nothing that takes something from a user
	All      Correction = "all"
)

// corrects says whether an item may be put right: drift alone, and neither what is
// fought over, nor what somebody signed for, nor what a run of ours did. What waits today
// may be served once what is pending is left alone.
func (i *Item) corrects(how Correction) bool {
	return i.Class == Drift && i.Fight == nil && i.Accepted == nil && !i.Ours() && (how == All || !i.takes)
}

// Ours says that it was a run of ours that made the item what it is: somebody took a run
// back, or went by other policies. He meant it, and must not find it done again by night.
func (i *Item) Ours() bool { return len(i.Changed) > 0 && i.Changed[0].Ours }

// Leave are the pairs that a correction must not touch: whatever either plan would
// change and is not to be corrected.
func (r *Report) Leave(how Correction) []plan.Pair {
	leave := map[plan.Pair]bool{}
	for _, list := range [][]Item{r.Items, r.Moot} {
		for i := range list {
			x := &list[i]
			unowned := x.PartNumber != "" && x.sku.IsZero() // nothing can be done about it, and it is no location
			if !unowned && !x.corrects(how) {
				leave[plan.Pair{User: x.User.ID, SKU: x.sku}] = true
			}
		}
	}
	pairs := make([]plan.Pair, 0, len(leave))
	for pair := range leave {
		pairs = append(pairs, pair)
	}
	slices.SortFunc(pairs, func(a, b plan.Pair) int {
		if by := a.User.Compare(b.User); by != 0 {
			return by
		}
		return a.SKU.Compare(b.SKU)
	})
	return pairs
}

// Correct makes the plan that puts drift right and does nothing else: the steps that
// the policies of the last run and those at hand want alike, word for word. The first
// input is of the policies at hand, the second of the last run's.
func Correct(head, last plan.Input, leave []plan.Pair) *plan.Plan {
	last.Filters.Leave, last.Hold = leave, false
	head.Filters.Leave, head.Filters.Approved, head.Mode = leave, explain.Plan(last), plan.ModeCorrections
	return explain.Plan(head)
}

// Done is what became of a step of a correction.
type Done struct {
	Step   plan.Step
	Result string
	Well   bool // the user is as he should be
}

// Settle notes what became of the steps of a correction.
func (r *Report) Settle(steps []Done) {
	pairs := byPair(r.Items)
	for _, s := range steps {
		for _, did := range itemsOfStep(s.Step) {
			for _, x := range pairs[did.pair()] {
				if (x.Sort == Location) == (did.Sort == Location) {
					x.Result, x.Corrected = s.Result, s.Well
				}
			}
		}
	}
}

// Applied says that the policies at hand want nothing more that a step could do.
func (r *Report) Applied() bool {
	return r.Undecided == "" && r.Count(func(x *Item) bool { return x.Serves() && !x.Corrected }) == 0
}

// Stuck are the keys of what is pending and no step can do.
func (r *Report) Stuck() []string {
	var keys []string
	for i := range r.Items {
		if x := &r.Items[i]; x.Class == Pending && !x.Serves() {
			keys = append(keys, x.Key)
		}
	}
	return keys
}

// Whole says that no drift is left that a step would put right.
func (r *Report) Whole() bool {
	return r.Undecided == "" && r.Count(func(x *Item) bool { return x.Class == Drift && x.Serves() && !x.Corrected }) == 0
}
