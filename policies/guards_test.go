package policies_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/guard/guardtest"
)

// settingsWith returns a file of settings that states limits of guards.
func settingsWith(guards string) string {
	return "version: 1\ntenants:\n  contoso:\n    id: contoso.com\n    policies: [policies/*.yaml]\n    guards: " + guards + "\n"
}

func TestLoadSettingsReadsLimitsByTheTableOfGuards(t *testing.T) {
	t.Parallel()
	settings, err := policies.LoadSettingsBy(guardtest.Table(), files("seatwright.yaml", settingsWith("{made_up: {users: 4}}")))
	if err != nil {
		t.Fatal(err)
	}
	row, _ := guardtest.Table().Lookup(guardtest.MadeUp)
	if got := settings.Tenants[0].Guards.Limit(row, guard.KeyUsers); got != 4 {
		t.Errorf("the limit of the made-up guard is %d, want the 4 of the settings", got)
	}
	if got := (policies.GuardLimits{}).Limit(row, guard.KeyUsers); got != 3 {
		t.Errorf("the limit of the made-up guard is %d, want the 3 of its row", got)
	}
	for stated, unknown := range map[string]string{
		"{made_up: {percent: 4}}": "percent", "{made_up: {seats: 4}}": "seats",
		"{forgotten: {users: 4}}": "forgotten", "{implausible: {seats: 4}}": "implausible", "{protected: {users: 4}}": "protected",
	} {
		if _, err := policies.LoadSettingsBy(guardtest.Table(), files("seatwright.yaml", settingsWith(stated))); !strings.Contains(report(nil, err), `"`+unknown+`" is not a key`) {
			t.Errorf("%s: got %q, want %s to be unknown", stated, report(nil, err), unknown)
		}
	}
	if _, err := policies.LoadSettings(files("seatwright.yaml", settingsWith("{made_up: {users: 4}}"))); !strings.Contains(report(nil, err), "unknown-key") {
		t.Errorf("a guard that the program does not have: got %q, want a key that is unknown", report(nil, err))
	}
}

func TestLoadReadsWaiversByTheTableOfGuards(t *testing.T) {
	t.Parallel()
	waiver := func(fields string) (*policies.Set, error) {
		set, _, err := policies.LoadBy(guardtest.Table(), files("policies/a.yaml", staff, "waivers.yaml", "waivers: [{"+fields+", reason: new, expires: 2026-12-24}]"), tenant())
		return set, err
	}
	set, err := waiver("guard: made_up, sku: SPE_E3, limit: 4")
	if err != nil {
		t.Fatal(err)
	}
	want := []policies.Waiver{{Guard: guardtest.MadeUp, SKU: policies.SKURef{Name: "SPE_E3"}, Limit: 4, Reason: "new", Expires: set.Waivers[0].Expires}}
	if diff := cmp.Diff(want, set.Waivers, ignorePlaces); diff != "" {
		t.Errorf("waivers (-want +got):\n%s", diff)
	}
	for fields, problem := range map[string]string{
		"guard: made_up, limit: 4":                             `needs the key "sku"`,
		"guard: made_up, sku: SPE_E3, policy: staff, limit: 4": "the guard made_up has no limit per policy",
		"guard: made_up, sku: SPE_E3, limit: 4%":               "the limit of the guard made_up is not in percent",
		"guard: forgotten, limit: 4":                           `made_up, removals, replacements or source, got "forgotten"`,
	} {
		if _, err := waiver(fields); !strings.Contains(report(nil, err), problem) {
			t.Errorf("%s: got %q, want %q", fields, report(nil, err), problem)
		}
	}
}
