package explain

import (
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// troubles names the users on one of whose managed licences the service reports
// an error although they hold it (licenseAssignmentState.error), with what helps. A
// group's licence that somebody wants and does not get waits, and says why itself.
func (n *noteList) troubles() {
	for user := range n.Snapshot.Users() {
		for _, path := range user.Paths() {
			if path.Error == "" || !path.Holds() || !n.details.IsManaged(path.SKU) {
				continue
			}
			n.note(user, "%s is held%s, but not in order: %s", n.part(path.SKU), n.fromGroup(path), plan.AssignmentTrouble(path.Error))
		}
	}
}

func (n *noteList) fromGroup(path state.Path) string {
	if path.Direct() {
		return ""
	}
	return " from group \"" + n.Snapshot.GroupName(path.Group) + "\""
}
