package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const seats = `
	sku SPE_E3 100
	sku SPE_E5 100
	sku SPE_F1 100
	sku M365_F1 100
	sku POWER_BI_PRO 100
	sku VISIOCLIENT 100
`

const manageAll = "manage: [SPE_E3, SPE_E5, SPE_F1, M365_F1, POWER_BI_PRO, VISIOCLIENT]"

// policyForAll returns a policy on the users of a case.
func policyForAll(name, rest string) string {
	return "- name: " + name + "\n  users: {all: true}\n" + indent(2, rest)
}

type planCase struct {
	name     string
	settings string
	policies string
	tenant   string
	want     string
}

func runPlans(t *testing.T, cases []planCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			settings := c.settings
			if settings == "" {
				settings = manageAll
			}
			tenant := c.tenant
			if c.tenant[:4] != "sku " {
				tenant = seats + c.tenant
			}
			got := printed(fixture{t: t, settings: settings, policies: c.policies, tenant: tenant}.compute())
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComputeDesiredLicenses(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"a wanted SKU is added where there is none", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH", lines("add anna: +SPE_E3")},
		{"a wanted SKU that is held is kept", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH SPE_E3", ""},
		{"a wanted SKU that a group gives is kept", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH SPE_E3@Staff", ""},
		{"a group that could not give it yet is waited for and never doubled", "", policyForAll("a", "licenses: [SPE_E3]"),
			"anna CH SPE_E3@Staff!CountViolation", lines("waiting anna SPE_E3: group")},
		{"an absent SKU is removed", "", policyForAll("a", "absent: [VISIOCLIENT]"), "anna CH SPE_E3 VISIOCLIENT", lines("remove anna: -VISIOCLIENT")},
		{"an absent SKU that no user holds needs no step", "", policyForAll("a", "absent: [VISIOCLIENT]"), "anna CH SPE_E3", ""},
		{"an absent SKU that a group gives is blocked and never sent", "", policyForAll("a", "absent: [SPE_E3]"),
			"anna CH SPE_E3@Staff", lines("blocked anna SPE_E3: inherited")},
		{"held both ways, the direct path goes", "", policyForAll("a", "absent: [SPE_E3]"), "anna CH SPE_E3 SPE_E3@Staff", lines("remove anna: -SPE_E3")},
		{"others: remove takes what no policy mentions", "", policyForAll("a", "licenses: [SPE_E3]\nothers: remove"),
			"anna CH SPE_E3 VISIOCLIENT POWER_BI_PRO", lines("remove anna: -VISIOCLIENT -POWER_BI_PRO")},
		{"others: remove ignores what a group gives", "", policyForAll("a", "licenses: [SPE_E3]\nothers: remove"), "anna CH SPE_E3 POWER_BI_PRO@BI", ""},
		{"others: remove leaves unmanaged SKUs alone", "manage: [SPE_E3]", policyForAll("a", "licenses: [SPE_E3]\nothers: remove"), "anna CH SPE_E3 POWER_BI_PRO", ""},
		{"a stated keep of a higher priority protects from others: remove", "", policyForAll("a", "licenses: [SPE_E3]\nothers: remove") +
			policyForAll("vip", "priority: 5\nlicenses: [SPE_E3]\nothers: keep"), "anna CH SPE_E3 VISIOCLIENT", ""},
		{"absent: all takes every managed SKU", "", policyForAll("a", "absent: all"), "anna CH SPE_E3 VISIOCLIENT", lines("remove anna: -SPE_E3 -VISIOCLIENT loses mailbox loses archive loses onedrive loses teams")},
		{"the higher priority wins", "", policyForAll("low", "absent: [VISIOCLIENT]") + policyForAll("high", "priority: 1\nlicenses: [VISIOCLIENT]"), "anna CH VISIOCLIENT", ""},
		{"equal priorities that disagree are a conflict, and the user gets no step at all", "",
			policyForAll("a", "licenses: [VISIOCLIENT, POWER_BI_PRO]") + policyForAll("b", "absent: [VISIOCLIENT]"),
			"anna CH", lines("blocked anna POWER_BI_PRO: conflict", "blocked anna VISIOCLIENT: conflict")},
		{"no policy, nothing done", "", "- name: a\n  users: {search: no-such-user}\n  licenses: [SPE_E3]", "anna CH SPE_E5", ""},
	})
}

// The promise is in the design, under "others": of two policies that disagree about it, the
// one that keeps decides, whichever is read first, and the plan has a note about it.
func TestComputeOthersOfEqualPriority(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, first, second string
		want                string
		notes               []string
	}{
		{"keep, then remove", "others: keep", "others: remove", "", []string{"policies a and b of equal priority disagree about `others`: kept"}},
		{"remove, then keep", "others: remove", "others: keep", "", []string{"policies a and b of equal priority disagree about `others`: kept"}},
		{"both remove", "others: remove", "others: remove", lines("remove anna: -VISIOCLIENT"), nil},
		{"the keep has the lower priority", "others: keep\npriority: -1", "others: remove", lines("remove anna: -VISIOCLIENT"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3 VISIOCLIENT",
				policies: policyForAll("a", "licenses: [SPE_E3]\n"+c.first) + policyForAll("b", c.second)}.compute()
			if diff := cmp.Diff(c.want, printed(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			var notes []string
			for _, note := range p.Outcomes.Notes {
				notes = append(notes, note.Message)
			}
			if diff := cmp.Diff(c.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestComputeReplace(t *testing.T) {
	t.Parallel()
	swap := policyForAll("upgrade", "replace: {SPE_E3: SPE_E5}")
	runPlans(t, []planCase{
		{"a direct holder of the left gets the right in one step", "", swap, "anna CH SPE_E3", lines("replace anna: +SPE_E5 -SPE_E3")},
		{"a holder of the right only keeps it", "", swap, "anna CH SPE_E5", ""},
		{"a holder of neither is not mentioned", "", swap, "anna CH", ""},
		{"who has the left by a group is not mentioned", "", swap, "anna CH SPE_E3@Staff", ""},
		{"a holder of both loses the left", "", swap, "anna CH SPE_E3 SPE_E5", lines("remove anna: -SPE_E3")},
		{"plans that were off stay off", "", swap, "anna CH SPE_E3(SWAY)", lines("replace anna: +SPE_E5 -SPE_E3 (SWAY off)")},
		{"plans that were on by another path do not stay off", "", swap, "anna CH SPE_E3(SWAY) SPE_F1@Front", lines("replace anna: +SPE_E5 -SPE_E3")},
		{"a replacement by licenses and absent carries plans over too", "", policyForAll("a", "licenses: [SPE_E5]\nabsent: [SPE_E3]"),
			"anna CH SPE_E3(SWAY)", lines("replace anna: +SPE_E5 -SPE_E3 (SWAY off)")},
		{"a SKU that is a left and a right is a conflict", "", policyForAll("one", "replace: {SPE_F1: SPE_E3}") + policyForAll("two", "replace: {SPE_E3: SPE_E5}"),
			"anna CH SPE_F1", lines("blocked anna SPE_E3: conflict", "blocked anna SPE_F1: conflict")},
		{"a higher priority that wants the right absent leaves the left alone", "", swap + "- {name: no, priority: 9, users: {all: true}, absent: [SPE_E5]}", "anna CH SPE_E3", ""},
		{"a higher priority that wants the left keeps it and gives nothing beside it", "", swap + "- {name: keep, priority: 9, users: {all: true}, licenses: [SPE_E3]}", "anna CH SPE_E3", ""},
		{"a lower priority that wants the left has it replaced at once", "", policyForAll("up", "priority: 1\nreplace: {SPE_E3: SPE_E5}") + policyForAll("base", "licenses: [SPE_E3]"), "anna CH", lines("add anna: +SPE_E5")},
		{"a policy of a higher priority that gives a disabled account nothing does not halve the swap of one that includes it", "",
			"- {name: staff, priority: 9, users: {all: true}, licenses: [SPE_E3]}\n- {name: swap, users: {all: true}, include: [disabled], replace: {VISIOCLIENT: SPE_E3}}",
			"emil CH VISIOCLIENT disabled", lines("replace emil: +SPE_E3 -VISIOCLIENT")},
		{"a chain of replacements does not hold a leaver back", "", policyForAll("one", "replace: {VISIOCLIENT: SPE_E3}") + policyForAll("two", "replace: {SPE_E3: SPE_E5}") +
			policyForAll("left", "priority: 9\nabsent: [VISIOCLIENT, SPE_E3, SPE_E5]"), "anna CH VISIOCLIENT", lines("remove anna: -VISIOCLIENT loses onedrive")},
		{"a disabled account is not touched by replace", "", swap, "anna CH SPE_E3 disabled", ""},
	})
}

func TestComputeWholeSwapRule(t *testing.T) {
	t.Parallel()
	full := "sku SPE_E3 10\nsku SPE_E5 1 others=1\nsku SPE_F1 10\nsku M365_F1 10\nsku POWER_BI_PRO 10\nsku VISIOCLIENT 1 others=1\n"
	swap := policyForAll("a", "licenses: [SPE_E5]\nabsent: [SPE_E3]")
	runPlans(t, []planCase{
		{"without a seat of E5, E3 stays", "", swap, full + "anna CH SPE_E3", lines("waiting anna SPE_E3: until", "waiting anna SPE_E5: no_seat")},
		{"without a usage location, E3 stays", "", swap, "anna - SPE_E3", lines("blocked anna SPE_E5: no_usage_location", "waiting anna SPE_E3: until")},
		{"with E5 suspended, E3 stays", "", swap, "sku SPE_E3 9\nsku SPE_E5 9 suspended\nsku SPE_F1 9\nsku M365_F1 9\nsku POWER_BI_PRO 9\nsku VISIOCLIENT 9\nanna CH SPE_E3",
			lines("blocked anna SPE_E5: sku_not_assignable", "waiting anna SPE_E3: until")},
		{"a missing Visio seat does not stop the swap", "", policyForAll("a", "licenses: [SPE_E5, VISIOCLIENT]\nabsent: [SPE_E3]"),
			"sku SPE_E3 9\nsku SPE_E5 9\nsku SPE_F1 9\nsku M365_F1 9\nsku POWER_BI_PRO 9\nsku VISIOCLIENT 1 others=1\nanna CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3", "waiting anna VISIOCLIENT: no_seat")},
		{"absent: all at the highest priority ties nothing", "", policyForAll("a", "licenses: [SPE_E5]") + policyForAll("leavers", "priority: 9\nabsent: all"),
			full + "anna CH SPE_E3", lines("remove anna: -SPE_E3 loses mailbox loses archive loses onedrive loses teams")},
		{"Teams is not switched off in E3 before the SKU that brings it has a seat", "", policyForAll("a", "licenses: [{sku: SPE_E3, disable: [TEAMS1]}, M365_F1]"),
			"sku SPE_E3 9\nsku SPE_E5 9\nsku SPE_F1 9\nsku M365_F1 0\nsku POWER_BI_PRO 9\nsku VISIOCLIENT 9\nanna CH SPE_E3",
			lines("waiting anna M365_F1: no_seat", "waiting anna SPE_E3: until")},
		{"with a seat both are one call", "", policyForAll("a", "licenses: [{sku: SPE_E3, disable: [TEAMS1]}, M365_F1]"), "anna CH SPE_E3", lines("add anna: ~SPE_E3 +M365_F1 (TEAMS1 off)")},
		{"what one change switches off and another takes is lost together", "", policyForAll("a", "licenses: [{sku: SPE_E5, disable: [TEAMS1]}, SPE_E3]\nabsent: [SPE_F1]"),
			"sku SPE_E3 0\nsku SPE_E5 9\nsku SPE_F1 9\nsku M365_F1 9\nsku POWER_BI_PRO 9\nsku VISIOCLIENT 9\nanna CH SPE_E5 SPE_F1",
			lines("waiting anna SPE_E3: no_seat", "waiting anna SPE_E5: until", "waiting anna SPE_F1: until")},
		{"the removal waits for a group that has not given its license yet", "", swap, "anna CH SPE_E3 SPE_E5@Staff!CountViolation",
			lines("waiting anna SPE_E3: until", "waiting anna SPE_E5: group")},
	})
}

func TestComputeServicePlans(t *testing.T) {
	t.Parallel()
	off := policyForAll("a", "licenses: [{sku: SPE_E3, disable: [SWAY]}]")
	runPlans(t, []planCase{
		{"an added SKU has the plan off", "", off, "anna CH", lines("add anna: +SPE_E3 (SWAY off)")},
		{"a held SKU has it switched off, and what was off stays off", "", off, "anna CH SPE_E3(YAMMER_ENTERPRISE)",
			lines("plans anna: ~SPE_E3 (SWAY off) (YAMMER_ENTERPRISE off)")},
		{"a plan that is off additionally is no difference", "", off, "anna CH SPE_E3(SWAY,TEAMS1)", ""},
		{"a group that turns it on blocks", "", off, "anna CH SPE_E3@Staff", lines("blocked anna SPE_E3: group_enables_plan")},
		{"a group that has it off fits", "", off, "anna CH SPE_E3(SWAY)@Staff", ""},
		{"two policies of equal priority switch off what either does", "", off + policyForAll("b", "licenses: [{sku: SPE_E3, disable: [TEAMS1]}]"),
			"anna CH SPE_E3", lines("plans anna: ~SPE_E3 (SWAY off) (TEAMS1 off) loses teams")},
	})
}

func TestComputeAccountKinds(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"a disabled account is given nothing", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH disabled", ""},
		{"a disabled account keeps what it wants and holds", "", policyForAll("a", "priority: 1\nlicenses: [SPE_E3]") + policyForAll("b", "absent: [SPE_E3]"), "anna CH SPE_E3 disabled", ""},
		{"others: remove does not touch a disabled account", "", policyForAll("a", "licenses: [SPE_E3]\nothers: remove"), "anna CH VISIOCLIENT disabled", ""},
		{"absent takes from a disabled account", "", policyForAll("a", "absent: [VISIOCLIENT]"), "anna CH SPE_E3 VISIOCLIENT disabled", lines("remove anna: -VISIOCLIENT")},
		{"include: disabled gives to it too", "", policyForAll("a", "include: [disabled]\nlicenses: [SPE_E3]"), "anna CH disabled", lines("add anna: +SPE_E3")},
		{"guests are not in all", "", policyForAll("a", "licenses: [SPE_E3]"), "anna CH\ngreta CH guest", lines("add anna: +SPE_E3")},
		{"a list picks every user that it names", "", "- name: a\n  users: {upns: [greta@contoso.com]}\n  licenses: [SPE_E3]", "greta CH guest", lines("add greta: +SPE_E3")},
		{"nothing is concluded from an inconsistent read", "", policyForAll("a", "licenses: [SPE_E5]\nabsent: [SPE_E3]"), "anna CH SPE_E3 inconsistent",
			lines("blocked anna SPE_E3: inconsistent_read", "blocked anna SPE_E5: inconsistent_read")},
		{"exceptions are left alone", "", "- name: a\n  users: {all: true}\n  except: {upns: [anna@contoso.com]}\n  licenses: [SPE_E3]", "anna CH\nbea CH", lines("add bea: +SPE_E3")},
		{"the protected lose nothing, not even in a swap, and may receive", manageAll + "\nprotect: {upns: [anna@contoso.com]}",
			policyForAll("a", "licenses: [SPE_E5, POWER_BI_PRO]\nabsent: [SPE_E3]"), "anna CH SPE_E3",
			lines("add anna: +POWER_BI_PRO", "blocked anna SPE_E3: protected", "blocked anna SPE_E5: protected")},
	})
}

func TestComputeUsageLocations(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"an unset location is filled before the license", "", policyForAll("a", "usage_location: CH\nlicenses: [SPE_E3]"), "anna -",
			lines("location anna: unset -> CH", "add anna: +SPE_E3")},
		{"a set location stays", "", policyForAll("a", "usage_location: CH"), "anna DE", ""},
		{"overwrite: cloud changes it, but not of synced users", "", policyForAll("a", "usage_location: {value: CH, overwrite: cloud}"), "anna DE\nbea DE synced",
			lines("location anna: DE -> CH")},
		{"overwrite: all changes it of synced users too", "", policyForAll("a", "usage_location: {value: CH, overwrite: all}"), "bea DE synced", lines("location bea: DE -> CH")},
		{"the higher priority decides", "", policyForAll("a", "usage_location: CH") + policyForAll("b", "priority: 1\nusage_location: DE"), "anna -", lines("location anna: unset -> DE")},
		{"equal and different is blocked, and what needs it", "", policyForAll("a", "usage_location: CH\nlicenses: [SPE_E3]") + policyForAll("b", "usage_location: DE"),
			"anna -", lines("blocked anna : location_conflict", "blocked anna SPE_E3: no_usage_location")},
		{"a protected user's location is not written over", manageAll + "\nprotect: {upns: [anna@contoso.com]}",
			policyForAll("a", "usage_location: {value: CH, overwrite: all}"), "anna DE", lines("blocked anna : protected")},
	})
}

func TestComputeSeats(t *testing.T) {
	t.Parallel()
	manage := "manage: [SPE_E3, SPE_E5]"
	runPlans(t, []planCase{
		{"the last seat goes to the higher priority", manage, policyForAll("a", "licenses: [SPE_E5]") + "- {name: b, priority: 1, users: {upns: [zoe@contoso.com]}, licenses: [SPE_E5]}",
			"sku SPE_E3 9\nsku SPE_E5 1\nanna CH\nzoe CH", lines("add zoe: +SPE_E5", "waiting anna SPE_E5: no_seat")},
		{"then to users without a mailbox", manage, policyForAll("a", "licenses: [SPE_E5]"), "sku SPE_E3 9\nsku SPE_E5 1\nanna CH SPE_E3\nzoe CH",
			lines("add zoe: +SPE_E5", "waiting anna SPE_E5: no_seat")},
		{"the reserve is not handed out", manage + "\nseats: {SPE_E5: {reserve: 1}}", policyForAll("a", "licenses: [SPE_E5]"), "sku SPE_E3 9\nsku SPE_E5 2\nanna CH\nzoe CH",
			lines("add anna: +SPE_E5", "waiting zoe SPE_E5: no_seat")},
		{"a seat that comes free is handed on, after the step that frees it", manage, "- {name: a, users: {upns: [anna@contoso.com]}, licenses: [SPE_E5]}\n- {name: b, users: {upns: [zoe@contoso.com]}, absent: [SPE_E5]}",
			"sku SPE_E3 9\nsku SPE_E5 1\nanna CH\nzoe CH SPE_E5", lines("remove zoe: -SPE_E5 loses mailbox loses archive loses onedrive loses phone loses teams", "add anna: +SPE_E5")},
		{"three who leave an overused SKU free nothing", manage, "- {name: a, users: {upns: [anna@contoso.com]}, licenses: [SPE_E5]}\n- {name: b, users: {upns: [x@contoso.com, y@contoso.com, z@contoso.com]}, absent: [SPE_E5]}",
			"sku SPE_E3 9\nsku SPE_E5 225 others=229\nanna CH\nx CH SPE_E5\ny CH SPE_E5\nz CH SPE_E5",
			lines("remove x: -SPE_E5 loses mailbox loses archive loses onedrive loses phone loses teams", "remove y: -SPE_E5 loses mailbox loses archive loses onedrive loses phone loses teams", "remove z: -SPE_E5 loses mailbox loses archive loses onedrive loses phone loses teams", "waiting anna SPE_E5: no_seat")},
		{"holders that the count of the service lags behind use a seat", manage, policyForAll("a", "licenses: [SPE_E5]"),
			"sku SPE_E3 9\nsku SPE_E5 1 lags=1\nanna CH\nzoe CH SPE_E5", lines("waiting anna SPE_E5: no_seat")},
		{"seats that the service counts and no user holds are used too", manage, policyForAll("a", "licenses: [SPE_E5]"),
			"sku SPE_E3 9\nsku SPE_E5 2 others=1\nanna CH\nzoe CH SPE_E5", lines("waiting anna SPE_E5: no_seat")},
		{"units in the grace period can be handed out", manage, policyForAll("a", "licenses: [SPE_E5]"), "sku SPE_E3 9\nsku SPE_E5 0 warning=1\nanna CH", lines("add anna: +SPE_E5")},
		{"a direct path that goes beside a group's frees no seat", manage, "- {name: a, users: {upns: [anna@contoso.com]}, licenses: [SPE_E5]}\n- {name: b, users: {upns: [zoe@contoso.com]}, absent: [SPE_E5]}",
			"sku SPE_E3 9\nsku SPE_E5 1\nanna CH\nzoe CH SPE_E5 SPE_E5@Staff", lines("remove zoe: -SPE_E5", "waiting anna SPE_E5: no_seat")},
		{"a freed seat goes to group members who wait for one first", manage, "- {name: a, users: {upns: [anna@contoso.com]}, licenses: [SPE_E5]}\n- {name: b, users: {upns: [zoe@contoso.com]}, absent: [SPE_E5]}",
			"sku SPE_E3 9\nsku SPE_E5 1\nanna CH\nmia CH SPE_E5@Staff!CountViolation\nzoe CH SPE_E5", lines("remove zoe: -SPE_E5 loses mailbox loses archive loses onedrive loses phone loses teams", "waiting anna SPE_E5: no_seat")},
		{"a chain of swaps hands one seat along", manage, "- {name: a, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}}\n- {name: b, users: {upns: [zoe@contoso.com]}, licenses: [SPE_E3]}",
			"sku SPE_E3 1\nsku SPE_E5 1\nanna CH SPE_E3\nzoe CH", lines("replace anna: +SPE_E5 -SPE_E3", "add zoe: +SPE_E3")},
	})
}
