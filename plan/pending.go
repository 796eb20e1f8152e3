package plan

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// pendingMembers are direct members of groups that give a SKU, to whom it has not
// come yet by any path: a second, direct licence beside it would stay for ever.
// Members of nested groups are not among them, since Entra gives them nothing.
type pendingMembers map[pendingKey][]state.GroupID

type pendingKey struct {
	row int
	sku state.SKUID
}

func findPending(snapshot *state.Snapshot) pendingMembers {
	pending := pendingMembers{}
	for _, group := range snapshot.Groups {
		if len(group.Licenses) == 0 {
			continue
		}
		for _, id := range group.Members {
			if user, found := snapshot.Find(id); found {
				pending.add(user, group)
			}
		}
	}
	return pending
}

// add notes what a member of the group does not have from it.
func (m pendingMembers) add(user state.User, group state.Group) {
	for _, license := range group.Licenses {
		paths := user.PathsOf(license.SKU)
		if !slices.ContainsFunc(paths, func(p state.Path) bool { return p.Group == group.ID }) {
			key := pendingKey{user.Row(), license.SKU}
			m[key] = append(m[key], group.ID)
		}
	}
}

func (m pendingMembers) has(user state.User, sku state.SKUID) bool {
	return len(m[pendingKey{user.Row(), sku}]) > 0
}

// group is one of those that are to give the SKU.
func (m pendingMembers) group(user state.User, sku state.SKUID) state.GroupID {
	return m[pendingKey{user.Row(), sku}][0]
}
