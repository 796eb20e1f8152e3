package statetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatwright/seatwright/state"
)

func readerCases() []testCase {
	return []testCase{
		{"a full read returns every user once, in order of ids, with all known fields", readsEveryUser},
		{"a full read returns organization, SKUs and groups", readsHeader},
		{"an empty query returns nothing and is complete", readsNothing},
		{"a query for SKUs returns no users", readsSKUsAlone},
		{"particular users are returned once each, and unknown ones are absent", readsParticularUsers},
		{"groups are named only if the users read have a license from them", namesGroupsOfUsersRead},
		{"a canceled read returns the cause", readIsCancelled},
		{"reads run in parallel", readsSideBySide},
	}
}

func readsEveryUser(t testing.TB, f Fixture) {
	same(t, "users", views(Snapshot(t)), views(read(t, f, state.Everything())))
}

func readsHeader(t testing.TB, f Fixture) {
	want := Snapshot(t).Header
	want.Source = f.Source
	got := read(t, f, state.Everything()).Header
	same(t, "header", want, got, cmpopts.IgnoreFields(state.Header{}, "ReadAt"))
	if got.ReadAt.IsZero() || got.ReadAt.Location().String() != "UTC" {
		t.Errorf("ReadAt is %v, want the time of reading in UTC", got.ReadAt)
	}
}

func readsNothing(t testing.TB, f Fixture) {
	got := read(t, f, state.Query{})
	if got.Len() != 0 || len(got.SKUs) != 0 || len(got.Groups) != 0 || !got.Organization.ID.IsZero() {
		t.Errorf("an empty query returned %d users, %d SKUs, %d groups, organization %q",
			got.Len(), len(got.SKUs), len(got.Groups), got.Organization.ID)
	}
}

func readsSKUsAlone(t testing.TB, f Fixture) {
	got := read(t, f, state.Query{SKUs: true})
	same(t, "SKUs", Snapshot(t).SKUs, got.SKUs)
	if got.Len() != 0 {
		t.Errorf("a query for SKUs returned %d users", got.Len())
	}
}

func readsParticularUsers(t testing.TB, f Fixture) {
	got := read(t, f, state.Query{Users: []state.UserID{grace(), unknownUser(), alice(), grace()}})
	want := slices.DeleteFunc(views(Snapshot(t)), func(u userView) bool {
		return u.ID != alice().String() && u.ID != grace().String()
	})
	same(t, "users", want, views(got))
}

func namesGroupsOfUsersRead(t testing.TB, f Fixture) {
	got := read(t, f, state.Query{Users: []state.UserID{alice(), dave()}, Groups: true})
	same(t, "groups", []state.Group{{ID: analysts(), DisplayName: "Analysts"}}, got.Groups)
}

func readIsCancelled(t testing.TB, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Reader.Read(ctx, state.Everything()); !errors.Is(err, context.Canceled) {
		t.Errorf("Read with a canceled context = %v, want %v", err, context.Canceled)
	}
}

func readsSideBySide(t testing.TB, f Fixture) {
	want := views(Snapshot(t))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			got, err := f.Reader.Read(t.Context(), state.Everything())
			if err != nil {
				t.Errorf("Read failed: %v", err)
				return
			}
			same(t, "users", want, views(got))
		})
	}
	group.Wait()
}
