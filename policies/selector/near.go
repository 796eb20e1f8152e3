package selector

import (
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// NearMiss returns what kept a policy from picking a user whom the source of one of
// its selectors has: a filter, or that he does not belong to the organization. It is
// "" where no source has him.
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
			return fmt.Sprintf("%s has the user, but guests and external members are left out: include: [external] would take them", s)
		case !picks(withDomain, snapshot, user, true):
			return fmt.Sprintf("%s: the user's domain is %q", s, user.Domain())
		case !picks(withSearch, snapshot, user, true):
			return fmt.Sprintf("%s: the text is in neither name of the user", s)
		}
	}
	return ""
}

func picks(s policies.Selector, snapshot *state.Snapshot, user state.User, external bool) bool {
	hits, _, _ := Pick(s, snapshot, external) // other people's rows are not the question here
	return slices.ContainsFunc(hits, func(h Hit) bool { return int(h.User) == user.Row() })
}
