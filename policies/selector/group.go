package selector

import (
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// group calls take for the transitive members of a group. Like every wide source it leaves
// guests and external members out, unless the role or the policy includes them.
func (r *resolver) group(named policies.Group, as role, take func(state.User, int)) {
	group, found := r.snapshot.Group(named.ID)
	switch {
	case !found:
		r.problems.Add(named.Pos, ruleMissing, "correct the object id, or let the credential read the group", "group %s is not in the tenant", named.ID)
		return
	case group.Everyone == nil:
		r.problems.Add(named.Pos, ruleMissing, "read the tenant again", "the members of group %s were not read", named.ID)
		return
	case named.Name != "" && catalog.Fold(group.DisplayName) != catalog.Fold(named.Name):
		r.problems.Add(named.Pos, ruleIdentity, "correct the name if the id is right; only the id counts", "group %s is called %s, not %s",
			named.ID, diag.Quote(group.DisplayName), diag.Quote(named.Name))
		return
	}
	all := as != roleUsers || r.external
	for _, id := range group.Everyone {
		if user, is := r.snapshot.Find(id); is && (all || user.Internal()) {
			take(user, -1)
		}
	}
}
