package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

func TestPlansNamed(t *testing.T) {
	t.Parallel()
	company := plan(planSway, "SWAY")
	company.AppliesTo = state.ScopeCompany
	tenant := catalog.Builtin().ForTenant([]state.SKU{
		sku(idE5, "SPE_E5", plan(planForms5, "FORMS_PLAN_E5"), plan(planPhone, "OURS"), plan(planExchange2, "EXCHANGE_S_ENTERPRISE"), company),
		sku(idE3, "SPE_E3", plan(planForms3, "FORMS_PLAN_E3"), plan(planStranger, "OURS"), plan(planEntra1, "OURS")),
		sku(idStranger, "STRANGER", plan(planDataverse3, "DYN365_CDS_O365_P3"), plan(planDataverse2, "DYN365_CDS_O365_P2")),
	})
	for _, test := range []struct {
		sentence string
		in       *catalog.Catalog
		name     string
		want     []string
		err      error
	}{
		{"a plan name is one plan", tenant, "exchange_s_enterprise", []string{planExchange2}, nil},
		{"a GUID is itself", tenant, planForms3, []string{planForms3}, nil},
		{"a friendly name means another plan in each SKU", tenant, "Microsoft Forms", []string{planForms3, planForms5}, nil},
		{"so does a plan name, also twice in one SKU", tenant, "Ours", []string{planEntra1, planPhone, planStranger}, nil},
		{"offline a name means all that have it", catalog.Builtin(), "Microsoft Teams",
			[]string{"42a3ec34-28ba-46b6-992f-db53a675ac5b", "57ff2da0-773e-42df-b2af-ffb7a2317929"}, nil},
		{"offline a name of nothing is unknown", catalog.Builtin(), "EXCHANGE_S_ENTERPRIS", nil,
			&catalog.UnknownError{Kind: catalog.KindPlan, Name: "EXCHANGE_S_ENTERPRIS", Nearest: []string{"EXCHANGE_S_ENTERPRISE"}}},
		{"a friendly name of two plans in one SKU is ambiguous", tenant, "Common Data Service", nil,
			&catalog.AmbiguousError{Kind: catalog.KindPlan, Name: "Common Data Service", Candidates: []catalog.Candidate{
				{Name: "Common Data Service", PartNumber: "DYN365_CDS_O365_P2", ID: planDataverse2},
				{Name: "Common Data Service", PartNumber: "DYN365_CDS_O365_P3", ID: planDataverse3},
			}}},
		{"a plan of the whole tenant is not for users", tenant, "SWAY", nil, &catalog.TenantWideError{Name: "SWAY"}},
		{"a plan that the tenant has nowhere", tenant, "INTUNE_A", nil, &catalog.NotInSKUError{Name: "INTUNE_A", Nearest: []string{}}},
		{"a slip brings a plan of some SKU", tenant, "FORMS_PLAN_E33", nil,
			&catalog.UnknownError{Kind: catalog.KindPlan, Name: "FORMS_PLAN_E33", Nearest: []string{"FORMS_PLAN_E3", "FORMS_PLAN_E5"}}},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			ids, err := test.in.PlansNamed(test.name)
			var got []string
			for _, id := range ids {
				got = append(got, id.String())
			}
			if diff := cmp.Diff(test.want, got) + cmp.Diff(test.err, err); diff != "" {
				t.Errorf("PlansNamed(%q) (-want +got):\n%s", test.name, diff)
			}
		})
	}
}
