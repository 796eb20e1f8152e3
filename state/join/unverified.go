package join

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seatwright/seatwright/state"
)

// checkEmpty refuses an empty place if the tenant has users that were synced from it. AD
// answers with success and an empty list where the account may not read.
func (j *joiner) checkEmpty(read *state.DirectoryRead, p state.PlaceRead) error {
	if len(p.Users) > 0 {
		return nil
	}
	inside := j.containersInside(p)
	users := 0
	for user := range j.s.Users() {
		if user.Synced() && inside[user.ContainerCode()] {
			users++
		}
	}
	if users == 0 {
		return nil
	}
	return &state.DirectoryError{Op: "read users", Directory: read.Name, Server: read.Server, Place: &p.Place, Fault: state.DirectoryUnreadable,
		Message: fmt.Sprintf("it returned no users, but the tenant has users that were synced from it (%d)", users)}
}

// containersInside reports for each container of the snapshot whether it is in the place.
func (j *joiner) containersInside(p state.PlaceRead) []bool {
	inside := make([]bool, len(j.s.Containers()))
	for code, container := range j.s.Containers() {
		inside[code] = !container.IsZero() && holds(p, container)
	}
	return inside
}

func holds(p state.PlaceRead, container state.DN) bool {
	if p.Place.Domain != "" {
		return container.Domain() == p.Place.Domain
	}
	return container.Equal(p.Base) || p.Place.Subtree && container.Under(p.Base)
}

// unverified returns the users that a removal could hit wrongly. The tenant has them in a
// place that does not return them any more, or they are in an OU with a conflict.
func (j *joiner) unverified(d *state.Directory) []state.JoinConflict {
	unverified := map[int32]string{}
	seen := map[int32]bool{}
	for _, found := range j.found {
		seen[found.row] = true
	}
	for _, read := range d.Reads {
		for _, p := range read.Places {
			inside := j.containersInside(p)
			for user := range j.s.Users() {
				if row := int32(user.Row()); user.Synced() && inside[user.ContainerCode()] && !seen[row] {
					unverified[row] = fmt.Sprintf("the tenant has the user in %q, but the directory %s does not return the user there: moved, or not readable", user.Container(), read.Name)
				}
			}
		}
	}
	j.addUsersOfConflictOUs(unverified)
	return sortedConflicts(unverified)
}

// addUsersOfConflictOUs adds the users of every OU with a conflict, because the conflict
// could be about any of them.
func (j *joiner) addUsersOfConflictOUs(unverified map[int32]string) {
	if len(j.conflictOUs) == 0 {
		return
	}
	for user := range j.s.Users() {
		if ou, disputed := j.conflictOUs[user.Container().Key()]; disputed && !user.Container().IsZero() {
			unverified[int32(user.Row())] = fmt.Sprintf("nothing is removed from users in %q until this conflict is resolved: %s", ou.dn, ou.why)
		}
	}
}

func sortedConflicts(by map[int32]string) []state.JoinConflict {
	out := make([]state.JoinConflict, 0, len(by))
	for _, row := range slices.Sorted(maps.Keys(by)) {
		out = append(out, state.JoinConflict{Row: int(row), Why: by[row]})
	}
	return out
}
