package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

func TestFiltersLeaveOutWholeSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		only, exclude []plan.Term
		noRemovals    bool
		want          string
	}{
		{"all of them", nil, nil, false, lines("location carl: unset -> CH", "replace anna: +SPE_E5 +VISIOCLIENT -SPE_E3", "remove bea: -POWER_BI_PRO", "add carl: +SPE_E3")},
		{"only those of a user, with what the step needs", []plan.Term{{User: "CARL@contoso.com"}}, nil, false, lines("location carl: unset -> CH", "add carl: +SPE_E3")},
		{"only those that touch a SKU, whole", []plan.Term{{SKU: sku("VISIOCLIENT")}}, nil, false, lines("replace anna: +SPE_E5 +VISIOCLIENT -SPE_E3")},
		{"only those of a policy", []plan.Term{{Policy: "out"}}, nil, false, lines("remove bea: -POWER_BI_PRO")},
		{"only those of a kind", []plan.Term{{Kind: plan.KindRemove}}, nil, false, lines("remove bea: -POWER_BI_PRO")},
		{"several unite", []plan.Term{{Kind: plan.KindRemove}, {Kind: plan.KindReplace}}, nil, false, lines("replace anna: +SPE_E5 +VISIOCLIENT -SPE_E3", "remove bea: -POWER_BI_PRO")},
		{"but those that touch a SKU", nil, []plan.Term{{SKU: sku("SPE_E3")}}, false, lines("location carl: unset -> CH", "remove bea: -POWER_BI_PRO")},
		{"without its location an addition cannot go", nil, []plan.Term{{Kind: plan.KindLocation}}, false, lines("replace anna: +SPE_E5 +VISIOCLIENT -SPE_E3", "remove bea: -POWER_BI_PRO")},
		{"no removals takes swaps along", nil, nil, true, lines("location carl: unset -> CH", "add carl: +SPE_E3")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3\nbea CH POWER_BI_PRO\ncarl -",
				filters: plan.Filters{Only: c.only, Exclude: c.exclude, NoRemovals: c.noRemovals},
				policies: "- {name: up, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}, licenses: [VISIOCLIENT]}\n" +
					"- {name: out, users: {upns: [bea@contoso.com]}, absent: [POWER_BI_PRO]}\n- {name: in, users: {upns: [carl@contoso.com]}, licenses: [SPE_E3], usage_location: CH}"}.compute()
			if diff := cmp.Diff(c.want, printed(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFiltersLeaveOutTiedChangesOnly(t *testing.T) {
	t.Parallel()
	pair := func(user, of string) plan.Pair {
		p := plan.Pair{User: idOf[state.User](user)}
		if of != "" {
			p.SKU = sku(of)
		}
		return p
	}
	for _, c := range []struct {
		name  string
		leave []plan.Pair
		want  string
	}{
		{"half a swap takes the other half along, and nothing else of the user", []plan.Pair{pair("anna", "SPE_E3")}, lines("location carl: unset -> CH", "add anna: +VISIOCLIENT", "add carl: +SPE_E3")},
		{"the same SKU of another user", []plan.Pair{pair("carl", "VISIOCLIENT")}, lines("location carl: unset -> CH", "replace anna: +SPE_E5 +VISIOCLIENT -SPE_E3", "add carl: +SPE_E3")},
		{"a first location takes along what needs it", []plan.Pair{pair("carl", "")}, lines("replace anna: +SPE_E5 +VISIOCLIENT -SPE_E3")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3\ncarl -", filters: plan.Filters{Leave: c.leave},
				policies: "- {name: up, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}, licenses: [VISIOCLIENT]}\n" +
					"- {name: in, users: {upns: [carl@contoso.com]}, licenses: [SPE_E3], usage_location: CH}"}.compute()
			if diff := cmp.Diff(c.want, printed(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFiltersFreeSeatsOfLeftOutSteps(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: "manage: [VISIOCLIENT]", tenant: "sku VISIOCLIENT 1\nanna CH VISIOCLIENT\nbea CH", filters: plan.Filters{NoRemovals: true},
		policies: "- {name: out, users: {upns: [anna@contoso.com]}, absent: [VISIOCLIENT]}\n- {name: in, users: {upns: [bea@contoso.com]}, licenses: [VISIOCLIENT]}"}.compute()
	if diff := cmp.Diff(lines("waiting bea VISIOCLIENT: no_seat"), printed(p)); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

func TestFiltersAfterSeatsAreAllocated(t *testing.T) {
	t.Parallel()
	// Power BI has no seat, so of a step that would add and remove only the removal is left.
	for _, c := range []struct {
		name    string
		filters plan.Filters
		want    string
	}{
		{"without a filter the rest goes on", plan.Filters{}, lines("remove anna: -VISIOCLIENT loses onedrive", "waiting anna POWER_BI_PRO: no_seat")},
		{"only the kind it would have been", plan.Filters{Only: []plan.Term{{Kind: plan.KindReplace}}}, lines("waiting anna POWER_BI_PRO: no_seat")},
		{"only the SKU that waits", plan.Filters{Only: []plan.Term{{SKU: sku("POWER_BI_PRO")}}}, lines("waiting anna POWER_BI_PRO: no_seat")},
		{"only the policy that waits", plan.Filters{Only: []plan.Term{{Policy: "in"}}}, lines("waiting anna POWER_BI_PRO: no_seat")},
		{"but the kind that is left", plan.Filters{Exclude: []plan.Term{{Kind: plan.KindRemove}}}, lines("waiting anna POWER_BI_PRO: no_seat")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: "manage: [POWER_BI_PRO, VISIOCLIENT]", tenant: "sku POWER_BI_PRO 0\nsku VISIOCLIENT 9\nanna CH VISIOCLIENT", filters: c.filters,
				policies: policyForAll("in", "licenses: [POWER_BI_PRO]") + policyForAll("out", "absent: [VISIOCLIENT]")}.compute()
			if diff := cmp.Diff(c.want, printed(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFiltersApprovedStepsOnly: what the approved plan does not have is left out before seats
// are handed out, since it would take a seat or change the call of an approved step. The
// comparison of step ids at the end would then drop the approved step.
func TestFiltersApprovedStepsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, policies       string
		approvedFrom, tenant string
		approved, want       string
	}{
		{"a seat that has come free since does not change the call of the same user", policyForAll("in", "licenses: [SPE_E3, VISIOCLIENT]"),
			"sku SPE_E3 9\nsku VISIOCLIENT 0\nanna CH", "sku SPE_E3 9\nsku VISIOCLIENT 9\nanna CH",
			lines("add anna: +SPE_E3", "waiting anna VISIOCLIENT: no_seat"), lines("add anna: +SPE_E3")},
		{"a user of a higher priority who has come since does not take the seat", policyForAll("in", "licenses: [SPE_E3]") +
			"- {name: first, priority: 9, users: {search: zoe}, licenses: [SPE_E3]}\n",
			"sku SPE_E3 1\nsku VISIOCLIENT 0\nanna CH", "sku SPE_E3 1\nsku VISIOCLIENT 0\nanna CH\nzoe CH",
			lines("add anna: +SPE_E3"), lines("add anna: +SPE_E3")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := fixture{t: t, settings: "manage: [SPE_E3, VISIOCLIENT]", tenant: c.approvedFrom, policies: c.policies}
			approved := f.compute()
			if diff := cmp.Diff(c.approved, printed(approved)); diff != "" {
				t.Fatalf("approved plan (-want +got):\n%s", diff)
			}
			f.tenant, f.filters = c.tenant, plan.Filters{Approved: approved}
			if diff := cmp.Diff(c.want, printed(f.compute())); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}
