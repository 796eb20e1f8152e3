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
	approved, leave := f.approvedTouches(), f.leaveSet()
	for _, x := range users {
		all := func(*swapGroup) bool { return true }
		if x.locating && leave[Pair{User: x.user.ID()}] {
			x.dropLocation(DispositionFiltered)
		}
		x.drop(func(u *swapGroup) bool { return u.changesAny(leave) }, DispositionFiltered)
		if f.NoRemovals && slices.ContainsFunc(x.groups, (*swapGroup).removes) || f.hasTerms() && !f.letsThrough(x.licenseSubject()) {
			x.drop(all, DispositionFiltered)
		}
		if x.locating && f.hasTerms() && !f.letsThrough(x.locationSubject()) {
			x.dropLocation(DispositionFiltered)
		}
		if f.Approved != nil {
			x.drop(func(u *swapGroup) bool { return !u.fitsInto(approved[x.user.ID()]) }, DispositionFiltered)
		}
	}
}

// leaveSet returns the assignments that no step may change.
func (f Filters) leaveSet() map[Pair]bool {
	left := map[Pair]bool{}
	for _, assignment := range f.Leave {
		left[assignment] = true
	}
	return left
}

// changesAny reports whether the group would change one of the assignments.
func (u *swapGroup) changesAny(assignments map[Pair]bool) bool {
	return len(assignments) > 0 && slices.ContainsFunc(u.assignments, func(i int) bool {
		y := u.userPlan.assignments[i]
		return y.disposition.changes() && assignments[Pair{u.userPlan.user.ID(), y.sku}]
	})
}

// subject holds the properties of a step that the terms of --only and --exclude look at.
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

func (f Filters) hasTerms() bool { return len(f.Only)+len(f.Exclude) > 0 }

// letsThrough reports whether --only and --exclude let a step through.
func (f Filters) letsThrough(s subject) bool {
	if len(f.Only) > 0 && !slices.ContainsFunc(f.Only, s.isNamedBy) {
		return false
	}
	return !slices.ContainsFunc(f.Exclude, s.isNamedBy)
}

func (s subject) isNamedBy(t Term) bool {
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

// drop removes groups from all later stages.
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

// approvedTouches returns, for each user, the SKUs that each approved step changes.
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

// fitsInto reports whether one approved step has all SKUs that the group changes.
func (u *swapGroup) fitsInto(touches [][]state.SKUID) bool {
	return slices.ContainsFunc(touches, func(touched []state.SKUID) bool {
		for _, i := range u.assignments {
			if y := u.userPlan.assignments[i]; y.disposition.changes() && !slices.Contains(touched, y.sku) {
				return false
			}
		}
		return true
	})
}

// dropFiltered drops steps that filters exclude, and reports whether there were any. If one
// swap group of a user waits for a seat, the rest of the user is another step than the one
// that was chosen. Seats must then be allocated again.
func dropFiltered(f Filters, steps []*pendingStep) bool {
	approved := map[string]bool{}
	if f.Approved != nil {
		for _, step := range f.Approved.Steps {
			approved[step.ID] = true
		}
	}
	dropped := false
	for _, d := range steps {
		if f.Approved != nil && !approved[d.ID] || f.hasTerms() && d.Kind != KindLocation && !f.letsThrough(d.subject()) {
			d.drop(DispositionFiltered)
			dropped = true
		}
	}
	return dropped
}

func (d *pendingStep) subject() subject {
	return subject{user: d.User.UserPrincipalName, skus: d.touched(), policies: d.deciding, kind: d.Kind}
}

// drop removes the groups of the step from all later stages.
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

// assigns reports whether the group assigns anything, which needs a location.
func (u *swapGroup) assigns() bool {
	return slices.ContainsFunc(u.assignments, func(i int) bool {
		done := u.userPlan.assignments[i].disposition
		return done == DispositionAdd || done == DispositionPlans
	})
}
