package plan

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// filter leaves out what flags exclude, before any seat is promised. It takes whole
// steps: with --no-removals a user from whom anything would be taken is left alone,
// his swaps too, since half a swap is worth less than none.
func (p *planner) filter(people []*person) {
	approved := p.approvedTouches()
	leave := p.Filters.left()
	for _, x := range people {
		all := func(*unit) bool { return true }
		if x.locating && leave[Pair{User: x.user.ID()}] {
			x.dropLocation(fateFiltered)
		}
		x.drop(func(u *unit) bool { return u.among(leave) }, fateFiltered)
		if p.Filters.NoRemovals && slices.ContainsFunc(x.units, (*unit).removes) || p.chooses() && !p.chosen(x.describe(p)) {
			x.drop(all, fateFiltered)
		}
		if x.locating && p.chooses() && !p.chosen(x.describeLocation()) {
			x.dropLocation(fateFiltered)
		}
		if p.Filters.Approved != nil {
			x.drop(func(u *unit) bool { return !u.within(approved[x.user.ID()]) }, fateFiltered)
		}
	}
}

// left are the pairs that nothing may change.
func (f Filters) left() map[Pair]bool {
	left := map[Pair]bool{}
	for _, pair := range f.Leave {
		left[pair] = true
	}
	return left
}

// among says whether the unit would change one of the pairs.
func (u *unit) among(pairs map[Pair]bool) bool {
	return len(pairs) > 0 && slices.ContainsFunc(u.pairs, func(i int) bool {
		y := u.person.pairs[i]
		return y.fate.changes() && pairs[Pair{u.person.user.ID(), y.sku}]
	})
}

// subject is what the terms of --only and --exclude ask a step about.
type subject struct {
	user     string
	skus     []state.SKUID
	policies []string
	kind     Kind
}

// describe speaks of the licence step of a user, all his units together.
func (x *person) describe(p *planner) subject {
	s := subject{user: x.user.UserPrincipalName(), kind: KindPlans}
	adds, removes := false, false
	for _, u := range x.units {
		u.each(func(y *pair) {
			if !y.fate.changes() {
				return
			}
			adds, removes = adds || y.fate == fateAdd, removes || y.fate == fateRemove
			s.skus = append(s.skus, y.sku)
			for _, b := range p.because(*y) {
				s.policies = append(s.policies, b.Policy)
			}
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

func (x *person) describeLocation() subject {
	s := subject{user: x.user.UserPrincipalName(), kind: KindLocation}
	for _, w := range x.location.winners {
		s.policies = append(s.policies, w.policy.Name)
	}
	return s
}

func (p *planner) chooses() bool { return len(p.Filters.Only)+len(p.Filters.Exclude) > 0 }

// chosen says whether --only and --exclude let a step through.
func (p *planner) chosen(s subject) bool {
	if len(p.Filters.Only) > 0 && !slices.ContainsFunc(p.Filters.Only, s.fits) {
		return false
	}
	return !slices.ContainsFunc(p.Filters.Exclude, s.fits)
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

// drop takes units out, for good.
func (x *person) drop(which func(*unit) bool, as fate) {
	x.units = slices.DeleteFunc(x.units, func(u *unit) bool {
		if !which(u) {
			return false
		}
		u.each(func(y *pair) {
			if y.fate.changes() {
				y.fate = as
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

// filteredOut says which steps are not to be, as they have come out: a unit of a user
// that waits for a seat leaves another step behind than the one that was chosen.
func (p *planner) filteredOut() func(*draft) bool {
	approved := map[string]bool{}
	if p.Filters.Approved != nil {
		for _, step := range p.Filters.Approved.Steps {
			approved[step.ID] = true
		}
	}
	return func(d *draft) bool {
		return p.Filters.Approved != nil && !approved[d.ID] || p.chooses() && d.Kind != KindLocation && !p.chosen(d.describe())
	}
}

// describe speaks of one step.
func (d *draft) describe() subject {
	s := subject{user: d.User.UserPrincipalName, skus: d.touched(), kind: d.Kind}
	for _, b := range d.Because {
		s.policies = append(s.policies, b.Policy)
	}
	return s
}

// dropSteps takes steps out and says whether there were any; then seats must be
// handed out anew.
func dropSteps(steps []*draft, which func(*draft) bool) bool {
	dropped := false
	for _, draft := range steps {
		if !which(draft) {
			continue
		}
		dropped = true
		draft.drop(fateFiltered)
	}
	return dropped
}

// drop takes out what the step would do, for good.
func (d *draft) drop(as fate) {
	if d.Kind == KindLocation {
		d.person.dropLocation(as)
		return
	}
	d.person.drop(func(u *unit) bool { return slices.Contains(d.units, u) }, as)
}

// dropLocation leaves the location step out, and what needs it.
func (x *person) dropLocation(as fate) {
	x.locating, x.location.dropped = false, as
	if x.location.before == "" {
		x.drop((*unit).assigns, as)
	}
}

// assigns says whether the unit assigns anything, which needs a location.
func (u *unit) assigns() bool {
	return slices.ContainsFunc(u.pairs, func(i int) bool {
		fate := u.person.pairs[i].fate
		return fate == fateAdd || fate == fatePlans
	})
}
