package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
)

var ringSKUs = []string{"SPE_E3", "SPE_E5", "SPE_F1", "M365_F1", "POWER_BI_PRO"}

// ring is a hundred users. Each should get the SKU that the next fifth has. There
// are as many units as users, and some more of the first SKU.
func ring(t testing.TB, spare int) fixture {
	f := fixture{t: t, settings: "manage: [" + strings.Join(ringSKUs, ", ") + "]"}
	var tenant, policies strings.Builder
	for i, sku := range ringSKUs {
		units := 20
		if i == 0 {
			units += spare
		}
		fmt.Fprintf(&tenant, "sku %s %d\n", sku, units)
		var upns []string
		for u := range 20 {
			name := fmt.Sprintf("u%d%02d", i, u)
			fmt.Fprintf(&tenant, "%s CH %s\n", name, sku)
			upns = append(upns, name+"@contoso.com")
		}
		fmt.Fprintf(&policies, "- {name: p%d, users: {upns: [%s]}, replace: {%s: %s}}\n",
			i, strings.Join(upns, ", "), sku, ringSKUs[(i+1)%len(ringSKUs)])
	}
	f.tenant, f.policies = tenant.String(), policies.String()
	return f
}

func TestComputeSeatsOfSwapCycleWithoutSpareSeat(t *testing.T) {
	t.Parallel()
	p := ring(t, 0).compute()
	if len(p.Steps) > 0 || len(p.Outcomes.Waiting) != 200 {
		t.Fatalf("%d steps and %d assignments that wait, want 0 and 200", len(p.Steps), len(p.Outcomes.Waiting))
	}
	want := "100 swaps wait for each other's seats: one spare seat of M365_F1, POWER_BI_PRO, SPE_E3, SPE_E5 or SPE_F1 for an hour would do; it can be given back"
	for _, o := range p.Outcomes.Waiting {
		held := strings.HasPrefix(o.Detail, "until ")
		if o.Reason == plan.ReasonUntil != held || !held && (o.Reason != plan.ReasonSpareSeat || o.Detail != want) {
			t.Errorf("%s %s: %s: %s", o.User.UserPrincipalName, o.PartNumber, o.Reason, o.Detail)
		}
	}
	for _, sku := range p.SKUs {
		if sku.Short != 0 {
			t.Errorf("%d seats of %s are to be bought, want none: a lent one is enough", sku.Short, sku.PartNumber)
		}
	}
}

func TestComputeSeatsOfSwapCycleWithSpareSeat(t *testing.T) {
	t.Parallel()
	p := ring(t, 1).compute()
	if len(p.Steps) != 100 || len(p.Outcomes.Waiting) > 0 {
		t.Fatalf("%d steps and %d assignments that wait, want 100 and none", len(p.Steps), len(p.Outcomes.Waiting))
	}
	for _, sku := range p.SKUs {
		if sku.AvailableBefore != sku.AvailableAfter {
			t.Errorf("%s: %d free before, %d after", sku.PartNumber, sku.AvailableBefore, sku.AvailableAfter)
		}
	}
	want := plan.Schedule{LongestChain: 100, Seconds: 100, WritesPerSecond: plan.DefaultRate, Spare: []plan.Spare{
		{Seats: 1, PartNumber: "POWER_BI_PRO", LongestChain: 50, Seconds: 50},
		{Seats: 10, PartNumber: "POWER_BI_PRO", LongestChain: 10, Seconds: 10},
		{Seats: 50, PartNumber: "POWER_BI_PRO", LongestChain: 5, Seconds: 7},
	}}
	if diff := cmp.Diff(want, p.Schedule); diff != "" {
		t.Errorf("schedule (-want +got):\n%s", diff)
	}
}

// TestComputeSeatsOfTwoSwapsOfTwoUsers: each frees what the other
// takes, in two swaps of which each can start one.
func TestComputeSeatsOfTwoSwapsOfTwoUsers(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: manageAll,
		tenant: `
			sku SPE_E3 1
			sku SPE_E5 2
			sku POWER_BI_PRO 1
			sku VISIOCLIENT 2
			sku SPE_F1 0
			sku M365_F1 0
			anna CH SPE_E3 VISIOCLIENT
			bea CH SPE_E5 POWER_BI_PRO`,
		policies: `
			- {name: a, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5, VISIOCLIENT: POWER_BI_PRO}}
			- {name: b, users: {upns: [bea@contoso.com]}, replace: {SPE_E5: SPE_E3, POWER_BI_PRO: VISIOCLIENT}}`,
	}.compute()
	want := lines("replace anna: +SPE_E5 -SPE_E3", "replace bea: +VISIOCLIENT -POWER_BI_PRO", "replace anna: +POWER_BI_PRO -VISIOCLIENT", "replace bea: +SPE_E3 -SPE_E5 loses phone")
	got := printed(p)
	sorted := func(text string) string {
		words := strings.Split(text, "\n")
		slices.Sort(words)
		return strings.Join(words, "\n")
	}
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

// TestComputeSeatsOfUsersBesideSwapCycle: a lent seat would go to carl if carl came first.
func TestComputeSeatsOfUsersBesideSwapCycle(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: "manage: [SPE_E3, SPE_E5]", tenant: "sku SPE_E3 1\nsku SPE_E5 1\nanna CH SPE_E3\nbea CH SPE_E5\ncarl CH",
		policies: `
			- {name: a, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}}
			- {name: b, users: {upns: [bea@contoso.com]}, replace: {SPE_E5: SPE_E3}}
			- {name: c, users: {upns: [carl@contoso.com]}, licenses: [SPE_E5]}`,
	}.compute()
	var got []string
	for _, o := range p.Outcomes.Waiting {
		if o.Reason != plan.ReasonUntil {
			got = append(got, o.User.DisplayName+": "+o.Detail)
		}
	}
	const ring = "2 swaps wait for each other's seats: one spare seat of SPE_E3 or SPE_E5 for an hour would do; it can be given back" +
		" (others wait for seats of these SKUs, of which 1 must be bought; those before them in rank come first)"
	if diff := cmp.Diff([]string{"Anna: " + ring, "Bea: " + ring, "Carl: no seat of SPE_E5 is free"}, got); diff != "" {
		t.Errorf("who waits (-want +got):\n%s", diff)
	}
}
