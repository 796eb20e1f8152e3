package plan

import (
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// userPlan is what is decided for one user. Each stage adds its part: decideUser the
// assignments, the filters and the seats what is left of them.
type userPlan struct {
	user        state.User
	matches     []match
	location    locationPlan
	locating    bool // a location step is to be made
	assignments []assignment
	groups      []*swapGroup
	heldBy      []breach // of the guards that hold some of these groups
	notes       notes
}

// decideUsers decides what each user should have, before seats are allocated. Users that
// no policy matches are left out: all their assignments are ignored. Users for which
// nothing is to be done or reported, which are most of them, are only counted.
func decideUsers(f *facts) ([]*userPlan, unchangedUsers) {
	var users []*userPlan
	unchanged := newUnchangedUsers()
	cursors := make([][]selector.Hit, len(f.Matches.Policies))
	copy(cursors, f.Matches.Policies)
	var scratch []match
	var said notes
	for user := range f.Snapshot.Users() {
		scratch = takeMatches(f, user, cursors, scratch[:0])
		if len(scratch) == 0 {
			continue
		}
		said = nil
		location := locate(f, user, scratch, &said)
		if len(said) == 0 && unchanged.counts(user, scratch, location) {
			continue
		}
		x := decideUser(f, user, slices.Clone(scratch), location, said)
		if x.nothingToDo() {
			unchanged.add(x)
			continue
		}
		users = append(users, x)
	}
	return users, unchanged
}

// takeMatches takes the hits on one user off the cursors, which are sorted by user, and
// appends the matches that they make.
func takeMatches(f *facts, user state.User, cursors [][]selector.Hit, matches []match) []match {
	for i, hits := range cursors {
		n := 0
		for n < len(hits) && int(hits[n].User) == user.Row() {
			n++
		}
		if n > 0 && f.active[i] {
			matches = append(matches, match{policy: &f.Set.Policies[i], hits: hits[:n]})
		}
		cursors[i] = hits[n:]
	}
	return matches
}

// matchesFor looks the user up in the matches of every policy.
func matchesFor(f *facts, user state.User) []match {
	var matches []match
	for i, hits := range f.Matches.Policies {
		if of := selector.HitsOn(hits, user); len(of) > 0 && f.active[i] {
			matches = append(matches, match{policy: &f.Set.Policies[i], hits: of})
		}
	}
	return matches
}

// decideUser takes one user through the stages that need no other user: what policies
// want, how that differs from what the user holds, what makes it impossible, and which
// changes must be done together.
func decideUser(f *facts, user state.User, matches []match, location locationPlan, said notes) *userPlan {
	x := &userPlan{user: user, matches: matches, location: location, locating: location.before != location.after, notes: said}
	for _, d := range desiresOf(f, user, matches, &x.notes) {
		x.assignments = append(x.assignments, compare(f, user, d, &x.notes))
	}
	blockImpossible(f, x)
	x.groups = tie(f, x)
	for _, u := range x.groups {
		settle(f, u)
	}
	x.groups = slices.DeleteFunc(x.groups, func(u *swapGroup) bool { return !u.changes() })
	return x
}

// nothingToDo reports whether nothing is to be done for the user and nothing reported.
func (x *userPlan) nothingToDo() bool {
	return !x.locating && x.location.blocked == "" && len(x.groups) == 0 && len(x.notes) == 0 &&
		!slices.ContainsFunc(x.assignments, func(y assignment) bool {
			return y.disposition != DispositionKeep && y.disposition != DispositionIgnored
		})
}

// isGiven reports whether a policy of the user gives the SKU by name.
func (x *userPlan) isGiven(sku state.SKUID) bool {
	return slices.ContainsFunc(x.matches, func(m match) bool {
		return slices.ContainsFunc(m.policy.Licenses, func(l policies.License) bool { return l.SKU.ID == sku })
	})
}

// notes are information about one user that changes nothing.
type notes []string

func (n *notes) note(format string, args ...any) {
	*n = append(*n, fmt.Sprintf(format, args...))
}
