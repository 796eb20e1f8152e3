package state_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
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

func TestBuilderSnapshotKeepsUsers(t *testing.T) {
	t.Parallel()
	e3, off := id[state.SKU](3), []state.PlanID{id[state.ServicePlan](9), id[state.ServicePlan](1), id[state.ServicePlan](9)}
	s := build(t,
		state.Record{ID: id[state.User](2), UserPrincipalName: "Bea@contoso.com", DisplayName: "Bea", Disabled: true, Guest: true, Inconsistent: true},
		state.Record{ID: id[state.User](1), UserPrincipalName: "anna@contoso.com", DisplayName: "Anna", Synced: true, UsageLocation: "CH",
			DN:    dn(t, "CN=Anna,OU=Staff,DC=Corp,DC=contoso,DC=com"),
			Paths: []state.Path{{SKU: e3, Group: id[state.Group](7), State: state.PathActive}, {SKU: e3, State: state.PathActive, Disabled: off}}},
	)
	var order []string
	for user := range s.Users() {
		order = append(order, user.UserPrincipalName())
	}
	if diff := cmp.Diff([]string{"anna@contoso.com", "Bea@contoso.com"}, order); diff != "" {
		t.Errorf("users are not in order of their ids (-want +got):\n%s", diff)
	}
	anna, found := s.FindUPN("ANNA@CONTOSO.COM")
	if !found || anna.ID() != id[state.User](1) {
		t.Fatalf("anna was not found by user principal name in another case")
	}
	if anna.UsageLocation() != "CH" || !anna.Synced() || !anna.Enabled() || !anna.Internal() || anna.Domain() != "corp.contoso.com" || anna.Container().String() != "OU=Staff,DC=Corp,DC=contoso,DC=com" {
		t.Errorf("anna reads back wrong: %s %v %v %v %s %s", anna.UsageLocation(), anna.Synced(), anna.Enabled(), anna.Internal(), anna.Domain(), anna.Container())
	}
	want := []state.Path{
		{SKU: e3, State: state.PathActive, Disabled: []state.PlanID{id[state.ServicePlan](1), id[state.ServicePlan](9)}},
		{SKU: e3, Group: id[state.Group](7), State: state.PathActive, Disabled: nil},
	}
	if diff := cmp.Diff(want, anna.PathsOf(e3)); diff != "" {
		t.Errorf("paths are not sorted sets, the direct one first (-want +got):\n%s", diff)
	}
	bea, found := s.Find(id[state.User](2))
	if !found || bea.Enabled() || bea.Internal() || !bea.Inconsistent() || !bea.Container().IsZero() || len(bea.Paths()) != 0 {
		t.Errorf("bea reads back wrong")
	}
	if _, found := s.Find(id[state.User](3)); found {
		t.Error("a user that does not exist was found")
	}
	if _, found := s.FindUPN("unknown@contoso.com"); found {
		t.Error("a user was found by a name that no user has")
	}
}

func TestInternalIsFalseForExternalMembers(t *testing.T) {
	t.Parallel()
	s := build(t,
		state.Record{ID: id[state.User](1), UserPrincipalName: "x_fabrikam.com#ext#@contoso.com"},
		state.Record{ID: id[state.User](2), UserPrincipalName: "y##Ext#@contoso.com"},
		state.Record{ID: id[state.User](3), UserPrincipalName: "#z#ext@contoso.com"},
	)
	if s.User(0).Internal() || s.User(1).Internal() {
		t.Error("a member with #EXT# in the name counts as internal")
	}
	if !s.User(2).Internal() {
		t.Error("a member with other signs in the name counts as external")
	}
}

func TestFindUPNInAnyCaseAndAlphabet(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 200) + "@contoso.com"
	s := build(t,
		state.Record{ID: id[state.User](1), UserPrincipalName: "Çelik.ÖZ@contoso.com"},
		state.Record{ID: id[state.User](2), UserPrincipalName: strings.ToUpper(long)},
		state.Record{ID: id[state.User](3), UserPrincipalName: "celik.oz@contoso.com"},
	)
	for name, want := range map[string]byte{"çelik.öz@CONTOSO.COM": 1, long: 2, "CELIK.OZ@contoso.com": 3} {
		if user, found := s.FindUPN(name); !found || user.ID() != id[state.User](want) {
			t.Errorf("%s: found %v, want the user %d", name, found, want)
		}
	}
	for _, name := range []string{"", "çelik.oz@contoso.com", long[1:]} {
		if _, found := s.FindUPN(name); found {
			t.Errorf("%q was found, but no user has that name", name)
		}
	}
}

func TestColumnsDoNotDependOnReadOrder(t *testing.T) {
	t.Parallel()
	records := []state.Record{
		{ID: id[state.User](1), UserPrincipalName: "a@c", UsageLocation: "CH", Country: "Switzerland", DN: dn(t, "CN=A,OU=One,DC=c"), Paths: []state.Path{{SKU: id[state.SKU](1)}}},
		{ID: id[state.User](2), UserPrincipalName: "b@c", UsageLocation: "DE", Country: "Germany", DN: dn(t, "CN=B,OU=Two,DC=c"), Paths: []state.Path{{SKU: id[state.SKU](2)}}},
		{ID: id[state.User](3), UserPrincipalName: "c@c", UsageLocation: "CH", Country: "Germany", DN: dn(t, "CN=C,OU=One,DC=c")},
	}
	forwards := build(t, records...)
	slices.Reverse(records)
	equal := cmp.Comparer(func(a, b state.DN) bool { return a.Key() == b.Key() })
	if diff := cmp.Diff(forwards.Columns(), build(t, records...).Columns(), equal); diff != "" {
		t.Errorf("users who were read in another order make other columns (-first +second):\n%s", diff)
	}
}

func TestFromColumnsMakesTheSameSnapshot(t *testing.T) {
	t.Parallel()
	s := bigSnapshot(t, 1_000)
	again, err := state.FromColumns(s.Header, s.Columns())
	if err != nil {
		t.Fatal(err)
	}
	for user := range s.Users() {
		twin, found := again.FindUPN(user.UserPrincipalName())
		if !found || twin.ID() != user.ID() || twin.PathsCode() != user.PathsCode() {
			t.Fatalf("%s is another user in the second snapshot", user.UserPrincipalName())
		}
	}
}

func TestSnapshotRefusesDuplicates(t *testing.T) {
	t.Parallel()
	for want, records := range map[string][]state.Record{
		"was read twice":                {{ID: id[state.User](1), UserPrincipalName: "a@c"}, {ID: id[state.User](1), UserPrincipalName: "b@c"}},
		"have the user principal name":  {{ID: id[state.User](1), UserPrincipalName: "a@c"}, {ID: id[state.User](2), UserPrincipalName: "A@c"}},
		"it has no id or no user princ": {{UserPrincipalName: "a@c"}},
	} {
		b := state.NewBuilder()
		var err error
		for _, r := range records {
			if addErr := b.Add(r); addErr != nil {
				err = addErr
			}
		}
		if err == nil {
			_, err = b.Snapshot(state.Header{})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	const text = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
	parsed, err := state.ParseID[state.SKU](strings.ToUpper(text))
	if err != nil || parsed.String() != text {
		t.Errorf("got %v, %v, want %s", parsed, err, text)
	}
	for _, bad := range []string{"", "06ebc4ee", text + "0", strings.ReplaceAll(text, "-", "_"), "zzebc4ee-1bb5-47dd-8120-11324bc54e06", "{" + text[:34] + "}"} {
		if state.IsGUID(bad) {
			t.Errorf("%q was read as a GUID", bad)
		}
	}
}

// bigSnapshot returns a snapshot of n users with two licenses each, in a realistic
// spread.
func bigSnapshot(tb testing.TB, n int) *state.Snapshot {
	tb.Helper()
	b := state.NewBuilder()
	for i := range n {
		var uid state.UserID
		uid[0], uid[1], uid[2], uid[3], uid[15] = byte(i), byte(i>>8), byte(i>>16), byte(i>>24), 1
		err := b.Add(state.Record{
			ID: uid, UserPrincipalName: fmt.Sprintf("firstname.lastname%07d@contoso.com", i), DisplayName: fmt.Sprintf("Firstname Lastname %07d", i), UsageLocation: "CH",
			Paths: []state.Path{{SKU: id[state.SKU](byte(i % 5)), State: state.PathActive}, {SKU: id[state.SKU](200), Group: id[state.Group](byte(i % 7)), State: state.PathActive}},
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	s, err := b.Snapshot(state.Header{})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestSnapshotMemoryPerUser(t *testing.T) { //nolint:paralleltest // measures the heap
	const users = 100_000
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := bigSnapshot(t, users)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / users; each > 200 {
		t.Errorf("a user is kept in %d bytes, want at most 200", each)
	}
	runtime.KeepAlive(s)
}

func BenchmarkBuildSnapshot(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		bigSnapshot(b, 10_000)
	}
}
