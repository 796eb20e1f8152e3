package state

import (
	"iter"
	"slices"
	"sort"
)

// Snapshot is a tenant as it was read, immutable. Users lie in [Columns], because
// every room sees every user: a million must fit in 200 MB. Walk them with
// [Snapshot.Users] and ask a [User] for its fields. Users are sorted by id; rows are
// positions in that order.
type Snapshot struct {
	Header

	// Directory is what was read of Active Directory, joined to the users; nil: nothing,
	// and where users lie is what the tenant has of the last sync. It is of this run
	// alone and stands in no file.
	Directory *Directory

	users Columns
	byUPN upnIndex
}

// User is one row of a snapshot.
type User struct {
	s   *Snapshot
	row int32
}

// Len is the number of users.
func (s *Snapshot) Len() int { return len(s.users.IDs) }

// User is the user in a row, which must exist.
func (s *Snapshot) User(row int) User { return User{s, int32(row)} }

// Users walks all users in order of their ids.
func (s *Snapshot) Users() iter.Seq[User] {
	return func(yield func(User) bool) {
		for row := range s.users.IDs {
			if !yield(s.User(row)) {
				return
			}
		}
	}
}

// Find looks a user up by object id.
func (s *Snapshot) Find(id UserID) (User, bool) {
	row, found := slices.BinarySearchFunc(s.users.IDs, id, UserID.Compare)
	if !found {
		return User{}, false
	}
	return s.User(row), true
}

// FindUPN looks a user up by user principal name, in any case.
func (s *Snapshot) FindUPN(upn string) (User, bool) {
	row, found := s.byUPN.find(&s.users.UPNs, upn)
	if !found {
		return User{}, false
	}
	return s.User(row), true
}

// SKU finds a subscribed SKU by id.
func (s *Snapshot) SKU(id SKUID) (SKU, bool) {
	i, found := slices.BinarySearchFunc(s.SKUs, id, func(k SKU, id SKUID) int { return k.ID.Compare(id) })
	if !found {
		return SKU{}, false
	}
	return s.SKUs[i], true
}

// Group finds a group that was read.
func (s *Snapshot) Group(id GroupID) (Group, bool) {
	i, found := slices.BinarySearchFunc(s.Groups, id, func(g Group, id GroupID) int { return g.ID.Compare(id) })
	if !found {
		return Group{}, false
	}
	return s.Groups[i], true
}

// GroupName is the display name of a group, or its id if it could not be read.
func (s *Snapshot) GroupName(id GroupID) string {
	if group, _ := s.Group(id); group.DisplayName != "" {
		return group.DisplayName
	}
	return id.String()
}

// Row is the position of the user in the snapshot's order.
func (u User) Row() int { return int(u.row) }

// ID is the object id.
func (u User) ID() UserID { return u.s.users.IDs[u.row] }

// UserPrincipalName is the UPN as the tenant spells it. It can be text of
// somebody else's choosing: escape it where it is shown.
func (u User) UserPrincipalName() string { return u.s.users.UPNs.at(int(u.row)) }

// DisplayName is the name shown to people, of anybody's choosing.
func (u User) DisplayName() string { return u.s.users.Names.at(int(u.row)) }

// Enabled says whether the account may sign in (accountEnabled).
func (u User) Enabled() bool { return u.s.users.Flags[u.row]&flagDisabled == 0 }

// Internal says whether the user belongs to the organisation: not a guest, and no
// #EXT# in the UPN, which external members of a cross-tenant sync carry.
func (u User) Internal() bool {
	return u.s.users.Flags[u.row]&(flagGuest|flagExternal) == 0
}

// Synced says whether the user is mastered in Active Directory (onPremisesSyncEnabled).
func (u User) Synced() bool { return u.s.users.Flags[u.row]&flagSynced != 0 }

// Inconsistent says that assignedLicenses and licenseAssignmentStates disagreed,
// so that nothing may be concluded from either.
func (u User) Inconsistent() bool { return u.s.users.Flags[u.row]&flagInconsistent != 0 }

// UsageLocation is the two-letter country code, or "" where it is unset.
func (u User) UsageLocation() string { return u.s.users.Locations.at(u.row) }

// Container is the OU or container the synced user lies in; zero for cloud users.
func (u User) Container() DN { return u.s.users.Containers.at(u.row) }

// ContainerCode is equal for users in the same container, so that a question
// about containers need be asked once per container only.
func (u User) ContainerCode() int { return int(u.s.users.Containers.Codes[u.row]) }

// Containers are the distinct containers users lie in, by [User.ContainerCode]; the
// first is the root, where cloud users are. Shared: do not change them.
func (s *Snapshot) Containers() []DN { return s.users.Containers.Values }

// Domain is the AD domain of a synced user ("corp.contoso.com"), lower case, or "".
func (u User) Domain() string { return u.s.users.Domains.at(u.row) }

// Country is what the directory says of the user's country, as it is written there
// ("Switzerland", "CH"), or "". Users may be able to change it themselves.
func (u User) Country() string { return u.s.users.Countries.at(u.row) }

// Paths are the assignment paths of the user, sorted, shared: do not change them.
func (u User) Paths() []Path { return u.s.users.Paths.at(u.row) }

// PathSets walks the distinct sets of paths that users have, with the number of
// users who have each. Shared: do not change them.
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

// PathsCode is equal for users whose sets of paths are equal.
func (u User) PathsCode() int { return int(u.s.users.Paths.Codes[u.row]) }

// PathsOf are the paths by which the user holds, or fails to hold, one SKU.
func (u User) PathsOf(sku SKUID) []Path {
	all := u.Paths()
	first := sort.Search(len(all), func(i int) bool { return all[i].SKU.Compare(sku) >= 0 })
	last := first
	for last < len(all) && all[last].SKU == sku {
		last++
	}
	return all[first:last]
}
