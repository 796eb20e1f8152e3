package snapfile_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/snapfile"
)

func redact(t *testing.T, s *state.Snapshot, key string) (*snapfile.Redactor, *state.Snapshot) {
	t.Helper()
	r := snapfile.NewRedactor([]byte(key))
	redacted, err := r.Snapshot(s)
	if err != nil {
		t.Fatal(err)
	}
	return r, mustRead(t, write(t, redacted))
}

// textOf returns everything in a snapshot as text.
func textOf(s *state.Snapshot) string {
	return strings.ToLower(fmt.Sprintf("%+v %+v", s.Header, s.Columns()))
}

func TestRedactedSnapshotHasNoNames(t *testing.T) {
	t.Parallel()
	full := little(t)
	full.Incomplete, full.Unread = "user alice@statetest.example", []string{"group Sales of alice"}
	_, redacted := redact(t, full, "key")
	text := textOf(redacted)
	secret := []string{full.Organization.ID.String(), full.Organization.DisplayName, "statetest", "sales", "alice"}
	for user := range full.Users() {
		local, domain, _ := strings.Cut(user.UserPrincipalName(), "@")
		secret = append(secret, user.ID().String(), local, domain, user.DisplayName())
	}
	for _, group := range full.Groups {
		secret = append(secret, group.ID.String(), group.DisplayName)
	}
	secret = append(secret, full.Organization.Domains...)
	for _, word := range secret {
		if word = strings.ToLower(word); word != "" && strings.Contains(text, word) {
			t.Errorf("the file still has %q", word)
		}
	}
	if raw := textOf(full); !strings.Contains(raw, "alice") || !strings.Contains(raw, "statetest") {
		t.Error("the full snapshot has none of the names, so the test proves nothing")
	}
}

func TestRedactedSnapshotKeepsItsStructure(t *testing.T) {
	t.Parallel()
	full := little(t)
	r, redacted := redact(t, full, "key")
	if redacted.Len() != full.Len() || len(redacted.Groups) != len(full.Groups) || len(redacted.SKUs) != len(full.SKUs) {
		t.Fatalf("%d users, %d groups, %d SKUs", redacted.Len(), len(redacted.Groups), len(redacted.SKUs))
	}
	for before := range full.Users() {
		after, found := redacted.Find(r.User(before.ID()))
		if !found {
			t.Fatalf("%s is missing", before.UserPrincipalName())
		}
		if byName, found := redacted.FindUPN(r.UPN(strings.ToUpper(before.UserPrincipalName()))); !found || byName.ID() != after.ID() {
			t.Errorf("%s is not found by the other name", before.UserPrincipalName())
		}
		if before.Internal() != after.Internal() || before.Enabled() != after.Enabled() || before.Synced() != after.Synced() ||
			before.UsageLocation() != after.UsageLocation() || len(before.Paths()) != len(after.Paths()) || before.Inconsistent() != after.Inconsistent() {
			t.Errorf("%s is another kind of user now", before.UserPrincipalName())
		}
		if after.Domain() != r.Domain(before.Domain()) {
			t.Errorf("%s is in the domain %s", before.UserPrincipalName(), after.Domain())
		}
		for other := range full.Users() { // users below an OU stay below it
			for base := other.Container(); !base.IsZero(); base = base.Parent() {
				otherBase, err := r.DN(base)
				if err != nil || before.Container().Under(base) != after.Container().Under(otherBase) {
					t.Errorf("%s below %s: %v", before.UserPrincipalName(), base, err)
				}
			}
		}
	}
	for _, before := range full.Groups {
		after, found := redacted.Group(r.Group(before.ID))
		if !found || len(after.Members) != len(before.Members) || len(after.Licenses) != len(before.Licenses) {
			t.Fatalf("the group %s is another now", before.DisplayName)
		}
		for _, member := range before.Members {
			if !slices.Contains(after.Members, r.User(member)) {
				t.Errorf("a member left %s", before.DisplayName)
			}
		}
	}
}

func TestRedactorNamesDependOnTheKey(t *testing.T) {
	t.Parallel()
	a, _ := redact(t, little(t), "a")
	b, _ := redact(t, little(t), "b")
	if a.UPN("alice@contoso.com") == b.UPN("alice@contoso.com") || a.Domain("contoso.com") == b.Domain("contoso.com") {
		t.Error("names do not depend on the key")
	}
	if x, y := a.UPN("Alice@Contoso.com"), a.UPN("alice@contoso.COM"); x != y || strings.Split(x, "@")[1] != a.Domain("contoso.com") {
		t.Errorf("%s and %s", x, y)
	}
	if external := a.UPN("gina_fabrikam.com#EXT#@contoso.com"); !regexp.MustCompile(`^u[0-9a-f]{16}#EXT#@`).MatchString(external) {
		t.Errorf("a guest becomes %s", external)
	}
	if a.User(state.UserID{}) != (state.UserID{}) {
		t.Error("the zero id has a pseudonym")
	}
}
