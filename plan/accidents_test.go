package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
)

// What has gone wrong elsewhere, as far as a planner can prevent it. Each test is
// named after the accident.

// breaches returns the guards that stop a plan, by name.
func breaches(p *plan.Plan) string {
	var names []string
	for _, g := range p.Breached() {
		names = append(names, strings.TrimSuffix(string(g.Name)+":"+g.SKU, ":"))
	}
	return strings.Join(names, " ")
}

func TestComputeStopsMassRemoval(t *testing.T) {
	t.Parallel()
	tenant, _ := many(500, "u", "SPE_E3")
	p := fixture{t: t, settings: "manage: [SPE_E3]", tenant: "sku SPE_E3 600\n" + tenant, policies: policyForAll("oops", "absent: [SPE_E3]")}.compute()
	if got := breaches(p); got != "removals removals:SPE_E3 losses" {
		t.Errorf("stopped by %q, want by what is taken and by the mailboxes that go with it", got)
	}
}

func TestComputeStopsRemovalsAfterAChangedRule(t *testing.T) {
	t.Parallel()
	staff := inDomain(40, "s", "staff.example", "SPE_E3")
	moved := strings.ReplaceAll(staff, "staff.example", "staff2.example")
	p := fixture{t: t, settings: "manage: [SPE_E3]\n" + loose, baseline: plenty + staff + "x CH SPE_E3 domain=staff.example", tenant: plenty + moved + "x CH SPE_E3 domain=staff.example",
		policies: "- {name: staff, users: {domain: staff.example}, licenses: [SPE_E3]}\n- {name: rest, users: {unmatched: true}, absent: [SPE_E3]}"}.compute()
	if got := breaches(p); got != "source source" { // they left staff, and entered unmatched
		t.Errorf("stopped by %q, want by the source that shrank", got)
	}
}

func TestComputeKeepsLicensesThatAPolicyDoesNotMention(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"a policy that sets a location mentions no license", "", policyForAll("a", "usage_location: CH"), "anna CH SPE_E3 VISIOCLIENT", ""},
		{"a policy that gives one has none on the others", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH SPE_E3 VISIOCLIENT POWER_BI_PRO", ""},
		{"a user that no policy matches is not touched", "", "- {name: a, users: {upns: [anna@contoso.com]}, absent: all}", "anna CH\nbea CH SPE_E3 VISIOCLIENT", ""},
	})
}

func TestComputeStopsWithoutSubscriptions(t *testing.T) {
	t.Parallel()
	f := fixture{t: t, settings: "manage: all", policies: policyForAll("a", "absent: all"), tenant: "anna CH"}
	if p := f.compute(); breaches(p) != "read" || p.Applyable {
		t.Errorf("an answer without SKUs is stopped by %q, want by the read", breaches(p))
	}
}

func TestComputeUpdatesServicePlansInOneStep(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3", policies: policyForAll("a", "licenses: [{sku: SPE_E3, disable: [SWAY]}]")}.compute()
	if len(p.Steps) != 1 || len(p.Steps[0].Removes()) != 0 || len(p.Steps[0].Adds()) != 1 {
		t.Errorf("a change of service plans takes the SKU away:\n%s", printed(p))
	}
}

func TestComputeReplacesInOneStep(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"both halves go in one step", "", policyForAll("a", "licenses: [SPE_E5]\nothers: remove"), "anna CH SPE_E3", lines("replace anna: +SPE_E5 -SPE_E3")},
		{"without a seat neither half goes", "manage: [SPE_E3, SPE_E5]", policyForAll("a", "licenses: [SPE_E5]\nothers: remove"), "sku SPE_E3 9\nsku SPE_E5 0\nanna CH SPE_E3",
			lines("waiting anna SPE_E3: until", "waiting anna SPE_E5: no_seat")},
	})
}

func TestComputeNeverGuessesAUsageLocation(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"a location that is set stays", "", policyForAll("a", "usage_location: US"), "anna CH", ""},
		{"without a policy there is no default", "", policyForAll("a", "licenses: [SPE_E3]"), "anna -", lines("blocked anna SPE_E3: no_usage_location")},
	})
}

func TestComputeKeepsNewServicePlansOffWithEnable(t *testing.T) {
	t.Parallel()
	// The SKU has gained MCOEV and BI_AZURE_P2 since the policy was written.
	p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E5(SWAY)",
		policies: policyForAll("a", "licenses: [{sku: SPE_E5, enable: [EXCHANGE_S_ENTERPRISE, SHAREPOINTENTERPRISE, TEAMS1, YAMMER_ENTERPRISE]}]")}.compute()
	if diff := cmp.Diff(lines("plans anna: ~SPE_E5 (BI_AZURE_P2 off) (MCOEV off) (SWAY off) loses phone"), printed(p)); diff != "" {
		t.Errorf("an allow-list lets a new service through (-want +got):\n%s", diff)
	}
}

func TestComputeGivesOtherSKUsWhenOneIsShort(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"what can be had is given", "manage: [SPE_E3, VISIOCLIENT]", policyForAll("a", "licenses: [SPE_E3, VISIOCLIENT]"), "sku SPE_E3 9\nsku VISIOCLIENT 0\nanna CH",
			lines("add anna: +SPE_E3", "waiting anna VISIOCLIENT: no_seat")},
		{"a missing Visio seat does not stop a swap", "manage: [SPE_E3, SPE_E5, VISIOCLIENT]", policyForAll("a", "replace: {SPE_E3: SPE_E5}\nlicenses: [VISIOCLIENT]"),
			"sku SPE_E3 9\nsku SPE_E5 9\nsku VISIOCLIENT 0\nanna CH SPE_E3", lines("replace anna: +SPE_E5 -SPE_E3", "waiting anna VISIOCLIENT: no_seat")},
	})
}

func TestComputeWithFewerSeatsThanHolders(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"of a SKU with more users than seats a removal frees none", "manage: [SPE_E3]",
			"- {name: out, users: {upns: [anna@contoso.com]}, absent: [SPE_E3]}\n- {name: in, users: {upns: [bea@contoso.com]}, licenses: [SPE_E3]}",
			"sku SPE_E3 2 others=1\nanna CH SPE_E3\ncarl CH SPE_E3\nbea CH",
			lines("remove anna: -SPE_E3 loses mailbox loses archive loses onedrive loses teams", "waiting bea SPE_E3: no_seat")},
	})
}

func TestComputeStopsPhoneLoss(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E5", policies: policyForAll("a", "replace: {SPE_E5: SPE_E3}")}.compute()
	if got := breaches(p); got != "losses" || !strings.Contains(printed(p), "loses phone") {
		t.Errorf("a phone that goes is stopped by %q, want by the losses:\n%s", got, printed(p))
	}
	p = fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E5", policies: policyForAll("a", "replace: {SPE_E5: SPE_E3}\nallow_data_loss: [phone]")}.compute()
	if got := breaches(p); got != "" {
		t.Errorf("a phone that may go is stopped by %q", got)
	}
}

func TestExplainPlanCost(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: manageAll + "\nprices: prices.yaml", tenant: seats + "anna CH SPE_E5\nbea CH SPE_E3", prices: "currency: CHF\nmonthly: {SPE_E5: 57.00, SPE_E3: 36.5}",
		policies: "- {name: wrong, users: {upns: [anna@contoso.com]}, licenses: [SPE_E3]}\n- {name: up, users: {upns: [bea@contoso.com]}, replace: {SPE_E3: SPE_E5}}"}.compute()
	want := plan.Cost{Currency: "CHF", Cents: 5700, Unpriced: []string{},
		SKUs:     []plan.CostSKU{{PartNumber: "SPE_E5", Seats: 1, Cents: 5700}},
		Policies: []plan.CostPolicy{{Policy: "up", Cents: 2050}, {Policy: "wrong", Cents: 3650}}}
	if diff := cmp.Diff(want, p.Cost); diff != "" {
		t.Errorf("cost (-want +got):\n%s", diff)
	}
}

func TestComputeStopsForAnotherTenant(t *testing.T) {
	t.Parallel()
	in := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3", policies: policyForAll("a", "absent: [SPE_E3]")}.input()
	in.Set.Tenant.Sandbox, in.Set.Tenant.ID = "", "fabrikam.example"
	if got := breaches(explain.Plan(in)); !strings.HasPrefix(got, "tenant") {
		t.Errorf("stopped by %q, want by the tenant", got)
	}
}
