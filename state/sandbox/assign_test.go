package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
)

func add(skus ...string) string {
	var parts []string
	for _, s := range skus {
		parts = append(parts, fmt.Sprintf(`{"skuId":%q,"disabledPlans":[]}`, s))
	}
	return `{"addLicenses":[` + strings.Join(parts, ",") + `],"removeLicenses":[]}`
}

func addWithout(sku string, plans ...string) string {
	return fmt.Sprintf(`{"addLicenses":[{"skuId":%q,"disabledPlans":["%s"]}],"removeLicenses":[]}`, sku, strings.Join(plans, `","`))
}

func remove(sku string) string {
	return fmt.Sprintf(`{"addLicenses":[],"removeLicenses":[%q]}`, sku)
}

func swap(from, to string) string {
	return fmt.Sprintf(`{"addLicenses":[{"skuId":%q,"disabledPlans":[]}],"removeLicenses":[%q]}`, to, from)
}

// Every case names the source of its message.
func TestAssignLicenseRefusals(t *testing.T) {
	t.Parallel()
	const (
		noLocation = "Request_BadRequest: License assignment cannot be done for user with invalid usage location."
		noGUID     = "Request_BadRequest: Cannot convert a primitive value to the expected type 'Edm.Guid'. See the inner exception for more details"
		malformed  = "BadRequest: Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
		missing    = "Request_BadRequest: One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: "
	)
	tests := []struct {
		source, name, user, body, want string
	}{
		{`Okta knowledge base, "invalid usage location"`, "no usage location", bob, add(e3), noLocation},
		{`the same`, "no usage location for one of two", bob, add(e3, visio), noLocation},
		{`clients that match "does not have any available licenses"`, "no seats", dan, add(e5), "Request_BadRequest: Subscription with SKU " + e5 + " does not have any available licenses."},
		{`the same`, "no seats for one of two: nothing is given", dan, add(e3, e5), "Request_BadRequest: Subscription with SKU " + e5 + " does not have any available licenses."},
		{`the same`, "a removal frees no seat of another SKU", ada, swap(e3, e5), "Request_BadRequest: Subscription with SKU " + e5 + " does not have any available licenses."},
		{`Entra, "Resolve group license assignment problems"; the pair: cloud licensing design document`, "mutually exclusive plans, documented pair", ada, add(teams), "Request_BadRequest: License assignment failed because service plans " + teamsFree + "," + teams1 + " are mutually exclusive"},
		{`public write-up of Debug-GroupLicenseAssignment`, "dependency on add", dan, add(project), "Request_BadRequest: License assignment failed because service plan " + projectSPO + " depends on the service plan(s) " + sharepoint},
		{`CLI for Microsoft 365, user-license-add.spec.ts`, "SKU not owned", dan, add(notOwned), "Request_BadRequest: License " + notOwned + " does not correspond to a valid company License."},
		{`the same`, "the skuId is echoed in lower case", dan, add(strings.ToUpper(notOwned)), "Request_BadRequest: License " + notOwned + " does not correspond to a valid company License."},
		{`HelloID connectors, which match it for expired SKUs`, "SKU not owned, on remove", dan, remove(notOwned), "Request_BadRequest: License " + notOwned + " does not correspond to a valid company License."},
		{`microsoft-graph-docs-contrib issue 5644`, "Company SKU", dan, add(company), "Request_BadRequest: License " + company + " cannot be assigned to a user."},
		{`subscribedSku resource type: not assignable; our words`, "suspended SKU", dan, add(gone), "Request_BadRequest: License " + gone + " cannot be assigned to a user."},
		{`recorded 2023-06-14`, "remove, not assigned", dan, remove(e3), "Request_BadRequest: User does not have a corresponding license."},
		{`the same`, "remove of a path in Error", eve, remove(e3), "Request_BadRequest: User does not have a corresponding license."},
		{`Okta knowledge base, "inherited from a group membership"`, "remove, inherited only", cyd, remove(visio), "Request_BadRequest: User license is inherited from a group membership and it cannot be removed directly from the user."},
		{`msgraph-sdk-go issue 163`, "removeLicenses missing", dan, `{"addLicenses":[{"skuId":"` + e3 + `"}]}`, missing + "removeLicenses."},
		{`msgraph-sdk-powershell issue 3361`, "addLicenses missing", dan, `{"removeLicenses":["` + e3 + `"]}`, missing + "addLicenses."},
		{`our words`, "both missing", dan, `{}`, missing + "addLicenses,removeLicenses."},
		{`msgraph-sdk-powershell issue 3286`, "nothing to do", dan, `{"addLicenses":[],"removeLicenses":[]}`, "Request_BadRequest: No license changes provided. At least one license to add or remove must be specified."},
		{`microsoft-graph-docs issue 2853`, "skuId is no GUID", dan, add("SPE_E3"), noGUID},
		{`our words`, "skuId is left out", dan, `{"addLicenses":[{"disabledPlans":[]}],"removeLicenses":[]}`, noGUID},
		{`our words`, "a removed skuId is a number", dan, `{"addLicenses":[],"removeLicenses":[1]}`, noGUID},
		{`our words`, "a disabled plan is a name", dan, addWithout(e3, "SWAY"), noGUID},
		{`our words`, "a plan that is not in the SKU", dan, addWithout(e5, sway), "Request_BadRequest: License assignment failed because service plan " + sway + " does not belong to license " + e5 + "."},
		{`our words`, "a Company plan", dan, addWithout(e3, foundation), "Request_BadRequest: License assignment failed because service plan " + foundation + " of license " + e3 + " applies to the company and cannot be disabled for a user."},
		{`our words`, "the same SKU on both sides", ada, swap(e3, strings.ToUpper(e3)), "Request_BadRequest: License " + e3 + " is named more than once in addLicenses and removeLicenses."},
		{`our words`, "the same SKU twice", dan, add(e3, e3), "Request_BadRequest: License " + e3 + " is named more than once in addLicenses and removeLicenses."},
		{`our words`, "malformed JSON", dan, `{"addLicenses":[`, malformed},
		{`our words`, "something after the JSON", dan, add(e3) + "x", malformed},
		{`our words`, "no object", dan, `[]`, malformed},
		{`our words`, "no array", dan, `{"addLicenses":{},"removeLicenses":[]}`, "BadRequest: The parameter 'addLicenses' must be a collection of assignedLicense."},
		{`our words`, "no array to remove", dan, `{"addLicenses":[],"removeLicenses":""}`, "BadRequest: The parameter 'removeLicenses' must be a collection of Edm.Guid."},
		{`our words`, "a parameter in the wrong case", dan, `{"AddLicenses":[],"addLicenses":[],"removeLicenses":[]}`, "BadRequest: The parameter 'AddLicenses' in the request payload is not a valid parameter for the operation 'assignLicense'."},
		{`our words`, "a property that assignedLicense has not", dan, `{"addLicenses":[{"skuId":"` + e3 + `","plans":[]}],"removeLicenses":[]}`, "BadRequest: The property 'plans' does not exist on type 'microsoft.graph.assignedLicense'. Make sure to only use property names that are defined by the type."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tenantFile, sandbox.Options{})
			before := c.dump()
			got := c.assign(test.user, test.body)
			if got.status != http.StatusBadRequest || got.failure() != test.want {
				t.Errorf("%d %s\nwant 400 %s (%s)", got.status, got.failure(), test.want, test.source)
			}
			if diff := cmp.Diff(before, c.dump()); diff != "" {
				t.Errorf("a refusal changed something (-before +after):\n%s", diff)
			}
			w := c.tenant.Record().Writes
			if len(w) != 1 || w[0].Status != 400 || w[0].Code+": "+w[0].Message != test.want || w[0].TookEffect {
				t.Errorf("record is %+v, want one write refused with %s", w, test.want)
			}
		})
	}
}

// The same message is answered on removal (Debug-GroupLicenseAssignment): the removal of
// the base fails while the add-on stays, and both together can be removed.
func TestAssignLicenseRefusesRemovalsForDependencies(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	if got := c.assign(dan, add(e3, project)); got.status != 200 {
		t.Fatalf("base and add-on in one call: %d %s", got.status, got.failure())
	}
	want := "Request_BadRequest: License assignment failed because service plan " + projectSPO + " depends on the service plan(s) " + sharepoint
	for name, body := range map[string]string{
		"the base removed":            remove(e3),
		"the plan of the base is off": addWithout(e3, sharepoint),
	} {
		if got := c.assign(dan, body); got.failure() != want {
			t.Errorf("%s: %s\nwant %s", name, got.failure(), want)
		}
	}
	both := fmt.Sprintf(`{"addLicenses":[],"removeLicenses":[%q,%q]}`, e3, project)
	if got := c.assign(dan, both); got.status != 200 {
		t.Errorf("both removed in one call: %d %s", got.status, got.failure())
	}
}

// Recorded on 2023-06-14: the answer has the default properties alone; the
// same removal once more is refused.
func TestAssignLicenseAnswersWithDefaultProperties(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	got := c.assign(ada, remove(e3))
	want := `{"@odata.context":"http://graph.test/v1.0/$metadata#users/$entity","businessPhones":[],"displayName":"Ada",` +
		`"givenName":null,"jobTitle":null,"mail":null,"mobilePhone":null,"officeLocation":null,"preferredLanguage":null,` +
		`"surname":null,"userPrincipalName":"Ada@contoso.com","id":"` + ada + `"}`
	if diff := cmp.Diff(want, got.raw); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if got := c.assign(ada, remove(e3)); got.failure() != "Request_BadRequest: User does not have a corresponding license." {
		t.Errorf("the second removal: %s", got.failure())
	}
}

func TestAssignLicenseEffects(t *testing.T) {
	t.Parallel()
	type effect struct {
		licenses string // "sku(plans off)" of the direct paths, as reads show them
		consumed map[string]int
	}
	tests := []struct {
		name, user, body string
		want             effect
	}{
		{"an added license takes a seat", dan, add(e3), effect{e3 + "[]", map[string]int{e3: 2}}},
		{"disabledPlans are replaced, not added to (Azure Identity Support Japan blog of 2021-10-01: it is an overwrite)", ada, addWithout(e3, exchange), effect{e3 + "[" + exchange + "]", map[string]int{e3: 1}}},
		{"no disabledPlans switch everything on (the same)", ada, `{"addLicenses":[{"skuId":"` + e3 + `"}],"removeLicenses":[]}`, effect{e3 + "[]", map[string]int{e3: 1}}},
		{"a held SKU is added again without a seat (clients treat it as success)", cyd, add(e5), effect{e5 + "[]", map[string]int{e5: 1}}},
		{"a direct path beside an inherited one takes no seat (Entra, group-based licensing additional scenarios)", cyd, add(visio), effect{e5 + "[]," + visio + "[]", map[string]int{visio: 3}}},
		{"removing one of two paths frees no seat (the same)", eve, remove(visio), effect{"", map[string]int{visio: 3}}},
		{"units in warning can be assigned (microsoft-graph-docs-contrib issue 2337)", dan, add(visio), effect{visio + "[]", map[string]int{visio: 4}}},
		{"a swap is one call", cyd, swap(e5, e3), effect{e3 + "[]", map[string]int{e3: 2, e5: 0}}},
		{"addLicenses null is taken for empty (HelloID connector)", ada, `{"addLicenses":null,"removeLicenses":["` + e3 + `"]}`, effect{"", map[string]int{e3: 0}}},
		{"exclusive plans fit where one is off", ada, `{"addLicenses":[{"skuId":"` + teams + `"},{"skuId":"` + e3 + `","disabledPlans":["` + strings.ToUpper(teams1) + `"]}],"removeLicenses":[]}`,
			effect{e3 + "[" + teams1 + "]," + teams + "[]", map[string]int{e3: 1, teams: 1}}},
		{"annotations are no properties", dan, `{"addLicenses":[{"@odata.type":"#microsoft.graph.assignedLicense","skuId":"` + e3 + `"}],"removeLicenses":[]}`,
			effect{e3 + "[]", map[string]int{e3: 2}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tenantFile, sandbox.Options{})
			if got := c.assign(test.user, test.body); got.status != 200 {
				t.Fatalf("%d %s", got.status, got.failure())
			}
			want := map[string]int{e3: 1, e5: 1, visio: 3, project: 0, teams: 0, company: 0, gone: 0}
			for id, n := range test.want.consumed {
				want[id] = n
			}
			if diff := cmp.Diff(want, c.consumed()); diff != "" {
				t.Errorf("consumedUnits (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want.licenses, c.direct(test.user)); diff != "" {
				t.Errorf("direct licenses (-want +got):\n%s", diff)
			}
		})
	}
}

// direct renders a user's direct paths as "sku[plans off]".
func (c client) direct(user string) string {
	c.Helper()
	states, _ := c.get("/users/" + user + "?$select=licenseAssignmentStates").body["licenseAssignmentStates"].([]any)
	var out []string
	for _, s := range states {
		path, _ := s.(map[string]any)
		if path["assignedByGroup"] == nil {
			out = append(out, fmt.Sprintf("%v%v", path["skuId"], path["disabledPlans"]))
		}
	}
	return strings.Join(out, ",")
}

func TestAssignLicenseChangesLastUpdatedOnlyWithTheLicense(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	read := func() any {
		states, _ := c.get("/users/" + ada + "?$select=licenseAssignmentStates").body["licenseAssignmentStates"].([]any)
		path, _ := states[0].(map[string]any)
		return path["lastUpdatedDateTime"]
	}
	c.assign(ada, addWithout(e3, sway))
	if got := read(); got != "2024-01-01T00:00:00Z" {
		t.Errorf("the same license once more is of %v", got)
	}
	c.assign(ada, add(e3))
	if got := read(); got != "2026-02-03T04:05:06Z" {
		t.Errorf("other plans are of %v, want the clock's time", got)
	}
}

func TestNotFoundUsers(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	const want = "Request_ResourceNotFound: Resource 'missing@contoso.com' does not exist or one of its queried reference-property objects are not present."
	for name, got := range map[string]reply{
		"get":            c.get("/users/missing@contoso.com"),
		"licenseDetails": c.get("/users/missing@contoso.com/licenseDetails"),
		"assignLicense":  c.assign("missing@contoso.com", add(e3)),
		"patch":          c.send(http.MethodPatch, "/users/missing@contoso.com", `{"usageLocation":"CH"}`),
		"group":          c.get("/groups/missing@contoso.com"),
		"members":        c.get("/groups/missing@contoso.com/members"),
		"subscribedSku":  c.get("/subscribedSkus/missing@contoso.com"),
	} {
		if got.status != 404 || got.failure() != want {
			t.Errorf("%s: %d %s", name, got.status, got.failure())
		}
	}
}

func TestPatchUser(t *testing.T) {
	t.Parallel()
	const invalid = "Request_BadRequest: Invalid value specified for property 'usageLocation' of resource 'User'."
	tests := []struct {
		name, user, body string
		status           int
		failure          string
		location         any
	}{
		{"an unset location is filled (Update user: 204)", bob, `{"usageLocation":"NO"}`, 204, ": ", "NO"},
		{"a synchronized user's location is changed", ada, `{"usageLocation":"DE"}`, 204, ": ", "DE"},
		{"the annotation that SDKs send is no property", bob, `{"@odata.type":"#microsoft.graph.user","usageLocation":"NO"}`, 204, ": ", "NO"},
		{"lower case", bob, `{"usageLocation":"no"}`, 400, invalid, nil},
		{"a name", bob, `{"usageLocation":"Norway"}`, 400, invalid, nil},
		{"clearing is unconfirmed upstream, refused here", ada, `{"usageLocation":null}`, 400, invalid, "CH"},
		{"nothing", bob, `{}`, 400, "Request_BadRequest: The request names no property to change.", nil},
		{"another property", bob, `{"usageLocation":"NO","department":"X"}`, 400,
			"Request_BadRequest: The property 'department' cannot be changed here: of a user the sandbox models usageLocation alone.", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tenantFile, sandbox.Options{})
			got := c.send(http.MethodPatch, "/users/"+test.user, test.body)
			if got.status != test.status || got.failure() != test.failure {
				t.Errorf("%d %s, want %d %s", got.status, got.failure(), test.status, test.failure)
			}
			if location := c.get("/users/" + test.user + "?$select=usageLocation").body["usageLocation"]; location != test.location {
				t.Errorf("usageLocation is %v, want %v", location, test.location)
			}
		})
	}
}

func TestRecordHasEveryWrite(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	c.send(http.MethodPatch, "/users/bob@contoso.com", `{"usageLocation":"NO"}`)
	c.assign(bob, swap(e3, visio))
	c.assign(bob, addWithout(e3, sway))
	c.assign(dan, add(e5))
	c.send(http.MethodPatch, "/users/"+bob, `{"usageLocation":"NO"}`)
	at := clock.Truncate(1e9)
	bobs := directory.Write{At: at, Method: "POST", Route: "users/{id}/assignLicense", User: bob, UserID: bob, UserPrincipalName: "bob@contoso.com"}
	location := directory.Write{At: at, Method: "PATCH", Route: "users/{id}", User: "bob@contoso.com", UserID: bob,
		UserPrincipalName: "bob@contoso.com", UsageLocation: "NO", Status: 204, TookEffect: true}
	refused, added, full, again := bobs, bobs, bobs, location
	refused.Add, refused.Remove = []directory.AddLicense{{SKUID: visio}}, []string{e3}
	refused.Status, refused.Code, refused.Message = 400, "Request_BadRequest", "User does not have a corresponding license."
	added.Add, added.Status, added.TookEffect = []directory.AddLicense{{SKUID: e3, DisabledPlans: []string{sway}}}, 200, true
	full.User, full.UserID, full.UserPrincipalName = dan, dan, "dan.o'neil@contoso.com"
	full.Add, full.Status, full.Code = []directory.AddLicense{{SKUID: e5}}, 400, "Request_BadRequest"
	full.Message = "Subscription with SKU " + e5 + " does not have any available licenses."
	again.User, again.TookEffect = bob, false
	want := directory.Record{
		Writes:       []directory.Write{location, refused, added, full, again},
		SeatRefusals: 1,
		MinFree:      map[string]int{e3: 1, e5: 0, visio: 1, project: 5, teams: 5, company: 5, gone: 0},
		Requests:     map[string]int{"PATCH users/{id}": 2, "POST users/{id}/assignLicense": 3},
	}
	if diff := cmp.Diff(want, c.tenant.Record(), cmpopts.IgnoreFields(directory.Record{}, "Log", "Plans")); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}
