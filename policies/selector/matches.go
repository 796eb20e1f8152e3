package selector

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// Matches is the users that policies select, by row of the snapshot.
type Matches struct {
	Policies  [][]Hit // one per policy of the set, in its order; sorted, without exceptions
	Excepted  [][]Hit // one per policy: the users of its `except`; sorted
	Protected []Hit   // by the selectors of settings `protect`; sorted
}

// Hit is one user that one selector selects. A user has a hit for each selector of a policy
// that selects them.
type Hit struct {
	User     int32 // row in the snapshot
	Selector int32 // index among the policy's selectors
	Row      int32 // index into the selector's rows, or -1
}

func (h Hit) compare(other Hit) int {
	return cmp.Or(cmp.Compare(h.User, other.User), cmp.Compare(h.Selector, other.Selector), cmp.Compare(h.Row, other.Row))
}

// HitsOn returns the hits on one user among sorted ones.
func HitsOn(hits []Hit, user state.User) []Hit {
	compare := func(h Hit, row int32) int { return cmp.Compare(h.User, row) }
	first, _ := slices.BinarySearchFunc(hits, int32(user.Row()), compare)
	last, _ := slices.BinarySearchFunc(hits, int32(user.Row())+1, compare)
	return hits[first:last]
}

// Needs returns what must be read so that the sets can be resolved and planned: all users,
// the members of the groups that selectors name, and the members of groups that can hold
// directory roles, who are protected.
func Needs(sets ...*policies.Set) state.Query {
	query := state.Everything()
	query.Roles = true
	groups := func(selectors []policies.Selector) {
		for _, s := range selectors {
			if s.Kind == policies.KindGroup {
				query.Everyone = append(query.Everyone, s.Group.ID)
			}
		}
	}
	for _, set := range sets {
		for _, policy := range set.Policies {
			groups(policy.Users)
			groups(policy.Except)
		}
		groups(set.Tenant.Protect)
	}
	slices.SortFunc(query.Everyone, state.GroupID.Compare)
	query.Everyone = slices.Compact(query.Everyone)
	return query
}

// sorted puts hits into canonical order, each once.
func sorted(hits []Hit) []Hit {
	slices.SortFunc(hits, Hit.compare)
	return slices.Compact(hits)
}

// without drops the hits on excepted users; both are sorted.
func without(hits, except []Hit) []Hit {
	excepted := func(h Hit) bool {
		_, found := slices.BinarySearchFunc(except, h.User, func(e Hit, user int32) int { return cmp.Compare(e.User, user) })
		return found
	}
	return slices.DeleteFunc(hits, excepted)
}
