package policies_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// files makes a project out of paths and texts.
func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func mustLoad(t *testing.T, fsys fs.FS) *policies.Set {
	t.Helper()
	set, warnings, err := policies.Load(fsys, tenant())
	if err != nil || len(warnings) > 0 {
		t.Fatalf("want neither problems nor warnings, got\n%s", report(warnings, err))
	}
	return set
}

const guid = "5f0c1c1e-7a2b-4c57-9d3e-0123456789ab"

func userID(text string) state.UserID { return state.MustParseID[state.User](text) }

func dn(text string) state.DN {
	parsed, err := state.ParseDN(text)
	if err != nil {
		panic(err)
	}
	return parsed
}

// ignorePlaces leaves positions out, which have tests of their own.
var ignorePlaces = cmp.Options{
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[policies.Pos]() }, cmp.Ignore()), cmpopts.EquateEmpty(),
}

func TestLoadReadsEveryKey(t *testing.T) {
	t.Parallel()
	project := project(t)
	project["policies/case.yaml"] = &fstest.MapFile{Data: []byte(read(t, "testdata/ok/staff.yaml"))}
	settings := tenant()
	settings.Manage.Mode = policies.ManageAll
	got, warnings, err := policies.Load(project, settings)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("want neither problems nor warnings, got\n%s", report(warnings, err))
	}

	joiners := []policies.Row{{Number: 2, UPN: "anna@contoso.com", Location: "CH"}, {Number: 3, UPN: "beat@contoso.com"}}
	e5 := policies.License{SKU: policies.SKURef{Name: "SPE_E5"}, Disable: []policies.PlanRef{{Name: "SWAY"}}}
	contractors := policies.Group{ID: state.MustParseID[state.Group](guid)}
	want := []policies.Policy{
		{
			Name: "acts", Users: []policies.Selector{{Kind: policies.KindGroup, Group: contractors}}, PlansOff: []policies.PlanOff{{Name: "SWAY"}},
		},
		{
			Name: "everything-else", Mode: policies.ModeReport,
			Users: []policies.Selector{
				{Kind: policies.KindGroup, Group: policies.Group{ID: contractors.ID, Name: "Contractors, all"}},
				{Kind: policies.KindUnmatched, Domain: "corp.contoso.com"},
			},
			Except: []policies.Selector{{Kind: policies.KindGroup, Group: contractors}},
			Licenses: []policies.License{
				{SKU: policies.SKURef{Name: "SPE_E5"}, Enable: []policies.PlanRef{{Name: "SWAY"}, {Name: "TEAMS1"}}},
				{SKU: policies.SKURef{Name: "SPE_E3"}, DisableNone: true, IfOwned: true},
			},
			Replace:  []policies.Replacement{{From: policies.SKURef{Name: "SPE_F1"}, To: policies.License{SKU: policies.SKURef{Name: "VISIOCLIENT"}}}},
			PlansOff: []policies.PlanOff{{Name: "MYANALYTICS_P2"}},
			Location: &policies.Location{FromCountry: true, Overwrite: policies.OverwriteAll},
			From:     time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
			Until:    time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			Name: "from-the-csv", Users: []policies.Selector{{Kind: policies.KindCSV, File: "data/joiners.csv", Rows: joiners}},
		},
		{
			Name: "location.only", GiveDisabled: true, TakeExternal: true,
			Users:    []policies.Selector{{Kind: policies.KindUPNs, Rows: []policies.Row{{Number: 1, UPN: "guest_gmail.com#EXT#@contoso.onmicrosoft.com"}}}},
			Location: &policies.Location{Value: "DE", Overwrite: policies.OverwriteCloud},
		},
		{
			Name: "staff", Description: "All staff get E5,\nand no Sway.\n", Priority: -5,
			Users: []policies.Selector{
				{Kind: policies.KindOU, OUs: []policies.OU{{DN: dn("OU=Staff,DC=corp,DC=contoso,DC=com"), Subtree: true}}},
				{Kind: policies.KindOU, OUs: []policies.OU{{DN: dn("OU=A,DC=contoso,DC=com")}, {DN: dn("OU=B,DC=contoso,DC=com")}}},
				{Kind: policies.KindCSV, File: "data/joiners.csv", Missing: policies.MissingSkip, Rows: joiners},
				{Kind: policies.KindAll, Domain: "corp.contoso.com"},
				{Search: "123"},
				{Kind: policies.KindIDs, Rows: []policies.Row{{Number: 1, ID: userID(guid)}}},
			},
			Except: []policies.Selector{{Kind: policies.KindList, File: "data/contractors.txt", Rows: []policies.Row{
				{Number: 2, UPN: "carla@contoso.com"}, {Number: 3, ID: userID(guid)},
			}}},
			Licenses: []policies.License{{SKU: policies.SKURef{Name: "Power BI Pro"}}, e5},
			Replace: []policies.Replacement{
				{From: policies.SKURef{Name: "SPE_E3"}, To: policies.License{SKU: policies.SKURef{Name: "SPE_E5"}}},
				{From: policies.SKURef{Name: "SPE_F1"}, To: e5},
			},
			Absent: []policies.SKURef{{Name: "VISIOCLIENT"}}, Others: policies.OthersKeep,
			Location:      &policies.Location{Value: "NO"},
			AllowDataLoss: []policies.LossRef{{Family: "mailbox"}},
		},
	}
	if diff := cmp.Diff(want, got.Policies, ignorePlaces); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

func TestLoadKeepsPositions(t *testing.T) {
	t.Parallel()
	set := mustLoad(t, files("policies/a.yaml", `policies:
  - name: a
    users:
      - {list: l.txt}
      - upns: [a@contoso.com]
      - group: 5f0c1c1e-7a2b-4c57-9d3e-0123456789ab
    licenses: [SPE_E5, {sku: E3, disable: [SWAY]}, {sku: E1, enable: [TEAMS1]}]
    replace: {F1: F3}
    absent: [V]
    others: keep
    usage_location: CH
    plans_off: [YAMMER]
`, "l.txt", "b@contoso.com\n"))
	p := set.Policies[0]
	got := []string{
		p.Pos.String(), p.Users[0].Pos.String(), p.Users[0].FilePos.String(), p.Users[1].Rows[0].Pos.String(), p.Licenses[0].SKU.Pos.String(),
		p.Licenses[1].SKU.Pos.String(), p.Licenses[1].Disable[0].Pos.String(), p.Replace[0].From.Pos.String(), p.Replace[0].To.SKU.Pos.String(),
		p.Absent[0].Pos.String(), p.OthersPos.String(), p.Location.Pos.String(), p.Users[2].Group.Pos.String(),
		p.Licenses[2].Enable[0].Pos.String(), p.PlansOff[0].Pos.String(), p.AbsentAll.String(), p.Users[0].Rows[0].Pos.String(),
	}
	want := []string{
		"2:11", "4:9", "4:16", "5:16", "7:16", "7:30", "7:44", "8:15", "8:19", "9:14", "10:13", "11:21", "6:16", "7:71", "12:17",
	}
	for i := range want {
		want[i] = "policies/a.yaml:" + want[i]
	}
	want = append(want, "", "l.txt:1:1")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

// A missing key, an empty list and a filled list never mean the same.
func TestLoadDistinguishesMissingEmptyAndFilled(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"licenses", "absent", "except", "allow_data_loss"} {
		for name, test := range map[string]struct{ line, want string }{
			"absent":  {"", ""},
			"nothing": {key + ":", "is written but empty"},
			"null":    {key + ": null", "is written but empty"},
			"tilde":   {key + ": ~", "is written but empty"},
			"empty":   {key + ": []", "the list is empty"},
		} {
			t.Run(key+" "+name, func(t *testing.T) {
				t.Parallel()
				text := "policies:\n  - name: a\n    users: {all: true}\n    usage_location: CH\n    " + test.line + "\n"
				set, _, err := policies.Load(files("policies/a.yaml", text), tenant())
				if test.want != "" {
					if got := report(nil, err); !strings.Contains(got, test.want) {
						t.Errorf("got %q, want %q in it", got, test.want)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if p := set.Policies[0]; p.Licenses != nil || p.Absent != nil || !p.AbsentAll.IsZero() || p.Except != nil || p.AllowDataLoss != nil {
					t.Errorf("what was not written has an opinion: %+v", p)
				}
			})
		}
	}
}

func TestLoadReadsAbsentAll(t *testing.T) {
	t.Parallel()
	all := tenant()
	all.Manage.Mode = policies.ManageAll
	set, _, err := policies.Load(files("policies/a.yaml", "policies: [{name: a, users: {all: true}, absent: all}]"), all)
	if err != nil {
		t.Fatal(err)
	}
	if p := set.Policies[0]; p.Absent != nil || p.AbsentAll.String() != "policies/a.yaml:1:50" {
		t.Errorf("got absent %v, all at %v", p.Absent, p.AbsentAll)
	}
}

func TestLoadDoesNotDependOnTheOrderOfFiles(t *testing.T) {
	t.Parallel()
	policy := func(name string) string {
		return "policies: [{name: " + name + ", users: {csv: u.csv}, licenses: [E5]}]"
	}
	fsys := files("policies/1.yaml", policy("z"), "policies/2.yaml", policy("a"), "u.csv", "ObjectId\n"+guid+"\n")
	forward, backward := tenant(), tenant()
	forward.Policies = []policies.Pattern{{Glob: "policies/1.yaml"}, {Glob: "policies/2.yaml"}, {Glob: "*/*.yaml"}}
	backward.Policies = []policies.Pattern{{Glob: "*/*.yaml"}, {Glob: "policies/2.yaml"}, {Glob: "policies/1.yaml"}}
	a, _, errA := policies.Load(fsys, forward)
	b, _, errB := policies.Load(fsys, backward)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if diff := cmp.Diff(a.Policies, b.Policies) + cmp.Diff(a.Inputs, b.Inputs) + cmp.Diff(a.Digest, b.Digest); diff != "" {
		t.Errorf("sets differ:\n%s", diff)
	}
	names := []string{a.Policies[0].Name, a.Policies[1].Name}
	if !slices.IsSorted(names) {
		t.Errorf("policies are not sorted: %v", names)
	}
	inputs := []policies.Input{
		{Path: "policies/1.yaml", Kind: policies.InputPolicies, Rows: 1},
		{Path: "policies/2.yaml", Kind: policies.InputPolicies, Rows: 1},
		{Path: "u.csv", Kind: policies.InputCSV, Rows: 1},
	}
	if diff := cmp.Diff(inputs, a.Inputs, cmpopts.IgnoreFields(policies.Input{}, "Digest")); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}

func TestDigestChangesWithEveryInput(t *testing.T) {
	t.Parallel()
	const text = "policies: [{name: a, users: {csv: u.csv}, licenses: [E5]}]"
	digests := map[string]string{}
	for name, fsys := range map[string]fstest.MapFS{
		"as it is":           files("policies/a.yaml", text, "u.csv", "ObjectId\n"+guid+"\n"),
		"another comment":    files("policies/a.yaml", text+" #", "u.csv", "ObjectId\n"+guid+"\n"),
		"another name":       files("policies/b.yaml", text, "u.csv", "ObjectId\n"+guid+"\n"),
		"another row":        files("policies/a.yaml", text, "u.csv", "ObjectId\n"+guid+"\n,\n"),
		"the rows of a list": files("policies/a.yaml", strings.Replace(text, "csv", "list", 1), "u.csv", guid+"\n"),
	} {
		digest := mustLoad(t, fsys).Digest
		if other, same := digests[digest]; same {
			t.Errorf("%q and %q have one digest", name, other)
		}
		digests[digest] = name
	}
}

func TestLoadFillsProtectWithoutChangingTheSettings(t *testing.T) {
	t.Parallel()
	settings := tenant()
	settings.Protect = []policies.Selector{{Kind: policies.KindList, File: "l.txt"}}
	set, _, err := policies.Load(files("policies/a.yaml", "policies: [{name: a, users: {all: true}, licenses: [E5]}]", "l.txt", "a@contoso.com\n"), settings)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Tenant.Protect[0].Rows) != 1 || settings.Protect[0].Rows != nil {
		t.Errorf("set has rows %v, settings have %v", set.Tenant.Protect[0].Rows, settings.Protect[0].Rows)
	}
	if len(set.Inputs) != 2 || set.Inputs[0].Path != "l.txt" {
		t.Errorf("the list is no input: %v", set.Inputs)
	}
}

func TestLoadRefusesFiles(t *testing.T) {
	t.Parallel()
	const good = "policies: [{name: a, users: {all: true}, licenses: [E5]}]"
	for name, test := range map[string]struct {
		fsys fstest.MapFS
		want string
	}{
		"a pattern without files": {files("x/a.yaml", good), `s:5:16: "policies/*.yaml" matches no file [file]`},
		"a directory":             {files("policies/a.yaml/b", good), `s:5:16: "policies/a.yaml" is a directory [file]`},
		"a pipe":                  {fstest.MapFS{"policies/a.yaml": {Mode: fs.ModeNamedPipe}}, `s:5:16: "policies/a.yaml" is not a regular file [file]`},
		"a huge file":             {files("policies/a.yaml", good+strings.Repeat(" ", 1<<20)), `s:5:16: "policies/a.yaml" is larger than 1 MiB [file]`},
		"one name in two files": {files("policies/a.yaml", good, "policies/b.yaml", good),
			`policies/b.yaml:1:19: there is already a policy named "a" at policies/a.yaml:1:19; give one of them another name [name]`},
		"an inline list with a user twice and no contradiction": {
			files("policies/a.yaml", "policies: [{name: a, users: {upns: [a@b.ch, A@b.ch]}, licenses: [E5]}]"),
			`warning: policies/a.yaml:1:45: item 2 names "A@b.ch" again, after item 1 [duplicate]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := tenant()
			settings.Policies[0].Pos.File = "s"
			_, warnings, err := policies.Load(test.fsys, settings)
			if diff := cmp.Diff(test.want+"\n", report(warnings, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadPatternsSkipHiddenAndOtherFiles(t *testing.T) {
	t.Parallel()
	settings := tenant()
	settings.Sandbox = "tenant.yaml"
	settings.Policies = []policies.Pattern{{Glob: "*/*.yaml"}, {Glob: "*.yaml"}, {Glob: "policies/stuff.yaml"}}
	_, _, err := policies.Load(files(
		".git/a.yaml", "secret", "seatwright.yaml", "version: 1", "tenant.yaml", "users: []",
		"policies/staff.yaml", "policies: [{name: a, users: {all: true}, licenses: [E5]}]",
	), settings)
	want := `: "*.yaml" matches "seatwright.yaml", which holds no policies; move the policies to a directory of their own [file]
: "*.yaml" matches "tenant.yaml", which holds no policies; move the policies to a directory of their own [file]
: "policies/stuff.yaml" matches no file; did you mean "policies/staff.yaml"? [file]
`
	if diff := cmp.Diff(want, report(nil, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestLoadRefusesTooManyFiles(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for i := range 10_001 {
		fsys[fmt.Sprintf("policies/%d.yaml", i)] = &fstest.MapFile{}
	}
	_, _, err := policies.Load(fsys, tenant())
	want := "seatwright.yaml:5:16: there are 10001 policy files; the limit is 10000 [limit]\n"
	if diff := cmp.Diff(want, report(nil, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestLoadFollowsLinksInsideTheProjectOnly opens real files, as the program does.
func TestLoadFollowsLinksInsideTheProjectOnly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ target, want string }{
		"a file beside it":           {"people.csv", ""},
		"a file elsewhere":           {"../more/people.csv", ""},
		"a file behind another link": {"../linked/people.csv", ""},
		"the repository":             {"../.git/config", `policies/a.yaml:1:35: "data/users.csv" is a link to a path that has a part that begins with a dot [file]`},
		"the repository, by a link":  {"../hidden/config", `policies/a.yaml:1:35: "data/users.csv" is a link to a path that has a part that begins with a dot [file]`},
		"outside":                    {"../../users.csv", `policies/a.yaml:1:35: "data/users.csv" is a link to a path that leaves the project [file]`},
		"an absolute path":           {"/etc/passwd", `policies/a.yaml:1:35: "data/users.csv" is a link to a path that is an absolute path [file]`},
		"itself":                     {"users.csv", `policies/a.yaml:1:35: "data/users.csv" is a link to a link, too many times [file]`},
		"nothing":                    {"gone.csv", `policies/a.yaml:1:35: "data/users.csv" does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := policies.Load(linked(t, test.target), tenant())
			got, _, _ := strings.Cut(report(nil, err), "; ")
			if diff := cmp.Diff(test.want, strings.TrimSuffix(got, "\n")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// linked returns a project on disk in which data/users.csv is a link.
func linked(t *testing.T, target string) fs.FS {
	t.Helper()
	dir := t.TempDir()
	for path, text := range map[string]string{
		"policies/a.yaml": "policies: [{name: a, users: {csv: data/users.csv}, licenses: [E5]}]",
		"data/people.csv": "ObjectId\n" + guid + "\n", "more/people.csv": "ObjectId\n" + guid + "\n", ".git/config": "[core]\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, path), text)
	}
	for link, target := range map[string]string{"data/users.csv": target, "linked": "more", "hidden": ".git"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root.FS()
}

func TestLoadRefusesPipesWithoutWaiting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "policies"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "policies", "a.yaml"), 0o600); err != nil {
		t.Skip("no pipes here: ", err)
	}
	_, _, err := policies.Load(os.DirFS(dir), tenant())
	want := "seatwright.yaml:5:16: \"policies/a.yaml\" is not a regular file [file]\n"
	if diff := cmp.Diff(want, report(nil, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
