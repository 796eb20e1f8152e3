package catalog_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

func TestSKU(t *testing.T) {
	t.Parallel()
	offline, tenant := catalog.Builtin(), contosoCatalog()
	bothVisio := catalog.Builtin().ForTenant([]state.SKU{sku(idVisio, "VISIOCLIENT"), sku(idVisioDept, "VISIO_PLAN2_DEPT")})
	bothPSTN5 := catalog.Builtin().ForTenant([]state.SKU{sku(idPSTN5, "MCOPSTN5"), sku(idPSTN5Double, "MCOPSTN5")})
	onePSTN5 := catalog.Builtin().ForTenant([]state.SKU{sku(idPSTN5, "MCOPSTN5")})
	reused := catalog.Builtin().ForTenant([]state.SKU{sku(idStranger, "SPE_E5")})

	for _, test := range []struct {
		sentence string
		in       *catalog.Catalog
		name     string
		want     string
	}{
		{"a part number is known offline", offline, "SPE_E5", idE5},
		{"case does not count", offline, "spe_e5", idE5},
		{"a product name is known offline", offline, "Microsoft 365 E5", idE5},
		{"a GUID of the table is known offline", offline, idE5, idE5},
		{"a GUID may be in upper case", offline, "06EBC4EE-1BB5-47DD-8120-11324BC54E06", idE5},
		{"a GUID may carry a no-break space", offline, idE5 + "\u00a0", idE5},
		{"a TAB and blanks around a name do not count", offline, "\tMicrosoft  365\u00a0E5 ", idE5},
		{"full-width letters are the same letters", offline, "ＳＰＥ＿Ｅ５", idE5},
		{"a name that people write is an alias", offline, "Azure Active Directory Premium P1", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4"},
		{"brackets may be left out of Exchange plans", offline, "Exchange Online Plan 2", "19ec0d23-8335-4cbd-94ac-6050e30712fa"},
		{"the former name of a renamed product is an alias", offline, "Power Virtual Agents Viral Trial", "606b54a9-78d8-4298-ad8b-df6ef4481c80"},
		{"the present name of a renamed product is its name", offline, "Microsoft Copilot Studio Viral Trial", "606b54a9-78d8-4298-ad8b-df6ef4481c80"},
		{"O365_BUSINESS_PREMIUM is Business Standard", offline, "Microsoft 365 Business Standard", "f245ecc8-75af-4f8e-b61f-27d8114de5f3"},
		{"SPB is Business Premium", offline, "Microsoft 365 Business Premium", "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"},
		{"SPE_F1 is F3", offline, "Microsoft 365 F3", idF3},
		{"a SKU that is a plan too is found as a SKU", offline, "MCOEV", idPhone},
		{"a product name that is a plan's too is found as a SKU", offline, "Communications Credits", "47794cd0-f0e5-45c5-9033-2eb6b5fc84e0"},
		{"a GUID that is a plan's too is found as a SKU", offline, idPSTN5Double, idPSTN5Double},

		{"the tenant's part number comes first", tenant, "SPE_E5", idE5},
		{"a product name is narrowed to what the tenant owns", tenant, "Visio Plan 2", idVisio},
		{"a part number that the table lacks is the tenant's", tenant, "brand_new sku", idStranger},
		{"an owned GUID that the table lacks is known", tenant, idStranger, idStranger},
		{"the table's spelling of an owned SKU is known", tenant, "Microsoft_365_ Business_ Premium_(no Teams)", idPremiumNT},
		{"the tenant's spelling of a SKU is known", tenant, "Microsoft_365_Business_Premium_(no_Teams)", idPremiumNT},
		{"a part number of two SKUs is narrowed", onePSTN5, "MCOPSTN5", idPSTN5},
		{"one of two part numbers decides", bothVisio, "VISIO_PLAN2_DEPT", idVisioDept},
		{"a GUID decides", bothPSTN5, idPSTN5Double, idPSTN5Double},
		{"the tenant's part number wins over the table's", reused, "SPE_E5", idStranger},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			got, err := test.in.SKU(test.name)
			if err != nil {
				t.Fatalf("SKU(%q): %v", test.name, err)
			}
			if got.String() != test.want {
				t.Errorf("SKU(%q) = %s, want %s", test.name, got, test.want)
			}
		})
	}
}

func TestSKURefuses(t *testing.T) {
	t.Parallel()
	offline, tenant := catalog.Builtin(), contosoCatalog()
	visio := []catalog.Candidate{
		{Name: "Visio Plan 2", PartNumber: "VISIOCLIENT", ID: idVisio},
		{Name: "Visio Plan 2", PartNumber: "VISIO_PLAN2_DEPT", ID: idVisioDept},
	}
	calling := []catalog.Candidate{
		{Name: "Skype for Business PSTN Domestic Calling (120 Minutes)", PartNumber: "MCOPSTN5", ID: idPSTN5Double},
		{Name: "Skype for Business PSTN Calling Domestic Small", PartNumber: "MCOPSTN5", ID: idPSTN5},
	}
	bothVisio := catalog.Builtin().ForTenant([]state.SKU{sku(idVisioDept, "VISIO_PLAN2_DEPT"), sku(idVisio, "VISIOCLIENT")})

	for _, test := range []struct {
		sentence string
		in       *catalog.Catalog
		name     string
		want     error
	}{
		{"one product name of two SKUs is ambiguous offline", offline, "Visio Plan 2",
			&catalog.AmbiguousError{Kind: catalog.KindSKU, Name: "Visio Plan 2", Candidates: visio}},
		{"one product name of two owned SKUs is ambiguous", bothVisio, "visio plan 2",
			&catalog.AmbiguousError{Kind: catalog.KindSKU, Name: "visio plan 2", Candidates: visio}},
		{"one product name of two SKUs, neither owned, is ambiguous", offline.ForTenant(nil), "Visio Plan 2",
			&catalog.AmbiguousError{Kind: catalog.KindSKU, Name: "Visio Plan 2", Candidates: visio, NotOwned: true}},
		{"one part number of two SKUs is ambiguous", offline, "MCOPSTN5",
			&catalog.AmbiguousError{Kind: catalog.KindSKU, Name: "MCOPSTN5", Candidates: calling}},
		{"a product that the tenant does not own is named", tenant, "Microsoft 365 F3",
			&catalog.NotOwnedError{Name: "Microsoft 365 F3", PartNumber: "SPE_F1", ProductName: "Microsoft 365 F3", ID: state.MustParseID[state.SKU](idF3)}},
		{"a GUID that the tenant does not own is named", tenant, idF3,
			&catalog.NotOwnedError{Name: idF3, PartNumber: "SPE_F1", ProductName: "Microsoft 365 F3", ID: state.MustParseID[state.SKU](idF3)}},
		{"a GUID of nothing is unknown", tenant, planStranger, &catalog.UnknownError{Kind: catalog.KindSKU, Name: planStranger}},
		{"a GUID of a plan is no SKU", offline, planSway, &catalog.UnknownError{Kind: catalog.KindSKU, Name: planSway}},
		{"a GUID with a digit too few is unknown", offline, "8fc2205d-4e51-4401-97f0-5c89ef1aafb",
			&catalog.UnknownError{Kind: catalog.KindSKU, Name: "8fc2205d-4e51-4401-97f0-5c89ef1aafb", Nearest: []string{}}},
		{"a plan name is no SKU", offline, "FORMS_PLAN_E5", &catalog.UnknownError{Kind: catalog.KindSKU, Name: "FORMS_PLAN_E5", Nearest: []string{}}},
		{"a part of a name is no name", offline, "E5", &catalog.UnknownError{Kind: catalog.KindSKU, Name: "E5", Nearest: []string{}}},
		{"the empty name is unknown", tenant, " ", &catalog.UnknownError{Kind: catalog.KindSKU, Name: " "}},
		{"a slip brings what the tenant owns", tenant, "SPE_E4",
			&catalog.UnknownError{Kind: catalog.KindSKU, Name: "SPE_E4", Nearest: []string{"SPE_E5"}}},
		{"a slip brings the table where the tenant owns nothing near", tenant, "Power BI Prro",
			&catalog.UnknownError{Kind: catalog.KindSKU, Name: "Power BI Prro", Nearest: []string{"Power BI Pro", "POWER_BI_PRO", "Power BI Free"}}},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			t.Parallel()
			_, err := test.in.SKU(test.name)
			if diff := cmp.Diff(test.want, err); diff != "" {
				t.Errorf("SKU(%q) (-want +got):\n%s", test.name, diff)
			}
		})
	}
}

// What Microsoft calls alike: product names of two SKUs each.
func TestAmbiguousProductNames(t *testing.T) {
	t.Parallel()
	offline := catalog.Builtin()
	for name, want := range map[string][]string{
		"Microsoft 365 Business Basic":        {"O365_BUSINESS_ESSENTIALS", "SMB_BUSINESS_ESSENTIALS"},
		"Microsoft 365 Apps for Business":     {"O365_BUSINESS", "SMB_BUSINESS"},
		"Microsoft 365 F1":                    {"M365_F1", "M365_F1_COMM"},
		"Visio Plan 1":                        {"VISIOONLINE_PLAN1", "VISIO_PLAN1_DEPT"},
		"Windows 10/11 Enterprise E3":         {"WIN10_PRO_ENT_SUB", "WIN10_VDA_E3"},
		"Microsoft Copilot for Microsoft 365": {"M365_Copilot", "Microsoft_365_Copilot"},
		"Microsoft 365 Copilot":               {"M365_Copilot", "Microsoft_365_Copilot"},
		"Azure Information Protection Plan 1": {"RIGHTSMANAGEMENT", "RIGHTSMANAGEMENT_CE"},
		"Microsoft 365 Business Standard EEA (no Teams)": {
			"Microsoft_365_Business_Standard_EEA_(no_Teams)", "Office_365_w/o_Teams_Bundle_Business_Standard",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := offline.SKU(name)
			ambiguous, ok := errors.AsType[*catalog.AmbiguousError](err)
			if !ok {
				t.Fatalf("SKU(%q): %v, want an AmbiguousError", name, err)
			}
			var got []string
			for _, candidate := range ambiguous.Candidates {
				got = append(got, candidate.PartNumber)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("SKU(%q) (-want +got):\n%s", name, diff)
			}
			owned := offline.ForTenant([]state.SKU{sku(ambiguous.Candidates[1].ID, "")})
			if id, err := owned.SKU(name); err != nil || id.String() != ambiguous.Candidates[1].ID {
				t.Errorf("SKU(%q) for the owner of the second = %s, %v", name, id, err)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	offline, tenant := catalog.Builtin(), contosoCatalog()
	nameless := offline.ForTenant([]state.SKU{sku(idE5, "\u00a0", plan(planSway, ""))})
	for _, test := range []struct{ sentence, got, want string }{
		{"a product has a name", offline.ProductName(state.MustParseID[state.SKU](idE5)), "Microsoft 365 E5"},
		{"a stranger has no product name", tenant.ProductName(state.MustParseID[state.SKU](idStranger)), ""},
		{"the table gives a part number", offline.PartNumber(state.MustParseID[state.SKU](idPremiumNT)), "Microsoft_365_ Business_ Premium_(no Teams)"},
		{"the tenant's part number comes first", tenant.PartNumber(state.MustParseID[state.SKU](idPremiumNT)), "Microsoft_365_Business_Premium_(no_Teams)"},
		{"a blank part number is none", nameless.PartNumber(state.MustParseID[state.SKU](idE5)), "SPE_E5"},
		{"a stranger's part number is its GUID", offline.PartNumber(state.MustParseID[state.SKU](idStranger)), idStranger},
		{"the table gives a plan name", offline.PlanName(state.MustParseID[state.ServicePlan](planRights)), "RMS_S_ENTERPRISE"},
		{"the tenant's plan name comes first", tenant.PlanName(state.MustParseID[state.ServicePlan](planRights)), "RMS_S_ENTERPRISE)"},
		{"a blank plan name is none", nameless.PlanName(state.MustParseID[state.ServicePlan](planSway)), "SWAY"},
		{"a strange plan's name is its GUID", offline.PlanName(state.MustParseID[state.ServicePlan](planStranger)), planStranger},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.sentence, test.got, test.want)
		}
	}
}
