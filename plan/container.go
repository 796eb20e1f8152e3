package plan

import "github.com/seatwright/seatwright/state"

// containers are the OUs of users. Each is kept in one spelling and once in memory, for any
// number of steps.
type containers map[string]string

// of returns the OU of a user. It comes from the directory if that was read and has the
// user, and else from the sync.
func (c containers) of(s *state.Snapshot, user state.User) string {
	dn := user.Container()
	if s.Directory != nil {
		if known, shown := s.Directory.Container(user.Row()); shown {
			dn = known
		}
	}
	if dn.IsZero() {
		return ""
	}
	key := dn.Key()
	if _, known := c[key]; !known {
		c[key] = dn.String()
	}
	return c[key]
}
