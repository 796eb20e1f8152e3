package policies_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
)

func TestLoadReadsTheWaiversOfTheTenant(t *testing.T) {
	t.Parallel()
	settings := tenant()
	settings.Among = []string{"contoso", "lab"}
	set, _, err := policies.Load(files("policies/a.yaml", staff, "waivers.yaml", read(t, "testdata/ok/waivers-two-tenants.yaml")), settings)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, time.December, 25, 0, 0, 0, 0, time.UTC)
	want := []policies.Waiver{
		{Guard: "removals", SKU: policies.SKURef{Name: "Microsoft 365 E3"}, Limit: 3000, Reason: "move to E5, ticket 4711", Expires: day},
		{Guard: "source", Policy: "staff", Limit: 40, Reason: "the school year begins", Expires: day},
		{Guard: "losses", Limit: 3, Reason: "leavers", Expires: day},
	}
	if diff := cmp.Diff(want, set.Waivers, ignorePlaces); diff != "" {
		t.Errorf("waivers (-want +got):\n%s", diff)
	}
	if input := set.Inputs[1]; input.Path != "waivers.yaml" || input.Kind != policies.InputWaivers || input.Rows != 4 {
		t.Errorf("the waivers are no input: %+v", set.Inputs)
	}
}

func TestTenantWithoutNameIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	const one = "waivers: [{guard: losses, limit: 3, reason: leavers, expires: 2026-12-24}]"
	fsys := files("policies/a.yaml", staff, "waivers.yaml", one)
	if set := mustLoad(t, fsys); len(set.Waivers) != 1 {
		t.Errorf("got waivers %v", set.Waivers)
	}
	settings := tenant()
	settings.Among = []string{"contoso", "lab"}
	_, _, err := policies.Load(fsys, settings)
	if want := "waivers.yaml:1:11: the waiver needs the key \"tenant\" [required]\n"; report(nil, err) != want {
		t.Errorf("got %swant %s", report(nil, err), want)
	}
	if set := mustLoad(t, files("policies/a.yaml", staff, "waivers.yaml", "waivers: []")); len(set.Waivers) != 0 {
		t.Errorf("got waivers %v", set.Waivers)
	}
}

func TestWaiverInForce(t *testing.T) {
	t.Parallel()
	set := mustLoad(t, files("policies/a.yaml", staff, "waivers.yaml", "waivers: [{guard: losses, limit: 3, reason: leavers, expires: 2026-12-24}]"))
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, test := range []struct {
		name, now string
		want      string // why not; "": in force
	}{
		{"thirty days before", "2026-11-24T00:00:00Z", ""},
		{"a moment earlier", "2026-11-23T23:59:59Z", "it expires on 2026-12-24, more than 30 days from now: 2026-12-23 is the latest"},
		{"on its last day", "2026-12-24T23:59:59Z", ""},
		{"on its last day, in a zone where the next has begun", "2026-12-25T00:30:00+01:00", ""},
		{"the day after", "2026-12-25T00:00:00Z", "it expired on 2026-12-24"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ok, why := set.Waivers[0].InForce(at(test.now))
			if ok != (test.want == "") || why != test.want {
				t.Errorf("got %v, %q, want %q", ok, why, test.want)
			}
		})
	}
}

func TestLoadPricesReadsExactCents(t *testing.T) {
	t.Parallel()
	settings := tenant()
	settings.Prices = "data/prices.yaml"
	set, _, err := policies.Load(files("policies/a.yaml", staff, "data/prices.yaml", read(t, "testdata/ok/prices-francs.yaml")), settings)
	if err != nil {
		t.Fatal(err)
	}
	price := func(sku string, cents int64) policies.Price {
		return policies.Price{SKU: policies.SKURef{Name: sku}, Cents: cents}
	}
	want := policies.Prices{Currency: "CHF", Monthly: []policies.Price{
		price("SPE_E5", 5700), price("Microsoft 365 E3", 3650), price("VISIOCLIENT", 1400), price("FLOW_FREE", 0),
	}}
	if diff := cmp.Diff(want, set.Prices, ignorePlaces); diff != "" {
		t.Errorf("prices (-want +got):\n%s", diff)
	}
	if input := set.Inputs[0]; input.Path != "data/prices.yaml" || input.Kind != policies.InputPrices || input.Rows != 4 {
		t.Errorf("the prices are no input: %+v", set.Inputs)
	}
}

// The SKU of a waiver must never get lost: without it the waiver would be for the run.
func TestBindAcceptsWaiversAndPricesOfSKUsThatAreNotOwned(t *testing.T) {
	t.Parallel()
	const nobodyKnows = "11111111-2222-3333-4444-555555555555"
	unbound := set(t, "  licenses: [SPE_E5]\n")
	ref := func(name string) policies.SKURef {
		return policies.SKURef{Name: name, Pos: policies.Pos{File: "w", Line: 1}}
	}
	unbound.Waivers = []policies.Waiver{{SKU: ref("Microsoft 365 E3")}, {SKU: ref("SPE_F1")}, {SKU: ref(nobodyKnows)}, {}}
	unbound.Prices.Monthly = []policies.Price{{SKU: ref("VISIOCLIENT")}, {SKU: ref("SPE_E5")}}
	bound, err := policies.Bind(unbound, tenantCatalog())
	if err != nil {
		t.Fatal(err)
	}
	got := []string{bound.Waivers[0].SKU.ID.String(), bound.Waivers[1].SKU.ID.String(), bound.Waivers[2].SKU.ID.String(),
		bound.Prices.Monthly[0].SKU.ID.String(), bound.Prices.Monthly[1].SKU.ID.String()}
	want := []string{skuE3, "66b55226-6b4f-492c-910c-a3b7a3c9d993", nobodyKnows, "c5928f49-12ba-48f7-ada3-0d743a3601d5", skuE5}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if !bound.Waivers[3].SKU.ID.IsZero() || !unbound.Waivers[0].SKU.ID.IsZero() || !unbound.Prices.Monthly[0].SKU.ID.IsZero() {
		t.Error("binding made up an id, or changed the set it was given")
	}

	unbound.Waivers = []policies.Waiver{{SKU: ref("SPE_E55")}, {SKU: ref("Visio Plan 1")}}
	unbound.Prices.Monthly = []policies.Price{{SKU: ref("SPE_E5")}, {SKU: ref("Microsoft 365 E5")}}
	_, err = policies.Bind(unbound, tenantCatalog())
	for _, want := range []string{`unknown SKU "SPE_E55"`, `SKU "Visio Plan 1" can mean`, `"Microsoft 365 E5" is in monthly twice`} {
		if got := report(nil, err); !strings.Contains(got, want) {
			t.Errorf("got %swant %s in it", got, want)
		}
	}
}
