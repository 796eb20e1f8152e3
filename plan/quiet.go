package plan

import "github.com/seatwright/seatwright/state"

// quietUsers counts the users for whom nothing is to be done, by what makes them
// alike: the same paths, the same policies, the same kind of account. In a tenant
// that is as it should be these are nearly all, so whoever is like one who was
// looked at before is not looked at again.
type quietUsers struct {
	policies map[string]int32 // sets of matching policies, by their names
	groups   map[quietKey]*quietGroup
	scratch  []byte
}

type quietKey struct {
	paths    int
	policies int32
	asleep   bool
}

// quietGroup is users who are alike, and what was decided for each of them.
type quietGroup struct {
	paths []state.Path
	pairs []pair
	users int
}

func newQuietUsers() quietUsers {
	return quietUsers{policies: map[string]int32{}, groups: map[quietKey]*quietGroup{}}
}

// counts says whether the user is like one who was found quiet, and counts him. His
// location is his own: a row or his country may speak of it. Once no policy changes it, it
// decides nothing else: it only blocks what would be given, and alike users are given nothing.
func (q *quietUsers) counts(user state.User, matches []match, location locationPlan) bool {
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

// add keeps a quiet user as the example for those like him.
func (q *quietUsers) add(x *person) {
	key := q.key(x.user, x.matches)
	if alike := q.groups[key]; alike != nil {
		alike.users++
		return
	}
	q.groups[key] = &quietGroup{paths: x.user.Paths(), pairs: x.pairs, users: 1}
}

func (q *quietUsers) key(user state.User, matches []match) quietKey {
	q.scratch = q.scratch[:0]
	for _, m := range matches {
		q.scratch = append(append(q.scratch, m.policy.Name...), 0)
	}
	set, known := q.policies[string(q.scratch)]
	if !known {
		set = int32(len(q.policies))
		q.policies[string(q.scratch)] = set
	}
	return quietKey{paths: user.PathsCode(), policies: set, asleep: !user.Enabled()}
}

// count is the number of pairs that ended so.
func (g *quietGroup) count(f fate) int {
	n := 0
	for _, y := range g.pairs {
		if y.fate == f {
			n++
		}
	}
	return n * g.users
}
