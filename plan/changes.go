package plan

import (
	"iter"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/state"
)

// change is what one licence step does to the paths of its user.
type change struct {
	before, after []state.Path
}

// changes walks the licence steps in their order. A user's second step begins where
// his first one ended.
func changes(steps []*draft) iter.Seq2[*draft, change] {
	return func(yield func(*draft, change) bool) {
		reached := map[state.UserID][]state.Path{}
		for _, d := range steps {
			if d.Kind == KindLocation {
				continue
			}
			before, known := reached[d.User.ID]
			if !known {
				before = d.person.user.Paths()
			}
			after := effective.After(before, d.Change())
			reached[d.User.ID] = after
			if !yield(d, change{before, after}) {
				return
			}
		}
	}
}
