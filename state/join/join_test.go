package join_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/join"
)

func id[Of any](n byte) state.ID[Of] { return state.ID[Of]{15: n} }

func build(t *testing.T, records ...state.Record) *state.Snapshot {
	t.Helper()
	b := state.NewBuilder()
	for _, r := range records {
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Snapshot(state.Header{Complete: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func dn(t *testing.T, text string) state.DN {
	t.Helper()
	parsed, err := state.ParseDN(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// anchor returns an anchor of tests.
func anchor(n byte) state.Anchor { return state.Anchor{0: n} }

// synced returns a user of the tenant who was synced from OU=Staff.
func synced(t *testing.T, n byte, name string, change ...func(*state.Record)) state.Record {
	t.Helper()
	place, err := state.ParseDN("CN=" + name + ",OU=Staff,DC=contoso,DC=com")
	if err != nil {
		t.Fatal(err)
	}
	r := state.Record{
		ID: id[state.User](n), UserPrincipalName: name + "@contoso.com", Synced: true, DN: place,
		ImmutableID: anchor(n).ImmutableID(), SID: fmt.Sprintf("S-1-5-21-1-2-3-%d", n),
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

// inAD returns that user as AD has it, with objectGUID as the anchor.
func inAD(n byte, name string, change ...func(*state.DirectoryUser)) state.DirectoryUser {
	u := state.DirectoryUser{
		ObjectGUID: anchor(n), SID: fmt.Sprintf("S-1-5-21-1-2-3-%d", n), UserPrincipalName: name + "@contoso.com",
		DN: "CN=" + name + ",OU=Staff,DC=contoso,DC=com",
	}
	for _, c := range change {
		c(&u)
	}
	return u
}

// staffOf returns the read of OU=Staff with these users.
func staffOf(t *testing.T, users ...state.DirectoryUser) []state.DirectoryRead {
	t.Helper()
	base := dn(t, "OU=Staff,DC=contoso,DC=com")
	return []state.DirectoryRead{{Name: "corp", Anchors: state.AnchorAttributes(), Places: []state.PlaceRead{
		{Place: state.Place{DN: base, Subtree: true}, Base: base, Users: users},
	}}}
}

// resultOf returns the result of a join as names of users.
func resultOf(s *state.Snapshot, d *state.Directory) (joined, conflicting, unverified, unjoined string) {
	name := func(row int) string {
		upn, _, _ := strings.Cut(s.User(row).UserPrincipalName(), "@")
		return upn
	}
	list := func(all []state.JoinConflict) string {
		var names []string
		for _, one := range all {
			names = append(names, name(one.Row))
		}
		return strings.Join(names, " ")
	}
	rows, _ := d.Rows(d.Reads[0].Places[0].Place)
	var names, left []string
	for _, row := range rows {
		names = append(names, name(int(row)))
	}
	for _, u := range d.Unjoined {
		left = append(left, u.User.DN)
	}
	return strings.Join(names, " "), list(d.JoinConflicts), list(d.Unverified), strings.Join(left, " ")
}

func TestJoin(t *testing.T) {
	t.Parallel()
	consistency := func(n byte) func(*state.DirectoryUser) {
		return func(u *state.DirectoryUser) { u.ConsistencyGUID = anchor(n) }
	}
	guid := func(n byte) func(*state.DirectoryUser) {
		return func(u *state.DirectoryUser) { u.ObjectGUID = anchor(n) }
	}
	noAnchor := func(r *state.Record) { r.ImmutableID = "" }
	foreign := func(r *state.Record) { r.ImmutableID = "E12345" }
	noSID := func(r *state.Record) { r.SID = "" }
	elsewhere := func(r *state.Record) { r.DN = state.DN{} }
	for _, c := range []struct {
		name                            string
		tenant                          []state.Record
		users                           []state.DirectoryUser
		joined, conflicting, unverified string
		unjoined                        string
		why                             string
	}{
		{name: "by objectGUID", tenant: []state.Record{synced(t, 1, "anna")}, users: []state.DirectoryUser{inAD(1, "anna")}, joined: "anna"},
		{name: "by ms-DS-ConsistencyGuid, though objectGUID is different", tenant: []state.Record{synced(t, 1, "anna")},
			users: []state.DirectoryUser{inAD(1, "anna", guid(9), consistency(1))}, joined: "anna"},
		{name: "a renamed user by anchor", tenant: []state.Record{synced(t, 1, "anna")}, users: []state.DirectoryUser{inAD(1, "anna-married")}, joined: "anna"},
		{name: "the anchor alone, where the tenant has no security identifier", tenant: []state.Record{synced(t, 1, "anna", noSID)}, users: []state.DirectoryUser{inAD(1, "anna")}, joined: "anna"},
		{name: "both anchors name different users", tenant: []state.Record{synced(t, 1, "anna"), synced(t, 2, "bea", elsewhere)},
			users: []state.DirectoryUser{inAD(1, "anna", consistency(2))}, conflicting: "anna bea", unverified: "anna",
			unjoined: "CN=anna,OU=Staff,DC=contoso,DC=com", why: "is one user of the tenant by ms-DS-ConsistencyGuid and another by objectGUID"},
		{name: "another security identifier", tenant: []state.Record{synced(t, 1, "anna")},
			users: []state.DirectoryUser{inAD(1, "anna", func(u *state.DirectoryUser) { u.SID = "S-1-5-21-9-9-9-1" })}, conflicting: "anna", unverified: "anna",
			unjoined: "CN=anna,OU=Staff,DC=contoso,DC=com", why: "onPremisesSecurityIdentifier S-1-5-21-1-2-3-1"},
		{name: "two objects for one user", tenant: []state.Record{synced(t, 1, "anna")},
			users: []state.DirectoryUser{inAD(1, "anna"), inAD(1, "copy", guid(8), consistency(1))}, conflicting: "anna", unverified: "anna",
			why: `two AD users match this user: "CN=anna,OU=Staff,DC=contoso,DC=com" and "CN=copy,OU=Staff,DC=contoso,DC=com"`},
		{name: "a conflict makes the whole OU unverified", tenant: []state.Record{synced(t, 1, "anna"), synced(t, 2, "bea")},
			users:  []state.DirectoryUser{inAD(1, "anna", func(u *state.DirectoryUser) { u.SID = "S-1-5-21-9-9-9-1" }), inAD(2, "bea")},
			joined: "bea", conflicting: "anna", unverified: "anna bea", unjoined: "CN=anna,OU=Staff,DC=contoso,DC=com"},
		{name: "by name only, where there is no anchor", tenant: []state.Record{synced(t, 1, "anna", noAnchor)}, users: []state.DirectoryUser{inAD(5, "ANNA", func(u *state.DirectoryUser) { u.SID = "S-1-5-21-1-2-3-1" })}, joined: "anna"},
		{name: "by name only, where another attribute was the anchor", tenant: []state.Record{synced(t, 1, "anna", foreign)}, users: []state.DirectoryUser{inAD(1, "anna")}, joined: "anna"},
		{name: "by name only, and another security identifier", tenant: []state.Record{synced(t, 1, "anna", noAnchor)}, users: []state.DirectoryUser{inAD(5, "anna")},
			conflicting: "anna", unverified: "anna", unjoined: "CN=anna,OU=Staff,DC=contoso,DC=com"},
		{name: "the name of a user with another anchor", tenant: []state.Record{synced(t, 1, "anna")}, users: []state.DirectoryUser{inAD(5, "anna")},
			conflicting: "anna", unverified: "anna", unjoined: "CN=anna,OU=Staff,DC=contoso,DC=com", why: "has the anchor of another AD object"},
		{name: "an invalid anchor", tenant: []state.Record{synced(t, 1, "anna")}, users: []state.DirectoryUser{inAD(1, "anna", func(u *state.DirectoryUser) { u.InvalidAnchor = true })},
			conflicting: "anna", unverified: "anna", unjoined: "CN=anna,OU=Staff,DC=contoso,DC=com", why: "a value in ms-DS-ConsistencyGuid that is not an anchor"},
		{name: "a user that the tenant does not have", tenant: []state.Record{synced(t, 1, "anna")}, users: []state.DirectoryUser{inAD(1, "anna"), inAD(2, "bea")},
			joined: "anna", unjoined: "CN=bea,OU=Staff,DC=contoso,DC=com"},
		{name: "a user without a user principal name", tenant: []state.Record{synced(t, 1, "anna")}, users: []state.DirectoryUser{inAD(1, "anna"), inAD(2, "bea", func(u *state.DirectoryUser) { u.UserPrincipalName = "" })},
			joined: "anna", unjoined: "CN=bea,OU=Staff,DC=contoso,DC=com"},
		{name: "a user that the tenant has there and AD does not return is unverified", tenant: []state.Record{synced(t, 1, "anna"), synced(t, 2, "bea")}, users: []state.DirectoryUser{inAD(1, "anna")},
			joined: "anna", unverified: "bea"},
		{name: "a cloud user is ignored", tenant: []state.Record{synced(t, 1, "anna"), {ID: id[state.User](7), UserPrincipalName: "cloud@contoso.com"}}, users: []state.DirectoryUser{inAD(1, "anna")}, joined: "anna"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := build(t, c.tenant...)
			d, err := join.Join(s, staffOf(t, c.users...))
			if err != nil {
				t.Fatal(err)
			}
			joined, conflicting, unverified, unjoined := resultOf(s, d)
			want := []string{c.joined, c.conflicting, c.unverified, c.unjoined}
			if diff := cmp.Diff(want, []string{joined, conflicting, unverified, unjoined}); diff != "" {
				t.Errorf("joined, conflicting, unverified, unjoined (-want +got):\n%s", diff)
			}
			if c.why != "" && !strings.Contains(d.JoinConflicts[0].Why, c.why) {
				t.Errorf("the reason is %q, want %q in it", d.JoinConflicts[0].Why, c.why)
			}
		})
	}
}

// TestJoinTakesContainersFromTheDirectory: the directory decides the container, whatever
// was synced.
func TestJoinTakesContainersFromTheDirectory(t *testing.T) {
	t.Parallel()
	s := build(t, synced(t, 1, "anna"), synced(t, 2, "bea"))
	d, err := join.Join(s, staffOf(t, inAD(1, "anna", func(u *state.DirectoryUser) { u.DN = `CN=anna,OU=Sales\, EMEA,OU=Staff,DC=contoso,DC=com` })))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"anna@contoso.com": `OU=Sales\, EMEA,OU=Staff,DC=contoso,DC=com`, "bea@contoso.com": ""} {
		user, _ := s.FindUPN(name)
		container, shown := d.Container(user.Row())
		if container.String() != want || shown != (want != "") {
			t.Errorf("%s is in %q, want %q", name, container, want)
		}
	}
}

func TestJoinIgnoresAnchorsThatSettingsDoNotName(t *testing.T) {
	t.Parallel()
	s := build(t, synced(t, 1, "anna"), synced(t, 2, "bea"))
	reads := staffOf(t, inAD(1, "anna"), inAD(5, "bea", func(u *state.DirectoryUser) { u.ConsistencyGUID, u.SID = anchor(2), "S-1-5-21-1-2-3-2" }))
	reads[0].Anchors = []string{state.AnchorConsistencyGUID}
	d, err := join.Join(s, reads)
	if err != nil {
		t.Fatal(err)
	}
	joined, conflicting, _, _ := resultOf(s, d)
	if joined != "bea" || conflicting != "anna" || !strings.Contains(d.JoinConflicts[0].Why, "`anchor` of the directory does not list") {
		t.Errorf("joined %q, conflicting %q: %v", joined, conflicting, d.JoinConflicts)
	}
}

func TestJoinRefusesReadsThatCannotBeRight(t *testing.T) {
	t.Parallel()
	s := build(t, synced(t, 1, "anna"))
	onlyConsistency := staffOf(t, inAD(1, "anna"))
	onlyConsistency[0].Anchors = []string{state.AnchorConsistencyGUID}
	for name, reads := range map[string][]state.DirectoryRead{
		"no user has the anchor": onlyConsistency,
		"an empty OU, but the tenant has users that were synced from it": staffOf(t),
	} {
		_, err := join.Join(s, reads)
		trouble, ok := errors.AsType[*state.DirectoryError](err)
		if !ok || trouble.Fault != state.DirectoryUnreadable || !trouble.Credentials() || trouble.Hint() == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := join.Join(build(t), staffOf(t)); err != nil {
		t.Errorf("an OU that is empty on both sides: %v", err)
	}
}

func TestRemarksOfAPlace(t *testing.T) {
	t.Parallel()
	s := build(t, synced(t, 1, "anna", func(r *state.Record) { r.ImmutableID = "" }), synced(t, 2, "bea"))
	d, err := join.Join(s, staffOf(t,
		inAD(1, "anna", func(u *state.DirectoryUser) { u.Disabled = true }), inAD(2, "bea", func(u *state.DirectoryUser) { u.Mailbox = 1 << 35 })))
	if err != nil {
		t.Fatal(err)
	}
	remarks := strings.Join(d.Remarks(d.Reads[0].Places[0].Place), "\n")
	for _, want := range []string{"by user principal name only", "disabled in Active Directory", "shared, room or equipment mailboxes"} {
		if !strings.Contains(remarks, want) {
			t.Errorf("%q is not in %q", want, remarks)
		}
	}
}

// TestJoinMatchesEachUserOnce checks three laws for arbitrary AD data. A user is either
// joined or in conflict, not both. Each user has at most one AD object. The order of the
// AD users makes no difference.
func TestJoinMatchesEachUserOnce(t *testing.T) {
	t.Parallel()
	small := rapid.ByteRange(0, 4)
	rapid.Check(t, func(rt *rapid.T) {
		var tenant []state.Record
		for n := range byte(4) {
			tenant = append(tenant, synced(t, n+1, string('a'+rune(n)), func(r *state.Record) {
				if a := rapid.ByteRange(0, 1).Draw(rt, "anchored"); a == 0 {
					r.ImmutableID = ""
				}
			}))
		}
		s := build(t, tenant...)
		var users []state.DirectoryUser
		for n := range rapid.IntRange(0, 5).Draw(rt, "users") {
			users = append(users, inAD(byte(n+1), string('a'+rune(small.Draw(rt, "name"))), func(u *state.DirectoryUser) {
				u.ConsistencyGUID = anchor(small.Draw(rt, "consistency"))
				u.SID = fmt.Sprintf("S-1-5-21-1-2-3-%d", small.Draw(rt, "sid"))
			}))
		}
		if len(users) == 0 {
			return
		}
		d, err := join.Join(s, staffOf(t, users...))
		if err != nil {
			rt.Fatal(err)
		}
		rows, _ := d.Rows(d.Reads[0].Places[0].Place)
		for _, conflict := range d.JoinConflicts {
			if slices.Contains(rows, int32(conflict.Row)) {
				rt.Fatalf("row %d is joined and conflicting", conflict.Row)
			}
		}
		if len(rows)+len(d.Unjoined) > len(users) {
			rt.Fatalf("%d joined and %d unjoined of %d", len(rows), len(d.Unjoined), len(users))
		}
		slices.Reverse(users)
		again, err := join.Join(s, staffOf(t, users...))
		if err != nil {
			rt.Fatal(err)
		}
		if rows2, _ := again.Rows(d.Reads[0].Places[0].Place); !slices.Equal(rows, rows2) {
			rt.Fatalf("in another order %v are joined, not %v", rows2, rows)
		}
	})
}
