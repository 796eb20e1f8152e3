package selector

import (
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// NearMiss returns why a policy does not select a user that the source of one of its
// selectors has: a filter, or the user is external. It returns "" if no source has the
// user.
func NearMiss(policy policies.Policy, snapshot *state.Snapshot, user state.User) string {
	for _, s := range policy.Users {
		source := s
		source.Domain, source.Search = "", ""
		if source.Kind == policies.KindFilter || !picks(source, snapshot, user, true) {
			continue
		}
		withDomain, withSearch := source, source
		withDomain.Domain, withSearch.Search = s.Domain, s.Search
		switch {
		case !picks(source, snapshot, user, policy.TakeExternal):
			return fmt.Sprintf("%s has the user, but guests and external members are left out: include: [external] would select them", s)
		case !picks(withDomain, snapshot, user, true):
			return fmt.Sprintf("%s: the user's domain is %q", s, user.Domain())
		case !picks(withSearch, snapshot, user, true):
			return fmt.Sprintf("%s: the text is in neither name of the user", s)
		}
	}
	return ""
}

func picks(s policies.Selector, snapshot *state.Snapshot, user state.User, external bool) bool {
	hits, _, _ := Pick(s, snapshot, external) // problems with rows of other users do not matter here
	return slices.ContainsFunc(hits, func(h Hit) bool { return int(h.User) == user.Row() })
}
