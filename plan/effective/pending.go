package effective

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// Pending are direct members of groups that give a SKU and to which it has not come yet by
// any path: a second, direct license beside it would stay forever. Members of nested groups
// are not among them, since Entra gives them nothing.
type Pending map[pendingKey][]state.GroupID

type pendingKey struct {
	row int
	sku state.SKUID
}

// FindPending returns the pending members of all groups of the snapshot.
func FindPending(snapshot *state.Snapshot) Pending {
	pending := Pending{}
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

// add adds what a member of the group does not have from it.
func (m Pending) add(user state.User, group state.Group) {
	for _, license := range group.Licenses {
		paths := user.PathsOf(license.SKU)
		if !slices.ContainsFunc(paths, func(p state.Path) bool { return p.Group == group.ID }) {
			key := pendingKey{user.Row(), license.SKU}
			m[key] = append(m[key], group.ID)
		}
	}
}

// Has reports whether a group is still to give the SKU to the user.
func (m Pending) Has(user state.User, sku state.SKUID) bool {
	return len(m[pendingKey{user.Row(), sku}]) > 0
}

// Group returns one of the groups that are to give the SKU.
func (m Pending) Group(user state.User, sku state.SKUID) state.GroupID {
	return m[pendingKey{user.Row(), sku}][0]
}

// waiting returns how many users wait for a seat of each SKU. A user with a path that failed
// is not counted: the error of the path counts it.
func (m Pending) waiting(snapshot *state.Snapshot) map[state.SKUID]int {
	waiting := map[state.SKUID]int{}
	for key := range m {
		if len(snapshot.User(key.row).PathsOf(key.sku)) == 0 {
			waiting[key.sku]++
		}
	}
	return waiting
}
