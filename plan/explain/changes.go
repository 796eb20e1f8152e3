package explain

import (
	"iter"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/state"
)

// change is what one license step does to the paths of its user.
type change struct {
	user          plan.UserDetails
	before, after []state.Path
	gives         []state.SKUID // of which the user gets a direct path
}

// changes walks the license steps in their order. The second step of a user begins where
// the first one ended.
func changes(p *plan.Plan, d *plan.Details) iter.Seq[change] {
	return func(yield func(change) bool) {
		reached := map[state.UserID][]state.Path{}
		for i, step := range p.Steps {
			if step.Kind == plan.KindLocation {
				continue
			}
			user := d.Step(i).User
			before, known := reached[step.User.ID]
			if !known {
				before = user.User().Paths()
			}
			write := step.Change()
			after := effective.After(before, write)
			reached[step.User.ID] = after
			if !yield(change{user, before, after, given(before, write.Add)}) {
				return
			}
		}
	}
}

// given returns the SKUs of which a user gets the first direct path.
func given(before []state.Path, add []state.License) []state.SKUID {
	var skus []state.SKUID
	for _, license := range add {
		held := false
		for _, path := range before {
			held = held || path.Direct() && path.SKU == license.SKU
		}
		if !held {
			skus = append(skus, license.SKU)
		}
	}
	return skus
}
