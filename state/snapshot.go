package state

import (
	"iter"
	"slices"
	"sort"
)

// Snapshot is a tenant as it was read, immutable. Users are kept in [Columns], because
// every package sees every user: a million must fit in 200 MB. Iterate over them with
// [Snapshot.Users] and read the fields of a [User] by its methods. Users are sorted by
// id; rows are positions in that order.
type Snapshot struct {
	Header

	// Directory is what was read of Active Directory, joined to the users. If it is nil,
	// nothing was read, and the containers of users are those of the tenant's last sync.
	// It belongs to this run only and is not kept in any file.
	Directory *Directory

	users Columns
	byUPN upnIndex
}

// User is one row of a snapshot.
type User struct {
	s   *Snapshot
	row int32
}

// Len returns the number of users.
func (s *Snapshot) Len() int { return len(s.users.IDs) }

// User returns the user in a row, which must exist.
func (s *Snapshot) User(row int) User { return User{s, int32(row)} }

// Users iterates over all users in order of their ids.
func (s *Snapshot) Users() iter.Seq[User] {
	return func(yield func(User) bool) {
		for row := range s.users.IDs {
			if !yield(s.User(row)) {
				return
			}
		}
	}
}

// Find returns the user with this object id.
func (s *Snapshot) Find(id UserID) (User, bool) {
	row, found := slices.BinarySearchFunc(s.users.IDs, id, UserID.Compare)
	if !found {
		return User{}, false
	}
	return s.User(row), true
}

// FindUPN returns the user with this user principal name, in any case.
func (s *Snapshot) FindUPN(upn string) (User, bool) {
	row, found := s.byUPN.find(&s.users.UPNs, upn)
	if !found {
		return User{}, false
	}
	return s.User(row), true
}

// SKU returns the subscribed SKU with this id.
func (s *Snapshot) SKU(id SKUID) (SKU, bool) {
	i, found := slices.BinarySearchFunc(s.SKUs, id, func(k SKU, id SKUID) int { return k.ID.Compare(id) })
	if !found {
		return SKU{}, false
	}
	return s.SKUs[i], true
}

// Group returns a group that was read.
func (s *Snapshot) Group(id GroupID) (Group, bool) {
	i, found := slices.BinarySearchFunc(s.Groups, id, func(g Group, id GroupID) int { return g.ID.Compare(id) })
	if !found {
		return Group{}, false
	}
	return s.Groups[i], true
}

// GroupName returns the display name of a group, or its id if it could not be read.
func (s *Snapshot) GroupName(id GroupID) string {
	if group, _ := s.Group(id); group.DisplayName != "" {
		return group.DisplayName
	}
	return id.String()
}

// Row returns the position of the user in the snapshot's order.
func (u User) Row() int { return int(u.row) }

// ID returns the object id.
func (u User) ID() UserID { return u.s.users.IDs[u.row] }

// UserPrincipalName returns the UPN as the tenant spells it. Other people may have chosen
// the text: escape it where it is shown.
func (u User) UserPrincipalName() string { return u.s.users.UPNs.at(int(u.row)) }

// DisplayName returns the name that is shown. Other people may have chosen the text.
func (u User) DisplayName() string { return u.s.users.Names.at(int(u.row)) }

// Enabled reports whether the account may sign in (accountEnabled).
func (u User) Enabled() bool { return u.s.users.Flags[u.row]&flagDisabled == 0 }

// Internal reports whether the user belongs to the organization. Guests do not, and
// neither do users with #EXT# in the UPN, which external members of a cross-tenant sync
// have.
func (u User) Internal() bool {
	return u.s.users.Flags[u.row]&(flagGuest|flagExternal) == 0
}

// Synced reports whether the user is mastered in Active Directory
// (onPremisesSyncEnabled).
func (u User) Synced() bool { return u.s.users.Flags[u.row]&flagSynced != 0 }

// Inconsistent reports whether assignedLicenses and licenseAssignmentStates disagreed.
// Then nothing may be concluded from either.
func (u User) Inconsistent() bool { return u.s.users.Flags[u.row]&flagInconsistent != 0 }

// UsageLocation returns the two-letter country code, or "" where it is unset.
func (u User) UsageLocation() string { return u.s.users.Locations.at(u.row) }

// Container returns the OU or container of a synced user; zero for cloud users.
func (u User) Container() DN { return u.s.users.Containers.at(u.row) }

// ContainerCode returns a number that is equal for users in the same container, so that a
// question about containers is asked only once per container.
func (u User) ContainerCode() int { return int(u.s.users.Containers.Codes[u.row]) }

// Containers returns the distinct containers of users, by [User.ContainerCode]. The first
// is the root, where cloud users are. The slice is shared: do not change it.
func (s *Snapshot) Containers() []DN { return s.users.Containers.Values }

// Domain returns the AD domain of a synced user ("corp.contoso.com"), lower case, or "".
func (u User) Domain() string { return u.s.users.Domains.at(u.row) }

// Country returns the user's country as the directory has it ("Switzerland", "CH"), or
// "". Users may be able to change it themselves.
func (u User) Country() string { return u.s.users.Countries.at(u.row) }

// Paths returns the assignment paths of the user, sorted. They are shared: do not change
// them.
func (u User) Paths() []Path { return u.s.users.Paths.at(u.row) }

// PathSets iterates over the distinct sets of paths, with the number of users that have
// each. They are shared: do not change them.
func (s *Snapshot) PathSets() iter.Seq2[[]Path, int] {
	return func(yield func([]Path, int) bool) {
		users := make([]int, len(s.users.Paths.Values))
		for _, code := range s.users.Paths.Codes {
			users[code]++
		}
		for code, paths := range s.users.Paths.Values {
			if users[code] > 0 && !yield(paths, users[code]) {
				return
			}
		}
	}
}

// PathsCode returns a number that is equal for users whose sets of paths are equal.
func (u User) PathsCode() int { return int(u.s.users.Paths.Codes[u.row]) }

// PathsOf returns the paths by which the user has, or fails to have, one SKU.
func (u User) PathsOf(sku SKUID) []Path {
	all := u.Paths()
	first := sort.Search(len(all), func(i int) bool { return all[i].SKU.Compare(sku) >= 0 })
	last := first
	for last < len(all) && all[last].SKU == sku {
		last++
	}
	return all[first:last]
}
