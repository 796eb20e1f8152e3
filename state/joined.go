package state

import "fmt"

// Directory is Active Directory as far as it was read, joined to the users of a
// snapshot. Package state/join makes one.
type Directory struct {
	Reads         []DirectoryRead
	JoinConflicts []JoinConflict // users whose AD object is ambiguous; sorted by row
	Unverified    []JoinConflict // users that a removal could hit wrongly; sorted by row
	Unjoined      []Unjoined     // AD users that the tenant does not have; sorted by DN

	places     map[string]*JoinedPlace
	containers map[int32]DN // by row
}

// JoinConflict is a user of the snapshot, and why no conclusions may be drawn about the
// user.
type JoinConflict struct {
	Row int
	Why string // for readers, with names from the directory: foreign text
}

// Unjoined is an AD user that no user of the tenant corresponds to.
type Unjoined struct {
	Place Place
	User  DirectoryUser
}

// JoinedPlace is one place, with its users as rows of the snapshot.
type JoinedPlace struct {
	Base       DN
	Rows       []int32 // sorted
	ByName     int     // how many of them are tied by the user principal name only
	Disabled   int     // how many are disabled there, and not yet in the tenant
	Impersonal int     // how many are shared, room or equipment mailboxes
}

// NewDirectory returns what was read of directories, with the joined users of each place
// by its [Place.Key], and the container of each user by row. It keeps the maps.
func NewDirectory(reads []DirectoryRead, places map[string]*JoinedPlace, containers map[int32]DN) *Directory {
	return &Directory{Reads: reads, places: places, containers: containers}
}

// Rows returns the users of a place by row, sorted. It returns false if the place was not
// read. The rows are shared: do not change them.
func (d *Directory) Rows(p Place) ([]int32, bool) {
	place, read := d.places[p.Key()]
	if !read {
		return nil, false
	}
	return place.Rows, true
}

// Base returns the name that the directory has for a place. It returns false if the place
// was not read.
func (d *Directory) Base(p Place) (DN, bool) {
	place, read := d.places[p.Key()]
	if !read {
		return DN{}, false
	}
	return place.Base, true
}

// Container returns the OU or container of a user of the snapshot, as the directory has
// it. It returns false if the directory did not return the user.
func (d *Directory) Container(row int) (DN, bool) {
	container, shown := d.containers[int32(row)]
	return container, shown
}

// Remarks returns the remarks about a place that was read.
func (d *Directory) Remarks(p Place) []string {
	var remarks []string
	place := d.places[p.Key()]
	if place == nil {
		return nil
	}
	for _, r := range []struct {
		count int
		what  string
	}{
		{place.ByName, "joined by user principal name only, because no other attribute ties them to a user of the tenant; a name can be reassigned to another user"},
		{place.Disabled, "disabled in Active Directory and still enabled in the tenant: not synced yet"},
		{place.Impersonal, "shared, room or equipment mailboxes, which usually need no license"},
	} {
		if r.count > 0 {
			remarks = append(remarks, fmt.Sprintf("%s has users who are %s (%d)", p, r.what, r.count))
		}
	}
	return remarks
}
