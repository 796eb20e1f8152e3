package selector_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

func idOf(name string) state.UserID {
	sum := sha256.Sum256([]byte(name))
	return state.UserID(sum[:16])
}

// company returns the tenant of these tests.
func company(t *testing.T) *state.Snapshot {
	t.Helper()
	b := state.NewBuilder()
	for _, r := range []state.Record{
		{UserPrincipalName: "anna@contoso.com", DisplayName: "Anna Meier", DN: dn(t, `CN=Anna,OU=Sales\, EMEA,OU=Staff,DC=corp,DC=contoso,DC=com`), Synced: true},
		{UserPrincipalName: "Bea@contoso.com", DisplayName: "Bea Zürcher", DN: dn(t, "CN=Bea,OU=Zürich,OU=Staff,DC=corp,DC=contoso,DC=com"), Domain: "corp.contoso.com", Synced: true},
		{UserPrincipalName: "carl@contoso.com", DisplayName: "Carl in Staff itself", DN: dn(t, "CN=Carl,OU=Staff,DC=corp,DC=contoso,DC=com"), Synced: true},
		{UserPrincipalName: "dora@contoso.com", DisplayName: "Dora of the cloud"},
		{UserPrincipalName: "emil@contoso.com", DisplayName: "Emil", Disabled: true, DN: dn(t, "CN=Emil,OU=NoStaff,DC=other,DC=example"), Synced: true},
		{UserPrincipalName: "gina@fabrikam.com", DisplayName: "Gina Guest", Guest: true},
		{UserPrincipalName: "hugo_fabrikam.com#EXT#@contoso.com", DisplayName: "Hugo External"},
	} {
		r.ID = idOf(r.UserPrincipalName)
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Snapshot(state.Header{Complete: true, Groups: []state.Group{
		{ID: groupID(1), DisplayName: "Contractors (all)", Everyone: []state.UserID{
			idOf("anna@contoso.com"), idOf("emil@contoso.com"), idOf("gina@fabrikam.com"), idOf("other@else.example"),
		}},
		{ID: groupID(2), DisplayName: "Empty", Everyone: []state.UserID{}},
		{ID: groupID(3), DisplayName: "Only its licenses were read"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func groupID(n byte) state.GroupID { return state.GroupID{15: n} }

func dn(t *testing.T, text string) state.DN {
	t.Helper()
	parsed, err := state.ParseDN(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// load reads a policy of these lines, with the files of the tests beside it.
func load(t *testing.T, settings, lines string) *policies.Set {
	t.Helper()
	files := fstest.MapFS{
		"seatwright.yaml": {Data: []byte("version: 1\ntenants:\n  t:\n    sandbox: tenant.yaml\n    policies: [p.yaml]\n" + settings)},
		"p.yaml":          {Data: []byte("policies:\n  - name: p\n    licenses: [SPE_E3]\n" + lines)},
		"some.csv":        {Data: []byte("UserPrincipalName,UsageLocation\ndora@contoso.com,CH\n,\nGINA@fabrikam.com,US\n")},
		"ids.csv":         {Data: []byte("Object Id;User principal name\n" + idOf("anna@contoso.com").String() + ";renamed@contoso.com\n")},
		"clash.csv":       {Data: []byte("ObjectId,UserPrincipalName\n" + idOf("anna@contoso.com").String() + ",dora@contoso.com\n")},
		"typo.csv":        {Data: []byte("UserPrincipalName\ndora@contoso.com\nana@contoso.com\n")},
		"list.txt":        {Data: []byte("# people\nanna@contoso.com # sales\n" + idOf("carl@contoso.com").String() + "\n")},
	}
	read, err := policies.LoadSettings(files)
	if err != nil {
		t.Fatalf("load settings: %v", err)
	}
	tenant, err := read.Tenant("")
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := policies.Load(files, tenant)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return set
}

// names returns the hits as "anna, dora row 2", in order of names.
func names(s *state.Snapshot, set *policies.Set, hits []selector.Hit) string {
	var out []string
	for _, hit := range hits {
		name, _, _ := strings.Cut(s.User(int(hit.User)).UserPrincipalName(), "@")
		name, _, _ = strings.Cut(strings.ToLower(name), "_")
		if hit.Row >= 0 {
			name += fmt.Sprintf(" row %d", set.Policies[0].Users[hit.Selector].Rows[hit.Row].Number)
		}
		out = append(out, name)
	}
	return strings.Join(slices.Sorted(slices.Values(out)), ", ")
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, lines, want string }{
		{"all are the members of the organization, disabled ones too", "    users: {all: true}", "anna, bea, carl, dora, emil"},
		{"include: external adds guests and external members", "    users: {all: true}\n    include: [external]", "anna, bea, carl, dora, emil, gina, hugo"},
		{"an OU has those below it", `    users: {ou: "OU=Staff,DC=corp,DC=contoso,DC=com"}`, "anna, bea, carl"},
		{"an OU whose name ends alike is another one", `    users: {ou: "OU=NoStaff,DC=other,DC=example"}`, "emil"},
		{"scope: one leaves those below it out", `    users: {ou: "OU=Staff,DC=corp,DC=contoso,DC=com", scope: one}`, "carl"},
		{"an OU in another spelling, with a comma in its name", `    users: {ou: "ou=sales\\2C emea, ou=STAFF,dc=corp,dc=contoso,dc=com"}`, "anna"},
		{"an OU with an umlaut", `    users: {ou: "OU=ZÜRICH,OU=Staff,DC=corp,DC=contoso,DC=com"}`, "bea"},
		{"a list of OUs unites", `    users: {ou: ["OU=NoStaff,DC=other,DC=example", "OU=Zürich,OU=Staff,DC=corp,DC=contoso,DC=com"]}`, "bea, emil"},
		{"a CSV selects the users that it names, guests too, in any case", "    users: {csv: some.csv}", "dora row 2, gina row 4"},
		{"a CSV by id; a name that no user has is that of a renamed user", "    users: {csv: ids.csv}", "anna row 2"},
		{"a list of names and ids", "    users: {list: list.txt}", "anna row 2, carl row 3"},
		{"names in the policy", "    users: {upns: [dora@contoso.com, BEA@contoso.com]}", "bea row 2, dora row 1"},
		{"ids in the policy", "    users: {ids: [" + idOf("dora@contoso.com").String() + "]}", "dora row 1"},
		{"the domain narrows all", "    users: {domain: CORP.contoso.com}", "anna, bea, carl"},
		{"the domain narrows a source", "    users: {list: list.txt, domain: other.example}", ""},
		{"a search in the display name, accents and case folded", "    users: {search: ZÜR}", "bea"},
		{"a search in the user principal name", "    users: {search: dora@}", "dora"},
		{"a search does not find guests by itself", "    users: {search: guest}", ""},
		{"selectors unite", "    users: [{search: dora@}, {domain: other.example}]", "dora, emil"},
		{"exceptions are taken out", "    users: {all: true}\n    except: [{upns: [anna@contoso.com]}, {domain: other.example}]", "bea, carl, dora"},
		{"a group has its transitive members of the organization", "    users: {group: " + groupID(1).String() + "}", "anna, emil"},
		{"and its guests where they are included", "    users: {group: " + groupID(1).String() + "}\n    include: [external]", "anna, emil, gina"},
		{"the name of a group is checked in any case", "    users: {group: " + groupID(1).String() + ", name: contractors  (ALL)}", "anna, emil"},
		{"a filter narrows a group", "    users: {group: " + groupID(1).String() + ", domain: other.example}", "emil"},
		{"an empty group has no user", "    users: {group: " + groupID(2).String() + "}", ""},
		{"an excepted group takes its guests out too", "    users: [{all: true}, {csv: some.csv}]\n    except: {group: " + groupID(1).String() + "}", "bea, carl, dora, dora row 2"},
		{"missing: skip leaves out who cannot be found", "    users: {csv: typo.csv, missing: skip}", "dora row 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, set := company(t), load(t, "", c.lines+"\n")
			matches, _, err := selector.Resolve(set, s)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, names(s, set, matches.Policies[0])); diff != "" {
				t.Errorf("picked (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, settings, lines, want string }{
		{"a row that names no user", "", "    users: {csv: typo.csv}", `typo.csv:3:1: row 3 ("ana@contoso.com") does not exist in the tenant; did you mean "anna@contoso.com"? [missing]`},
		{"a row whose id and name are two people", "", "    users: {csv: clash.csv}",
			`clash.csv:2:1: row 2 ("` + idOf("anna@contoso.com").String() + `"): the id belongs to "anna@contoso.com", and the name to another user; correct the row, or remove its UserPrincipalName so that the id decides [identity]`},
		{"a group that is not there", "", "    users: {group: " + groupID(9).String() + "}",
			"p.yaml:4:20: group " + groupID(9).String() + " is not in the tenant; correct the object id, or let the credential read the group [missing]"},
		{"a group of another name", "", "    users: {all: true}\n    except: {group: " + groupID(1).String() + ", name: Staff}",
			"p.yaml:5:21: group " + groupID(1).String() + ` is called "Contractors (all)", not "Staff"; correct the name if the id is right; only the id counts [identity]`},
		{"a group whose members were not read", "", "    users: {group: " + groupID(3).String() + "}", "the members of group " + groupID(3).String() + " were not read"},
		{"a protected group that is empty", "    protect: {group: " + groupID(2).String() + "}\n", "    users: {all: true}", "this selector selects no user, and each selector in protect must select one"},
		{"an exception that is missing", "", "    users: {all: true}\n    except: {upns: [missing@contoso.com]}", `row 1 ("missing@contoso.com") does not exist in the tenant`},
		{"an exception that is empty", "", "    users: {all: true}\n    except: {domain: nowhere.example}", "p.yaml:5:13: this selector selects no user, and each selector in except must select one; the AD domains of the users are corp.contoso.com, other.example [no-user]"},
		{"a protected user who is missing", "    protect: {upns: [breakglass@contoso.com]}\n", "    users: {all: true}", `row 1 ("breakglass@contoso.com") does not exist in the tenant`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := selector.Resolve(load(t, c.settings, c.lines+"\n"), company(t))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if problems := diag.ProblemsIn(err); len(problems) == 0 || problems[0].Pos.Line == 0 {
				t.Errorf("the error has no position: %+v", problems)
			}
		})
	}
}

func TestResolveWarnsAboutEmptySelectors(t *testing.T) {
	t.Parallel()
	_, warnings, err := selector.Resolve(load(t, "", `    users: {ou: "OU=Stuff,DC=corp,DC=contoso,DC=com"}`+"\n"), company(t))
	if err != nil || len(warnings) != 1 {
		t.Fatalf("warnings %v, error %v", warnings, err)
	}
	if want := `p.yaml:4:12: this selector selects no user; did you mean "OU=Staff,DC=corp,DC=contoso,DC=com"? [no-user]`; warnings[0].Error() != want {
		t.Errorf("got  %s\nwant %s", warnings[0].Error(), want)
	}
}

func TestResolveProtectSelectsGuestsToo(t *testing.T) {
	t.Parallel()
	s := company(t)
	matches, _, err := selector.Resolve(load(t, "    protect: [{domain: other.example}, {upns: [gina@fabrikam.com]}]\n", "    users: {all: true}\n"), s)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, hit := range matches.Protected {
		got = append(got, s.User(int(hit.User)).UserPrincipalName())
	}
	if diff := cmp.Diff([]string{"emil@contoso.com", "gina@fabrikam.com"}, slices.Sorted(slices.Values(got))); diff != "" {
		t.Errorf("protected (-want +got):\n%s", diff)
	}
}

func TestPickTakesAnySelector(t *testing.T) {
	t.Parallel()
	s, set := company(t), load(t, "", "    users: {domain: corp.contoso.com}\n")
	hits, _, err := selector.Pick(set.Policies[0].Users[0], s, false)
	if err != nil || names(s, set, hits) != "anna, bea, carl" {
		t.Errorf("got %s, %v", names(s, set, hits), err)
	}
	hits, _, err = selector.Pick(policies.Selector{Kind: policies.KindAll}, s, true)
	if err != nil || len(hits) != s.Len() {
		t.Errorf("with external members %d users, %v, want all %d", len(hits), err, s.Len())
	}
}
