package drift

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// Move is a user's coming into a selector of the last run's policies, or his leaving it,
// since that run.
type Move struct {
	Policy   string `json:"policy"`
	Selector string `json:"selector"` // as the policy writes it
	Left     bool   `json:"left"`     // he left it, and did not come
}

// Moves says of every item who moved: into a source of a policy behind it, or, where
// something is to be taken, out of any. Both lists are whom the same policies pick, then
// and now; a selector that one of them does not have is passed over.
func (r *Report) Moves(then, now []plan.SourceRecord) {
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
		x.Moved = append([]Move{}, slices.DeleteFunc(slices.Clone(moves[x.User.ID]), func(m Move) bool { return !x.follows(m) })...)
	}
}

// follows says whether a move can be why the item is there.
func (i *Item) follows(m Move) bool {
	if i.Class == Pending {
		return false
	}
	if m.Left {
		return i.way() == takes
	}
	return slices.ContainsFunc(i.Because, func(b plan.Because) bool { return b.Policy == m.Policy })
}

// bySelector are whom selectors pick. Those of a policy that are written alike are one.
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
