package plan

import "github.com/seatwright/seatwright/state"

// containers are the OUs that users lie in, each in one spelling and once in memory,
// whatever the number of steps.
type containers map[string]string

// of is the OU that a user lies in: as the directory has it, where it was read and showed
// him; else as it was synced.
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
