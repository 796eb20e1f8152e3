package plan_test

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/join"
)

// TestComputeShowsOUOfUsers as the directory has it, else as it was synced, in one
// spelling; it has no part in what is approved.
func TestComputeShowsOUOfUsers(t *testing.T) {
	t.Parallel()
	f := fixture{t: t, policies: policyForAll("a", "licenses: [SPE_E3]"), tenant: "sku SPE_E3 9\n" +
		"anna CH dn=CN=anna,OU=Staff,DC=corp,DC=example\nbea CH dn=CN=bea,ou=staff,dc=corp,dc=example\ncarl CH\ndora CH dn=CN=dora,OU=Old,DC=corp,DC=example\nemil - dn=CN=emil,OU=Old,DC=corp,DC=example"}
	in := f.input()
	dora := "dora@contoso.com"
	directory, err := join.Join(in.Snapshot, []state.DirectoryRead{{Name: "corp", Anchors: []string{state.AnchorObjectGUID}, Places: []state.PlaceRead{{
		Place: state.Place{Domain: "corp.example", Subtree: true}, Users: []state.DirectoryUser{{ObjectGUID: state.Anchor{4}, UserPrincipalName: dora, DN: "CN=dora,OU=New,DC=corp,DC=example"}},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	in.Snapshot.Directory = directory
	p := explain.Plan(in)
	got, first := map[string]string{}, map[string]*byte{}
	note := func(u plan.UserRef) {
		got[strings.TrimSuffix(u.UserPrincipalName, "@contoso.com")] = u.Container
		if before := first[u.Container]; before != nil && u.Container != "" && before != unsafe.StringData(u.Container) {
			t.Errorf("%s is kept twice in memory", u.Container)
		}
		first[u.Container] = unsafe.StringData(u.Container)
	}
	for _, s := range p.Steps {
		note(s.User)
		if s.User.Container = "OU=Elsewhere"; plan.StepID(s) != s.ID {
			t.Errorf("%s: the OU is part of its id", s)
		}
	}
	for _, o := range p.Outcomes.Blocked {
		note(o.User)
	}
	want := map[string]string{"anna": "OU=Staff,DC=corp,DC=example", "bea": "OU=Staff,DC=corp,DC=example", "carl": "", "dora": "OU=New,DC=corp,DC=example", "emil": "OU=Old,DC=corp,DC=example"}
	if got["anna"] == "ou=staff,dc=corp,dc=example" { // the first user decides the spelling
		want["anna"], want["bea"] = got["anna"], got["anna"]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("OUs (-want +got):\n%s", diff)
	}
}
