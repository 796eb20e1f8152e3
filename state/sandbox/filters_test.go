package sandbox_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
)

// attributed has users that differ in what can be filtered.
const attributed = `
organization: {id: 48a80680-7326-48cd-9935-b556b81d3a4e}
subscribedSkus:
  - skuId: 05e9a617-0261-4cee-bb44-138d3ef5d965
    skuPartNumber: SPE_E3
    prepaidUnits: {enabled: 9}
    servicePlans: [{servicePlanId: efb87545-963c-4e0d-99df-69c6916d9eb0, servicePlanName: EXCHANGE_S_ENTERPRISE}]
users:
  - id: 00000000-0000-4000-8000-00000000000a
    userPrincipalName: ada@contoso.com
    department: Research
    employeeId: "17"
    usageLocation: CH
    onPremisesSyncEnabled: true
    onPremisesSamAccountName: ada
    onPremisesImmutableId: MyIRAFVEd2aImaq7zN3u/w==
    onPremisesSecurityIdentifier: S-1-5-21-1-2-3-1105
    onPremisesDistinguishedName: CN=Ada,OU=Staff,DC=corp,DC=contoso,DC=com
    assignedLicenses: [SPE_E3]
  - {id: 00000000-0000-4000-8000-00000000000b, userPrincipalName: b.o'brien@contoso.com, department: research and more, usageLocation: DE, accountEnabled: false}
  - {id: 00000000-0000-4000-8000-00000000000c, userPrincipalName: cyd@fabrikam.com, userType: Guest}
groups:
  - {id: 00000000-0000-4000-8000-0000000000f1, displayName: Staff, assignedLicenses: [SPE_E3], members: [ada@contoso.com], isAssignableToRole: true}
  - {id: 00000000-0000-4000-8000-0000000000f2, displayName: Stuff, mailEnabled: true, mail: stuff@contoso.com, groupTypes: [Unified]}
`

// ids asks for a filter, as an advanced query or not, and returns the last letters
// of the ids it finds, or the refusal.
func (c client) ids(set, filter string, advanced bool) string {
	c.Helper()
	query, headers := "?$select=id&$filter="+url.QueryEscape(filter), []string(nil)
	if advanced {
		query, headers = query+"&$count=true", []string{"ConsistencyLevel", "eventual"}
	}
	r := c.get(set+query, headers...)
	if r.status != 200 {
		return r.failure()
	}
	found := ""
	for _, u := range r.values() {
		found += u["id"].(string)[len(ada)-1:]
	}
	return found
}

// "Advanced query capabilities on Microsoft Entra ID objects": what each property of a user
// can be filtered by, with and without ConsistencyLevel: eventual and $count. "no" means
// the documented refusal of that property.
func TestFilterUsersByTheTableOfAdvancedQueries(t *testing.T) {
	t.Parallel()
	tests := []struct{ filter, byDefault, advanced string }{
		{"accountEnabled eq false", "b", "b"},
		{"accountEnabled eq 'false'", "no", "no"},
		{"accountEnabled eq null", "no", "no"},
		{"accountEnabled ne true", "no", "b"},
		{"accountEnabled in (true,false)", "abc", "abc"},
		{"startsWith(accountEnabled,'t')", "no", "no"},
		{"department eq 'RESEARCH'", "a", "a"},
		{"department eq Research", "no", "no"},
		{"department in ('x', 'research')", "a", "a"},
		{"startsWith(department,'Research')", "ab", "ab"},
		{"department eq null", "no", "c"},
		{"department ne null", "no", "ab"},
		{"endsWith(department,'h')", "endsWith", "no"},
		{"contains(department,'h')", "no", "no"},
		{"department ge 'a'", "no", "no"},
		{"usageLocation eq 'CH' or usageLocation eq 'DE'", "ab", "ab"},
		{"startsWith(usageLocation,'c')", "a", "a"},
		{"usageLocation eq null", "no", "c"},
		{"userPrincipalName eq 'b.o''brien@contoso.com'", "b", "b"},
		{"startsWith(userPrincipalName,'A')", "a", "a"},
		{"STARTSWITH(UserPrincipalName,'b.o''')", "b", "b"},
		{"endsWith(userPrincipalName,'@CONTOSO.com')", "endsWith", "ab"},
		{"userPrincipalName eq null", "no", "no"},
		{"userType eq 'Guest'", "c", "c"},
		{"startsWith(userType,'G')", "no", "no"},
		{"userType eq null", "no", ""},
		{"employeeId eq '17'", "a", "a"},
		{"employeeId eq 17", "no", "no"},
		{"employeeId eq null", "no", "bc"},
		{"startsWith(employeeId,'1')", "no", "no"},
		{"onPremisesImmutableId eq 'MyIRAFVEd2aImaq7zN3u/w=='", "a", "a"},
		{"onPremisesDistinguishedName eq 'cn=ada,ou=staff,dc=corp,dc=contoso,dc=com'", "no", "a"},
		{"startsWith(onPremisesDistinguishedName,'CN=Ada')", "no", "a"},
		{"endsWith(onPremisesDistinguishedName,'DC=com')", "endsWith", "no"},
		{"onPremisesDistinguishedName eq null", "no", "bc"},
		{"onPremisesSamAccountName eq 'ada'", "no", "a"},
		{"startsWith(onPremisesSamAccountName,'a')", "no", "a"},
		{"onPremisesDomainName eq 'corp'", "no", "no"},
		{"onPremisesSyncEnabled eq true", "a", "a"},
		{"onPremisesSyncEnabled eq null", "no", "bc"},
		{"onPremisesSecurityIdentifier eq 'S-1-5-21-1-2-3-1105'", "a", "a"},
		{"onPremisesUserPrincipalName eq 'x'", "no", "no"},
		{"licenseAssignmentStates eq null", "no", "no"},
		{"licenseAssignmentStates/any(l:l/skuId eq " + e3 + ")", "no", "no"},
		{"nickname eq 'x'", "no", "no"},
		{"id eq '" + ada + "' or id eq '" + bob + "'", "ab", "ab"},
		{"id in ('" + ada + "')", "id", "id"},
		{"startsWith(id,'0')", "id", "id"}, // copdips.com, getting all users
		{"assignedLicenses/any(a:a/skuId eq " + e3 + ")", "a", "a"},
		{"assignedLicenses/any(a:a/skuId eq '" + e3 + "')", "no", "no"},
		{"assignedLicenses/any(a:a/skuId eq SPE_E3)", "no", "no"},
		{"assignedLicenses/any(a:a/skuId ne " + e3 + ")", "no", "no"},
		{"assignedLicenses/any(a:a/disabledPlans eq " + e3 + ")", "no", "no"},
		{"assignedLicenses/any()", "no", "no"},
		{"assignedLicenses/$count eq 0", "no", "bc"},
		{"assignedLicenses/$count ne 0", "no", "a"},
		{"assignedLicenses/$count eq 1", "no", "no"},
		{"assignedPlans/any(p:p/servicePlanId eq " + exchange + " and p/capabilityStatus eq 'Enabled')", "no", "a"},
		{"assignedPlans/any(p:p/service eq 'exchange')", "no", "a"},
		{"assignedPlans/any(p:p/service eq 'exchange' and p/capabilityStatus eq 'Deleted')", "no", ""},
		{"assignedPlans/any(p:p/service eq 'x' or p/service eq 'exchange')", "no", "a"},
		{"not startsWith(userPrincipalName,'a')", "not", "bc"},
		{"not (accountEnabled eq true)", "not", "b"},
		{"accountEnabled eq true and userType eq 'Member'", "a", "a"},
		{"(accountEnabled eq true) and (usageLocation eq 'CH' or userType eq 'Guest')", "ac", "ac"},
		{"accountEnabled eq true or department eq null", "no", "ac"},
	}
	c := newClient(t, attributed, sandbox.Options{})
	for _, test := range tests {
		t.Run(test.filter, func(t *testing.T) {
			t.Parallel()
			c := client{t, c.tenant, c.handler}
			for _, advanced := range []bool{false, true} {
				want := test.byDefault
				if advanced {
					want = test.advanced
				}
				if got := c.ids("/users", test.filter, advanced); got != refusedAs(want, test.filter) {
					t.Errorf("advanced %v: %s\nwant %s", advanced, got, refusedAs(want, test.filter))
				}
			}
		})
	}
}

// refusedAs spells out a refusal that a table abbreviates.
func refusedAs(word, filter string) string {
	const more = " is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header."
	switch word {
	case "no":
		for _, p := range []string{"department eq null", "contains(department"} { // the property is not the first word
			if strings.Contains(filter, p) {
				filter = "department "
			}
		}
		name := strings.FieldsFunc(filter, func(r rune) bool { return strings.ContainsRune(" (,/", r) })
		i := 0
		if strings.HasPrefix(strings.ToLower(filter), "startswith") || strings.HasPrefix(filter, "endsWith") {
			i = 1
		}
		return "Request_UnsupportedQuery: Unsupported or invalid query filter clause specified for property '" + name[i] + "' of resource 'User'."
	case "endsWith", "not":
		return "Request_UnsupportedQuery: Operator '" + word + "'" + more
	case "id":
		return "Request_UnsupportedQuery: The 'id' property can only be used with eq filter"
	}
	return word
}

func TestFilterRefusesInvalidQueries(t *testing.T) {
	t.Parallel()
	c := newClient(t, attributed, sandbox.Options{})
	for _, filter := range []string{
		"accountEnabled", "accountEnabled eq", "eq true", "accountEnabled = true", "accountEnabled eq true and", "(accountEnabled eq true",
		"accountEnabled eq true)", "accountEnabled EQ true", "department eq 'a", "department in 'a'", "department in ('a'", "department eq ,",
		"assignedLicenses/any(a a/skuId eq " + e3 + ")", "assignedLicenses/any(a:b/skuId eq " + e3 + ")", "startsWith(department)",
		"not", strings.Repeat("(", 60) + "accountEnabled eq true" + strings.Repeat(")", 60), "matches(department,'a')",
	} {
		if got := c.ids("/users", filter, false); got != "Request_UnsupportedQuery: Unsupported or invalid query filter clause." {
			t.Errorf("%s: %s", filter, got)
		}
	}
}

// microsoft-graph-docs issues 21098 (15 clauses, and none in advanced queries, which
// the length of the URL bounds) and 3641 (height).
func TestFilterLimits(t *testing.T) {
	t.Parallel()
	clauses := func(n int) (or, in string) {
		var parts, values []string
		for i := range n {
			parts = append(parts, fmt.Sprintf("department eq 'd%d'", i))
			values = append(values, fmt.Sprintf("'d%d'", i))
		}
		return strings.Join(parts, " or "), "department in (" + strings.Join(values, ",") + ")"
	}
	const tooMany = "Request_UnsupportedQuery: Too many child clauses specified in search filter expression containing 'OR' operators: 16. Max allowed: 15"
	or15, in15 := clauses(15)
	or16, in16 := clauses(16)
	or200, _ := clauses(200)
	const deep3 = "accountEnabled eq true and (userType eq 'Guest' or department eq 'x')"
	const deep4 = "accountEnabled eq true and (userType eq 'Guest' or (department eq 'x' and usageLocation eq 'CH'))"
	tests := []struct {
		filter   string
		advanced bool
		want     string
	}{
		{or15, false, ""}, {in15, false, ""}, {or16, false, tooMany}, {in16, false, tooMany},
		{"accountEnabled eq true and (" + or16 + ")", false, tooMany},
		{or16, true, ""}, {in16, true, ""},
		{or200, true, "Request_UnsupportedQuery: The URL of the query is longer than 2048 characters."},
		{deep3, false, "c"},
		{deep4, false, "Request_UnsupportedQuery: search filter expression has excessive height: 4. Max allowed: 3"},
	}
	c := newClient(t, attributed, sandbox.Options{})
	for _, test := range tests {
		if got := c.ids("/users", test.filter, test.advanced); got != test.want {
			t.Errorf("%.60s (advanced %v): %s\nwant %s", test.filter, test.advanced, got, test.want)
		}
	}
}

// Recorded (azure-cli): displayName. Group resource type page: the others.
func TestGroupFilters(t *testing.T) {
	t.Parallel()
	tests := []struct{ filter, byDefault, advanced string }{
		{"displayName eq 'Staff'", "1", "1"},
		{"startsWith(displayName,'St')", "12", "12"},
		{"displayName in ('Stuff','X')", "2", "2"},
		{"assignedLicenses/any(a:a/skuId eq " + e3 + ")", "1", "1"},
		{"assignedLicenses/any()", "1", "1"},
		{"assignedLicenses/$count eq 0", "no", "2"},
		{"isAssignableToRole eq true", "1", "1"},
		{"isAssignableToRole ne true", "no", "2"},
		{"mailEnabled eq true and securityEnabled eq true", "2", "2"},
		{"groupTypes/any(c:c eq 'unified')", "2", "2"},
		{"mail eq 'stuff@contoso.com'", "2", "2"},
		{"mail eq null", "no", "1"},
		{"hasMembersWithLicenseErrors eq true", "", ""},
		{"id eq '" + staff + "'", "1", "1"},
		{"description eq 'x'", "no", "no"},
	}
	c := newClient(t, attributed, sandbox.Options{})
	for _, test := range tests {
		name, _, _ := strings.Cut(strings.ReplaceAll(test.filter, "/", " "), " ")
		no := "Request_UnsupportedQuery: Unsupported or invalid query filter clause specified for property '" + name + "' of resource 'Group'."
		for i, want := range []string{test.byDefault, test.advanced} {
			if got := c.ids("/groups", test.filter, i == 1); got != strings.Replace(want, "no", no, 1) {
				t.Errorf("%s (advanced %v): %s\nwant %s", test.filter, i == 1, got, want)
			}
		}
	}
}

// "Count": /users/$count needs the header, and answers with plain text.
func TestCountIsAnAdvancedQuery(t *testing.T) {
	t.Parallel()
	c := newClient(t, attributed, sandbox.Options{})
	for path, want := range map[string]string{
		"/users/$count": "3",
		"/users/$count?$filter=userType%20eq%20'Member'": "2",
		"/users/$count?$filter=department%20eq%20null":   "1",
		"/groups/$count": "2",
		"/groups/$count?$filter=mailEnabled%20eq%20true":                      "1",
		"/groups/" + staff + "/members/$count":                                "1",
		"/groups/" + staff + "/transitiveMembers/microsoft.graph.user/$count": "1",
		"/users/" + ada + "/memberOf/$count":                                  "1",
	} {
		got := c.get(path, "ConsistencyLevel", "eventual")
		if got.status != 200 || got.raw != want || got.header.Get("Content-Type") != "text/plain" {
			t.Errorf("GET %s: %d %s (%s), want %s", path, got.status, got.raw, got.header.Get("Content-Type"), want)
		}
		if plain, _, _ := strings.Cut(path, "?"); true {
			if got := c.get(plain); got.status != 400 || got.failure() != "Request_BadRequest: $count is not currently supported." {
				t.Errorf("GET %s without ConsistencyLevel: %d %s", plain, got.status, got.failure())
			}
		}
	}
}

// Every sharding by first characters of the principal name finds every user once, and the
// count agrees.
func TestFilterShardsByPrincipalNameFindAllUsers(t *testing.T) {
	t.Parallel()
	var users strings.Builder
	want := 0
	for _, first := range "abcxyz019._-'!#^~" {
		for i := range 3 {
			fmt.Fprintf(&users, "  - {userPrincipalName: \"%c%d@contoso.com\"}\n", first, i)
			want++
		}
	}
	c := newClient(t, file("users:\n"+users.String()), sandbox.Options{PageSize: 2})
	var all []string
	for _, first := range "abcdefghijklmnopqrstuvwxyz0123456789'._-!#^~" {
		_, seen := c.walk("/users?$filter=" + url.QueryEscape(fmt.Sprintf("startsWith(userPrincipalName,'%s')", strings.ReplaceAll(string(first), "'", "''"))))
		for name := range seen {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	count := c.get("/users/$count", "ConsistencyLevel", "eventual").raw
	if len(slices.Compact(all)) != want || count != fmt.Sprint(want) {
		t.Errorf("%d users in shards and %s by $count, want %d", len(all), count, want)
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("accountEnabled eq true and (userType eq 'Guest' or not department in ('a','b'))")
	f.Add("assignedLicenses/any(a:a/skuId eq " + e3 + ")")
	f.Add("assignedPlans/any(p:p/service eq 'exchange' and p/capabilityStatus eq 'Enabled')")
	f.Add("assignedLicenses/$count eq 0")
	f.Add("startsWith(userPrincipalName,'o''b')")
	f.Fuzz(func(t *testing.T, filter string) {
		c := newClient(t, attributed, sandbox.Options{})
		for _, set := range []string{"/users", "/groups", "/auditLogs/directoryAudits", "/users/delta"} {
			got := c.get(set+"?$count=true&$filter="+url.QueryEscape(filter), "ConsistencyLevel", "eventual")
			if got.status != 200 && got.status != 400 {
				t.Errorf("%s %q: %d %s", set, filter, got.status, got.raw)
			}
		}
		if diff := cmp.Diff(c.ids("/users", filter, true), c.ids("/users", "("+filter+")", true)); diff != "" && strings.TrimSpace(filter) != "" {
			if !strings.Contains(diff, "Unsupported or invalid") && !strings.Contains(diff, "longer than") {
				t.Errorf("%q in brackets means something else:\n%s", filter, diff)
			}
		}
	})
}
