package selector_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/join"
)

const (
	withDirectory = "    manage: [SPE_E3]\n    directory: corp\ndirectories:\n  corp: {url: ldaps://dc1, bind: {user_env: SEATWRIGHT_U, password_env: SEATWRIGHT_P}}\n"
	staffGUID     = "e58f4816-0350-523b-9615-a09f36f281db"
)

// withPlaces returns the company, with a directory in which OU=Staff holds these people by
// name, whatever the tenant thinks.
func withPlaces(t *testing.T, set *policies.Set, names ...string) *state.Snapshot {
	t.Helper()
	s := company(t)
	base := dn(t, "OU=Staff,DC=corp,DC=contoso,DC=com")
	read := state.DirectoryRead{Name: "corp", Anchors: state.AnchorAttributes()}
	for _, place := range selector.Places(set) {
		users := make([]state.DirectoryUser, len(names))
		for i, name := range names {
			users[i] = state.DirectoryUser{ObjectGUID: state.Anchor{byte(i + 1)}, UserPrincipalName: name, DN: "CN=" + name + "," + base.String()}
		}
		read.Places = append(read.Places, state.PlaceRead{Place: place.Place, Base: base, Users: users})
	}
	directory, err := join.Join(s, []state.DirectoryRead{read})
	if err != nil {
		t.Fatal(err)
	}
	s.Directory = directory
	return s
}

func TestResolveUsesTheDirectoryForOUs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, lines, want string }{
		{"an OU", `    users: {ou: "OU=Staff,DC=corp,DC=contoso,DC=com"}`, "anna, dora"},
		{"an OU by objectGUID", `    users: {ou: "guid:` + staffGUID + `"}`, "anna, dora"},
		{"a domain", "    users: {domain: corp.contoso.com}", "anna, dora"},
		{"a domain as a filter", "    users: {upns: [dora@contoso.com, carl@contoso.com], domain: corp.contoso.com}", "dora row 1"},
		{"an exception", "    users: {all: true}\n    except: {ou: \"OU=Staff,DC=corp,DC=contoso,DC=com\"}", "bea, carl, emil"},
		{"who is left over", "    users: [{ou: \"OU=Staff,DC=corp,DC=contoso,DC=com\"}, {unmatched: true}]\n", "anna, bea, carl, dora"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			set := load(t, withDirectory, c.lines+"\n")
			s := withPlaces(t, set, "anna@contoso.com", "dora@contoso.com", "gina@fabrikam.com", "new@contoso.com")
			matches, warnings, err := selector.Resolve(set, s)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, names(s, set, matches.Policies[0])); diff != "" {
				t.Errorf("picked (-want +got):\n%s", diff)
			}
			reported := ""
			for _, warning := range warnings {
				reported += warning.Error() + "\n"
			}
			for _, want := range []string{"that cannot be matched with the tenant (1): CN=new@contoso.com,OU=Staff,DC=corp,DC=contoso,DC=com", "joined by user principal name only"} {
				if strings.Count(reported, want) != 1 {
					t.Errorf("the warnings do not have %q once:\n%s", want, reported)
				}
			}
		})
	}
}

func TestResolveReportsPlacesThatWereNotRead(t *testing.T) {
	t.Parallel()
	set := load(t, withDirectory, `    users: {ou: "OU=Staff,DC=corp,DC=contoso,DC=com"}`+"\n")
	s := withPlaces(t, set, "anna@contoso.com")
	other := load(t, withDirectory, `    users: {ou: "OU=Other,DC=corp,DC=contoso,DC=com"}`+"\n")
	if _, _, err := selector.Resolve(other, s); err == nil || !strings.Contains(err.Error(), "p.yaml:4:17: \"OU=Other,DC=corp,DC=contoso,DC=com\" was not read from the directory [place]") {
		t.Errorf("got %v", err)
	}
}

// TestPinnedOUInAnotherSnapshot resolves an OU named by objectGUID where there is no
// directory: it needs the name that the directory had for it.
func TestPinnedOUInAnotherSnapshot(t *testing.T) {
	t.Parallel()
	set := load(t, withDirectory, `    users: {ou: "guid:`+staffGUID+`"}`+"\n")
	if _, _, err := selector.Resolve(set, company(t)); err == nil || !strings.Contains(err.Error(), "needs a directory to look it up in") {
		t.Errorf("without a name: %v", err)
	}
	pinned := selector.Pin(set, withPlaces(t, set, "anna@contoso.com").Directory)
	s := company(t)
	matches, _, err := selector.Resolve(pinned, s)
	if err != nil || names(s, pinned, matches.Policies[0]) != "anna, bea, carl" {
		t.Errorf("with the name: %v, %v", matches, err)
	}
	if was, is := set.Policies[0].Users[0].String(), pinned.Policies[0].Users[0].String(); was != is {
		t.Errorf("the selector is called %q and %q: a baseline would not find it", was, is)
	}
}

func TestPlacesListsEachPlaceOnce(t *testing.T) {
	t.Parallel()
	set := load(t, withDirectory, "    users:\n      - {ou: [\"OU=Staff,DC=corp,DC=contoso,DC=com\", \"ou=staff, dc=corp,dc=contoso,dc=com\"]}\n"+
		"      - {ou: \"OU=Staff,DC=corp,DC=contoso,DC=com\", scope: one, domain: corp.contoso.com}\n    except: {domain: CORP.contoso.com}\n")
	if places := selector.Places(set); len(places) != 3 {
		t.Errorf("asked for %v, want the OU in two scopes and the domain", places)
	}
}
