package plan

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// noteTroubles names the users on one of whose managed licences the service reports
// an error although they hold it (licenseAssignmentState.error), with what helps. A
// group's licence that somebody wants and does not get waits, and says why itself.
func (p *planner) noteTroubles() {
	for user := range p.Snapshot.Users() {
		for _, path := range user.Paths() {
			if path.Error == "" || !path.Holds() || !slices.Contains(p.managed, path.SKU) {
				continue
			}
			p.note(user, "%s is held%s, but not in order: %s", p.part(path.SKU), p.fromGroup(path), groupTrouble(path.Error))
		}
	}
}

func (p *planner) fromGroup(path state.Path) string {
	if path.Direct() {
		return ""
	}
	return " from group \"" + p.Snapshot.GroupName(path.Group) + "\""
}
