package selector

import (
	"github.com/seatwright/seatwright/policies"
)

// unmatched returns the hits of a policy's unmatched selectors: users that no source of
// any policy has. Disabled accounts and external users count only if the policy includes
// them. A result without users is no problem.
func (r *resolver) unmatched(policy policies.Policy, matched []bool) []Hit {
	var hits []Hit
	for i, selector := range policy.Users {
		if selector.Kind != policies.KindUnmatched {
			continue
		}
		matches := r.filters(selector)
		for user := range r.snapshot.Users() {
			left := !matched[user.Row()] && (user.Enabled() || policy.GiveDisabled) && (user.Internal() || policy.TakeExternal)
			if left && matches(user) {
				hits = append(hits, Hit{User: int32(user.Row()), Selector: int32(i), Row: -1})
			}
		}
	}
	return hits
}
