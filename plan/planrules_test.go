package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies/catalog"
)

// held is what a user holds of products, as plan rules see it: names with " + "
// between, and plans that are off behind a "-".
func held(t *testing.T, products string) []catalog.Holding {
	t.Helper()
	var holdings []catalog.Holding
	if products == "" {
		return nil
	}
	for product := range strings.SplitSeq(products, " + ") {
		name, off, _ := strings.Cut(product, "-")
		plans, known := sold[name]
		if !known {
			t.Fatalf("no product %q is sold", name)
		}
		var h catalog.Holding
		for plan := range strings.FieldsSeq(plans) {
			id := soldPlan(t, plan)
			h.All = append(h.All, id)
			if plan != off {
				h.On = append(h.On, id)
			}
		}
		holdings = append(holdings, h)
	}
	return holdings
}

func TestPlanRulesOfMicrosoftProducts(t *testing.T) {
	t.Parallel()
	var products []string
	for name := range sold {
		products = append(products, name)
	}
	products = append(products,
		"O365_w/o Teams Bundle_M3 + Microsoft_Teams_EEA_New", "O365_w/o_Teams_Bundle_M5 + Microsoft_Teams_Enterprise_New",
		"Office_365_w/o_Teams_Bundle_E1 + Microsoft_Teams_Enterprise_New",
		"SPE_F1 + SPE_F5_SEC", "SPE_F1 + SPE_F5_COMP", "SPE_F1 + SPE_F5_SECCOMP", "M365_F1 + SPE_F5_SEC", "M365_F1 + SPE_F5_COMP", "M365_F1 + SPE_F5_SECCOMP",
		"SPE_E3 + IDENTITY_THREAT_PROTECTION", "SPE_E3 + INFORMATION_PROTECTION_COMPLIANCE",
		"SPE_E3 + MCOMEETADV", "STANDARDPACK + MCOMEETADV", "O365_BUSINESS_PREMIUM + MCOMEETADV", "O365_w/o Teams Bundle_M3 + Microsoft_Teams_EEA_New + MCOMEETADV",
		"SPE_E5 + MCOPSTN1", "SPE_E3 + MCOEV + MCOPSTN2", "SPE_E3 + VISIOCLIENT + PROJECTPROFESSIONAL", "SPB + PROJECTPROFESSIONAL", "SPE_F1 + PROJECTPROFESSIONAL",
		"ENTERPRISEPACK + EMS", "ENTERPRISEPREMIUM + EMSPREMIUM", "SPE_E3 + EXCHANGESTANDARD", "SPE_F1 + EXCHANGEARCHIVE_ADDON",
		"SPE_E3 + SPE_E5", "SPE_F1 + SPE_E3", "STANDARDPACK + SPE_E3", // beside each other for the time of a migration
	)
	for _, product := range products {
		for _, rule := range catalog.NewlyBroken(nil, held(t, product)) {
			t.Errorf("%s breaks %+v", product, rule)
		}
	}
}

func TestPlanRules(t *testing.T) {
	t.Parallel()
	_, names := soldTo(t)
	for _, c := range []struct{ name, before, after, want string }{
		{"two calling plans", "SPE_E5 + MCOPSTN1", "SPE_E5 + MCOPSTN1 + MCOPSTN2", "MCOPSTN1 not beside MCOPSTN2"},
		{"OneDrive beside a suite", "", "SPE_E3 + WACONEDRIVEENTERPRISE", "ONEDRIVEENTERPRISE not beside SHAREPOINTENTERPRISE"},
		{"and with the one in the suite off", "", "SPE_E3-SHAREPOINTENTERPRISE + WACONEDRIVEENTERPRISE", ""},
		{"two plans that were beside each other before", "MCOPSTN1 + MCOPSTN2", "MCOPSTN1 + MCOPSTN2 + SPE_E3", ""},
		{"the base goes and the add-on stays", "SPE_E3 + MCOMEETADV", "MCOMEETADV", "MCOMEETADV needs TEAMS1 or MCOSTANDARD"},
		{"base and add-on go", "SPE_E3 + MCOMEETADV", "AAD_PREMIUM", ""},
		{"another base comes", "SPE_E3 + MCOMEETADV", "STANDARDPACK + MCOMEETADV", ""},
		{"what a plan needs is off in the same SKU", "", "PROJECTPROFESSIONAL-SHAREPOINTENTERPRISE", "SHAREPOINT_PROJECT needs SHAREPOINTENTERPRISE"},
		{"but the suite has it", "SPE_E3", "SPE_E3 + PROJECTPROFESSIONAL-SHAREPOINTENTERPRISE", ""},
		{"it is switched off there", "SPE_E3 + PROJECTPROFESSIONAL-SHAREPOINTENTERPRISE", "SPE_E3-SHAREPOINTENTERPRISE + PROJECTPROFESSIONAL-SHAREPOINTENTERPRISE", "SHAREPOINT_PROJECT needs SHAREPOINTENTERPRISE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, rule := range catalog.NewlyBroken(held(t, c.before), held(t, c.after)) {
				got = append(got, ruleLine(names, rule))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("broken (-want +got):\n%s", diff)
			}
		})
	}
}

func ruleLine(names *catalog.Catalog, rule *catalog.PlanRule) string {
	var others []string
	for _, other := range rule.Others {
		others = append(others, names.PlanName(other))
	}
	verb := " needs "
	if rule.Exclusive {
		verb = " not beside "
	}
	return names.PlanName(rule.Plan) + verb + strings.Join(others, " or ")
}

func TestPlanRulesWarnAndDoNotBlock(t *testing.T) {
	t.Parallel()
	const audio = "service plan MCOMEETADV needs TEAMS1 or MCOSTANDARD "
	tenant := "sku MCOMEETADV 9\nsku MCOPSTN1 9\nsku MCOPSTN2 9\nsku SPE_E3 9\n"
	noE3 := policyForAll("a", "absent: [SPE_E3]")
	for _, c := range []struct {
		name, policies, tenant, steps string
		warns                         []string
	}{
		{"the base of an add-on goes", noE3, "anna CH SPE_E3 MCOMEETADV",
			lines("remove anna: -SPE_E3 loses mailbox loses archive loses onedrive loses teams"), []string{audio}},
		{"the add-on comes by a group", noE3, "anna CH SPE_E3 MCOMEETADV@Staff",
			lines("remove anna: -SPE_E3 loses mailbox loses archive loses onedrive loses teams"), []string{audio}},
		{"a user works without the base", noE3, "anna CH SPE_E3 MCOMEETADV\nzoe CH MCOMEETADV",
			lines("remove anna: -SPE_E3 loses mailbox loses archive loses onedrive loses teams"), nil},
		{"a user fails to work without the base", noE3, "anna CH SPE_E3 MCOMEETADV\nzoe CH MCOMEETADV POWER_BI_PRO@Staff!DependencyViolation",
			lines("remove anna: -SPE_E3 loses mailbox loses archive loses onedrive loses teams"), []string{audio}},
		{"a second calling plan", policyForAll("a", "licenses: [MCOPSTN2]"), "anna CH MCOPSTN1",
			lines("add anna: +MCOPSTN2"), []string{"service plans MCOPSTN1 and MCOPSTN2 cannot be on together "}},
		{"audio conferencing alone", policyForAll("a", "licenses: [MCOMEETADV]"), "anna CH", lines("add anna: +MCOMEETADV"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, tenant: tenant + "sku POWER_BI_PRO 9\n" + c.tenant, policies: c.policies}.compute()
			if diff := cmp.Diff(c.steps, printed(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			var warns []string
			for _, note := range p.Outcomes.Notes {
				if words, _, found := strings.Cut(note.Message, "("); found && note.Count == 1 && note.Users[0] == "anna@contoso.com" {
					warns = append(warns, words)
				}
			}
			if diff := cmp.Diff(c.warns, warns); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}
