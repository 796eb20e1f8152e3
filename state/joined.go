package state

import "fmt"

// Directory is Active Directory as far as it was read, joined to the users of a
// snapshot. Package state/join makes one.
type Directory struct {
	Reads    []DirectoryRead
	Disputes []Dispute  // users of whom nobody can say which AD object they are; sorted by row
	Doubts   []Dispute  // users whom a removal could hit wrongly; sorted by row
	Unjoined []Unjoined // AD users whom the tenant does not have; sorted by DN

	places     map[string]*JoinedPlace
	containers map[int32]DN // by row
}

// Dispute is a user of the snapshot, and what speaks against drawing conclusions.
type Dispute struct {
	Row int
	Why string // for people, with names out of the directory: foreign text
}

// Unjoined is an AD user who is nobody in the tenant.
type Unjoined struct {
	Place Place
	User  DirectoryUser
}

// JoinedPlace is one place, in rows of the snapshot.
type JoinedPlace struct {
	Base       DN
	Rows       []int32 // sorted
	ByName     int     // how many of them only the user principal name ties
	Disabled   int     // how many are disabled there, and not yet in the tenant
	Impersonal int     // how many are shared, room or equipment mailboxes
}

// NewDirectory returns what was read of directories, with the joined users of each place
// by its [Place.Key], and the container of each user by row. It keeps the maps.
func NewDirectory(reads []DirectoryRead, places map[string]*JoinedPlace, containers map[int32]DN) *Directory {
	return &Directory{Reads: reads, places: places, containers: containers}
}

// Rows are the users of a place by row, sorted; false: the place was not read. Shared:
// do not change them.
func (d *Directory) Rows(p Place) ([]int32, bool) {
	place, read := d.places[p.Key()]
	if !read {
		return nil, false
	}
	return place.Rows, true
}

// Base is the name that the directory has for a place; false: it was not read.
func (d *Directory) Base(p Place) (DN, bool) {
	place, read := d.places[p.Key()]
	if !read {
		return DN{}, false
	}
	return place.Base, true
}

// Container is the OU or container that a user of the snapshot lies in, as the directory
// has it; false: it did not show him.
func (d *Directory) Container(row int) (DN, bool) {
	container, shown := d.containers[int32(row)]
	return container, shown
}

// Remarks are what is worth saying of a place that was read.
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
		{place.ByName, "joined by user principal name alone, since nothing better ties them to a user of the tenant: a name can be given to somebody else"},
		{place.Disabled, "disabled in Active Directory and still enabled in the tenant: the sync has not brought it there yet"},
		{place.Impersonal, "shared, room or equipment mailboxes, which as a rule need no licence"},
	} {
		if r.count > 0 {
			remarks = append(remarks, fmt.Sprintf("%s has users who are %s (%d)", p, r.what, r.count))
		}
	}
	return remarks
}
