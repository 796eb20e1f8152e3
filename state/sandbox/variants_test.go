package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// A variant chooses between answers on which sources disagree. Each case has the answer
// without it and with it. The sources are at the variants' declarations.
func TestVariantsChooseWhereSourcesDisagree(t *testing.T) {
	t.Parallel()
	states := func(of string, user string) func(client) string {
		return func(c client) string {
			list, _ := c.get("/users/" + user + "?$select=licenseAssignmentStates").body["licenseAssignmentStates"].([]any)
			var out []string
			for _, s := range list {
				out = append(out, fmt.Sprint(s.(map[string]any)[of]))
			}
			return strings.Join(out, " ")
		}
	}
	refused := func(user, body string) func(client) string {
		return func(c client) string { return c.assign(user, body).failure() }
	}
	filter := func(filter string) func(client) string {
		return func(c client) string { return fmt.Sprint(c.get("/users?$filter=" + filter).status) }
	}
	bad := "Request_BadRequest: "
	exclusive := "License assignment failed because service plans "
	tests := []struct {
		variant       variant.Name
		answer        func(client) string
		without, with string
	}{
		{variant.ErrorNull, states("error", ada), "None", "<nil>"},
		{variant.ErrorNull, states("error", eve), "CountViolation None None", "CountViolation <nil> <nil>"},
		{variant.StatesOmitted, states("assignedByGroup", eve), group + " <nil> " + group, group + " " + group},
		{variant.SeatsLeft, refused(dan, add(e5)),
			bad + "Subscription with SKU " + e5 + " does not have any available licenses.",
			bad + "Subscription with Account " + org + " and SKU " + e5 + " does not have any available licenses left."},
		{variant.BracketedPlans, refused(ada, add(teams)),
			bad + exclusive + teamsFree + "," + teams1 + " are mutually exclusive",
			bad + exclusive + "[" + teamsFree + "], [" + teams1 + "] are mutually exclusive."},
		{variant.NullIsMissing, refused(ada, `{"addLicenses":null,"removeLicenses":["`+e3+`"]}`), ": ",
			bad + "One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: addLicenses."},
		{variant.LicensesInAnswer, func(c client) string { return fmt.Sprint(c.assign(ada, remove(e3)).body["assignedLicenses"]) }, "<nil>", "[]"},
		{variant.SyncedRefused, func(c client) string {
			return c.send(http.MethodPatch, "/users/"+ada, `{"usageLocation":"DE"}`).failure()
		}, ": ", bad + mastered},
		{variant.FanOut, func(c client) string {
			return fmt.Sprint(c.batch(get("1", "/users"), get("2", "/users", "1"), get("3", "/users", "1")).status)
		}, "400", "200"},
		{variant.EmployeeIDPrefix, filter("startsWith(employeeId,'001')"), "400", "200"},
		{variant.ImmutableIDAdvanced, filter("onPremisesImmutableId eq 'x'"), "200", "400"},
	}
	for _, test := range tests {
		t.Run(string(test.variant), func(t *testing.T) {
			t.Parallel()
			for _, chosen := range [][]variant.Name{nil, {test.variant}} {
				want := test.without
				if chosen != nil {
					want = test.with
				}
				c := newClient(t, tenantFile, sandbox.Options{Variants: chosen})
				if got := test.answer(c); got != want {
					t.Errorf("with %v: %s\nwant %s", chosen, got, want)
				}
			}
		})
	}
}

func TestVariantErrorOthers(t *testing.T) {
	t.Parallel()
	for chosen, want := range map[variant.Name]string{"": "E3 Error Other", variant.ErrorOthers: "E3 Error Others"} {
		c := newClient(t, licensing, sandbox.Options{Variants: []variant.Name{chosen}})
		c.assign(dan, add(e5))
		c.assignTo(staff, add(e3, e5))
		if got := c.paths(ada); len(got) != 2 || got[0] != want {
			t.Errorf("%q: %v, want %s first", chosen, got, want)
		}
	}
}

// The known issues of 2021: all dependents on the same item. Those whose item failed
// are not tried, and nothing else.
func TestBatchFailedItemFailsItsDependents(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{Variants: []variant.Name{variant.FanOut}})
	got := c.batch(get("1", "/users"), post("2", dan, add(e5), "1"), post("3", dan, add(e3), "1"))
	if s := got.statuses(); s["1"] != 200 || s["2"] != 400 || s["3"] != 200 {
		t.Errorf("after one dependent failed: %v", s)
	}
	got = c.batch(get("1", "/users/missing"), get("2", "/users", "1"), get("3", "/users", "1"))
	if s := got.statuses(); s["1"] != 404 || s["2"] != 424 || s["3"] != 424 {
		t.Errorf("after the item itself failed: %v", s)
	}
}

// mastered is recorded (Okta knowledge base, "on-premises mastered Directory Sync
// objects").
const mastered = "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration."

func TestPatchUserRefusesSyncedProperties(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{})
	got := c.send(http.MethodPatch, "/users/"+ada, `{"usageLocation":"DE","department":"X"}`)
	if got.status != 400 || got.failure() != "Request_BadRequest: "+mastered {
		t.Errorf("%d %s", got.status, got.failure())
	}
	if got := c.get("/users/" + ada + "?$select=usageLocation").body["usageLocation"]; got != "CH" {
		t.Errorf("usageLocation is %v, want CH as before", got)
	}
}

// Okta knowledge base, "403 insufficient privileges": also seen per user for SKUs
// that users sign up for themselves.
func TestAssignLicenseRefusesSelfServiceLicenses(t *testing.T) {
	t.Parallel()
	c := newClient(t, strings.Replace(tenantFile, "skuPartNumber: SPE_E3", "skuPartNumber: SPE_E3\n    selfService: true", 1), sandbox.Options{})
	got := c.assign(dan, add(e3))
	if got.status != 403 || got.failure() != "Authorization_RequestDenied: Insufficient privileges to complete the operation." {
		t.Errorf("%d %s", got.status, got.failure())
	}
}

// Entra, "Resolve group license assignment problems": some services are not offered
// everywhere. The words of a direct assignment are not known, so these are ours.
func TestAssignLicenseRefusesPlansNotOfferedInALocation(t *testing.T) {
	t.Parallel()
	file := strings.Replace(licensing, "countryLetterCode: CN", "countryLetterCode: CH", 1)
	c := newClient(t, file, sandbox.Options{})
	c.send(http.MethodPatch, "/users/"+bob, `{"usageLocation":"CN"}`)
	const plan = "2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f"
	if got, want := c.assign(bob, add(visio)).failure(), "Request_BadRequest: License assignment failed because service plan "+plan+
		" is prohibited in the usage location CN."; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := c.assign(bob, addWithout(visio, plan)); got.status != 200 {
		t.Errorf("with that plan off: %d %s", got.status, got.failure())
	}
}

// Entra, "Resolve group license assignment problems": duplicate proxy addresses.
func TestAssignLicenseRefusesDuplicateProxyAddresses(t *testing.T) {
	t.Parallel()
	file := strings.NewReplacer(
		"userPrincipalName: ada@contoso.com", `userPrincipalName: ada@contoso.com, proxyAddresses: ["SMTP:a@contoso.com"]`,
		"userPrincipalName: cyd@contoso.com", `userPrincipalName: cyd@contoso.com, proxyAddresses: ["smtp:A@contoso.com", "smtp:c@contoso.com"]`,
		"userPrincipalName: dan@contoso.com", `userPrincipalName: dan@contoso.com, proxyAddresses: ["smtp:d@contoso.com", "SMTP:d@contoso.com"]`,
		"{enabled: 2}", "{enabled: 5}",
	).Replace(licensing)
	c := newClient(t, file, sandbox.Options{})
	const want = "Request_BadRequest: Another object with the same value for property proxyAddresses already exists."
	if got := c.assign(ada, add(e5)).failure(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for name, got := range map[string]reply{
		"no mailbox":             c.assign(ada, add(visio)),
		"the mailbox off":        c.assign(ada, addWithout(e3, exchange)),
		"one address in twofold": c.assign(dan, add(e5)),
	} {
		if got.status != 200 {
			t.Errorf("%s: %d %s", name, got.status, got.failure())
		}
	}
	c.assignTo(staff, add(e3))
	if got := c.paths(cyd); len(got) != 1 || got[0] != "E3 Error UniquenessViolation" {
		t.Errorf("through a group: %v", got)
	}
}

// microsoft-graph-docs issue 3560: consumedUnits 6, prepaidUnits.enabled 5. Nothing
// can be assigned, and what is used counts on.
func TestAssignLicenseRefusesAnOverusedSKU(t *testing.T) {
	t.Parallel()
	c := newClient(t, strings.Replace(tenantFile, "prepaidUnits: {enabled: 3}", "prepaidUnits: {enabled: 5}\n    otherConsumedUnits: 5", 1), sandbox.Options{})
	if got := c.consumed()[e3]; got != 6 {
		t.Errorf("consumedUnits is %d, want 6", got)
	}
	if got := c.assign(dan, add(e3)).failure(); !strings.Contains(got, "does not have any available licenses") {
		t.Errorf("a seventh: %s", got)
	}
	if c.assign(ada, remove(e3)); c.tenant.Record().MinFree[e3] != -1 {
		t.Errorf("the fewest free seats: %d, want -1", c.tenant.Record().MinFree[e3])
	}
	if got := c.assign(dan, add(e3)).failure(); !strings.Contains(got, "does not have any available licenses") {
		t.Errorf("a sixth, once one was given back: %s", got)
	}
}
