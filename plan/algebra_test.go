package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
)

// oneBase is the settings of a tenant in which a user has one suite.
const oneBase = manageAll + "\none_of: {base: [SPE_E5, SPE_E3, SPE_F1]}"

func TestComputeOneOf(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"wanting one of a set takes the others", oneBase, policyForAll("a", "licenses: [SPE_E5]"), "anna CH SPE_F1", lines("replace anna: +SPE_E5 -SPE_F1")},
		{"of several wants the highest priority wins", oneBase, policyForAll("a", "licenses: [SPE_E3]") + policyForAll("b", "priority: 1\nlicenses: [SPE_E5]"),
			"anna CH SPE_E3", lines("replace anna: +SPE_E5 -SPE_E3")},
		{"equal wants are a conflict", oneBase, policyForAll("a", "licenses: [SPE_E3]") + policyForAll("b", "licenses: [SPE_E5]"), "anna CH SPE_E3",
			lines("blocked anna SPE_E3: conflict", "blocked anna SPE_E5: conflict")},
		{"two policies that want the same one agree", oneBase, policyForAll("a", "licenses: [SPE_E3]") + policyForAll("b", "licenses: [SPE_E3]"), "anna CH SPE_F1",
			lines("replace anna: +SPE_E3 -SPE_F1")},
		{"a want that a higher priority takes back takes nothing itself", oneBase, policyForAll("a", "licenses: [SPE_E5]") + policyForAll("b", "priority: 1\nabsent: [SPE_E5]"),
			"anna CH SPE_F1", ""},
		{"what is wanted and not to be had takes nothing", oneBase, policyForAll("a", "licenses: [SPE_E5]"),
			"sku SPE_E5 0\nsku SPE_F1 9\nsku SPE_E3 9\nsku M365_F1 9\nsku POWER_BI_PRO 9\nsku VISIOCLIENT 9\nanna CH SPE_F1",
			lines("waiting anna SPE_E5: no_seat", "waiting anna SPE_F1: until")},
		{"a disabled account wants nothing, and so", oneBase, policyForAll("a", "licenses: [SPE_E5]"), "anna CH SPE_F1 disabled", ""},
		{"a SKU of a set that a group gives is blocked", oneBase, policyForAll("a", "licenses: [SPE_E5]"), "anna CH SPE_F1@Plant",
			lines("add anna: +SPE_E5", "blocked anna SPE_F1: inherited")},
		{"a direct license that plans bring beside a group's is as good as held to a replacement", manageAll,
			policyForAll("a", "licenses: [{sku: SPE_F1, disable: none}]") + policyForAll("b", "priority: 1\nreplace: {SPE_F1: POWER_BI_PRO}"),
			"anna CH SPE_F1(SWAY)@Plant POWER_BI_PRO", lines("blocked anna SPE_F1: inherited")}, // else added and taken in turns, for ever
		{"what a higher priority takes too waits all the same for what replaces it", "manage: [SPE_E5, VISIOCLIENT]",
			policyForAll("a", "replace: {VISIOCLIENT: SPE_E5}") + policyForAll("b", "priority: 1\nabsent: [VISIOCLIENT]"),
			"sku SPE_E5 0\nsku VISIOCLIENT 9\nanna CH VISIOCLIENT", lines("waiting anna SPE_E5: no_seat", "waiting anna VISIOCLIENT: until")},
		{"a replacement whose right another policy displaces is left out", oneBase, policyForAll("a", "replace: {SPE_F1: SPE_E3}") + policyForAll("b", "priority: 1\nlicenses: [SPE_E5]"),
			"anna CH SPE_F1", lines("replace anna: +SPE_E5 -SPE_F1")},
	})
}

func TestComputeServicePlansOfPolicies(t *testing.T) {
	t.Parallel()
	disable := func(name, plans string) string {
		return policyForAll(name, "licenses: [{sku: SPE_E3, disable: ["+plans+"]}]")
	}
	runPlans(t, []planCase{
		{"disable switches off what is on", "", disable("a", "SWAY"), "anna CH SPE_E3", lines("plans anna: ~SPE_E3 (SWAY off)")},
		{"and leaves off what was off, of which it has no opinion", "", disable("a", "SWAY"), "anna CH SPE_E3(YAMMER_ENTERPRISE)",
			lines("plans anna: ~SPE_E3 (SWAY off) (YAMMER_ENTERPRISE off)")},
		{"two policies that disable different plans disable both", "", disable("a", "SWAY") + disable("b", "YAMMER_ENTERPRISE"), "anna CH",
			lines("add anna: +SPE_E3 (SWAY off) (YAMMER_ENTERPRISE off)")},
		{"a policy that states nothing has no opinion", "", disable("a", "SWAY") + policyForAll("b", "licenses: [SPE_E3]"), "anna CH", lines("add anna: +SPE_E3 (SWAY off)")},
		{"disable: none switches everything on", "", policyForAll("a", "licenses: [{sku: SPE_E3, disable: none}]"), "anna CH SPE_E3(SWAY)", lines("plans anna: ~SPE_E3")},
		{"but not what another policy disables", "", policyForAll("a", "licenses: [{sku: SPE_E3, disable: none}]") + disable("b", "SWAY"), "anna CH SPE_E3(YAMMER_ENTERPRISE)",
			lines("plans anna: ~SPE_E3 (SWAY off)")},
		{"enable is exactly these", "", policyForAll("a", "licenses: [{sku: SPE_F1, enable: [TEAMS1, EXCHANGE_S_DESKLESS]}]"), "anna CH",
			lines("add anna: +SPE_F1 (SHAREPOINTDESKLESS off) (SWAY off) (YAMMER_ENTERPRISE off)")},
		{"two lists of enable unite", "", policyForAll("a", "licenses: [{sku: SPE_F1, enable: [TEAMS1, EXCHANGE_S_DESKLESS]}]") + policyForAll("b", "licenses: [{sku: SPE_F1, enable: [SWAY]}]"),
			"anna CH", lines("add anna: +SPE_F1 (SHAREPOINTDESKLESS off) (YAMMER_ENTERPRISE off)")},
		{"named both ways is a conflict", "", disable("a", "SWAY") + policyForAll("b", "licenses: [{sku: SPE_E3, enable: [SWAY]}]"), "anna CH SPE_E3",
			lines("blocked anna SPE_E3: conflict")},
		{"a list is a set", "", disable("a", "YAMMER_ENTERPRISE, SWAY"), "anna CH SPE_E3(SWAY,YAMMER_ENTERPRISE)", ""},
		{"a group that gives them all is enough for enable", "", policyForAll("a", "licenses: [{sku: SPE_E3, disable: none}]"), "anna CH SPE_E3@Staff", ""},
		{"a direct license is added beside a group that lacks plans", "", policyForAll("a", "licenses: [{sku: SPE_F1, disable: none}]"), "anna CH SPE_F1(SWAY)@Staff",
			lines("add anna: +SPE_F1")},
		{"a plan that the group has on cannot be disabled", "", disable("a", "SWAY"), "anna CH SPE_E3@Staff", lines("blocked anna SPE_E3: group_enables_plan")},
		{"a plan that the group has off is off", "", disable("a", "SWAY"), "anna CH SPE_E3(SWAY)@Staff", ""},
		{"held both ways, the direct path is changed", "", disable("a", "SWAY"), "anna CH SPE_E3 SPE_E3(SWAY)@Staff", lines("plans anna: ~SPE_E3 (SWAY off)")},
		{"held both ways, and the group turns it on", "", disable("a", "SWAY"), "anna CH SPE_E3(SWAY) SPE_E3@Staff", lines("blocked anna SPE_E3: group_enables_plan")},
		{"what two groups turn on between them is on", "", policyForAll("a", "licenses: [{sku: SPE_E3, disable: none}]"),
			"anna CH SPE_E3(SWAY)@Staff SPE_E3(YAMMER_ENTERPRISE)@Sales", ""},
		{"what is effectively off stays off on a replacement", "", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), "anna CH SPE_E3(SWAY)", lines("replace anna: +SPE_E5 -SPE_E3 (SWAY off)")},
		{"unless the replacement states that it is on", "", policyForAll("a", "replace: {SPE_E3: {sku: SPE_E5, disable: none}}"), "anna CH SPE_E3(SWAY)",
			lines("replace anna: +SPE_E5 -SPE_E3")},
		{"a plan that is on by another path is not carried over as off", "", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), "anna CH SPE_E3(SWAY) SPE_F1@Plant",
			lines("replace anna: +SPE_E5 -SPE_E3")},
	})
}

func TestComputePlansOff(t *testing.T) {
	t.Parallel()
	off := policyForAll("works-council", "plans_off: [SWAY]")
	runPlans(t, []planCase{
		{"plans_off reaches whatever is held directly", "", off, "anna CH SPE_E3 SPE_F1", lines("plans anna: ~SPE_E3 ~SPE_F1 (SWAY off) (SWAY off)")},
		{"and what another policy gives", "", off + policyForAll("staff", "licenses: [SPE_E3]"), "anna CH", lines("add anna: +SPE_E3 (SWAY off)")},
		{"it gives and takes nothing", "", off, "anna CH POWER_BI_PRO", ""},
		{"it leaves alone what only a group gives", "", off, "anna CH SPE_E3@Staff", ""},
		{"an enable of equal priority contradicts it", "", off + policyForAll("b", "licenses: [{sku: SPE_E3, enable: [SWAY]}]"), "anna CH SPE_E3", lines("blocked anna SPE_E3: conflict")},
		{"an enable of a higher priority wins", "", off + policyForAll("b", "priority: 1\nlicenses: [{sku: SPE_F1, enable: [SWAY, EXCHANGE_S_DESKLESS, SHAREPOINTDESKLESS, TEAMS1, YAMMER_ENTERPRISE]}]"),
			"anna CH SPE_F1", ""},
		{"a disabled account keeps what it has", "", off, "anna CH SPE_E3 disabled", ""},
		{"unmanaged SKUs are left alone", "manage: [SPE_F1]", off, "anna CH SPE_E3", ""},
		{"protected users keep their plans", manageAll + "\nprotect: {upns: [anna@contoso.com]}", off, "anna CH SPE_E3", lines("blocked anna SPE_E3: protected")},
	})
}

func TestComputeInsidePolicyWindows(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 12, d, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name string
		now  time.Time
		want string
		ends time.Time
	}{
		{"the day before it begins", day(9), "", day(10)},
		{"from its first moment", day(10), lines("add anna: +VISIOCLIENT"), day(20)},
		{"to its last", day(20).Add(-time.Second), lines("add anna: +VISIOCLIENT"), day(20)},
		{"and no longer, until is exclusive", day(20), "", day(20).Add(plan.Lifetime)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH", now: c.now,
				policies: policyForAll("project", "licenses: [VISIOCLIENT]\nfrom: 2026-12-10\nuntil: 2026-12-20")}.compute()
			if diff := cmp.Diff(c.want, printed(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if !p.ExpiresAt.Equal(c.ends) {
				t.Errorf("the plan ends %s, want the next boundary %s", p.ExpiresAt, c.ends)
			}
		})
	}
}

func TestComputeReportMode(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3\nbea CH",
		policies: policyForAll("staff", "licenses: [SPE_E3]") + policyForAll("soon", "mode: report\npriority: 1\nlicenses: [SPE_E5]\nabsent: [SPE_E3]")}.compute()
	if diff := cmp.Diff(lines("add bea: +SPE_E3"), printed(p)); diff != "" {
		t.Errorf("a report made steps (-want +got):\n%s", diff)
	}
	would := *p
	would.Steps, would.Outcomes = p.Reported, plan.Outcomes{}
	if diff := cmp.Diff(lines("replace anna: +SPE_E5 -SPE_E3", "add bea: +SPE_E5"), printed(&would)); diff != "" {
		t.Errorf("what it would do (-want +got):\n%s", diff)
	}
}

// TestComputeReportModeIgnoresFilters: flags choose among the steps of this run, and a policy
// with `mode: report` has none. The trial of the policy is shown whole.
func TestComputeReportModeIgnoresFilters(t *testing.T) {
	t.Parallel()
	for name, filters := range map[string]plan.Filters{
		"only another user":   {Only: []plan.Term{{User: "anna@contoso.com"}}},
		"only another policy": {Only: []plan.Term{{Policy: "staff"}}},
		"but the user":        {Exclude: []plan.Term{{User: "bea@contoso.com"}}},
		"no removals":         {NoRemovals: true},
		"an approved plan":    {Approved: &plan.Plan{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH\nbea CH VISIOCLIENT", filters: filters,
				policies: "- {name: staff, users: {upns: [anna@contoso.com]}, licenses: [SPE_E3]}\n" +
					"- {name: trial, mode: report, users: {upns: [bea@contoso.com]}, absent: [VISIOCLIENT]}"}.compute()
			would := *p
			would.Steps, would.Outcomes = p.Reported, plan.Outcomes{}
			if diff := cmp.Diff(lines("remove bea: -VISIOCLIENT loses onedrive"), printed(&would)); diff != "" {
				t.Errorf("what it would do (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComputeIncludedUsers(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"a disabled account is given nothing", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH disabled", ""},
		{"unless it is included", "", policyForAll("a", "include: [disabled]\nlicenses: [SPE_E3]"), "anna CH disabled", lines("add anna: +SPE_E3")},
		{"what it wants and holds stays", "", policyForAll("a", "licenses: [SPE_E3]\nothers: remove"), "anna CH SPE_E3 VISIOCLIENT disabled", ""},
		{"only a named absent takes from it", "", policyForAll("a", "absent: [SPE_E3]"), "anna CH SPE_E3 disabled", lines("remove anna: -SPE_E3 loses mailbox loses archive loses onedrive loses teams")},
		{"guests are left out", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH guest", ""},
		{"unless they are included", "", policyForAll("a", "include: [external]\nlicenses: [SPE_E3]"), "anna CH guest", lines("add anna: +SPE_E3")},
		{"users that no policy picks are matched by unmatched", "", "- {name: a, users: {upns: [anna@contoso.com]}, licenses: [SPE_E3]}\n- {name: rest, users: {unmatched: true}, absent: [VISIOCLIENT]}",
			"anna CH SPE_E3 VISIOCLIENT\nbea CH VISIOCLIENT\ncarl CH VISIOCLIENT disabled\ndora CH VISIOCLIENT guest", lines("remove bea: -VISIOCLIENT loses onedrive")},
		{"a policy that only reports, has ended or excepts the user still matches the user", "",
			"- {name: a, mode: report, users: {upns: [anna@contoso.com]}, licenses: [SPE_E3]}\n- {name: b, until: 2026-01-01, users: {upns: [bea@contoso.com]}, licenses: [SPE_E3]}\n" +
				"- {name: c, users: {upns: [carl@contoso.com]}, except: {upns: [carl@contoso.com]}, licenses: [SPE_E3]}\n- {name: rest, users: {unmatched: true}, absent: [VISIOCLIENT]}",
			"anna CH VISIOCLIENT\nbea CH VISIOCLIENT\ncarl CH VISIOCLIENT", ""},
	})
}

func TestComputeIfOwned(t *testing.T) {
	t.Parallel()
	small := "sku SPE_E3 9\nsku POWER_BI_PRO 9\n"
	runPlans(t, []planCase{
		{"a SKU that is not owned is skipped", "manage: all", policyForAll("a", "licenses: [SPE_E3, {sku: SPE_E5, if_owned: true}]"), small + "anna CH", lines("add anna: +SPE_E3")},
		{"a replacement by one is skipped whole", "manage: all", policyForAll("a", "replace: {SPE_E3: {sku: SPE_E5, if_owned: true}}"), small + "anna CH SPE_E3", ""},
		{"what the policy takes waits if data would go with it", "manage: all", policyForAll("a", "licenses: [{sku: SPE_E5, if_owned: true}]\nabsent: [SPE_E3]"), small + "anna CH SPE_E3",
			lines("waiting anna SPE_E3: not_owned")},
		{"what is given instead counts", "manage: all", policyForAll("a", "licenses: [SPE_E3, {sku: SPE_E5, if_owned: true}]\nabsent: [SPE_F1]"),
			"sku SPE_E3 9\nsku SPE_F1 9\nanna CH SPE_F1", lines("replace anna: +SPE_E3 -SPE_F1")},
		{"and goes where none would", "manage: all", policyForAll("a", "licenses: [{sku: SPE_E5, if_owned: true}]\nabsent: [POWER_BI_PRO]"), small + "anna CH SPE_E3 POWER_BI_PRO",
			lines("remove anna: -POWER_BI_PRO")},
	})
}

func TestComputePendingGroupMembers(t *testing.T) {
	t.Parallel()
	staff := policyForAll("a", "licenses: [SPE_E3]")
	runPlans(t, []planCase{
		{"a member that the group has not reached yet gets no second license", "", staff, "anna CH\ngroup Staff SPE_E3 : anna", lines("waiting anna SPE_E3: group")},
		{"one who holds it otherwise keeps it", "", staff, "anna CH SPE_E3\ngroup Staff SPE_E3 : anna", ""},
		{"a group that gives something else does not matter", "", staff, "anna CH\ngroup Staff SPE_E5 : anna", lines("add anna: +SPE_E3")},
		{"the seat of a pending member is not given to another user", "manage: [SPE_E3]", "- {name: b, users: {upns: [bea@contoso.com]}, licenses: [SPE_E3]}",
			"sku SPE_E3 1\nanna CH\nbea CH\ngroup Staff SPE_E3 : anna", lines("waiting bea SPE_E3: no_seat")},
		{"a group without direct membership does not count", "", staff, "anna CH\ngroup Staff SPE_E3 : bea\nbea CH SPE_E3@Staff", lines("add anna: +SPE_E3")},
	})
}

func TestComputeProtectedUsers(t *testing.T) {
	t.Parallel()
	gone := policyForAll("a", "absent: [VISIOCLIENT]")
	runPlans(t, []planCase{
		{"the identity that runs the tool", "", gone, "anna CH VISIOCLIENT\ncaller anna", lines("blocked anna VISIOCLIENT: protected")},
		{"nor do members of groups that can hold directory roles", "", gone, "anna CH VISIOCLIENT\ngroup Admins roles : anna", lines("blocked anna VISIOCLIENT: protected")},
		{"they may receive", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH\ngroup Admins roles : anna", lines("add anna: +SPE_E3")},
		{"a swap without a loss takes all the same, and is blocked", "", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), "anna CH SPE_E3\ncaller anna",
			lines("blocked anna SPE_E3: protected", "blocked anna SPE_E5: protected")},
		{"a location is not written over", "", policyForAll("a", "usage_location: {value: DE, overwrite: all}"), "anna CH\ncaller anna", lines("blocked anna : protected")},
		{"one that is unset is filled", "", policyForAll("a", "usage_location: DE"), "anna -\ncaller anna", lines("location anna: unset -> DE")},
	})
}

func TestComputeUsageLocationFromCountry(t *testing.T) {
	t.Parallel()
	by := policyForAll("a", "licenses: [SPE_E3]\nusage_location: {attribute: country}")
	runPlans(t, []planCase{
		{"a code", "", by, "anna - country=ch", lines("location anna: unset -> CH", "add anna: +SPE_E3")},
		{"an English name", "", by, "anna - country=Switzerland", lines("location anna: unset -> CH", "add anna: +SPE_E3")},
		{"a name in another language says nothing", "", by, "anna - country=Schweiz", lines("blocked anna SPE_E3: no_usage_location")},
		{"none says nothing", "", by, "anna -", lines("blocked anna SPE_E3: no_usage_location")},
		{"what is set stays", "", by, "anna DE country=Switzerland", lines("add anna: +SPE_E3")},
	})
}
