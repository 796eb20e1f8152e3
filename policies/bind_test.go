package policies_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// SKUs and service plans of the tenant of these tests (Microsoft's "Product names
// and service plan identifiers for licensing").
const (
	skuE3   = "05e9a617-0261-4cee-bb44-138d3ef5d965"
	skuE5   = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
	skuBI   = "f8a1db68-be16-40ed-86d5-cb42ce701560"
	planEXO = "efb87545-963c-4e0d-99df-69c6916d9eb0"
	planSWY = "a23b959c-7ce8-4e57-9140-b90eb88a9e97"
	planEXF = "113feb6c-3fe4-4440-bddc-54d774bf0318"
)

func tenantCatalog() *catalog.Catalog {
	sku := func(id, name string, plans ...state.ServicePlan) state.SKU {
		return state.SKU{ID: state.MustParseID[state.SKU](id), PartNumber: name, AppliesTo: state.ScopeUser, Plans: plans}
	}
	sway := state.ServicePlan{ID: state.MustParseID[state.ServicePlan](planSWY), Name: "SWAY", AppliesTo: state.ScopeUser}
	company := state.ServicePlan{ID: state.MustParseID[state.ServicePlan](planEXF), Name: "EXCHANGE_S_FOUNDATION", AppliesTo: state.ScopeCompany}
	exchange := state.ServicePlan{ID: state.MustParseID[state.ServicePlan](planEXO), Name: "EXCHANGE_S_ENTERPRISE", AppliesTo: state.ScopeUser}
	return catalog.Builtin().ForTenant([]state.SKU{sku(skuE3, "SPE_E3", exchange), sku(skuE5, "SPE_E5", sway, exchange, company), sku(skuBI, "POWER_BI_PRO")})
}

// set returns a set of one policy with these lines, of a tenant that manages those SKUs.
func set(t *testing.T, lines string, manage ...string) *policies.Set {
	t.Helper()
	settings := tenant()
	for i, name := range manage {
		settings.Manage.Mode = policies.ManageList
		settings.Manage.SKUs = append(settings.Manage.SKUs, policies.SKURef{Name: name, Pos: policies.Pos{File: "s", Line: i + 1}})
	}
	text := "policies:\n- name: a\n  users: {all: true}\n" + lines
	loaded, warnings, err := policies.Load(files("policies/a.yaml", text), settings)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("load: %s", report(warnings, err))
	}
	return loaded
}

func TestBindFindsEveryID(t *testing.T) {
	t.Parallel()
	unbound := set(t, "  licenses: [{sku: Microsoft 365 E5, disable: [sway]}]\n  replace: {spe_e3: {sku: "+skuE5+", disable: ["+planEXO+"]}}\n  absent: [Power BI Pro]\n",
		"SPE_E3", "SPE_E5", "POWER_BI_PRO")
	unbound.Tenant.Reserve = []policies.Reserve{{SKU: policies.SKURef{Name: "SPE_E5"}, Seats: 3}}
	unbound.Tenant.OneOf = []policies.OneOf{{Name: "base", SKUs: []policies.SKURef{{Name: "spe_e3"}, {Name: "SPE_E5"}}}}
	bound, err := policies.Bind(unbound, tenantCatalog())
	if err != nil {
		t.Fatal(err)
	}
	p := bound.Policies[0]
	got := []string{
		p.Licenses[0].SKU.ID.String(), p.Licenses[0].Disable[0].ID.String(), p.Replace[0].From.ID.String(), p.Replace[0].To.SKU.ID.String(),
		p.Replace[0].To.Disable[0].ID.String(), p.Absent[0].ID.String(), bound.Tenant.Manage.SKUs[0].ID.String(), bound.Tenant.Reserve[0].SKU.ID.String(),
		bound.Tenant.OneOf[0].SKUs[1].ID.String(),
	}
	if diff := cmp.Diff([]string{skuE5, planSWY, skuE3, skuE5, planEXO, skuBI, skuE3, skuE5, skuE5}, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if old := unbound.Policies[0]; !old.Licenses[0].SKU.ID.IsZero() || !old.Licenses[0].Disable[0].ID.IsZero() || !old.Replace[0].From.ID.IsZero() ||
		!old.Absent[0].ID.IsZero() || !unbound.Tenant.Manage.SKUs[0].ID.IsZero() || !unbound.Tenant.Reserve[0].SKU.ID.IsZero() ||
		!unbound.Tenant.OneOf[0].SKUs[1].ID.IsZero() {
		t.Error("binding changed the set it was given")
	}
}

func TestBindRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines  string
		manage []string
		want   string
	}{
		"an unknown SKU": {"  licenses: [SPE_E55]\n", nil, `policies/a.yaml:4:14: unknown SKU "SPE_E55"; did you mean "SPE_E5" or "SPE_E3"? [sku]`},
		"a SKU that is not owned": {
			"  licenses: [SPE_F1]\n", nil,
			`policies/a.yaml:4:14: SKU "SPE_F1" is not owned by the tenant: SPE_F1, Microsoft 365 F3 (66b55226-6b4f-492c-910c-a3b7a3c9d993); remove it, or buy it first [sku]`,
		},
		"an unknown plan":       {"  licenses: [{sku: SPE_E5, disable: [SWAI]}]\n", nil, `policies/a.yaml:4:38: unknown service plan "SWAI"; did you mean "SWAY"? [plan]`},
		"a plan of another SKU": {"  licenses: [{sku: SPE_E3, disable: [SWAY]}]\n", nil, `policies/a.yaml:4:38: service plan "SWAY" is not in SPE_E3 [plan]`},
		"a plan of the whole tenant": {
			"  licenses: [{sku: SPE_E5, disable: [EXCHANGE_S_FOUNDATION]}]\n", nil,
			`policies/a.yaml:4:38: service plan "EXCHANGE_S_FOUNDATION" works for the whole tenant and cannot be switched off for users; remove it [plan]`,
		},
		"a plan of the whole tenant to be on": {
			"  licenses: [{sku: SPE_E5, enable: [SWAY, EXCHANGE_S_FOUNDATION]}]\n", nil,
			`policies/a.yaml:4:43: service plan "EXCHANGE_S_FOUNDATION" works for the whole tenant and is on without being named; remove it [plan]`,
		},
		"an unknown plan to be on": {"  licenses: [{sku: SPE_E5, enable: [SWAI]}]\n", nil, `policies/a.yaml:4:37: unknown service plan "SWAI"; did you mean "SWAY"? [plan]`},
		"an unknown plan to be off everywhere": {
			"  plans_off: [EXCHANGE_S_ENTREPRISE]\n", nil,
			`policies/a.yaml:4:15: unknown service plan "EXCHANGE_S_ENTREPRISE"; did you mean "EXCHANGE_S_ENTERPRISE"? [plan]`,
		},
		"a plan to be off that no SKU has": {"  plans_off: [YAMMER_ENTERPRISE]\n", nil, `policies/a.yaml:4:15: service plan "YAMMER_ENTERPRISE" is not in any SKU of the tenant [plan]`},
		"a plan of the whole tenant to be off everywhere": {
			"  plans_off: [EXCHANGE_S_FOUNDATION]\n", nil,
			`policies/a.yaml:4:15: service plan "EXCHANGE_S_FOUNDATION" works for the whole tenant and cannot be switched off for users; remove it [plan]`,
		},
		"one plan to be on and off": {
			"  licenses: [{sku: SPE_E5, enable: [" + planSWY + "]}]\n  plans_off: [Microsoft Sway]\n", nil,
			`policies/a.yaml:4:37: "` + planSWY + `" is in enable and in plans_off (line 5); keep one of them [conflict]`,
		},
		"an unknown SKU, even if only where it is owned": {
			"  licenses: [{sku: SPE_E55, if_owned: true}]\n", nil, `policies/a.yaml:4:20: unknown SKU "SPE_E55"; did you mean "SPE_E5" or "SPE_E3"? [sku]`,
		},
		"a SKU to be replaced that is not owned": {
			"  replace: {SPE_F1: {sku: SPE_E5, if_owned: true}}\n", nil,
			`policies/a.yaml:4:13: SKU "SPE_F1" is not owned by the tenant: SPE_F1, Microsoft 365 F3 (66b55226-6b4f-492c-910c-a3b7a3c9d993); remove it, or buy it first [sku]`,
		},
		"an unmanaged SKU, where it is owned": {
			"  licenses: [{sku: SPE_E3, if_owned: true}]\n", []string{"SPE_E5"},
			`policies/a.yaml:4:20: "SPE_E3" is not in "manage" of tenant contoso; add SPE_E3 to "manage", or remove it here [manage]`,
		},
		"a plan in no known SKU": {"  licenses: [{sku: NOTHING_LIKE_IT, disable: [SWAY]}]\n", nil, `policies/a.yaml:4:20: unknown SKU "NOTHING_LIKE_IT" [sku]`},
		"one SKU under two names": {
			"  licenses: [SPE_E5, Microsoft 365 E5]\n", nil,
			`policies/a.yaml:4:22: "Microsoft 365 E5" is in licenses twice: here and, as "SPE_E5", in line 4; keep one of them [conflict]`,
		},
		"one SKU wanted and absent": {
			"  licenses: [SPE_E5]\n  absent: [" + skuE5 + "]\n", nil,
			`policies/a.yaml:5:12: "` + skuE5 + `" is in absent and in licenses (line 4); keep one of them [conflict]`,
		},
		"one plan under two names": {
			"  licenses: [{sku: SPE_E5, disable: [SWAY, " + planSWY + "]}]\n", nil,
			`policies/a.yaml:4:44: "` + planSWY + `" is in disable twice; keep one of them [conflict]`,
		},
		"an unmanaged SKU": {
			"  licenses: [SPE_E5]\n  absent: [Power BI Pro]\n", []string{"Microsoft 365 E5"},
			`policies/a.yaml:5:12: "Power BI Pro" is not in "manage" of tenant contoso; add Power BI Pro to "manage", or remove it here [manage]`,
		},
		"an unknown SKU to manage":        {"  licenses: [SPE_E5]\n", []string{"SPE_E5", "SPE_E4"}, `s:2: unknown SKU "SPE_E4"; did you mean "SPE_E3" or "SPE_E5"? [sku]`},
		"one SKU to manage by two names":  {"  licenses: [SPE_E5]\n", []string{"SPE_E5", skuE5}, `s:2: "` + skuE5 + `" is in manage twice: here and, as "SPE_E5", in line 1; keep one of them [conflict]`},
		"a replacement of one SKU itself": {"  replace: {SPE_E5: Microsoft 365 E5}\n", nil, `policies/a.yaml:4:21: "Microsoft 365 E5" is in replace (right side) and in replace (left side) (line 4); keep one of them [conflict]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policies.Bind(set(t, test.lines, test.manage...), tenantCatalog())
			if diff := cmp.Diff(test.want+"\n", report(nil, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBindRefusesToReserveUnmanagedSeats(t *testing.T) {
	t.Parallel()
	unbound := set(t, "  licenses: [SPE_E5]\n", "SPE_E5")
	unbound.Tenant.Reserve = []policies.Reserve{{SKU: policies.SKURef{Name: "SPE_E3", Pos: policies.Pos{File: "s", Line: 9}}}}
	_, err := policies.Bind(unbound, tenantCatalog())
	want := "s:9: \"SPE_E3\" is not in \"manage\" of tenant contoso; add SPE_E3 to \"manage\", or remove it here [manage]\n"
	if diff := cmp.Diff(want, report(nil, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestBindSkipsIfOwned(t *testing.T) {
	t.Parallel()
	const nobodyKnows = "11111111-2222-3333-4444-555555555555"
	bound, err := policies.Bind(set(t, `  licenses: [{sku: SPE_F1, if_owned: true, disable: [SWAY]}, {sku: `+nobodyKnows+`, if_owned: true}, {sku: SPE_E3, if_owned: true}]
  replace: {STANDARDPACK: {sku: ENTERPRISEPACK, if_owned: true}, POWER_BI_PRO: {sku: SPE_E5, if_owned: true}}
`, "SPE_E3", "SPE_E5", "POWER_BI_PRO"), tenantCatalog())
	if err != nil {
		t.Fatal(err)
	}
	p := bound.Policies[0]
	var got []string
	for _, license := range append(p.Licenses, p.Replace[0].To, p.Replace[1].To) {
		got = append(got, fmt.Sprint(license.Missing, " ", license.SKU.ID))
	}
	none := state.SKUID{}.String()
	want := []string{"true " + none, "true " + none, "false " + skuE3, "true " + none, "false " + skuE5}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("missing, and ids (-want +got):\n%s", diff)
	}
}

func TestBindFindsAPlanInEverySKU(t *testing.T) {
	t.Parallel()
	plan := func(id, name string, scope state.Scope) state.ServicePlan {
		return state.ServicePlan{ID: state.MustParseID[state.ServicePlan](id), Name: name, AppliesTo: scope}
	}
	const other = "c7699d2e-19aa-44de-8edf-1736da088ca1"
	owned := []state.SKU{
		{ID: state.MustParseID[state.SKU](skuE5), PartNumber: "SPE_E5", Plans: []state.ServicePlan{plan(planSWY, "SWAY", state.ScopeUser), plan(planEXF, "ALIKE", state.ScopeCompany)}},
		{ID: state.MustParseID[state.SKU](skuE3), PartNumber: "SPE_E3", Plans: []state.ServicePlan{plan(planSWY, "SWAY", state.ScopeUser), plan(planEXO, "ALIKE", state.ScopeUser)}},
		{ID: state.MustParseID[state.SKU](skuBI), PartNumber: "POWER_BI_PRO", Plans: []state.ServicePlan{plan(other, "alike", state.ScopeUser)}},
	}
	bound, err := policies.Bind(set(t, "  plans_off: [ALIKE, Microsoft Sway]\n"), catalog.Builtin().ForTenant(owned))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %s", bound.Policies[0].PlansOff[0].IDs, bound.Policies[0].PlansOff[1].IDs)
	if want := fmt.Sprintf("[%s %s] [%s]", other, planEXO, planSWY); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBindRefusesOneOfSets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sets [][]string
		want string
	}{
		"an unmanaged SKU": {[][]string{{"SPE_E5", "SPE_E3"}}, `s:2: "SPE_E3" is not in "manage" of tenant contoso; add SPE_E3 to "manage", or remove it here [manage]`},
		"one SKU in two sets": {[][]string{{"SPE_E5", "POWER_BI_PRO"}, {"Microsoft 365 E5", "Power BI Pro"}}, `s:1: "Microsoft 365 E5" is in the sets "a" and "b" of one_of; keep it in one of them [conflict]
s:2: "Power BI Pro" is in the sets "a" and "b" of one_of; keep it in one of them [conflict]`},
		"one SKU twice": {[][]string{{"SPE_E5", "Microsoft 365 E5"}}, `s:2: "Microsoft 365 E5" is in one_of twice: here and, as "SPE_E5", in line 1; keep one of them [conflict]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unbound := set(t, "  licenses: [SPE_E5]\n", "SPE_E5", "POWER_BI_PRO")
			for i, names := range test.sets {
				choice := policies.OneOf{Name: string(rune('a' + i))}
				for line, sku := range names {
					choice.SKUs = append(choice.SKUs, policies.SKURef{Name: sku, Pos: policies.Pos{File: "s", Line: line + 1}})
				}
				unbound.Tenant.OneOf = append(unbound.Tenant.OneOf, choice)
			}
			_, err := policies.Bind(unbound, tenantCatalog())
			if diff := cmp.Diff(test.want+"\n", report(nil, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBindRefusesAmbiguousNames(t *testing.T) {
	t.Parallel()
	one := state.SKU{ID: state.MustParseID[state.SKU](skuE3), PartNumber: "SAME"}
	two := state.SKU{ID: state.MustParseID[state.SKU](skuE5), PartNumber: "same"}
	_, err := policies.Bind(set(t, "  licenses: [SAME]\n"), catalog.Builtin().ForTenant([]state.SKU{one, two}))
	want := fmt.Sprintf("policies/a.yaml:4:14: SKU \"SAME\" can mean SAME (%s) or same (%s); write the string id or the GUID [sku]\n", skuE3, skuE5)
	if diff := cmp.Diff(want, report(nil, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestBindOfflineWarnsAboutUnknownNames(t *testing.T) {
	t.Parallel()
	const own = "11111111-2222-3333-4444-555555555555"
	unbound := set(t, "  licenses: [SPE_E5, {sku: OUR_OWN, disable: [OUR_PLAN, SWAY]}, "+own+"]\n", "SPE_E5", "OUR_OWN", own)
	bound, warnings, err := policies.BindOffline(unbound, catalog.Builtin())
	want := `warning: policies/a.yaml:4:28: unknown SKU "OUR_OWN" in the built-in table; the tenant may have it [sku]
warning: policies/a.yaml:4:47: unknown service plan "OUR_PLAN" in the built-in table; the tenant may have it [plan]
warning: policies/a.yaml:4:65: unknown SKU "` + own + `" in the built-in table; the tenant may have it [sku]
warning: s:2: unknown SKU "OUR_OWN" in the built-in table; the tenant may have it [sku]
warning: s:3: unknown SKU "` + own + `" in the built-in table; the tenant may have it [sku]
`
	if diff := cmp.Diff(want, report(warnings, err)); diff != "" {
		t.Fatalf("warnings (-want +got):\n%s", diff)
	}
	licenses := bound.Policies[0].Licenses
	got := []string{licenses[0].SKU.ID.String(), licenses[1].SKU.ID.String(), licenses[1].Disable[1].ID.String(), licenses[2].SKU.ID.String()}
	if diff := cmp.Diff([]string{skuE5, state.SKUID{}.String(), planSWY, own}, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestBindOfflineIgnoresWhatDependsOnTheTenant(t *testing.T) {
	t.Parallel()
	unbound := set(t, "  licenses: [SPE_E5, {sku: SPE_F1, if_owned: true}]\n  replace: {VISIOCLIENT: {sku: SPE_E3, if_owned: true}}\n  plans_off: [Microsoft Teams]\n", "SPE_E5")
	bound, warnings, err := policies.BindOffline(unbound, catalog.Builtin())
	if err != nil || len(warnings) > 0 {
		t.Fatalf("problems: %s", report(warnings, err))
	}
	p := bound.Policies[0]
	if p.Licenses[1].Missing || p.Licenses[1].SKU.ID.IsZero() || len(p.PlansOff[0].IDs) != 2 {
		t.Errorf("got %+v, plans off %v", p.Licenses[1], p.PlansOff[0].IDs)
	}
}

func TestBindOfflineRefusesWhatIsWrongInEveryTenant(t *testing.T) {
	t.Parallel()
	unbound := set(t, "  licenses: [SPE_E5, Microsoft 365 E5]\n  absent: [VISIOCLIENT]\n", "SPE_E5")
	_, _, err := policies.BindOffline(unbound, catalog.Builtin())
	got := report(nil, err)
	for _, want := range []string{`"Microsoft 365 E5" is in licenses twice`, `"VISIOCLIENT" is not in "manage"`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}
