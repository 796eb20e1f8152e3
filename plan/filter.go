package plan

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// applyFilters leaves out what flags exclude, before any seat is promised. It takes whole
// steps: with --no-removals a user that would lose anything is left alone, swaps
// included, since half a swap is worse than none.
func applyFilters(f Filters, users []*userPlan) {
	approved, leave := f.approvedTouches(), f.left()
	for _, x := range users {
		all := func(*swapGroup) bool { return true }
		if x.locating && leave[Pair{User: x.user.ID()}] {
			x.dropLocation(DispositionFiltered)
		}
		x.drop(func(u *swapGroup) bool { return u.among(leave) }, DispositionFiltered)
		if f.NoRemovals && slices.ContainsFunc(x.groups, (*swapGroup).removes) || f.chooses() && !f.chosen(x.licenseSubject()) {
			x.drop(all, DispositionFiltered)
		}
		if x.locating && f.chooses() && !f.chosen(x.locationSubject()) {
			x.dropLocation(DispositionFiltered)
		}
		if f.Approved != nil {
			x.drop(func(u *swapGroup) bool { return !u.within(approved[x.user.ID()]) }, DispositionFiltered)
		}
	}
}

// left are the assignments that nothing may change.
func (f Filters) left() map[Pair]bool {
	left := map[Pair]bool{}
	for _, assignment := range f.Leave {
		left[assignment] = true
	}
	return left
}

// among says whether the group would change one of the assignments.
func (u *swapGroup) among(assignments map[Pair]bool) bool {
	return len(assignments) > 0 && slices.ContainsFunc(u.assignments, func(i int) bool {
		y := u.userPlan.assignments[i]
		return y.disposition.changes() && assignments[Pair{u.userPlan.user.ID(), y.sku}]
	})
}

// subject is what the terms of --only and --exclude ask a step about.
type subject struct {
	user     string
	skus     []state.SKUID
	policies []string
	kind     Kind
}

// licenseSubject describes the license step of a user, all groups together.
func (x *userPlan) licenseSubject() subject {
	s := subject{user: x.user.UserPrincipalName(), kind: KindPlans}
	adds, removes := false, false
	for _, u := range x.groups {
		u.each(func(y *assignment) {
			if !y.disposition.changes() {
				return
			}
			adds, removes = adds || y.disposition == DispositionAdd, removes || y.disposition == DispositionRemove
			s.skus = append(s.skus, y.sku)
			s.policies = y.appendDeciding(s.policies)
		})
	}
	switch {
	case adds && removes:
		s.kind = KindReplace
	case adds:
		s.kind = KindAdd
	case removes:
		s.kind = KindRemove
	}
	return s
}

func (x *userPlan) locationSubject() subject {
	return subject{user: x.user.UserPrincipalName(), kind: KindLocation, policies: x.location.deciding()}
}

func (f Filters) chooses() bool { return len(f.Only)+len(f.Exclude) > 0 }

// chosen says whether --only and --exclude let a step through.
func (f Filters) chosen(s subject) bool {
	if len(f.Only) > 0 && !slices.ContainsFunc(f.Only, s.fits) {
		return false
	}
	return !slices.ContainsFunc(f.Exclude, s.fits)
}

func (s subject) fits(t Term) bool {
	switch {
	case t.User != "":
		return strings.EqualFold(t.User, s.user)
	case !t.SKU.IsZero():
		return slices.Contains(s.skus, t.SKU)
	case t.Policy != "":
		return slices.Contains(s.policies, t.Policy)
	}
	return t.Kind == s.kind
}

// drop takes groups out, for good.
func (x *userPlan) drop(which func(*swapGroup) bool, as Disposition) {
	x.groups = slices.DeleteFunc(x.groups, func(u *swapGroup) bool {
		if !which(u) {
			return false
		}
		u.each(func(y *assignment) {
			if y.disposition.changes() {
				y.disposition = as
			}
		})
		return true
	})
}

// approvedTouches are, for each user, the SKUs that each approved step touches.
func (f Filters) approvedTouches() map[state.UserID][][]state.SKUID {
	if f.Approved == nil {
		return nil
	}
	touches := map[state.UserID][][]state.SKUID{}
	for _, step := range f.Approved.Steps {
		if step.Kind != KindLocation {
			touches[step.User.ID] = append(touches[step.User.ID], step.touched())
		}
	}
	return touches
}

// within says whether an approved step could hold everything the group changes.
func (u *swapGroup) within(touches [][]state.SKUID) bool {
	return slices.ContainsFunc(touches, func(touched []state.SKUID) bool {
		for _, i := range u.assignments {
			if y := u.userPlan.assignments[i]; y.disposition.changes() && !slices.Contains(touched, y.sku) {
				return false
			}
		}
		return true
	})
}

// dropFiltered drops the steps that must not be done as they have come out, and reports
// whether there were any: a swap group of a user that waits for a seat leaves another
// step behind than the one that was chosen. Seats must then be allocated again.
func dropFiltered(f Filters, steps []*pendingStep) bool {
	approved := map[string]bool{}
	if f.Approved != nil {
		for _, step := range f.Approved.Steps {
			approved[step.ID] = true
		}
	}
	dropped := false
	for _, d := range steps {
		if f.Approved != nil && !approved[d.ID] || f.chooses() && d.Kind != KindLocation && !f.chosen(d.subject()) {
			d.drop(DispositionFiltered)
			dropped = true
		}
	}
	return dropped
}

func (d *pendingStep) subject() subject {
	return subject{user: d.User.UserPrincipalName, skus: d.touched(), policies: d.deciding, kind: d.Kind}
}

// drop takes out what the step would do, for good.
func (d *pendingStep) drop(as Disposition) {
	if d.Kind == KindLocation {
		d.userPlan.dropLocation(as)
		return
	}
	d.userPlan.drop(func(u *swapGroup) bool { return slices.Contains(d.groups, u) }, as)
}

// dropLocation leaves the location step out, and what needs it.
func (x *userPlan) dropLocation(as Disposition) {
	x.locating, x.location.dropped = false, as
	if x.location.before == "" {
		x.drop((*swapGroup).assigns, as)
	}
}

// assigns says whether the group assigns anything, which needs a location.
func (u *swapGroup) assigns() bool {
	return slices.ContainsFunc(u.assignments, func(i int) bool {
		done := u.userPlan.assignments[i].disposition
		return done == DispositionAdd || done == DispositionPlans
	})
}
