package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// breach is a plan that is one over the limit of a guard that a flag can open.
type breach struct {
	guard   guard.Name
	sku     string // or "" for the whole run
	policy  string
	seen    int
	holds   bool
	fixture fixture
}

func oneOver() []breach {
	wide := "guards: {removals: {users: 900, percent: 100}, losses: {users: 900}, replacements: {users: 900}}"
	held := func(n int, holding string) (tenant string) {
		tenant, _ = many(n, "u", holding)
		return plenty + tenant
	}
	return []breach{
		{guard: guard.Removals, sku: "VISIOCLIENT", seen: 6, holds: true, fixture: fixture{tenant: held(100, "VISIOCLIENT"), settings: "manage: [VISIOCLIENT]\nguards: {losses: {users: 900}}",
			policies: "- {name: a, users: {search: u00}, except: {upns: [u006@contoso.com, u007@contoso.com, u008@contoso.com, u009@contoso.com]}, absent: [VISIOCLIENT]}"}},
		{guard: guard.Removals, seen: 2, holds: true, fixture: fixture{tenant: held(2, "POWER_BI_PRO"), settings: "manage: [POWER_BI_PRO]\nguards: {removals: {users: 1, percent: 100}}",
			policies: policyForAll("a", "absent: [POWER_BI_PRO]")}},
		{guard: guard.Replacements, seen: 201, holds: true, fixture: fixture{tenant: held(201, "SPE_E3"), settings: "manage: [SPE_E3, SPE_E5]", policies: policyForAll("a", "replace: {SPE_E3: SPE_E5}")}},
		{guard: guard.Additions, sku: "SPE_E3", seen: 181, fixture: fixture{tenant: held(181, ""), settings: "manage: [SPE_E3]", policies: policyForAll("a", "licenses: [SPE_E3]")}},
		{guard: guard.Losses, seen: 1, holds: true, fixture: fixture{tenant: held(1, "SPE_E3"), settings: "manage: [SPE_E3]", policies: policyForAll("a", "absent: [SPE_E3]")}},
		{guard: guard.Locations, seen: 6, holds: true, fixture: fixture{tenant: held(6, ""), settings: "manage: [SPE_E3]", policies: policyForAll("a", "usage_location: {value: DE, overwrite: all}")}},
		{guard: guard.Source, policy: "a", seen: 22, holds: true, fixture: fixture{settings: "manage: [SPE_E3]\n" + wide, policies: "- {name: a, users: {domain: out.example}, absent: [SPE_E3]}",
			baseline: plenty + inDomain(50, "o", "out.example", "") + inDomain(11, "n", "in.example", "SPE_E3"),
			tenant:   plenty + inDomain(50, "o", "out.example", "") + inDomain(11, "n", "out.example", "SPE_E3")}},
		{guard: guard.Implausible, sku: "SPE_E3", seen: 21, holds: true, fixture: fixture{settings: "manage: [SPE_E3]", policies: policyForAll("a", "licenses: [SPE_E3]"),
			tenant: "sku SPE_E3 900 others=21\nanna CH"}},
	}
}

// skuOrNone returns the SKU of a name, or none for "".
func skuOrNone(name string) state.SKUID {
	if name == "" {
		return state.SKUID{}
	}
	return sku(name)
}

func TestGuardOverrides(t *testing.T) {
	t.Parallel()
	for _, b := range oneOver() {
		other := map[string]string{"VISIOCLIENT": "SPE_E3", "SPE_E3": "VISIOCLIENT", "": "SPE_E3"}[b.sku]
		allow := func(limit int) plan.Override {
			return plan.Override{Guard: b.guard, SKU: skuOrNone(b.sku), Policy: b.policy, Limit: limit, Text: "--allow"}
		}
		for _, c := range []struct {
			name string
			with []plan.Override
			hold bool
			want plan.Verdict
		}{
			{"no number", nil, false, plan.VerdictBreached},
			{"one that is too low", []plan.Override{allow(b.seen - 1)}, false, plan.VerdictBreached},
			{"an equal one", []plan.Override{allow(b.seen)}, false, plan.VerdictOverridden},
			{"one that is too high", []plan.Override{allow(10 * b.seen)}, false, plan.VerdictOverridden},
			{"of two the higher counts", []plan.Override{allow(b.seen), allow(b.seen - 1)}, false, plan.VerdictOverridden},
			{"one for another guard", []plan.Override{{Guard: "force", SKU: skuOrNone(b.sku), Policy: b.policy, Limit: 9999}}, false, plan.VerdictBreached},
			{"one for another SKU", []plan.Override{{Guard: b.guard, SKU: skuOrNone(other), Policy: b.policy, Limit: 9999}}, false, plan.VerdictBreached},
			{"one for another policy", []plan.Override{{Guard: b.guard, SKU: skuOrNone(b.sku), Policy: "other", Limit: 9999}}, false, plan.VerdictBreached},
			{"hold", nil, true, map[bool]plan.Verdict{true: plan.VerdictHeld, false: plan.VerdictBreached}[b.holds]},
			{"hold, and a number that is too low", []plan.Override{allow(b.seen - 1)}, true, map[bool]plan.Verdict{true: plan.VerdictHeld, false: plan.VerdictBreached}[b.holds]},
			{"hold, and an equal one", []plan.Override{allow(b.seen)}, true, plan.VerdictOverridden},
		} {
			t.Run(strings.TrimSuffix(fmt.Sprintf("%s:%s%s", b.guard, b.sku, b.policy), ":")+", "+c.name, func(t *testing.T) {
				t.Parallel()
				f := b.fixture
				f.t, f.allow, f.hold = t, c.with, c.hold
				p := f.compute()
				i := slices.IndexFunc(p.Guards, func(g plan.Guard) bool { return g.Name == b.guard && g.SKU == b.sku && g.Policy == b.policy })
				if i < 0 || p.Guards[i].Seen != b.seen || p.Guards[i].Verdict != c.want {
					t.Fatalf("want %d seen and %s:\n%+v", b.seen, c.want, p.Guards)
				}
				for j, g := range p.Guards {
					if j != i && g.Verdict != plan.VerdictOK && g.Verdict != plan.VerdictNotChecked {
						t.Errorf("another guard than the one of the case: %+v", g)
					}
				}
				if p.Applyable != (c.want != plan.VerdictBreached) {
					t.Errorf("applyable is %v, and the verdict %s", p.Applyable, c.want)
				}
			})
		}
	}
}

// At the limit nothing is breached, and nor is it where nothing is there to count from.
func TestGuardsWithinLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, settings, tenant, policies string
		guard                            guard.Name
		want                             string
	}{
		{"no replacements", "", "sku SPE_E3 9\nsku SPE_E5 9\nanna CH", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), guard.Replacements, "0/200 ok"},
		{"a limit of no replacements, and none", "guards: {replacements: {users: 0}}", "sku SPE_E3 9\nsku SPE_E5 9\nanna CH", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), guard.Replacements, "0/0 ok"},
		{"a limit of no replacements, and one", "guards: {replacements: {users: 0}}", "sku SPE_E3 9\nsku SPE_E5 9\nanna CH SPE_E3", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), guard.Replacements, "1/0 breached"},
		{"no user gets a SKU of no units", "", "sku SPE_E3 0\nanna CH", policyForAll("a", "licenses: [SPE_E3]"), guard.Additions, ""},
		{"a limit of no additions", "guards: {additions: {users: 0}}", "sku SPE_E3 9\nanna CH", policyForAll("a", "licenses: [SPE_E3]"), guard.Additions, "SPE_E3 1/0 breached"},
		{"a limit on losses that is reached", "guards: {losses: {users: 1}}", "sku SPE_E3 9\nanna CH SPE_E3", policyForAll("a", "absent: [SPE_E3]"), guard.Losses, "1/1 ok"},
		{"a limit on losses that is passed", "guards: {losses: {users: 1}}", "sku SPE_E3 9\nanna CH SPE_E3\nbea CH SPE_E3", policyForAll("a", "absent: [SPE_E3]"), guard.Losses, "2/1 breached"},
		{"no location is written over", "guards: {locations: {users: 0}}", "sku SPE_E3 9\nanna -", policyForAll("a", "usage_location: DE"), guard.Locations, "0/0 ok"},
		{"a limit of no locations, and one", "guards: {locations: {users: 0}}", "sku SPE_E3 9\nanna CH", policyForAll("a", "usage_location: {value: DE, overwrite: all}"), guard.Locations, "1/0 breached"},
		{"the last holder of a SKU without counted holders", "", "sku SPE_E3 0\nanna CH SPE_E3", policyForAll("a", "absent: [SPE_E3]"), guard.Implausible, "SPE_E3 0/20 ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: c.settings, tenant: c.tenant, policies: c.policies}.compute()
			if got := strings.Join(verdicts(p, c.guard), ", "); got != c.want {
				t.Errorf("%s: got %q, want %q", c.guard, got, c.want)
			}
		})
	}
}

func TestHoldDoesNotOverrideGuardsThatAlwaysStop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*plan.Input)
		guard  guard.Name
	}{
		{"another tenant", func(in *plan.Input) { in.Set.Tenant.Sandbox, in.Set.Tenant.ID = "", "fabrikam.com" }, guard.Tenant},
		{"an incomplete read", func(in *plan.Input) { in.Snapshot.Complete, in.Snapshot.Incomplete = false, "page 3" }, guard.Read},
		{"no SKUs at all", func(in *plan.Input) { in.Snapshot.SKUs = nil }, guard.Read},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3", policies: policyForAll("a", "licenses: [SPE_E3]"), hold: true,
				allow: []plan.Override{{Guard: c.guard, Limit: 9}}}.input()
			c.change(&in)
			p := explain.Plan(in)
			if stops := p.Breached(); p.Applyable || len(stops) != 1 || stops[0].Name != c.guard {
				t.Errorf("applyable is %v, stopped by %+v", p.Applyable, stops)
			}
		})
	}
}
