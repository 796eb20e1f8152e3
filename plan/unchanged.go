package plan

import "github.com/seatwright/seatwright/state"

// unchangedUsers counts the users for which nothing is to be done, by what makes them
// alike: the same paths, the same policies, the same kind of account. In a tenant that
// is as it should be these are nearly all users, so a user that is like an earlier one
// is not decided again.
type unchangedUsers struct {
	policies map[string]int32 // sets of matching policies, by their names
	groups   map[unchangedKey]*alikeUsers
	scratch  []byte
}

type unchangedKey struct {
	paths    int
	policies int32
	disabled bool
}

// alikeUsers are users that are alike, and what was decided for each of them.
type alikeUsers struct {
	paths       []state.Path
	assignments []assignment
	users       int
}

func newUnchangedUsers() unchangedUsers {
	return unchangedUsers{policies: map[string]int32{}, groups: map[unchangedKey]*alikeUsers{}}
}

// counts reports whether the user is like one that is unchanged, and counts the user
// then. The location is judged apart: a row or the country of the user may state it. If no
// policy changes it, it decides nothing else: a missing location only blocks what would be
// given, and users that are alike are given nothing.
func (q *unchangedUsers) counts(user state.User, matches []match, location locationPlan) bool {
	if user.Inconsistent() || location.before != location.after || location.blocked != "" {
		return false
	}
	alike := q.groups[q.key(user, matches)]
	if alike == nil {
		return false
	}
	alike.users++
	return true
}

// add keeps an unchanged user as the example for those that are like it.
func (q *unchangedUsers) add(x *userPlan) {
	key := q.key(x.user, x.matches)
	if alike := q.groups[key]; alike != nil {
		alike.users++
		return
	}
	q.groups[key] = &alikeUsers{paths: x.user.Paths(), assignments: x.assignments, users: 1}
}

func (q *unchangedUsers) key(user state.User, matches []match) unchangedKey {
	q.scratch = q.scratch[:0]
	for _, m := range matches {
		q.scratch = append(append(q.scratch, m.policy.Name...), 0)
	}
	set, known := q.policies[string(q.scratch)]
	if !known {
		set = int32(len(q.policies))
		q.policies[string(q.scratch)] = set
	}
	return unchangedKey{paths: user.PathsCode(), policies: set, disabled: !user.Enabled()}
}

// count returns the number of assignments with the disposition.
func (g *alikeUsers) count(f Disposition) int {
	n := 0
	for _, y := range g.assignments {
		if y.disposition == f {
			n++
		}
	}
	return n * g.users
}
