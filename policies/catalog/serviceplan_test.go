package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	offline, tenant := catalog.Builtin(), contosoCatalog()
	for _, test := range []struct {
		sentence string
		in       *catalog.Catalog
		sku      string
		name     string
		want     string
	}{
		{"a plan name is known offline", offline, idE5, "SWAY", planSway},
		{"a friendly name of one plan is known offline", offline, idE5, "Microsoft Sway", planSway},
		{"a GUID is known offline", offline, idE5, planSway, planSway},
		{"a plan that is a SKU too is found as a plan", offline, idE5, "MCOEV", planPhone},
		{"a GUID that is a SKU's too is found as a plan", offline, idE5, idPSTN5Double, idPSTN5Double},
		{"a friendly name that is a product's too is found as a plan", offline, idE5, "Communications Credits", "505e180f-f7e0-4b65-91d4-00d670bbd18c"},
		{"a plan has its former friendly name", offline, idE5, "Azure Active Directory Premium P1", planEntra1},
		{"and its present one", offline, idE5, "Microsoft Entra ID P1", planEntra1},

		{"a plan name is found in the tenant's SKU", tenant, idE5, "sway", planSway},
		{"a GUID is found in the tenant's SKU", tenant, idE5, planForms5, planForms5},
		{"a friendly name of several plans means the one in the SKU", tenant, idE5, "Microsoft Forms", planForms5},
		{"so does Common Data Service", tenant, idE5, "COMMON DATA SERVICE", planDataverse3},
		{"a plan name of two ids means the one in the SKU", tenant, idE5, "PROJECT_ESSENTIALS", planEssentials},
		{"the tenant's stray spelling is known", tenant, idE5, "RMS_S_ENTERPRISE)", planRights},
		{"and the table's right one", tenant, idE5, "RMS_S_ENTERPRISE", planRights},
		{"a hyphen means an en dash", tenant, idE5, "Information Protection and Governance Analytics - Standard", planContent},
		{"and an en dash for itself", tenant, idE5, "Information Protection and Governance Analytics – Standard", planContent},
		{"a plan that a SKU lists twice is one plan", tenant, idPhone, "MCOEV", planPhone},
		{"a plan that the table lacks is the tenant's", tenant, idStranger, "Brand_New_Plan\u00a0", planStranger},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			got, err := test.in.Plan(state.MustParseID[state.SKU](test.sku), test.name)
			if err != nil {
				t.Fatalf("Plan(%q): %v", test.name, err)
			}
			if got.String() != test.want {
				t.Errorf("Plan(%q) = %s, want %s", test.name, got, test.want)
			}
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	offline, tenant := catalog.Builtin(), contosoCatalog()
	for _, test := range []struct {
		sentence string
		in       *catalog.Catalog
		sku      string
		name     string
		want     error
	}{
		{"a friendly name of two plans is ambiguous offline", offline, idE5, "Microsoft Teams",
			&catalog.AmbiguousError{Kind: catalog.KindPlan, Name: "Microsoft Teams", Candidates: []catalog.Candidate{
				{Name: "Microsoft Teams", PartNumber: "MCO_TEAMS_IW", ID: "42a3ec34-28ba-46b6-992f-db53a675ac5b"},
				{Name: "Microsoft Teams", PartNumber: "TEAMS1", ID: "57ff2da0-773e-42df-b2af-ffb7a2317929"},
			}}},
		{"a friendly name of two plans in the SKU is ambiguous", tenant, idStranger, "Common Data Service",
			&catalog.AmbiguousError{Kind: catalog.KindPlan, Name: "Common Data Service", Candidates: []catalog.Candidate{
				{Name: "Common Data Service", PartNumber: "DYN365_CDS_O365_P2", ID: planDataverse2},
				{Name: "Common Data Service", PartNumber: "DYN365_CDS_O365_P3", ID: planDataverse3},
			}}},
		{"a plan of other SKUs is not in this one", tenant, idE5, "FORMS_PLAN_E3",
			&catalog.NotInSKUError{Name: "FORMS_PLAN_E3", SKU: "SPE_E5", Nearest: []string{"FORMS_PLAN_E5"}}},
		{"a GUID of a plan of other SKUs is not in this one", tenant, idE5, planForms3,
			&catalog.NotInSKUError{Name: planForms3, SKU: "SPE_E5", Nearest: []string{}}},
		{"a plan that only another SKU of the tenant has is not in this one", tenant, idE5, "BRAND_NEW_PLAN",
			&catalog.NotInSKUError{Name: "BRAND_NEW_PLAN", SKU: "SPE_E5", Nearest: []string{}}},
		{"its GUID is not in this one either", tenant, idE5, planStranger,
			&catalog.NotInSKUError{Name: planStranger, SKU: "SPE_E5", Nearest: []string{}}},
		{"a name of nothing is unknown", tenant, idE5, "SAWY",
			&catalog.UnknownError{Kind: catalog.KindPlan, Name: "SAWY", Nearest: []string{}}},
		{"a slip brings the plan of the SKU", tenant, idE5, "SWAYY",
			&catalog.UnknownError{Kind: catalog.KindPlan, Name: "SWAYY", Nearest: []string{"SWAY", "Sway"}}},
		{"a slip brings plans offline", offline, idE5, "EXCHANGE_S_ENTERPRIS",
			&catalog.UnknownError{Kind: catalog.KindPlan, Name: "EXCHANGE_S_ENTERPRIS", Nearest: []string{"EXCHANGE_S_ENTERPRISE"}}},
		{"a GUID of nothing is unknown", tenant, idE5, idE3, &catalog.UnknownError{Kind: catalog.KindPlan, Name: idE3, Nearest: []string{}}},
		{"the empty name is unknown", tenant, idE5, "", &catalog.UnknownError{Kind: catalog.KindPlan, Name: ""}},
		{"a SKU name is no plan", tenant, idE5, "SPE_E5", &catalog.UnknownError{Kind: catalog.KindPlan, Name: "SPE_E5", Nearest: []string{}}},
		{"a plan of a SKU that is not owned is unknown", tenant, idF3, "SWAY",
			&catalog.NotOwnedError{Name: idF3, PartNumber: "SPE_F1", ProductName: "Microsoft 365 F3", ID: state.MustParseID[state.SKU](idF3)}},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			_, err := test.in.Plan(state.MustParseID[state.SKU](test.sku), test.name)
			if diff := cmp.Diff(test.want, err); diff != "" {
				t.Errorf("Plan(%q) (-want +got):\n%s", test.name, diff)
			}
		})
	}
}

func TestErrorMessages(t *testing.T) {
	t.Parallel()
	tenant := contosoCatalog()
	for _, test := range []struct{ sentence, name, want string }{
		{"unknown, nothing near", "nonsense that is nowhere", `unknown SKU "nonsense that is nowhere"`},
		{"unknown, one near", "SPE_E4", `unknown SKU "SPE_E4", did you mean "SPE_E5"?`},
		{"not owned", "SPE_E3", `SKU "SPE_E3" is not owned by the tenant: SPE_E3, Microsoft 365 E3 (` + idE3 + `)`},
		{"ambiguous", "Visio Plan 1", `SKU "Visio Plan 1" can mean VISIOONLINE_PLAN1 (4b244418-9658-4451-a2b8-b5e2b364e9bd) or ` +
			`VISIO_PLAN1_DEPT (ca7f3140-d88c-455b-9a1c-7f0679e31a76), and the tenant owns none of them`},
		{"long foreign text is cut", "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé",
			`unknown SKU "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé..."`},
		{"control characters are quoted", "a\x1b[2J", `unknown SKU "a\x1b[2J"`},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			_, err := tenant.SKU(test.name)
			if err == nil || err.Error() != test.want {
				t.Errorf("SKU(%q): %v, want %s", test.name, err, test.want)
			}
		})
	}
	_, err := tenant.Plan(state.MustParseID[state.SKU](idE5), "FORMS_PLAN_E3")
	if want := `service plan "FORMS_PLAN_E3" is not in SPE_E5, did you mean "FORMS_PLAN_E5"?`; err == nil || err.Error() != want {
		t.Errorf("Plan: %v, want %s", err, want)
	}
}
