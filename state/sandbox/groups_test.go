package sandbox_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
)

const (
	outer  = "00000000-0000-4000-8000-000000000f01"
	middle = "00000000-0000-4000-8000-000000000f02"
	inner  = "00000000-0000-4000-8000-000000000f03"
	secret = "00000000-0000-4000-8000-000000000f04"
)

// nesting has groups in groups, one of them in a circle, and a hidden one.
const nesting = `
organization: {id: 48a80680-7326-48cd-9935-b556b81d3a4e}
users:
  - {id: 00000000-0000-4000-8000-00000000000a, userPrincipalName: ada@contoso.com, displayName: Ada, department: Research}
  - {id: 00000000-0000-4000-8000-00000000000b, userPrincipalName: bob@contoso.com, displayName: Bob}
  - {id: 00000000-0000-4000-8000-00000000000c, userPrincipalName: cyd@contoso.com, displayName: Cyd}
groups:
  - {id: 00000000-0000-4000-8000-000000000f01, displayName: Outer, members: [ada@contoso.com, {group: Middle}]}
  - {id: 00000000-0000-4000-8000-000000000f02, displayName: Middle, members: [bob@contoso.com, 00000000-0000-4000-8000-000000000F03, {group: Outer}]}
  - {id: 00000000-0000-4000-8000-000000000f03, displayName: Inner, members: [cyd@contoso.com, ada@contoso.com]}
  - {id: 00000000-0000-4000-8000-000000000f04, displayName: Secret, visibility: HiddenMembership, members: [ada@contoso.com, {group: Inner}]}
`

// shown renders a collection as "type id-ending" of each object.
func (c client) shown(path string, headers ...string) string {
	c.Helper()
	r := c.get(path, headers...)
	if r.status != 200 {
		return r.failure()
	}
	var out []string
	for _, o := range r.values() {
		kind, _ := o["@odata.type"].(string)
		id, _ := o["id"].(string)
		out = append(out, strings.TrimSpace(strings.TrimPrefix(kind, "#microsoft.graph.")+" "+id[len(id)-2:]))
	}
	return strings.Join(out, ", ")
}

// Graph: "List group members", "List group transitive members", "List a user's
// direct memberships", "List a user's memberships (direct and transitive)".
func TestMembersAndMemberships(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, path, want string }{
		{"members are users and groups", "/groups/" + outer + "/members", "user 0a, group 02"},
		{"all members, each once, for all circles", "/groups/" + outer + "/transitiveMembers", "user 0a, user 0b, user 0c, group 01, group 02, group 03"},
		{"a type behind the path narrows", "/groups/" + outer + "/transitiveMembers/microsoft.graph.user", "0a, 0b, 0c"},
		{"in any case", "/Groups/" + outer + "/TransitiveMembers/Microsoft.Graph.Group", "01, 02, 03"},
		{"a key in brackets", "/groups('" + outer + "')/members", "user 0a, group 02"},
		{"groups of a user", "/users/ada@contoso.com/memberOf", "group 01, group 03, group 04"},
		{"groups of a user, all", "/users/" + bob + "/transitiveMemberOf", "group 01, group 02"},
		{"groups of a user behind a type", "/users/" + bob + "/memberOf/microsoft.graph.group", "02"},
		{"groups of a group", "/groups/" + inner + "/memberOf", "group 02, group 04"},
		{"groups of a group, all", "/groups/" + inner + "/transitiveMemberOf", "group 01, group 02, group 04"},
		{"pages", "/groups/" + outer + "/transitiveMembers?$top=2", "user 0a, user 0b"},
		{"missing's", "/users/missing/memberOf", "Request_ResourceNotFound: Resource 'missing' does not exist or one of its queried reference-property objects are not present."},
		{"of no group", "/groups/" + ada + "/transitiveMembers", "Request_ResourceNotFound: Resource '" + ada + "' does not exist or one of its queried reference-property objects are not present."},
		{"a type without its namespace is no type", "/groups/" + outer + "/members/user", "BadRequest: Resource not found for the segment 'user'."},
	}
	c := newClient(t, nesting, sandbox.Options{})
	for _, test := range tests {
		if got := c.shown(test.path); got != test.want {
			t.Errorf("%s: %s\nwant %s", test.name, got, test.want)
		}
	}
	for path, want := range map[string]string{
		"/groups/" + outer + "/members?$select=id":             "directoryObjects(id)",
		"/groups/" + outer + "/members/microsoft.graph.user":   "users",
		"/users/" + ada + "/memberOf":                          "directoryObjects",
		"/users/" + ada + "/memberOf/microsoft.graph.group":    "groups",
		"/groups/" + outer + "/members?$select=id,groupTypes":  "directoryObjects(id,groupTypes)",
		"/groups/" + outer + "/transitiveMembers?$select=MAIL": "directoryObjects(mail)",
	} {
		if got := c.get(path).body["@odata.context"]; got != "http://graph.test/v1.0/$metadata#"+want {
			t.Errorf("GET %s: context %v, want %s", path, got, want)
		}
	}
}

// Graph, "List group members": of objects that the caller may not read, type and id
// are answered and the rest is null. A hidden membership needs Member.Read.Hidden.
func TestMembersHiddenShowOnlyIDs(t *testing.T) {
	t.Parallel()
	c := newClient(t, nesting, sandbox.Options{})
	want := []map[string]any{
		{"@odata.type": "#microsoft.graph.user", "id": ada, "displayName": nil, "department": nil, "userPrincipalName": nil, "businessPhones": []any{}},
		{"@odata.type": "#microsoft.graph.group", "id": inner, "displayName": nil},
	}
	got := c.get("/groups/" + secret + "/members?$select=id,displayName,department,userPrincipalName,businessPhones").values()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	for _, m := range c.get("/groups/" + secret + "/transitiveMembers").values() {
		if m["displayName"] != nil {
			t.Errorf("%v shows its name through transitiveMembers", m["id"])
		}
	}
	reader := withRoles(t, "GroupMember.Read.All", "Member.Read.Hidden")
	for _, m := range c.get("/groups/"+secret+"/members", "Authorization", reader).values() {
		if m["displayName"] == nil {
			t.Errorf("%v hides its name from who may read hidden members", m["id"])
		}
	}
	if got := c.get("/groups/" + secret + "?$select=visibility").body["visibility"]; got != "HiddenMembership" {
		t.Errorf("the group itself says %v", got)
	}
}

// Recorded (azure-cli test_user_scenario): getByIds, its context and location.
func TestGetByIds(t *testing.T) {
	t.Parallel()
	c := newClient(t, nesting, sandbox.Options{})
	const missing = "Request_BadRequest: One or more parameters of the operation 'getByIds' are missing from the request payload. The missing parameters are: ids."
	ids := `"` + strings.ToUpper(ada) + `","` + inner + `","` + notOwned + `"`
	tests := []struct{ name, body, want string }{
		{"users and groups, and nothing for the unknown", `{"ids":[` + ids + `],"types":["user","group"]}`, "user 0a, group 03"},
		{"one type", `{"ids":[` + ids + `],"types":["Group"]}`, "group 03"},
		{"no types: all", `{"ids":[` + ids + `]}`, "user 0a, group 03"},
		{"directoryObject: all", `{"ids":[` + ids + `],"types":["directoryObject"]}`, "user 0a, group 03"},
		{"a name is no id", `{"ids":["ada@contoso.com"]}`, ""},
		{"none", `{"ids":[]}`, ""},
		{"no ids", `{"types":["user"]}`, missing},
		{"ids that are no texts", `{"ids":[1]}`, "BadRequest: The parameter 'ids' must be a collection of Edm.String."},
		{"more than 1000", `{"ids":[` + strings.Repeat(`"x",`, 1000) + `"x"]}`, "Request_BadRequest: Too many ids: at most 1000 are looked up at once."},
	}
	for _, test := range tests {
		r := c.send(http.MethodPost, "/directoryObjects/getByIds", test.body)
		var got []string
		for _, o := range r.values() {
			got = append(got, strings.TrimPrefix(o["@odata.type"].(string), "#microsoft.graph.")+" "+o["id"].(string)[34:])
		}
		answer := strings.Join(got, ", ")
		if r.status != 200 {
			answer = r.failure()
		}
		if answer != test.want {
			t.Errorf("%s: %s\nwant %s", test.name, answer, test.want)
		}
	}
	r := c.send(http.MethodPost, "/directoryObjects/getByIds?$select=id", `{"ids":["`+ada+`"]}`)
	if r.header.Get("Location") != "http://graph.test" || r.header.Get("x-ms-resource-unit") != "2" ||
		r.body["@odata.context"] != "http://graph.test/v1.0/$metadata#directoryObjects(id)" {
		t.Errorf("headers %v, body %s", r.header, r.raw)
	}
}

func TestOrganizationDomainsAndSubscriptions(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	if got := c.get("/organization/" + org + "?$select=id"); got.body["@odata.context"] != "http://graph.test/v1.0/$metadata#organization(id)/$entity" || got.body["id"] != org {
		t.Errorf("organization: %s", got.raw)
	}
	if got := c.get("/organization/" + ada); got.status != 404 {
		t.Errorf("another organization: %d", got.status)
	}
	domains := c.get("/domains?$select=id,isDefault")
	const want = `{"@odata.context":"http://graph.test/v1.0/$metadata#domains(id,isDefault)","value":[{"id":"contoso.com","isDefault":true},{"id":"contoso.onmicrosoft.com","isDefault":false}]}`
	if diff := cmp.Diff(want, domains.raw); diff != "" {
		t.Errorf("domains (-want +got):\n%s", diff)
	}
	units := map[string]float64{}
	for _, s := range c.get("/directory/subscriptions").values() {
		units[s["skuPartNumber"].(string)], _ = s["totalLicenses"].(float64)
	}
	if units["SPE_E3"] != 3 || units["VISIOCLIENT"] != 13 || len(units) != 7 {
		t.Errorf("subscriptions: %v", units)
	}
}

func TestEmptyPages(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{EmptyPages: true, PageSize: 2})
	first := c.get("/users?$select=id,userPrincipalName&$filter=accountEnabled eq true")
	if len(first.values()) != 0 || first.body["@odata.nextLink"] == nil {
		t.Fatalf("the first page is %s, want an empty one with a link", first.raw)
	}
	pages, seen := c.walk("/users")
	if pages != 6 || len(seen) != 5 {
		t.Errorf("%d pages with %d users, want every second of 6 empty and 5", pages, len(seen))
	}
	if got := c.get("/users?$filter=userPrincipalName eq 'missing'"); len(got.values()) != 0 || got.body["@odata.nextLink"] == nil {
		t.Errorf("missing: %s", got.raw)
	}
}

// "List users": 500 with signInActivity.
func TestSignInActivityHasSmallerPages(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	if got := c.get("/users?$select=id,signInActivity&$top=500"); got.status != 200 {
		t.Errorf("500: %d", got.status)
	}
	got := c.get("/users?$select=id,signInActivity&$top=501")
	if got.failure() != "Request_BadRequest: Invalid page size specified: '501'. Must be between 1 and 500 inclusive." {
		t.Errorf("501: %s", got.failure())
	}
}

// Every attribute in the tenant file is answered as in the file.
func TestParseEveryAttribute(t *testing.T) {
	t.Parallel()
	stated := map[string]any{
		"userPrincipalName": "ada@contoso.com", "displayName": "Ada", "givenName": "Ada", "surname": "L", "mail": "ada@contoso.com", "country": "Switzerland",
		"city": "Zürich", "state": "ZH", "department": "IT", "jobTitle": "Engineer", "companyName": "Contoso", "employeeId": "00123", "employeeType": "Employee",
		"officeLocation": "1/2", "createdDateTime": "2020-01-02T03:04:05Z", "employeeHireDate": "2020-02-01T00:00:00Z", "employeeLeaveDateTime": "2030-01-01T00:00:00Z",
		"onPremisesSyncEnabled": true, "onPremisesImmutableId": "MyIRAFVEd2aImaq7zN3u/w==", "onPremisesSecurityIdentifier": "S-1-5-21-1-2-3-1105",
		"onPremisesDistinguishedName": "CN=Ada,OU=Staff,DC=corp,DC=contoso,DC=com", "onPremisesDomainName": "corp.contoso.com", "onPremisesSamAccountName": "ada",
		"onPremisesUserPrincipalName": "ada@corp.contoso.com", "onPremisesLastSyncDateTime": "2024-01-01T00:00:00Z", "usageLocation": "CH", "userType": "Guest",
		"accountEnabled": false, "businessPhones": []any{"+41 1"}, "proxyAddresses": []any{"SMTP:ada@contoso.com"}, "otherMails": []any{"ada@example.com"},
		"onPremisesExtensionAttributes": map[string]any{"extensionAttribute1": "one", "extensionAttribute15": "fifteen"},
		"employeeOrgData":               map[string]any{"division": "Sales", "costCenter": "12"},
		"signInActivity":                map[string]any{"lastSignInDateTime": "2026-01-01T00:00:00Z"},
	}
	file, err := json.Marshal(map[string]any{"organization": map[string]any{"id": org}, "users": []any{stated}})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, string(file), sandbox.Options{})
	var names []string
	for name := range stated {
		names = append(names, name)
	}
	got := c.get("/users/ada@contoso.com?$select=" + strings.Join(names, ",")).body
	delete(got, "@odata.context")
	for _, name := range []string{"onPremisesExtensionAttributes", "signInActivity"} {
		object, _ := got[name].(map[string]any)
		maps.DeleteFunc(object, func(_ string, v any) bool { return v == nil }) // not in the file
	}
	if diff := cmp.Diff(stated, got); diff != "" {
		t.Errorf("ada (-stated +got):\n%s", diff)
	}
}
