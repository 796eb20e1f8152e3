package statetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatwright/seatwright/state"
)

// userView is everything that a snapshot has about one user, in a form that can be
// compared.
type userView struct {
	ID, UPN, Name, Location, Container, Domain, SID string
	Anchor                                          state.Anchor
	Enabled, Internal, Synced, Inconsistent         bool
	Paths                                           []state.Path
}

func view(u state.User) userView {
	return userView{
		ID: u.ID().String(), UPN: u.UserPrincipalName(), Name: u.DisplayName(), Location: u.UsageLocation(),
		Container: u.Container().Key(), Domain: u.Domain(), SID: u.SID(), Anchor: u.Anchor(),
		Enabled: u.Enabled(), Internal: u.Internal(), Synced: u.Synced(), Inconsistent: u.Inconsistent(),
		Paths: u.Paths(),
	}
}

func views(s *state.Snapshot) []userView {
	var all []userView
	for u := range s.Users() {
		all = append(all, view(u))
	}
	return all
}

// read reads the tenant, and fails the test if that fails.
func read(t testing.TB, f Fixture, q state.Query) *state.Snapshot {
	t.Helper()
	s, err := f.Reader.Read(t.Context(), q)
	if err != nil {
		t.Fatalf("Read(%+v) failed: %v", q, err)
	}
	if !s.Complete {
		t.Fatalf("Read(%+v) is incomplete: %s", q, s.Incomplete)
	}
	return s
}

// readUser reads one user, which must exist.
func readUser(t testing.TB, f Fixture, id state.UserID) state.User {
	t.Helper()
	u, found := read(t, f, state.Query{Users: []state.UserID{id}}).Find(id)
	if !found {
		t.Fatalf("Read did not return user %s", id)
	}
	return u
}

// same fails the test if got differs from want. An empty list equals nil.
func same(t testing.TB, what string, want, got any, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, append(options, cmpopts.EquateEmpty())...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
