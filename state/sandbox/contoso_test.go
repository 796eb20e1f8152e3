package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state/sandbox"
)

// Ids of the tenant below. SKU and plan ids are Microsoft's own.
const (
	org = "48a80680-7326-48cd-9935-b556b81d3a4e"

	e3       = "05e9a617-0261-4cee-bb44-138d3ef5d965" // SPE_E3: 3 bought
	e5       = "06ebc4ee-1bb5-47dd-8120-11324bc54e06" // SPE_E5: 1 bought, taken
	visio    = "c5928f49-12ba-48f7-ada3-0d743a3601d5" // VISIOCLIENT: 2 in warning
	project  = "53818b1b-4a27-454b-8896-0dba576410e6" // PROJECTPROFESSIONAL
	teams    = "16ddbbfc-09ea-4de2-b1d7-312db6112d70" // TEAMS_FREE
	company  = "0f9b09cb-62d1-4ff4-9129-43f4996f83f4" // a Company SKU
	gone     = "f30db892-07e9-47e9-837c-80727f46fd3d" // FLOW_FREE, suspended
	notOwned = "0118a350-71fc-4ec3-8f0c-6a1cb8867561"

	exchange   = "efb87545-963c-4e0d-99df-69c6916d9eb0" // EXCHANGE_S_ENTERPRISE
	sway       = "a23b959c-7ce8-4e57-9140-b90eb88a9e97" // SWAY
	sharepoint = "5dbe027f-2339-4123-9542-606e4d348a72" // SHAREPOINTENTERPRISE
	projectSPO = "fe71d6c3-a2ea-4499-9778-da042bf08063" // SHAREPOINT_PROJECT
	teams1     = "57ff2da0-773e-42df-b2af-ffb7a2317929" // TEAMS1
	teamsFree  = "4fa4026d-ce74-4962-a151-8e96d57ea8e4" // TEAMS_FREE
	foundation = "113feb6c-3fe4-4440-bddc-54d774bf0318" // EXCHANGE_S_FOUNDATION, Company

	ada   = "00000000-0000-4000-8000-00000000000a" // E3 direct
	bob   = "00000000-0000-4000-8000-00000000000b" // nothing, no location
	cyd   = "00000000-0000-4000-8000-00000000000c" // Visio by group, E5 direct
	dan   = "00000000-0000-4000-8000-00000000000d" // nothing, with location
	eve   = "00000000-0000-4000-8000-00000000000e" // Visio direct and by group; E3 by group in Error
	group = "00000000-0000-4000-8000-0000000000ff"
)

const contoso = `
organization:
  id: 48a80680-7326-48cd-9935-b556b81d3a4e
  displayName: Contoso
  verifiedDomains: [{name: contoso.com, isDefault: true}, {name: contoso.onmicrosoft.com, isInitial: true}]
subscribedSkus:
  - skuId: 05e9a617-0261-4cee-bb44-138d3ef5d965
    skuPartNumber: SPE_E3
    prepaidUnits: {enabled: 3}
    servicePlans: &plans
      - {servicePlanId: efb87545-963c-4e0d-99df-69c6916d9eb0, servicePlanName: EXCHANGE_S_ENTERPRISE}
      - {servicePlanId: a23b959c-7ce8-4e57-9140-b90eb88a9e97, servicePlanName: SWAY}
      - {servicePlanId: 5dbe027f-2339-4123-9542-606e4d348a72, servicePlanName: SHAREPOINTENTERPRISE}
      - {servicePlanId: 57ff2da0-773e-42df-b2af-ffb7a2317929, servicePlanName: TEAMS1}
      - {servicePlanId: 113feb6c-3fe4-4440-bddc-54d774bf0318, servicePlanName: EXCHANGE_S_FOUNDATION, appliesTo: Company}
  - skuId: 06ebc4ee-1bb5-47dd-8120-11324bc54e06
    skuPartNumber: SPE_E5
    prepaidUnits: {enabled: 1}
    servicePlans:
      - {servicePlanId: efb87545-963c-4e0d-99df-69c6916d9eb0, servicePlanName: EXCHANGE_S_ENTERPRISE}
      - {servicePlanId: 5dbe027f-2339-4123-9542-606e4d348a72, servicePlanName: SHAREPOINTENTERPRISE}
  - skuId: c5928f49-12ba-48f7-ada3-0d743a3601d5
    skuPartNumber: VISIOCLIENT
    capabilityStatus: Warning
    prepaidUnits: {warning: 4, suspended: 9}
    otherConsumedUnits: 1
    servicePlans:
      - {servicePlanId: 663a804f-1c30-4ff0-9915-9db84f0d1cea, servicePlanName: VISIO_CLIENT_SUBSCRIPTION}
      - {servicePlanId: 2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f, servicePlanName: VISIOONLINE}
  - skuId: 53818b1b-4a27-454b-8896-0dba576410e6
    skuPartNumber: PROJECTPROFESSIONAL
    prepaidUnits: {enabled: 5}
    servicePlans:
      - {servicePlanId: fe71d6c3-a2ea-4499-9778-da042bf08063, servicePlanName: SHAREPOINT_PROJECT}
  - skuId: 16ddbbfc-09ea-4de2-b1d7-312db6112d70
    skuPartNumber: TEAMS_FREE
    prepaidUnits: {enabled: 5}
    servicePlans:
      - {servicePlanId: 4fa4026d-ce74-4962-a151-8e96d57ea8e4, servicePlanName: TEAMS_FREE}
  - skuId: 0f9b09cb-62d1-4ff4-9129-43f4996f83f4
    skuPartNumber: WHOLE_COMPANY
    appliesTo: Company
    prepaidUnits: {enabled: 5}
  - skuId: f30db892-07e9-47e9-837c-80727f46fd3d
    skuPartNumber: FLOW_FREE
    capabilityStatus: Suspended
    prepaidUnits: {suspended: 5}
users:
  - id: 00000000-0000-4000-8000-00000000000a
    userPrincipalName: Ada@contoso.com
    displayName: Ada
    usageLocation: CH
    employeeId: 00123
    onPremisesSyncEnabled: true
    onPremisesDistinguishedName: 'CN=Ada,OU=Staff,DC=corp,DC=contoso,DC=com'
    assignedLicenses: [{sku: SPE_E3, disabledPlans: [SWAY]}]
  - id: 00000000-0000-4000-8000-00000000000b
    userPrincipalName: bob@contoso.com
    accountEnabled: false
  - id: 00000000-0000-4000-8000-00000000000c
    userPrincipalName: cyd@contoso.com
    usageLocation: DE
    assignedLicenses: [SPE_E5]
  - id: 00000000-0000-4000-8000-00000000000d
    userPrincipalName: dan.o'neil@contoso.com
    usageLocation: IE
  - id: 00000000-0000-4000-8000-00000000000e
    userPrincipalName: eve_fabrikam.com#EXT#@contoso.onmicrosoft.com
    userType: Guest
    usageLocation: US
    assignedLicenses: [{sku: VISIOCLIENT, disabledPlans: [VISIOONLINE], lastUpdatedDateTime: 2025-03-04T05:06:07Z}]
    licenseAssignmentStates:
      - {sku: SPE_E3, assignedByGroup: Drawing, state: Error, error: CountViolation}
groups:
  - id: 00000000-0000-4000-8000-0000000000ff
    displayName: Drawing
    assignedLicenses: [VISIOCLIENT]
    members: [cyd@contoso.com, 00000000-0000-4000-8000-00000000000E]
`

// clock is the time of the tests.
var clock = time.Date(2026, time.February, 3, 4, 5, 6, 700, time.UTC)

// tenantFile is the tenant above without the anchor, which shows that anchors
// are refused.
var tenantFile = strings.Replace(contoso, " &plans", "", 1)

func parse(tb testing.TB, file string) *sandbox.Tenant {
	tb.Helper()
	tenant, err := sandbox.Parse("tenant.yaml", []byte(file))
	if err != nil {
		tb.Fatalf("Parse: %v", err)
	}
	return tenant
}

// client sends requests to a tenant's handler without a network in between.
type client struct {
	testing.TB
	tenant  *sandbox.Tenant
	handler http.Handler
}

func newClient(tb testing.TB, file string, o sandbox.Options) client {
	tb.Helper()
	tenant := parse(tb, file)
	if o.Now == nil {
		o.Now = func() time.Time { return clock }
	}
	return client{tb, tenant, tenant.Handler(o)}
}

// reply is an answer with its body decoded.
type reply struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (c client) do(r *http.Request) reply {
	c.Helper()
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		c.Fatal(err)
	}
	out := reply{status: w.Code, header: w.Header(), raw: string(raw)}
	if len(raw) > 0 && out.header.Get("Content-Type") != "text/plain" {
		if err := json.Unmarshal(raw, &out.body); err != nil {
			c.Fatalf("%s %s answers %d with what is no JSON object: %s", r.Method, r.URL, w.Code, raw)
		}
	}
	return out
}

func (c client) get(path string, headers ...string) reply {
	c.Helper()
	return c.do(request(http.MethodGet, path, "", headers...))
}

func (c client) send(method, path, body string, headers ...string) reply {
	c.Helper()
	return c.do(request(method, path, body, append([]string{"Content-Type", "application/json"}, headers...)...))
}

func (c client) assign(user, body string) reply {
	c.Helper()
	return c.send(http.MethodPost, "/users/"+user+"/assignLicense", body)
}

func request(method, path, body string, headers ...string) *http.Request {
	path = strings.ReplaceAll(path, " ", "%20")
	r := httptest.NewRequest(method, "http://graph.test/v1.0"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// failure returns the code and message of an error answer.
func (r reply) failure() string {
	e, _ := r.body["error"].(map[string]any)
	code, _ := e["code"].(string)
	message, _ := e["message"].(string)
	return code + ": " + message
}

// values returns the elements of a collection.
func (r reply) values() []map[string]any {
	list, _ := r.body["value"].([]any)
	out := make([]map[string]any, 0, len(list))
	for _, v := range list {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

// consumed reads consumedUnits by skuId.
func (c client) consumed() map[string]int {
	c.Helper()
	out := map[string]int{}
	for _, s := range c.get("/subscribedSkus").values() {
		id, _ := s["skuId"].(string)
		n, _ := s["consumedUnits"].(float64)
		out[id] = int(n)
	}
	return out
}

// dump is everything about the users that licenses can change, as bytes.
func (c client) dump() string {
	c.Helper()
	return c.get("/users?$select=id,usageLocation,assignedLicenses,licenseAssignmentStates").raw
}
