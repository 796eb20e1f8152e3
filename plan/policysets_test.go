package plan_test

import "testing"

// Ten jobs that administrators bring, each as the policies they would write.

const estate = "sku SPE_E5 20\nsku SPE_E3 20\nsku SPE_F1 20\nsku POWER_BI_PRO 20\nsku VISIOCLIENT 20\n"

const manageEstate = "manage: [SPE_E5, SPE_E3, SPE_F1, POWER_BI_PRO, VISIOCLIENT]"

func TestComputePolicySets(t *testing.T) {
	t.Parallel()
	runPlans(t, []planCase{
		{"1 sales goes from E3 to E5, holders only", manageEstate,
			"- {name: sales, users: {domain: sales.example}, replace: {SPE_E3: SPE_E5}}",
			estate + "anna CH SPE_E3 domain=sales.example\nbea CH domain=sales.example\ncarl CH SPE_E5 domain=sales.example\ndora CH SPE_E3 domain=other.example",
			lines("replace anna: +SPE_E5 -SPE_E3")},
		{"2 joiners by name, with their country", manageEstate,
			"- {name: joiners, users: {upns: [anna@contoso.com, bea@contoso.com]}, licenses: [SPE_E3], usage_location: {attribute: country}}",
			estate + "anna - country=Switzerland\nbea -",
			lines("location anna: unset -> CH", "add anna: +SPE_E3", "blocked bea SPE_E3: no_usage_location")},
		{"3 leavers lose everything, whatever else wants them to keep it", manageEstate,
			"- {name: staff, users: {all: true}, licenses: [SPE_E3]}\n- {name: leavers, priority: 10, include: [disabled], users: {upns: [anna@contoso.com]}, absent: all, allow_data_loss: [mailbox, onedrive, archive, teams]}",
			estate + "anna CH SPE_E3 VISIOCLIENT POWER_BI_PRO@BI disabled\nbea CH SPE_E3",
			lines("remove anna: -SPE_E3 -VISIOCLIENT loses mailbox loses archive loses onedrive loses teams", "blocked anna POWER_BI_PRO: inherited")},
		{"4 who moves to the plant goes from E5 to F3 without a list of every other suite", manageEstate + "\none_of: {base: [SPE_E5, SPE_E3, SPE_F1]}",
			"- {name: office, users: {domain: office.example}, licenses: [SPE_E5]}\n- {name: plant, users: {domain: plant.example}, licenses: [SPE_F1]}",
			estate + "anna CH SPE_E5 domain=plant.example\nbea CH SPE_E5 domain=office.example\ncarl CH SPE_F1 domain=office.example",
			lines("replace anna: +SPE_F1 -SPE_E5 loses mailbox loses archive loses onedrive loses phone", "replace carl: +SPE_E5 -SPE_F1")},
		{"5 a scarce add-on for the named users only", manageEstate,
			"- {name: visio, users: {upns: [anna@contoso.com]}, licenses: [VISIOCLIENT]}\n- {name: no-other, priority: -1, users: {all: true}, absent: [VISIOCLIENT]}",
			estate + "anna CH SPE_E3\nbea CH SPE_E3 VISIOCLIENT",
			lines("add anna: +VISIOCLIENT", "remove bea: -VISIOCLIENT")},
		{"6 the works council: a service off for all in Germany, whatever they hold", manageEstate,
			"- {name: works-council, users: {domain: de.example}, plans_off: [YAMMER_ENTERPRISE]}\n- {name: new, users: {upns: [carl@contoso.com]}, licenses: [SPE_F1]}",
			estate + "anna DE SPE_E3 domain=de.example\nbea DE SPE_F1(SWAY) domain=de.example\ncarl DE domain=de.example\ndora CH SPE_E3",
			lines("plans anna: ~SPE_E3 (YAMMER_ENTERPRISE off)", "plans bea: ~SPE_F1 (SWAY off) (YAMMER_ENTERPRISE off)", "add carl: +SPE_F1 (YAMMER_ENTERPRISE off)")},
		{"7 a suite for the office and another for the plant, in one set", manageEstate + "\none_of: {base: [SPE_E5, SPE_E3, SPE_F1]}",
			"- {name: every-user, users: {all: true}, licenses: [SPE_F1]}\n- {name: office, priority: 1, users: {domain: office.example}, licenses: [SPE_E3]}",
			estate + "anna CH domain=office.example\nbea CH domain=plant.example\ncarl CH SPE_E3 domain=office.example",
			lines("add anna: +SPE_E3", "add bea: +SPE_F1")},
		{"8 term change: one cohort out, one in, seat by seat", manageEstate,
			"- {name: out, users: {upns: [anna@contoso.com, bea@contoso.com]}, absent: [SPE_F1], allow_data_loss: [mailbox, onedrive, teams]}\n- {name: in, users: {upns: [carl@contoso.com, dora@contoso.com]}, licenses: [SPE_F1]}",
			"sku SPE_E5 20\nsku SPE_E3 20\nsku SPE_F1 2\nsku POWER_BI_PRO 20\nsku VISIOCLIENT 20\nanna CH SPE_F1\nbea CH SPE_F1\ncarl CH\ndora CH",
			lines("remove anna: -SPE_F1 loses mailbox loses onedrive loses teams", "remove bea: -SPE_F1 loses mailbox loses onedrive loses teams", "add carl: +SPE_F1", "add dora: +SPE_F1")},
		{"9 Visio until the end of June, and taken back after it", manageEstate,
			"- {name: project, until: 2026-07-01, users: {upns: [anna@contoso.com]}, licenses: [VISIOCLIENT]}\n- {name: project-over, from: 2026-07-01, users: {upns: [anna@contoso.com]}, absent: [VISIOCLIENT]}",
			estate + "anna CH SPE_E3 VISIOCLIENT",
			lines("remove anna: -VISIOCLIENT")},
		{"10 one baseline for many tenants, of which not all own everything", "manage: all",
			"- {name: baseline, users: {all: true}, licenses: [SPE_E3, {sku: SPE_E5, if_owned: true}, {sku: VISIOCLIENT, if_owned: true}]}",
			"sku SPE_E3 9\nsku VISIOCLIENT 9\nanna CH",
			lines("add anna: +SPE_E3 +VISIOCLIENT")},
	})
}
