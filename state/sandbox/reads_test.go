package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/sandbox"
)

func TestReadsAnswerAsGraphDoes(t *testing.T) {
	t.Parallel()
	const base = "http://graph.test/v1.0/$metadata#"
	tests := []struct{ name, path, want string }{
		{
			"a user without $select has the default set (recorded: azure-cli test_user_scenario)",
			"/users/" + bob,
			`{"@odata.context":"` + base + `users/$entity","businessPhones":[],"displayName":null,"givenName":null,` +
				`"jobTitle":null,"mail":null,"mobilePhone":null,"officeLocation":null,"preferredLanguage":null,` +
				`"surname":null,"userPrincipalName":"bob@contoso.com","id":"` + bob + `"}`,
		},
		{
			"a user is found by principal name in any case, $select in any case",
			"/USERS/ada@CONTOSO.com?$SELECT=usagelocation,Id,employeeId",
			`{"@odata.context":"` + base + `users(usageLocation,id,employeeId)/$entity","employeeId":"00123","id":"` + ada + `","usageLocation":"CH"}`,
		},
		{
			"the $ of an option may be left out (Graph: query parameters)",
			"/users/" + bob + "?select=accountEnabled,usageLocation,userType",
			`{"@odata.context":"` + base + `users(accountEnabled,usageLocation,userType)/$entity","userType":"Member","accountEnabled":false,"usageLocation":null}`,
		},
		{
			"an external user is found by the escaped name",
			"/users/" + url.PathEscape("eve_fabrikam.com#EXT#@contoso.onmicrosoft.com") + "?$select=id",
			`{"@odata.context":"` + base + `users(id)/$entity","id":"` + eve + `"}`,
		},
		{
			"a direct path has no group and the error None (seen on the service)",
			"/users/" + ada + "?$select=assignedLicenses,licenseAssignmentStates",
			`{"@odata.context":"` + base + `users(assignedLicenses,licenseAssignmentStates)/$entity",` +
				`"assignedLicenses":[{"disabledPlans":["` + sway + `"],"skuId":"` + e3 + `"}],` +
				`"licenseAssignmentStates":[{"skuId":"` + e3 + `","disabledPlans":["` + sway + `"],"assignedByGroup":null,` +
				`"state":"Active","error":"None","lastUpdatedDateTime":"2024-01-01T00:00:00Z"}]}`,
		},
		{
			"a plan off in one path is on by another, and an Error path gives nothing (Entra: group-based licensing additional scenarios)",
			"/users/" + eve + "?$select=assignedLicenses,licenseAssignmentStates",
			`{"@odata.context":"` + base + `users(assignedLicenses,licenseAssignmentStates)/$entity",` +
				`"assignedLicenses":[{"disabledPlans":[],"skuId":"` + visio + `"}],` +
				`"licenseAssignmentStates":[` +
				`{"skuId":"` + e3 + `","disabledPlans":[],"assignedByGroup":"` + group + `","state":"Error","error":"CountViolation","lastUpdatedDateTime":"2024-01-01T00:00:00Z"},` +
				`{"skuId":"` + visio + `","disabledPlans":["2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f"],"assignedByGroup":null,"state":"Active","error":"None","lastUpdatedDateTime":"2025-03-04T05:06:07Z"},` +
				`{"skuId":"` + visio + `","disabledPlans":[],"assignedByGroup":"` + group + `","state":"Active","error":"None","lastUpdatedDateTime":"2024-01-01T00:00:00Z"}]}`,
		},
		{
			"licenseDetails hold what any path gives, by SKU",
			"/users/" + cyd + "/licenseDetails?$select=skuId,skuPartNumber",
			`{"@odata.context":"` + base + `users('` + cyd + `')/licenseDetails(skuId,skuPartNumber)","value":[` +
				`{"skuId":"` + e5 + `","skuPartNumber":"SPE_E5"},{"skuId":"` + visio + `","skuPartNumber":"VISIOCLIENT"}]}`,
		},
		{
			"licenseDetails of a disabled plan",
			"/users/" + ada + "/licenseDetails?$select=skuId,servicePlans",
			`{"@odata.context":"` + base + `users('` + ada + `')/licenseDetails(skuId,servicePlans)","value":[{"skuId":"` + e3 + `","servicePlans":[` +
				`{"servicePlanId":"` + exchange + `","servicePlanName":"EXCHANGE_S_ENTERPRISE","provisioningStatus":"Success","appliesTo":"User"},` +
				`{"servicePlanId":"` + sway + `","servicePlanName":"SWAY","provisioningStatus":"Disabled","appliesTo":"User"},` +
				`{"servicePlanId":"` + sharepoint + `","servicePlanName":"SHAREPOINTENTERPRISE","provisioningStatus":"Success","appliesTo":"User"},` +
				`{"servicePlanId":"` + teams1 + `","servicePlanName":"TEAMS1","provisioningStatus":"Success","appliesTo":"User"},` +
				`{"servicePlanId":"` + foundation + `","servicePlanName":"EXCHANGE_S_FOUNDATION","provisioningStatus":"Success","appliesTo":"Company"}]}]}`,
		},
		{
			"the organization",
			"/organization?$select=id,displayName,verifiedDomains",
			`{"@odata.context":"` + base + `organization(id,displayName,verifiedDomains)","value":[{"displayName":"Contoso","id":"` + org + `","verifiedDomains":[` +
				`{"capabilities":"","isDefault":true,"isInitial":false,"name":"contoso.com","type":"Managed"},` +
				`{"capabilities":"","isDefault":false,"isInitial":true,"name":"contoso.onmicrosoft.com","type":"Managed"}]}]}`,
		},
		{
			"a subscribedSku by its id",
			"/subscribedSkus/" + org + "_" + e5 + "?$select=id,skuId,consumedUnits,prepaidUnits",
			`{"@odata.context":"` + base + `subscribedSkus(id,skuId,consumedUnits,prepaidUnits)/$entity","consumedUnits":1,"id":"` + org + "_" + e5 + `","skuId":"` + e5 + `",` +
				`"prepaidUnits":{"enabled":1,"suspended":0,"warning":0,"lockedOut":0}}`,
		},
		{
			"a group shows its licenses on $select alone",
			"/groups/" + group + "?$select=id,displayName,assignedLicenses,licenseProcessingState",
			`{"@odata.context":"` + base + `groups(id,displayName,assignedLicenses,licenseProcessingState)/$entity","displayName":"Drawing","id":"` + group + `",` +
				`"assignedLicenses":[{"disabledPlans":[],"skuId":"` + visio + `"}],"licenseProcessingState":{"state":"ProcessingComplete"}}`,
		},
		{
			"groups are listed",
			"/groups?$select=id",
			`{"@odata.context":"` + base + `groups(id)","value":[{"id":"` + group + `"}]}`,
		},
		{
			"members say of what type they are",
			"/groups/" + group + "/members?$select=id",
			`{"@odata.context":"` + base + `directoryObjects(id)","value":[{"@odata.type":"#microsoft.graph.user","id":"` + cyd + `"},{"@odata.type":"#microsoft.graph.user","id":"` + eve + `"}]}`,
		},
	}
	c := newClient(t, tenantFile, sandbox.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := client{t, c.tenant, c.handler}
			got := c.get(test.path)
			if got.status != 200 {
				t.Fatalf("status %d: %s", got.status, got.raw)
			}
			if diff := cmp.Diff(test.want, got.raw); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

// Entra, "Group-based licensing additional scenarios": a plan works if any path
// enables it, and one seat is taken.
func TestSeveralGroupsGiveTheUnionOfTheirPlans(t *testing.T) {
	t.Parallel()
	sku := strings.Replace(oneSKU, "SWAY}]", "SWAY}, {servicePlanId: "+exchange+", servicePlanName: EXCHANGE_S_ENTERPRISE}]", 1)
	c := newClient(t, file(sku+`users: [{userPrincipalName: a@b}]
groups:
  - {displayName: One, assignedLicenses: [{sku: SPE_E3, disabledPlans: [SWAY, EXCHANGE_S_ENTERPRISE]}], members: [a@b]}
  - {displayName: Two, assignedLicenses: [{sku: SPE_E3, disabledPlans: [SWAY]}], members: [a@b], groupTypes: [Unified]}
  - {displayName: Three, assignedLicenses: [SPE_E3]}
`), sandbox.Options{})
	got := c.get("/users/a@b?$select=assignedLicenses,licenseAssignmentStates").body
	want := []any{map[string]any{"skuId": e3, "disabledPlans": []any{sway}}}
	if diff := cmp.Diff(want, got["assignedLicenses"]); diff != "" {
		t.Errorf("assignedLicenses (-want +got):\n%s", diff)
	}
	if paths, _ := got["licenseAssignmentStates"].([]any); len(paths) != 2 {
		t.Errorf("paths are %v, want two", paths)
	}
	if got := c.consumed()[e3]; got != 1 {
		t.Errorf("%d seats are taken, want 1", got)
	}
}

func TestSeatsCountUsersOnceAndNoErrorPaths(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	// Visio: cyd by group, eve twice, and one seat of a user elsewhere. E3: ada, not
	// eve's Error path.
	want := map[string]int{e3: 1, e5: 1, visio: 3, project: 0, teams: 0, company: 0, gone: 0}
	if diff := cmp.Diff(want, c.consumed()); diff != "" {
		t.Errorf("consumedUnits (-want +got):\n%s", diff)
	}
}

// "List users": "@odata.nextLink" until there is none; every user exactly once,
// whatever the sizes of the pages.
func TestPagingListsEveryUserOnce(t *testing.T) {
	t.Parallel()
	var users strings.Builder
	want := map[string]int{}
	for i := range 237 {
		fmt.Fprintf(&users, "  - {userPrincipalName: u%03d@contoso.com, accountEnabled: %v}\n", i, i%2 == 0)
		want[fmt.Sprintf("u%03d@contoso.com", i)] = 1
	}
	tests := []struct {
		query     string
		pageSize  int
		wantPages int
	}{
		{"", 0, 3},
		{"?$top=999", 0, 1},
		{"?$top=1", 0, 237},
		{"?$top=79", 0, 3},
		{"?$top=999&$select=id,userPrincipalName", 7, 34},
		{"?top=237&foo=bar", 0, 1},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s capped at %d", test.query, test.pageSize), func(t *testing.T) {
			t.Parallel()
			c := newClient(t, file("users:\n"+users.String()), sandbox.Options{PageSize: test.pageSize})
			pages, got := c.walk("/users" + test.query)
			if diff := cmp.Diff(want, got); diff != "" || pages != test.wantPages {
				t.Errorf("%d pages, want %d; users (-want +got):\n%s", pages, test.wantPages, diff)
			}
		})
	}
}

// walk follows the nextLinks and counts how often each user is listed.
func (c client) walk(path string) (pages int, seen map[string]int) {
	c.Helper()
	seen = map[string]int{}
	for path != "" {
		r := c.get(path)
		if r.status != 200 {
			c.Fatalf("GET %s: %d %s", path, r.status, r.raw)
		}
		for _, u := range r.values() {
			seen[u["userPrincipalName"].(string)]++
		}
		pages++
		next, _ := r.body["@odata.nextLink"].(string)
		path = strings.TrimPrefix(next, "http://graph.test/v1.0")
	}
	return pages, seen
}

func TestLinksAreBuiltFromHostAndForwardedProto(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	got := c.get("/users?$top=2&$select=id&$skiptoken=", "X-Forwarded-Proto", "https")
	if got.status != 400 {
		t.Errorf("an empty token is answered %d, want 400", got.status)
	}
	got = c.get("/users?$top=2&$select=id", "X-Forwarded-Proto", "https")
	const want = "https://graph.test/v1.0/users?$top=2&$select=id&$skiptoken="
	if next, _ := got.body["@odata.nextLink"].(string); !strings.HasPrefix(next, want) {
		t.Errorf("nextLink %q does not begin with %q", next, want)
	}
	got = c.get("/users?$top=2", "X-Forwarded-Proto", "gopher")
	if next, _ := got.body["@odata.nextLink"].(string); !strings.HasPrefix(next, "http://graph.test/") {
		t.Errorf("nextLink %q does not begin with http://graph.test/", next)
	}
}

// "Advanced query capabilities": without the header, $count=true is silently ignored.
func TestCountNeedsConsistencyLevel(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	if _, ok := c.get("/users?$count=true&$top=1").body["@odata.count"]; ok {
		t.Error("a count is answered without ConsistencyLevel")
	}
	r := c.get("/users?$count=true&$top=1&$filter=accountEnabled eq true", "ConsistencyLevel", "Eventual")
	if got := r.body["@odata.count"]; got != 4.0 {
		t.Errorf("count is %v, want 4", got)
	}
}

func TestUserFilters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		filter string
		want   []string
	}{
		{"userPrincipalName eq 'ADA@contoso.com'", []string{ada}},
		{"userPrincipalName eq 'dan.o''neil@contoso.com'", []string{dan}},
		{"id eq '" + bob + "'", []string{bob}},
		{"startsWith(userPrincipalName,'a')", []string{ada}},
		{"startswith(userPrincipalName, 'B')", []string{bob}},
		{"startswith(userPrincipalName,'zzz')", nil},
		{"accountEnabled eq false", []string{bob}},
		{"assignedLicenses/any(a:a/skuId eq " + visio + ")", []string{cyd, eve}},
		{"assignedLicenses/any(x: x/skuId eq " + strings.ToUpper(e3) + ")", []string{ada}},
	}
	c := newClient(t, tenantFile, sandbox.Options{})
	for _, test := range tests {
		t.Run(test.filter, func(t *testing.T) {
			t.Parallel()
			c := client{t, c.tenant, c.handler}
			r := c.get("/users?$select=id&$filter=" + url.QueryEscape(test.filter))
			var got []string
			for _, u := range r.values() {
				got = append(got, u["id"].(string))
			}
			if diff := cmp.Diff(test.want, got); diff != "" || r.status != 200 {
				t.Errorf("status %d; ids (-want +got):\n%s", r.status, diff)
			}
		})
	}
}

// The names that the answers use are those of Microsoft's CSDL (v1.0-Prod.csdl,
// 2026-08-20); this pins them against a slip of the pen.
func TestShapesHaveTheNamesOfTheSchema(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	keys := func(v any) string {
		m, _ := v.(map[string]any)
		return strings.Join(slices.Sorted(maps.Keys(m)), " ")
	}
	sku := c.get("/subscribedSkus").values()[0]
	user := c.get("/users/" + ada + "?$select=assignedLicenses,licenseAssignmentStates").body
	first := func(v any) any { return v.([]any)[0] }
	tests := []struct{ name, got, want string }{
		{"subscribedSku", keys(sku), "accountId accountName appliesTo capabilityStatus consumedUnits id prepaidUnits servicePlans skuId skuPartNumber subscriptionIds"},
		{"licenseUnitsDetail", keys(sku["prepaidUnits"]), "enabled lockedOut suspended warning"},
		{"servicePlanInfo", keys(first(sku["servicePlans"])), "appliesTo provisioningStatus servicePlanId servicePlanName"},
		{"assignedLicense", keys(first(user["assignedLicenses"])), "disabledPlans skuId"},
		{"licenseAssignmentState", keys(first(user["licenseAssignmentStates"])), "assignedByGroup disabledPlans error lastUpdatedDateTime skuId state"},
		{"licenseDetails", keys(c.get("/users/" + ada + "/licenseDetails").values()[0]), "id servicePlans skuId skuPartNumber"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s has %s, want %s", test.name, test.got, test.want)
		}
	}
}

// Ids seen on the live service and in Microsoft's own documentation.
func TestLicenseDetailsIDsMatchRecordedOnes(t *testing.T) {
	t.Parallel()
	tests := []struct{ tenant, sku, want string }{
		{"de348bc7-1aeb-4406-8cb3-97db021cadb4", "c42b9cae-ea4f-4ab7-9717-81576235ccac", "x4s03usaBkSMs5fbAhyttK6cK8RP6rdKlxeBV2I1zKw"},
		{"b234bc80-a99d-4a47-8071-62b90ee1479b", "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235", "gLw0sp2pR0qAcWK5DuFHm8zrA6Tg-qJMjIx6kH_WwjU"},
		{"dcd219dd-bc68-4b9b-bf0b-4a33a796be35", "c7df2760-2c81-4ef7-b578-5b5392b571df", "3RnS3Gi8m0u_C0ozp5a-NWAn38eBLPdOtXhbU5K1cd8"},
	}
	for _, test := range tests {
		tenant, err := json.Marshal(map[string]any{
			"organization":   map[string]any{"id": test.tenant},
			"subscribedSkus": []any{map[string]any{"skuId": test.sku, "skuPartNumber": "X"}},
			"users":          []any{map[string]any{"userPrincipalName": "a@b", "assignedLicenses": []any{"X"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(t, string(tenant), sandbox.Options{})
		if got := c.get("/users/a@b/licenseDetails").values()[0]["id"]; got != test.want {
			t.Errorf("id is %v, want %s", got, test.want)
		}
	}
}
