package plan

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// filter leaves out what flags exclude, before any seat is promised. It takes whole
// steps: with --no-removals a user from whom anything would be taken is left alone,
// his swaps too, since half a swap is worth less than none.
func (p *planner) filter(people []*person) {
	approved := p.approvedTouches()
	for _, x := range people {
		switch {
		case p.Filters.NoRemovals && slices.ContainsFunc(x.units, (*unit).removes):
			x.drop(func(*unit) bool { return true })
		case p.Filters.Approved != nil:
			x.drop(func(u *unit) bool { return !u.within(approved[x.user.ID()]) })
		}
	}
}

// drop filters units out.
func (x *person) drop(which func(*unit) bool) {
	x.units = slices.DeleteFunc(x.units, func(u *unit) bool {
		if !which(u) {
			return false
		}
		u.each(func(y *pair) {
			if y.fate.changes() {
				y.fate = fateFiltered
			}
		})
		return true
	})
}

// approvedTouches are, for each user, the SKUs that each approved step touches.
func (p *planner) approvedTouches() map[state.UserID][][]state.SKUID {
	if p.Filters.Approved == nil {
		return nil
	}
	touches := map[state.UserID][][]state.SKUID{}
	for _, step := range p.Filters.Approved.Steps {
		if step.Kind != KindLocation {
			touches[step.User.ID] = append(touches[step.User.ID], step.touched())
		}
	}
	return touches
}

// within says whether an approved step could hold everything the unit changes.
func (u *unit) within(touches [][]state.SKUID) bool {
	return slices.ContainsFunc(touches, func(touched []state.SKUID) bool {
		for _, i := range u.pairs {
			if y := u.person.pairs[i]; y.fate.changes() && !slices.Contains(touched, y.sku) {
				return false
			}
		}
		return true
	})
}

// dropUnapproved takes out the steps that are not in the approved plan, word for
// word, and says whether there were any; then seats must be handed out anew.
func (p *planner) dropUnapproved(steps []*draft) bool {
	if p.Filters.Approved == nil {
		return false
	}
	approved := map[string]bool{}
	for _, step := range p.Filters.Approved.Steps {
		approved[step.ID] = true
	}
	dropped := false
	for _, draft := range steps {
		if approved[draft.ID] {
			continue
		}
		dropped = true
		if draft.Kind == KindLocation {
			draft.person.dropLocation()
		} else {
			draft.person.drop(func(u *unit) bool { return slices.Contains(draft.units, u) })
		}
	}
	return dropped
}

// dropLocation leaves the location step out, and what needs it.
func (x *person) dropLocation() {
	x.locating = false
	if x.location.before == "" {
		x.drop((*unit).assigns)
	}
}

// assigns says whether the unit assigns anything, which needs a location.
func (u *unit) assigns() bool {
	return slices.ContainsFunc(u.pairs, func(i int) bool {
		fate := u.person.pairs[i].fate
		return fate == fateAdd || fate == fatePlans
	})
}
