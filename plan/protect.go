package plan

import (
	"fmt"

	"github.com/seatwright/seatwright/state"
)

// shields say, by row, why a user may lose nothing.
type shields map[int]shield

type shield struct {
	reason Reason
	why    string
}

// findShields are the users whom settings protect, those of whom the directory leaves
// it open where they are, the identity that runs the tool, and the members of groups that can hold directory roles: a plan that took a
// licence from an administrator could lock out those who would repair it.
func findShields(in Input) shields {
	found := shields{}
	if directory := in.Snapshot.Directory; directory != nil {
		for _, doubt := range directory.Unverified {
			found[doubt.Row] = shield{ReasonJoin, doubt.Why}
		}
	}
	for _, group := range in.Snapshot.Groups {
		if !group.RoleAssignable {
			continue
		}
		for _, id := range group.Everyone {
			if user, there := in.Snapshot.Find(id); there {
				found[user.Row()] = shield{ReasonProtected, fmt.Sprintf("members of the role-assignable group %q are shielded from losing anything", in.Snapshot.GroupName(group.ID))}
			}
		}
	}
	if user, there := in.Snapshot.Find(in.Snapshot.Caller); there {
		found[user.Row()] = shield{ReasonProtected, "the identity that runs this is shielded from losing anything"}
	}
	for _, hit := range in.Matches.Protected {
		found[int(hit.User)] = shield{ReasonProtected, "settings `protect` shield the user from losing anything"}
	}
	return found
}

func (p *planner) isProtected(user state.User) bool { return p.shields[user.Row()] != shield{} }

// findDisputes say, by row, why nobody knows who a user is in Active Directory.
func findDisputes(in Input) map[int]string {
	disputes := map[int]string{}
	if directory := in.Snapshot.Directory; directory != nil {
		for _, dispute := range directory.JoinConflicts {
			disputes[dispute.Row] = dispute.Why
		}
	}
	return disputes
}
