package plan

import (
	"fmt"

	"github.com/seatwright/seatwright/state"
)

// protectedUsers are, by row, the users that must not lose anything, and why.
type protectedUsers map[int]protection

type protection struct {
	reason Reason
	why    string
}

// findProtected returns the protected users. These are users that settings protect, users that
// the directory does not locate for certain, the identity that runs the tool, and members of
// groups that can hold directory roles. A plan that took a license from an administrator could
// lock out the people that would repair it.
func findProtected(in Input) protectedUsers {
	found := protectedUsers{}
	if directory := in.Snapshot.Directory; directory != nil {
		for _, doubt := range directory.Unverified {
			found[doubt.Row] = protection{ReasonJoin, doubt.Why}
		}
	}
	for _, group := range in.Snapshot.Groups {
		if !group.RoleAssignable {
			continue
		}
		for _, id := range group.Everyone {
			if user, there := in.Snapshot.Find(id); there {
				found[user.Row()] = protection{ReasonProtected, fmt.Sprintf("members of the role-assignable group %q are protected from losing anything", in.Snapshot.GroupName(group.ID))}
			}
		}
	}
	if user, there := in.Snapshot.Find(in.Snapshot.Caller); there {
		found[user.Row()] = protection{ReasonProtected, "the identity that runs this is protected from losing anything"}
	}
	for _, hit := range in.Matches.Protected {
		found[int(hit.User)] = protection{ReasonProtected, "settings `protect` keep the user from losing anything"}
	}
	return found
}

func (f *facts) isProtected(user state.User) bool {
	return f.protectedUsers[user.Row()] != protection{}
}

// findJoinConflicts returns, by row, why it is unclear which user of Active Directory it is.
func findJoinConflicts(in Input) map[int]string {
	joinConflicts := map[int]string{}
	if directory := in.Snapshot.Directory; directory != nil {
		for _, conflict := range directory.JoinConflicts {
			joinConflicts[conflict.Row] = conflict.Why
		}
	}
	return joinConflicts
}
