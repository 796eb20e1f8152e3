package sandbox_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
)

func TestOverlayHoldsOnlyChangedUsers(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	empty := string(c.tenant.Overlay())
	c.send(http.MethodPatch, "/users/"+bob, `{"usageLocation":"NO"}`)
	c.assign(ada, swap(e3, visio))
	c.assign(dan, add(e3))
	c.assign(dan, remove(e3)) // dan is as in the file again
	_, digest, _ := strings.Cut(empty, "sha256:")
	digest = digest[:64]
	want := `{"version":1,"tenantFile":"sha256:` + digest + `","users":[` +
		`{"id":"` + ada + `","usageLocation":"CH","assignedLicenses":[{"skuId":"` + visio + `","disabledPlans":[],"lastUpdatedDateTime":"2026-02-03T04:05:06Z"}]},` +
		`{"id":"` + bob + `","usageLocation":"NO","assignedLicenses":[]}]}`
	if diff := cmp.Diff(want, string(c.tenant.Overlay())); diff != "" {
		t.Errorf("overlay (-want +got):\n%s", diff)
	}
}

func TestRestoreBringsTheChangesBack(t *testing.T) {
	t.Parallel()
	before := newClient(t, tenantFile, sandbox.Options{})
	before.send(http.MethodPatch, "/users/"+bob, `{"usageLocation":"NO"}`)
	before.assign(bob, addWithout(e3, sway, exchange))
	before.assign(cyd, swap(e5, e3))
	after := newClient(t, tenantFile, sandbox.Options{})
	after.assign(dan, add(visio)) // forgotten by Restore
	if err := after.tenant.Restore(before.tenant.Overlay()); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if diff := cmp.Diff(before.dump(), after.dump()); diff != "" {
		t.Errorf("users (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(before.consumed(), after.consumed()); diff != "" {
		t.Errorf("consumedUnits (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(string(before.tenant.Overlay()), string(after.tenant.Overlay())); diff != "" {
		t.Errorf("overlay (-before +after):\n%s", diff)
	}
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	c.assign(dan, add(e3))
	overlay := string(c.tenant.Overlay())
	c.assignTo(group, add(e3))
	groups := string(c.tenant.Overlay()) // the group waits
	c.get("/users")
	paths := string(c.tenant.Overlay())
	replace := func(old, with string) string { return strings.Replace(overlay, old, with, 1) }
	tests := []struct{ name, file, overlay, want string }{
		{"changes of an edited file", tenantFile + "\n", overlay, "restore sandbox changes: the changes were made on another tenant file"},
		{"an unknown user", tenantFile, replace(dan, notOwned), `restore sandbox changes: no user "` + notOwned + `"`},
		{"an unknown SKU", tenantFile, replace(e3, notOwned), `restore sandbox changes: user dan.o'neil@contoso.com: no SKU "` + notOwned + `"`},
		{"an unknown plan", tenantFile, replace(`[]`, `["x"]`), `restore sandbox changes: user dan.o'neil@contoso.com: no service plan "x" in SPE_E3`},
		{"an unknown group", tenantFile, strings.Replace(groups, group, notOwned, 1), `restore sandbox changes: no group "` + notOwned + `"`},
		{"an unknown SKU of a group", tenantFile, strings.Replace(groups, visio, notOwned, 1), "restore sandbox changes: group " + group + `: no SKU "` + notOwned + `"`},
		{"a path by an unknown group", tenantFile, strings.ReplaceAll(paths, `"assignedByGroup":"`+group, `"assignedByGroup":"`+notOwned),
			`restore sandbox changes: user cyd@contoso.com: no group "` + notOwned + `"`},
		{"another version", tenantFile, replace(`"version":1`, `"version":2`), "restore sandbox changes: version 2 is not 1"},
		{"no JSON", tenantFile, "x", "restore sandbox changes: invalid character 'x' looking for beginning of value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, test.file, sandbox.Options{})
			before := c.dump()
			err := c.tenant.Restore([]byte(test.overlay))
			if err == nil || err.Error() != test.want {
				t.Errorf("Restore fails with %v, want %s", err, test.want)
			}
			if other := strings.Contains(test.want, "another tenant file"); errors.Is(err, directory.ErrOtherTenant) != other {
				t.Errorf("the error is ErrOtherTenant: %v, want %v", !other, other)
			}
			if before != c.dump() {
				t.Error("a refusal changed something")
			}
		})
	}
}

func TestChangedIsCalledOnlyForEffects(t *testing.T) {
	t.Parallel()
	var kept []string
	c := newClient(t, tenantFile, sandbox.Options{Changed: func(overlay []byte) error {
		kept = append(kept, string(overlay))
		return nil
	}})
	c.assign(dan, add(e5))                                                      // refused
	c.assign(ada, addWithout(e3, sway))                                         // as it is
	c.send(http.MethodPatch, "/users/"+ada, `{"usageLocation":"CH"}`)           // as it is
	c.get("/users")                                                             // no write
	c.batch(post("1", dan, add(e3)), patch("2", bob, "NO"), get("3", "/users")) // two
	if len(kept) != 2 {
		t.Errorf("kept %d times, want twice: %v", len(kept), kept)
	}
	c.send(http.MethodPatch, "/users/"+bob, `{"usageLocation":"DE"}`) // the last change of a user counts
	again := newClient(t, tenantFile, sandbox.Options{})
	if err := again.tenant.Restore([]byte(strings.Join(kept, ""))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(c.tenant.Overlay()), string(again.tenant.Overlay())); diff != "" {
		t.Errorf("the lines that were kept do not add up to the overlay (-want +got):\n%s", diff)
	}
	cut := strings.Join(kept[:2], "") + kept[2][:len(kept[2])/2]
	if err := again.tenant.Restore([]byte(cut)); err != nil {
		t.Errorf("a line that was cut off in the middle: %v", err)
	}
}

func TestChangedUndoesAWriteThatCannotBeKept(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{Changed: func([]byte) error { return errors.New("disk full") }})
	users, seats := c.dump(), c.consumed()
	got := c.assign(dan, add(e3))
	if want := "Service_InternalServerError: The change could not be kept: disk full"; got.status != 500 || got.failure() != want {
		t.Errorf("%d %s, want 500 %s", got.status, got.failure(), want)
	}
	if diff := cmp.Diff(users, c.dump()); diff != "" {
		t.Errorf("users (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(seats, c.consumed()); diff != "" {
		t.Errorf("consumedUnits (-before +after):\n%s", diff)
	}
	record := c.tenant.Record()
	if record.Writes[0].TookEffect || record.MinFree[e3] != 2 {
		t.Errorf("record is %+v, want a write without effect and two free seats", record)
	}
}
