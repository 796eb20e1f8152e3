package plan

import (
	"fmt"

	"github.com/seatwright/seatwright/state"
)

// shields say, by row, why a user may lose nothing.
type shields map[int]string

// findShields are the users whom settings protect, the identity that runs the tool,
// and the members of groups that can hold directory roles: a plan that took a
// licence from an administrator could lock out those who would repair it.
func findShields(in Input) shields {
	found := shields{}
	for _, group := range in.Snapshot.Groups {
		if !group.RoleAssignable {
			continue
		}
		for _, id := range group.Everyone {
			if user, there := in.Snapshot.Find(id); there {
				found[user.Row()] = fmt.Sprintf("members of the role-assignable group %q are shielded from losing anything", in.Snapshot.GroupName(group.ID))
			}
		}
	}
	if user, there := in.Snapshot.Find(in.Snapshot.Caller); there {
		found[user.Row()] = "the identity that runs this is shielded from losing anything"
	}
	for _, hit := range in.Matches.Protected {
		found[int(hit.User)] = "settings `protect` shield the user from losing anything"
	}
	return found
}

func (p *planner) isProtected(user state.User) bool { return p.shields[user.Row()] != "" }
