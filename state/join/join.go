package join

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// Join finds the user of the snapshot for each user of Active Directory. It looks up both
// anchors, whichever the settings name, because an attribute that the account may not
// read looks absent. The security identifiers have to agree, because a name alone can
// have been reassigned to another user. Join fails where a read cannot be right: the
// error is a [*state.DirectoryError].
func Join(s *state.Snapshot, reads []state.DirectoryRead) (*state.Directory, error) {
	j := newJoiner(s)
	for i := range reads {
		if err := checkAnchors(&reads[i]); err != nil {
			return nil, err
		}
		for _, place := range reads[i].Places {
			for k := range place.Users {
				j.matchUser(&reads[i], &place.Users[k])
			}
		}
	}
	j.findSharedUsers()
	places, containers := map[string]*state.JoinedPlace{}, map[int32]state.DN{}
	d := state.NewDirectory(reads, places, containers)
	d.JoinConflicts = sortedConflicts(j.conflicts)
	for i := range reads {
		for _, place := range reads[i].Places {
			places[place.Place.Key()] = j.joinPlace(d, place, containers)
			if err := j.checkEmpty(&reads[i], place); err != nil {
				return nil, err
			}
		}
	}
	d.Unverified = j.unverified(d)
	slices.SortFunc(d.Unjoined, func(a, b state.Unjoined) int {
		return cmp.Or(cmp.Compare(a.User.DN, b.User.DN), cmp.Compare(a.Place.Key(), b.Place.Key()))
	})
	return d, nil
}

// checkAnchors refuses a read in which no user has the only anchor that the settings
// name. The account may be unable to read the attribute, which then looks unset.
func checkAnchors(read *state.DirectoryRead) error {
	if !slices.Equal(read.Anchors, []string{state.AnchorConsistencyGUID}) {
		return nil
	}
	users := 0
	for _, place := range read.Places {
		users += len(place.Users)
		if slices.ContainsFunc(place.Users, func(u state.DirectoryUser) bool { return !u.ConsistencyGUID.IsZero() }) {
			return nil
		}
	}
	if users == 0 {
		return nil
	}
	return &state.DirectoryError{Op: "join users", Directory: read.Name, Server: read.Server, Fault: state.DirectoryUnreadable,
		Message: fmt.Sprintf("%s is the anchor, but none of the users has it (%d)", state.AnchorConsistencyGUID, users)}
}

// joiner looks users up and keeps which AD object matched which user.
type joiner struct {
	s           *state.Snapshot
	names       state.DNReader
	anchors     map[state.Anchor]int32 // rows by their anchor
	found       map[state.Anchor]match // by objectGUID
	claims      map[int32][]claim      // the AD objects that match the user in a row
	conflicts   map[int32]string       // by row
	conflictOUs map[string]conflictOU  // OUs in which a conflict was found, by key
}

// match is the result for one AD user.
type match struct {
	row    int32 // -1: no user
	byName bool
}

type claim struct {
	guid state.Anchor
	dn   string
}

// conflictOU is a container with a user that has a conflict.
type conflictOU struct {
	dn  state.DN
	why string
}

func newJoiner(s *state.Snapshot) *joiner {
	j := &joiner{s: s, anchors: make(map[state.Anchor]int32, s.Len()), found: map[state.Anchor]match{}, claims: map[int32][]claim{}, conflicts: map[int32]string{}, conflictOUs: map[string]conflictOU{}}
	for user := range s.Users() {
		anchor := user.Anchor()
		if anchor.IsZero() {
			continue
		}
		row := int32(user.Row())
		if other, twice := j.anchors[anchor]; twice { // the service keeps it unique, but otherwise the user would be ambiguous
			why := fmt.Sprintf("%s and another user have the same onPremisesImmutableId", user.UserPrincipalName())
			j.conflicts[row], j.conflicts[other] = why, why
		}
		j.anchors[anchor] = row
	}
	return j
}

// matchUser looks one AD user up.
func (j *joiner) matchUser(read *state.DirectoryRead, u *state.DirectoryUser) {
	if _, known := j.found[u.ObjectGUID]; known {
		return // it is in several places
	}
	byConsistency, hasConsistency := j.lookUp(u.ConsistencyGUID)
	byObject, hasObject := j.lookUp(u.ObjectGUID)
	result := match{row: -1}
	switch {
	case u.InvalidAnchor:
		j.addInvalidAnchor(u)
	case hasConsistency && hasObject && byConsistency != byObject:
		why := fmt.Sprintf("the AD user %q is one user of the tenant by %s and another by %s", u.DN, state.AnchorConsistencyGUID, state.AnchorObjectGUID)
		j.addConflict(u, why, byConsistency, byObject)
	case hasConsistency:
		result.row = j.matchByAnchor(read, u, byConsistency, state.AnchorConsistencyGUID)
	case hasObject:
		result.row = j.matchByAnchor(read, u, byObject, state.AnchorObjectGUID)
	default:
		result.row = j.matchByName(u)
		result.byName = result.row >= 0
	}
	if result.row >= 0 {
		j.claims[result.row] = append(j.claims[result.row], claim{u.ObjectGUID, u.DN})
	}
	j.found[u.ObjectGUID] = result
}

// addInvalidAnchor records a conflict for every user that an AD user with an invalid
// anchor could be.
func (j *joiner) addInvalidAnchor(u *state.DirectoryUser) {
	why := fmt.Sprintf("the AD user %q has a value in %s that is not an anchor", u.DN, state.AnchorConsistencyGUID)
	if row, found := j.lookUp(u.ObjectGUID); found {
		j.addConflict(u, why, row)
	}
	if user, found := j.s.FindUPN(u.UserPrincipalName); found {
		j.addConflict(u, why, int32(user.Row()))
	}
}

func (j *joiner) lookUp(a state.Anchor) (int32, bool) {
	if a.IsZero() {
		return -1, false
	}
	row, found := j.anchors[a]
	return row, found
}

// matchByAnchor returns the row that an anchor found. It returns -1 if the anchor is not
// configured or the security identifiers differ.
func (j *joiner) matchByAnchor(read *state.DirectoryRead, u *state.DirectoryUser, row int32, by string) int32 {
	if !slices.ContainsFunc(read.Anchors, func(a string) bool { return strings.EqualFold(a, by) }) {
		j.addConflict(u, fmt.Sprintf("the AD user %q is tied to the tenant by %s, which `anchor` of the directory does not list", u.DN, by), row)
		return -1
	}
	return j.checkSID(u, row)
}

// matchByName is the last resort: it returns a user without anchor that has the same user
// principal name.
func (j *joiner) matchByName(u *state.DirectoryUser) int32 {
	if u.UserPrincipalName == "" {
		return -1
	}
	user, found := j.s.FindUPN(u.UserPrincipalName)
	switch {
	case !found:
		return -1
	case !user.Anchor().IsZero():
		j.addConflict(u, fmt.Sprintf("the AD user %q has the user principal name %s, but that user has the anchor of another AD object", u.DN, user.UserPrincipalName()), int32(user.Row()))
		return -1
	}
	return j.checkSID(u, int32(user.Row()))
}

// checkSID requires equal security identifiers where the tenant has one.
func (j *joiner) checkSID(u *state.DirectoryUser, row int32) int32 {
	if sid := j.s.User(int(row)).SID(); sid != "" && sid != u.SID {
		j.addConflict(u, fmt.Sprintf("the AD user %q has the objectSid %s, the user of the tenant has onPremisesSecurityIdentifier %s", u.DN, u.SID, sid), row)
		return -1
	}
	return row
}

// addConflict records users for which nothing may be concluded, and the OU of the AD
// user.
func (j *joiner) addConflict(u *state.DirectoryUser, why string, rows ...int32) {
	for _, row := range rows {
		// Of several reasons the smallest is kept, so that the order of the reads does
		// not matter.
		if known, is := j.conflicts[row]; !is || why < known {
			j.conflicts[row] = why
		}
	}
	if dn, err := state.ParseDN(u.DN); err == nil {
		parent := dn.Parent()
		if known, is := j.conflictOUs[parent.Key()]; !is || why < known.why {
			j.conflictOUs[parent.Key()] = conflictOU{parent, why}
		}
	}
}

// findSharedUsers records a conflict for each user that several AD objects match.
func (j *joiner) findSharedUsers() {
	for _, row := range slices.Sorted(maps.Keys(j.claims)) {
		claims := j.claims[row]
		if len(claims) < 2 {
			continue
		}
		slices.SortFunc(claims, func(a, b claim) int { return cmp.Compare(a.dn, b.dn) })
		why := fmt.Sprintf("two AD users match this user: %q and %q", claims[0].dn, claims[1].dn)
		for _, c := range claims {
			j.addConflict(&state.DirectoryUser{DN: c.dn}, why, row)
		}
	}
}

// joinPlace returns the users of one place as rows.
func (j *joiner) joinPlace(d *state.Directory, p state.PlaceRead, containers map[int32]state.DN) *state.JoinedPlace {
	out := &state.JoinedPlace{Base: p.Base}
	for _, u := range p.Users {
		found := j.found[u.ObjectGUID]
		if found.row < 0 {
			d.Unjoined = append(d.Unjoined, state.Unjoined{Place: p.Place, User: u})
			continue
		}
		if _, disputed := j.conflicts[found.row]; disputed {
			continue
		}
		out.Rows = append(out.Rows, found.row)
		if dn, err := j.names.Read(u.DN); err == nil {
			containers[found.row] = dn.Parent()
		}
		countRemarks(out, u, found, j.s.User(int(found.row)))
	}
	slices.Sort(out.Rows)
	out.Rows = slices.Compact(out.Rows)
	return out
}

func countRemarks(p *state.JoinedPlace, u state.DirectoryUser, found match, user state.User) {
	for _, c := range []struct {
		is    bool
		count *int
	}{{found.byName, &p.ByName}, {u.Disabled && user.Enabled(), &p.Disabled}, {u.Impersonal(), &p.Impersonal}} {
		if c.is {
			*c.count++
		}
	}
}
