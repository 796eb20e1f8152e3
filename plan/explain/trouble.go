package explain

import (
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// addAssignmentErrors notes users that hold a managed license on which the service reports an error
// (licenseAssignmentState.error), with what helps. A license of a group that a user wants
// and does not get is not among them: it waits, with its own reason.
func (n *noteList) addAssignmentErrors() {
	for user := range n.Snapshot.Users() {
		for _, path := range user.Paths() {
			if path.Error == "" || !path.Holds() || !n.details.IsManaged(path.SKU) {
				continue
			}
			n.note(user, "%s%s has an error: %s", n.part(path.SKU), n.fromGroup(path), plan.AssignmentTrouble(path.Error))
		}
	}
}

func (n *noteList) fromGroup(path state.Path) string {
	if path.Direct() {
		return ""
	}
	return " from group \"" + n.Snapshot.GroupName(path.Group) + "\""
}
