package join

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// Join finds out which users of the snapshot the users of Active Directory are. Both
// anchors are looked up, whichever the settings name, and the security identifiers
// have to agree: an attribute that may not be read is as good as absent, and a name
// alone can have been given to somebody else. It fails where a read cannot be right:
// the error is a [*state.DirectoryError].
func Join(s *state.Snapshot, reads []state.DirectoryRead) (*state.Directory, error) {
	j := newJoiner(s)
	for i := range reads {
		if err := checkAnchors(&reads[i]); err != nil {
			return nil, err
		}
		for _, place := range reads[i].Places {
			for k := range place.Users {
				j.take(&reads[i], &place.Users[k])
			}
		}
	}
	j.settle()
	places, containers := map[string]*state.JoinedPlace{}, map[int32]state.DN{}
	d := state.NewDirectory(reads, places, containers)
	d.Disputes = sortedDisputes(j.disputes)
	for i := range reads {
		for _, place := range reads[i].Places {
			places[place.Place.Key()] = j.place(d, place, containers)
			if err := j.checkEmpty(&reads[i], place); err != nil {
				return nil, err
			}
		}
	}
	d.Doubts = j.doubts(d)
	slices.SortFunc(d.Unjoined, func(a, b state.Unjoined) int {
		return cmp.Or(cmp.Compare(a.User.DN, b.User.DN), cmp.Compare(a.Place.Key(), b.Place.Key()))
	})
	return d, nil
}

// checkAnchors refuses a read in which nobody carries the attribute that is to tie
// everybody: it may not be read by this account, and then it looks as if it were unset.
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
		Message: fmt.Sprintf("%s is the anchor, and none of the users carries it (%d)", state.AnchorConsistencyGUID, users)}
}

// joiner looks users up and remembers who was found by whom.
type joiner struct {
	s        *state.Snapshot
	names    state.DNReader
	anchors  map[state.Anchor]int32  // rows by their anchor
	found    map[state.Anchor]joined // by objectGUID
	claims   map[int32][]claim       // who says to be the user in a row
	disputes map[int32]string        // by row
	contests map[string]disputedOU   // OUs in which a dispute was found, by key
}

// joined is what became of one AD user.
type joined struct {
	row    int32 // -1: nobody
	byName bool
}

type claim struct {
	guid state.Anchor
	dn   string
}

// disputedOU is a container of which not everybody could be told.
type disputedOU struct {
	dn  state.DN
	why string
}

func newJoiner(s *state.Snapshot) *joiner {
	j := &joiner{s: s, anchors: make(map[state.Anchor]int32, s.Len()), found: map[state.Anchor]joined{}, claims: map[int32][]claim{}, disputes: map[int32]string{}, contests: map[string]disputedOU{}}
	for user := range s.Users() {
		anchor := user.Anchor()
		if anchor.IsZero() {
			continue
		}
		row := int32(user.Row())
		if other, twice := j.anchors[anchor]; twice { // the service keeps it unique, but nobody would know whom to take
			why := fmt.Sprintf("%s and another user have the same onPremisesImmutableId", user.UserPrincipalName())
			j.disputes[row], j.disputes[other] = why, why
		}
		j.anchors[anchor] = row
	}
	return j
}

// take looks one AD user up.
func (j *joiner) take(read *state.DirectoryRead, u *state.DirectoryUser) {
	if _, known := j.found[u.ObjectGUID]; known {
		return // it lies in several places
	}
	byConsistency, hasConsistency := j.lookUp(u.ConsistencyGUID)
	byObject, hasObject := j.lookUp(u.ObjectGUID)
	result := joined{row: -1}
	switch {
	case u.OddAnchor:
		j.odd(u)
	case hasConsistency && hasObject && byConsistency != byObject:
		why := fmt.Sprintf("the AD user %q is one user of the tenant by %s and another by %s", u.DN, state.AnchorConsistencyGUID, state.AnchorObjectGUID)
		j.dispute(u, why, byConsistency, byObject)
	case hasConsistency:
		result.row = j.tied(read, u, byConsistency, state.AnchorConsistencyGUID)
	case hasObject:
		result.row = j.tied(read, u, byObject, state.AnchorObjectGUID)
	default:
		result.row = j.named(u)
		result.byName = result.row >= 0
	}
	if result.row >= 0 {
		j.claims[result.row] = append(j.claims[result.row], claim{u.ObjectGUID, u.DN})
	}
	j.found[u.ObjectGUID] = result
}

// odd disputes whoever a user with an anchor that is none could be.
func (j *joiner) odd(u *state.DirectoryUser) {
	why := fmt.Sprintf("the AD user %q has a value in %s that is no anchor", u.DN, state.AnchorConsistencyGUID)
	if row, found := j.lookUp(u.ObjectGUID); found {
		j.dispute(u, why, row)
	}
	if user, found := j.s.FindUPN(u.UserPrincipalName); found {
		j.dispute(u, why, int32(user.Row()))
	}
}

func (j *joiner) lookUp(a state.Anchor) (int32, bool) {
	if a.IsZero() {
		return -1, false
	}
	row, found := j.anchors[a]
	return row, found
}

// tied returns the row that an anchor found, if nothing speaks against it, else -1.
func (j *joiner) tied(read *state.DirectoryRead, u *state.DirectoryUser, row int32, by string) int32 {
	if !slices.ContainsFunc(read.Anchors, func(a string) bool { return strings.EqualFold(a, by) }) {
		j.dispute(u, fmt.Sprintf("the AD user %q is tied to the tenant by %s, which is not among `anchor` of the directory", u.DN, by), row)
		return -1
	}
	return j.sameSID(u, row)
}

// named returns the last resort: a user whom no anchor ties, by his user principal name.
func (j *joiner) named(u *state.DirectoryUser) int32 {
	if u.UserPrincipalName == "" {
		return -1
	}
	user, found := j.s.FindUPN(u.UserPrincipalName)
	switch {
	case !found:
		return -1
	case !user.Anchor().IsZero():
		j.dispute(u, fmt.Sprintf("the AD user %q has the user principal name %s, which is that of another object by its anchor", u.DN, user.UserPrincipalName()), int32(user.Row()))
		return -1
	}
	return j.sameSID(u, int32(user.Row()))
}

// sameSID wants the security identifiers to be one where the tenant has one.
func (j *joiner) sameSID(u *state.DirectoryUser, row int32) int32 {
	if sid := j.s.User(int(row)).SID(); sid != "" && sid != u.SID {
		j.dispute(u, fmt.Sprintf("the AD user %q has the objectSid %s, the user of the tenant has onPremisesSecurityIdentifier %s", u.DN, u.SID, sid), row)
		return -1
	}
	return row
}

// dispute notes users of whom nothing may be concluded, and the OU it happened in.
func (j *joiner) dispute(u *state.DirectoryUser, why string, rows ...int32) {
	for _, row := range rows {
		// Of several reasons one is told, and the same one in whatever order they come.
		if known, is := j.disputes[row]; !is || why < known {
			j.disputes[row] = why
		}
	}
	if dn, err := state.ParseDN(u.DN); err == nil {
		parent := dn.Parent()
		if known, is := j.contests[parent.Key()]; !is || why < known.why {
			j.contests[parent.Key()] = disputedOU{parent, why}
		}
	}
}

// settle looks for users whom several AD objects claim to be.
func (j *joiner) settle() {
	for _, row := range slices.Sorted(maps.Keys(j.claims)) {
		claims := j.claims[row]
		if len(claims) < 2 {
			continue
		}
		slices.SortFunc(claims, func(a, b claim) int { return cmp.Compare(a.dn, b.dn) })
		why := fmt.Sprintf("two AD users claim to be this one: %q and %q", claims[0].dn, claims[1].dn)
		for _, c := range claims {
			j.dispute(&state.DirectoryUser{DN: c.dn}, why, row)
		}
	}
}

// place turns the users of one place into rows.
func (j *joiner) place(d *state.Directory, p state.PlaceRead, containers map[int32]state.DN) *state.JoinedPlace {
	out := &state.JoinedPlace{Base: p.Base}
	for _, u := range p.Users {
		found := j.found[u.ObjectGUID]
		if found.row < 0 {
			d.Unjoined = append(d.Unjoined, state.Unjoined{Place: p.Place, User: u})
			continue
		}
		if _, disputed := j.disputes[found.row]; disputed {
			continue
		}
		out.Rows = append(out.Rows, found.row)
		if dn, err := j.names.Read(u.DN); err == nil {
			containers[found.row] = dn.Parent()
		}
		count(out, u, found, j.s.User(int(found.row)))
	}
	slices.Sort(out.Rows)
	out.Rows = slices.Compact(out.Rows)
	return out
}

func count(p *state.JoinedPlace, u state.DirectoryUser, found joined, user state.User) {
	for _, c := range []struct {
		is    bool
		count *int
	}{{found.byName, &p.ByName}, {u.Disabled && user.Enabled(), &p.Disabled}, {u.Impersonal(), &p.Impersonal}} {
		if c.is {
			*c.count++
		}
	}
}
