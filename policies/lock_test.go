package policies_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

const (
	e5ID   = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
	swayID = "a23b959c-7ce8-4e57-9140-b90eb88a9e97"
	coevID = "4828c8ec-dc2e-4779-b502-87ac9ce28ab7"
)

func lockFS(text string) fstest.MapFS {
	return fstest.MapFS{policies.LockFile: {Data: []byte(text)}}
}

func TestLockFormat(t *testing.T) {
	t.Parallel()
	skus := []state.SKU{{
		ID: state.MustParseID[state.SKU](e5ID), PartNumber: "SPE_E5", AppliesTo: state.ScopeUser,
		Plans: []state.ServicePlan{
			{ID: state.MustParseID[state.ServicePlan](swayID), Name: "SWAY", AppliesTo: state.ScopeUser},
			{ID: state.MustParseID[state.ServicePlan](coevID), Name: "MCOEV", AppliesTo: state.ScopeUser},
			{ID: state.MustParseID[state.ServicePlan](guid), Name: "MDM", AppliesTo: state.ScopeCompany},
		},
	}, {ID: state.MustParseID[state.SKU](guid), PartNumber: "POWERAPPS_CAPACITY", AppliesTo: state.ScopeCompany}}
	var lock *policies.Lock
	text := string(lock.With(policies.LockOf("contoso", skus)).With(policies.LockedTenant{Name: "adatum"}).Format())
	want := "# The service plans of each tenant's SKUs, as of the last review. Written by `seatwright catalog lock`.\n" + `version: 1
tenants:
  adatum: {}
  contoso:
    06ebc4ee-1bb5-47dd-8120-11324bc54e06:
      name: "SPE_E5"
      plans:
        4828c8ec-dc2e-4779-b502-87ac9ce28ab7: "MCOEV"
        a23b959c-7ce8-4e57-9140-b90eb88a9e97: "SWAY"
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	read, err := policies.LoadLock(lockFS(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, string(read.Format())); diff != "" {
		t.Errorf("written again (-want +got):\n%s", diff)
	}
}

// Whatever the names of SKUs and plans are, the file can be read again, and shows no
// changes.
func TestLockFormatCanBeReadAgainForAnyNames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"null", "~", "", "a: b", "*x", "\u202e", "\xff", "x\ny", `"`, "#"}))
		var skus []state.SKU
		for i := range rapid.IntRange(0, 4).Draw(t, "skus") {
			sku := state.SKU{ID: state.SKUID{byte(i + 1)}, PartNumber: names.Draw(t, "sku"), AppliesTo: state.ScopeUser}
			for j := range rapid.IntRange(0, 4).Draw(t, "plans") {
				sku.Plans = append(sku.Plans, state.ServicePlan{ID: state.PlanID{byte(j + 1)}, Name: names.Draw(t, "plan"), AppliesTo: state.ScopeUser})
			}
			skus = append(skus, sku)
		}
		var lock *policies.Lock
		now := policies.LockOf("contoso", skus)
		text := lock.With(now).Format()
		read, err := policies.LoadLock(lockFS(string(text)))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		tenant, _ := read.Tenant("contoso")
		if changes := tenant.Changes(now); len(changes) > 0 {
			t.Fatalf("read again it differs: %+v\n%s", changes, text)
		}
		if again := string(read.Format()); again != string(text) {
			t.Fatalf("written again it differs:\n%s\n%s", text, again)
		}
	})
}

func TestLockChanges(t *testing.T) {
	t.Parallel()
	locked := func(spec string) policies.LockedTenant { // SKU=PLAN,PLAN ...
		var tenant policies.LockedTenant
		for sku := range strings.FieldsSeq(spec) {
			name, plans, _ := strings.Cut(sku, "=")
			s := policies.LockedSKU{ID: state.SKUID{name[0]}, Name: name}
			for plan := range strings.SplitSeq(plans, ",") {
				if plan != "" {
					s.Plans = append(s.Plans, policies.LockedPlan{ID: state.PlanID{plan[0]}, Name: plan})
				}
			}
			tenant.SKUs = append(tenant.SKUs, s)
		}
		return tenant
	}
	for _, c := range []struct{ name, before, now, want string }{
		{"nothing", "E3=a,b", "E3=b,a", ""},
		{"a plan comes and one goes", "E3=a,b", "E3=b,c", "-E3 a, +E3 c"},
		{"a SKU comes and one goes", "E3=a", "V=a,b", "-E3, +V"},
		{"names change", "E3=apple", "Eternal=avocado", ""},
		{"the same plan in two SKUs", "E3=a V=a", "E3=a,n V=a,n", "+E3 n, +V n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, change := range locked(c.before).Changes(locked(c.now)) {
				sign := map[bool]string{true: "+", false: "-"}[change.Added]
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s%s %s", sign, change.SKUName, change.PlanName)))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadLockRefuses(t *testing.T) {
	t.Parallel()
	const hint = "; write the file again with `seatwright catalog lock`"
	for _, c := range []struct{ name, text, want string }{
		{"nothing in it", "", "catalog.lock.yaml:1: the file is empty [value]\n"},
		{"a key that is none", "version: 1\ntenants: {}\nskus: {}\n", "catalog.lock.yaml:3:1: \"skus\" is not a key of the lock file; use tenants or version [unknown-key]\n"},
		{"a later version", "version: 2\ntenants: {}\n", "catalog.lock.yaml:1:10: version \"2\" of the language is not supported; write 1 [value]\n"},
		{"a SKU by name", "version: 1\ntenants:\n  a:\n    SPE_E5: {name: SPE_E5, plans: {}}\n", "catalog.lock.yaml:4:5: \"SPE_E5\" is not a GUID" + hint + " [value]\n"},
		{"a plan by name", "version: 1\ntenants:\n  a:\n    " + e5ID + ": {name: SPE_E5, plans: {SWAY: SWAY}}\n", "catalog.lock.yaml:4:66: \"SWAY\" is not a GUID" + hint + " [value]\n"},
		{"no plans", "version: 1\ntenants:\n  a:\n    " + e5ID + ": {name: SPE_E5}\n", "catalog.lock.yaml:4:5: the SKU needs the key \"plans\" [required]\n"},
		{"a list", "version: 1\ntenants: [a]\n", "catalog.lock.yaml:2:10: expected a mapping from names to tenants, got a list [type]\n"},
		{"an anchor", "version: 1\ntenants: &a {}\n", "catalog.lock.yaml:2:10: anchors (&) are not allowed; write the value out where it is used [anchor]\n"},
		{"a merge conflict of git", "version: 1\n<<<<<<< HEAD\ntenants: {}\n", "catalog.lock.yaml:2: not valid YAML: could not find expected ':' [syntax]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := policies.LoadLock(lockFS(c.text))
			if diff := cmp.Diff(c.want, report(nil, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadReadsTheLockOfTheTenant(t *testing.T) {
	t.Parallel()
	const policy = "policies: [{name: a, users: {all: true}, licenses: [E5]}]"
	lock := "version: 1\ntenants:\n  " + tenant().Name + ":\n    " + e5ID + ": {name: SPE_E5, plans: {" + swayID + ": SWAY}}\n"
	if set := mustLoad(t, files("policies/a.yaml", policy)); set.Lock != nil {
		t.Errorf("without a lock file the set has %+v", set.Lock)
	}
	if set := mustLoad(t, files("policies/a.yaml", policy, policies.LockFile, "version: 1\ntenants: {other: {}}\n")); set.Lock != nil {
		t.Errorf("of another tenant's lock the set has %+v", set.Lock)
	}
	set := mustLoad(t, files("policies/a.yaml", policy, policies.LockFile, lock))
	if set.Lock == nil || len(set.Lock.SKUs) != 1 {
		t.Fatalf("the set has lock %+v", set.Lock)
	}
	if !slices.ContainsFunc(set.Inputs, func(i policies.Input) bool {
		return i.Path == policies.LockFile && i.Kind == policies.InputLock && i.Rows == 1
	}) {
		t.Errorf("the lock file is no input: %+v", set.Inputs)
	}
}

func FuzzLoadLock(f *testing.F) {
	f.Add([]byte("version: 1\ntenants:\n  a:\n    " + e5ID + ": {name: SPE_E5, plans: {" + swayID + ": SWAY}}\n"))
	f.Add([]byte("version: 1\ntenants: {a: {x: {plans: [], name: 3}}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := lockFS(string(text))
		lock, err := policies.LoadLock(fsys)
		checkProblems(t, fsys, diag.ProblemsIn(err))
		if err != nil {
			return
		}
		again, err := policies.LoadLock(lockFS(string(lock.Format())))
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if diff := cmp.Diff(string(lock.Format()), string(again.Format())); diff != "" {
			t.Errorf("second time (-first +second):\n%s", diff)
		}
	})
}
