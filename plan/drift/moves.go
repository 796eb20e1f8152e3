package drift

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// Move records that a user entered or left a selector of the last run's policies since that
// run.
type Move struct {
	Policy   string `json:"policy"`
	Selector string `json:"selector"` // as the policy writes it
	Left     bool   `json:"left"`     // the user left it; false: the user entered it
}

// MarkMoves records for every item the user's moves into sources of the policies behind it. For
// an item that removes something, it also records moves out of any source. Both lists have
// the users that the same policies select, at the last run and now. A selector that only
// one of them has is skipped.
func (r *Report) MarkMoves(then, now []plan.SourceRecord) {
	moves := map[state.UserID][]Move{}
	was, is := bySelector(then), bySelector(now)
	for selector, before := range was {
		after, still := is[selector]
		if !still {
			continue
		}
		for id := range after {
			if !before[id] {
				moves[id] = append(moves[id], selector)
			}
		}
		selector.Left = true
		for id := range before {
			if !after[id] {
				moves[id] = append(moves[id], selector)
			}
		}
	}
	for _, all := range moves {
		slices.SortFunc(all, func(a, b Move) int {
			return cmp.Or(cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Selector, b.Selector))
		})
	}
	for i := range r.Items {
		x := &r.Items[i]
		x.Moved = append([]Move{}, slices.DeleteFunc(slices.Clone(moves[x.User.ID]), func(m Move) bool { return !x.isCausedBy(m) })...)
	}
}

// isCausedBy reports whether a move can be the reason for the item.
func (i *Item) isCausedBy(m Move) bool {
	if i.Class == Pending {
		return false
	}
	if m.Left {
		return i.direction() == takes
	}
	return slices.ContainsFunc(i.Because, func(b plan.Because) bool { return b.Policy == m.Policy })
}

// bySelector returns the users that each selector selects. Selectors of a policy with the
// same text are one.
func bySelector(sources []plan.SourceRecord) map[Move]map[state.UserID]bool {
	picked := map[Move]map[state.UserID]bool{}
	for _, source := range sources {
		if source.Protects {
			continue
		}
		selector := Move{Policy: source.Policy, Selector: source.Selector}
		if picked[selector] == nil {
			picked[selector] = map[state.UserID]bool{}
		}
		for _, id := range source.Users {
			picked[selector][id] = true
		}
	}
	return picked
}
