package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies/guard"
)

// many returns n users "u000 CH <holding>" and a list of their names.
func many(n int, prefix, holding string) (tenant, upns string) {
	var lines, names []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("%s%03d CH %s", prefix, i, holding))
		names = append(names, fmt.Sprintf("%s%03d@contoso.com", prefix, i))
	}
	return strings.Join(lines, "\n") + "\n", strings.Join(names, ", ")
}

// verdicts returns the entries of a guard as "SKU seen/limit verdict".
func verdicts(p *plan.Plan, name guard.Name) []string {
	var out []string
	for _, g := range p.Guards {
		if g.Name == name {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %d/%d %s", g.SKU, g.Seen, g.Limit, g.Verdict)))
		}
	}
	return out
}

// row returns the row of a guard.
func row(name guard.Name) guard.Row {
	row, _ := guard.Lookup(name)
	return row
}

// removing returns a plan that takes Visio from some of its holders.
func removing(t *testing.T, holders, removed int, settings string, allow ...plan.Override) *plan.Plan {
	tenant, _ := many(holders, "u", "SPE_E3 VISIOCLIENT")
	_, leave := many(removed, "u", "")
	policies := "- {name: keep, users: {domain: nowhere.example}, licenses: [SPE_E3]}"
	if removed > 0 {
		policies = "- {name: leavers, users: {upns: [" + leave + "]}, absent: [VISIOCLIENT]}"
	}
	return fixture{t: t, settings: "manage: [SPE_E3, VISIOCLIENT]\n" + settings, allow: allow,
		tenant: "sku SPE_E3 900\nsku VISIOCLIENT 900\n" + tenant, policies: policies}.compute()
}

func TestGuardRemovals(t *testing.T) {
	t.Parallel()
	sku := func(n int) plan.Override {
		return plan.Override{Guard: guard.Removals, SKU: sku("VISIOCLIENT"), Limit: n, Text: fmt.Sprintf("removals:VISIOCLIENT=%d", n)}
	}
	run := func(n int) plan.Override { return plan.Override{Guard: guard.Removals, Limit: n} }
	for _, c := range []struct {
		name             string
		holders, removed int
		settings         string
		allow            []plan.Override
		want             []string
		applyable        bool
	}{
		{"nothing removed of nothing held", 0, 0, "", nil, []string{"0/50 ok"}, false}, // zero users: the read guard stops it
		{"five are below the floor", 100, 5, "", nil, []string{"5/50 ok", "VISIOCLIENT 5/5 ok"}, true},
		{"six of a hundred are more than five percent", 100, 6, "", nil, []string{"6/50 ok", "VISIOCLIENT 6/5 breached"}, false},
		{"ten of two hundred are five percent", 200, 10, "", nil, []string{"10/50 ok", "VISIOCLIENT 10/10 ok"}, true},
		{"eleven of two hundred are more", 200, 11, "", nil, []string{"11/50 ok", "VISIOCLIENT 11/10 breached"}, false},
		{"one of three is below the small floor", 3, 1, "", nil, []string{"1/50 ok", "VISIOCLIENT 1/1 ok"}, true},
		{"two of seven are more than a quarter", 7, 2, "", nil, []string{"2/50 ok", "VISIOCLIENT 2/1 breached"}, false},
		{"two of eight are a quarter", 8, 2, "", nil, []string{"2/50 ok", "VISIOCLIENT 2/2 ok"}, true},
		{"fifty-one are too many for one run", 900, 51, "guards: {removals: {percent: 50}}", nil, []string{"51/50 breached", "VISIOCLIENT 51/450 ok"}, false},
		{"settings state the run's limit", 900, 51, "guards: {removals: {percent: 50, users: 51}}", nil, []string{"51/51 ok", "VISIOCLIENT 51/450 ok"}, true},
		{"settings state a stricter one", 100, 2, "guards: {removals: {users: 1}}", nil, []string{"2/1 breached", "VISIOCLIENT 2/5 ok"}, false},
		{"an override for the SKU that is equal opens it", 100, 6, "", []plan.Override{sku(6)}, []string{"6/50 ok", "VISIOCLIENT 6/5 overridden"}, true},
		{"one that is too low does not", 100, 7, "", []plan.Override{sku(6)}, []string{"7/50 ok", "VISIOCLIENT 7/5 breached"}, false},
		{"one that is higher does", 100, 6, "", []plan.Override{sku(99)}, []string{"6/50 ok", "VISIOCLIENT 6/5 overridden"}, true},
		{"one for the run does not open the SKU", 100, 6, "", []plan.Override{run(6)}, []string{"6/50 ok", "VISIOCLIENT 6/5 breached"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := removing(t, c.holders, c.removed, c.settings, c.allow...)
			if diff := cmp.Diff(c.want, verdicts(p, guard.Removals)); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
			if p.Applyable != c.applyable {
				t.Errorf("applyable is %v, want %v", p.Applyable, c.applyable)
			}
		})
	}
}

func TestGuardBreachNamesTheFlag(t *testing.T) {
	t.Parallel()
	breached := removing(t, 100, 6, "").Breached()
	if len(breached) != 1 || breached[0].Allow(row(guard.Removals)) != "--allow removals:VISIOCLIENT=6" {
		t.Errorf("got %+v, want one breach that names --allow removals:VISIOCLIENT=6", breached)
	}
}

func TestGuardReplacements(t *testing.T) {
	t.Parallel()
	for users, want := range map[int][]string{200: {"200/200 ok"}, 201: {"201/200 breached"}} {
		tenant, _ := many(users, "u", "SPE_E3")
		p := fixture{t: t, tenant: "sku SPE_E3 900\nsku SPE_E5 900\n" + tenant, policies: policyForAll("up", "replace: {SPE_E3: SPE_E5}")}.compute()
		if diff := cmp.Diff(want, verdicts(p, guard.Replacements)); diff != "" {
			t.Errorf("%d replacements (-want +got):\n%s", users, diff)
		}
		if diff := cmp.Diff([]string(nil), verdicts(p, guard.Additions)); diff != "" {
			t.Errorf("a replacement counts as an addition too:\n%s", diff)
		}
	}
}

func TestGuardAdditions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		users, units int
		settings     string
		want         []string
	}{
		{"fifty are below the floor", 50, 60, "", []string{"SPE_E3 50/50 ok"}},
		{"fifty-one of sixty seats are too many", 51, 60, "", []string{"SPE_E3 51/50 breached"}},
		{"a hundred of five hundred seats are a fifth", 100, 500, "", []string{"SPE_E3 100/100 ok"}},
		{"a hundred and one are more", 101, 500, "", []string{"SPE_E3 101/100 breached"}},
		{"two hundred of ten thousand", 200, 10_000, "", []string{"SPE_E3 200/200 ok"}},
		{"two hundred and one", 201, 10_000, "", []string{"SPE_E3 201/200 breached"}},
		{"settings state a limit", 201, 10_000, "guards: {additions: {users: 300}}", []string{"SPE_E3 201/300 ok"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tenant, _ := many(c.users, "u", "")
			p := fixture{t: t, settings: c.settings, tenant: fmt.Sprintf("sku SPE_E3 %d\n%s", c.units, tenant), policies: policyForAll("all", "licenses: [SPE_E3]")}.compute()
			if diff := cmp.Diff(c.want, verdicts(p, guard.Additions)); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGuardLosses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, policies, tenant string
		want                   []string
	}{
		{"E3 to E5 loses nothing", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), "anna CH SPE_E3", []string{"0/0 ok"}},
		{"E3 to F3 falls a mailbox tier", policyForAll("a", "replace: {SPE_E3: SPE_F1}"), "anna CH SPE_E3", []string{"1/0 breached"}},
		{"F3 to F1 loses the mailbox", policyForAll("a", "replace: {SPE_F1: M365_F1}"), "anna CH SPE_F1", []string{"1/0 breached"}},
		{"a policy allows it", policyForAll("a", "replace: {SPE_F1: M365_F1}\nallow_data_loss: [mailbox]"), "anna CH SPE_F1", []string{"0/0 ok"}},
		{"allowing another family does not", policyForAll("a", "replace: {SPE_F1: M365_F1}\nallow_data_loss: [onedrive]"), "anna CH SPE_F1", []string{"1/0 breached"}},
		{"a policy that does not pick the user allows nothing", policyForAll("a", "replace: {SPE_F1: M365_F1}") +
			"- {name: b, users: {upns: [bea@contoso.com]}, absent: [VISIOCLIENT], allow_data_loss: [mailbox]}", "anna CH SPE_F1\nbea CH", []string{"1/0 breached"}},
		{"switching Exchange off loses the mailbox too", policyForAll("a", "licenses: [{sku: SPE_E3, disable: [EXCHANGE_S_ENTERPRISE]}]"), "anna CH SPE_E3", []string{"1/0 breached"}},
		{"what a group still gives is not lost", policyForAll("a", "absent: [SPE_E3]"), "anna CH SPE_E3 SPE_E3@Staff", []string{"0/0 ok"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: manageAll, tenant: seats + c.tenant, policies: c.policies}.compute()
			if diff := cmp.Diff(c.want, verdicts(p, guard.Losses)); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGuardLocations(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][]string{5: {"5/5 ok"}, 6: {"6/5 breached"}} {
		tenant, _ := many(n, "u", "")
		p := fixture{t: t, tenant: "sku SPE_E3 9\n" + tenant + "x -", policies: policyForAll("a", "usage_location: {value: DE, overwrite: all}")}.compute()
		if diff := cmp.Diff(want, verdicts(p, guard.Locations)); diff != "" {
			t.Errorf("%d overwrites and one fill (-want +got):\n%s", n, diff)
		}
	}
}

func TestGuardCorrections(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		users    int
		settings string
		allow    []plan.Override
		mode     plan.Mode
		want     []string
	}{
		{"at the limit", 50, "", nil, plan.ModeCorrections, []string{"50/50 ok"}},
		{"one over it", 51, "", nil, plan.ModeCorrections, []string{"51/50 breached"}},
		{"settings say more", 51, "guards: {corrections: {users: 60}}", nil, plan.ModeCorrections, []string{"51/60 ok"}},
		{"allowed for once", 51, "", []plan.Override{{Guard: guard.Corrections, Limit: 51}}, plan.ModeCorrections, []string{"51/50 overridden"}},
		{"any other plan is none of its concern", 51, "", nil, plan.ModePolicies, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tenant, _ := many(c.users, "u", "")
			in := fixture{t: t, settings: c.settings, tenant: "sku SPE_E3 9\nsku VISIOCLIENT 900\n" + tenant, allow: c.allow,
				policies: policyForAll("a", "licenses: [VISIOCLIENT]\nusage_location: {value: DE, overwrite: all}")}.input()
			in.Mode = c.mode
			in.Overrides = append(in.Overrides, plan.Override{Guard: guard.Additions, SKU: sku("VISIOCLIENT"), Limit: 900}, plan.Override{Guard: guard.Locations, Limit: 900})
			p := explain.Plan(in)
			if diff := cmp.Diff(c.want, verdicts(p, guard.Corrections)); diff != "" {
				t.Errorf("%d users, each with two steps (-want +got):\n%s", c.users, diff)
			}
			if breached := len(c.want) > 0 && strings.HasSuffix(c.want[0], "breached"); p.Applyable == breached {
				t.Errorf("applyable %v, guards %v", p.Applyable, p.Breached())
			}
		})
	}
}

func TestGuardsThatAlwaysStop(t *testing.T) {
	t.Parallel()
	f := fixture{t: t, settings: manageAll, tenant: seats + "anna CH", policies: policyForAll("a", "licenses: [SPE_E3]")}
	tenantID := f.snapshot().Organization.ID.String()
	for _, c := range []struct {
		name   string
		change func(*plan.Input)
		guard  guard.Name
		seen   int
	}{
		{"a whole read of the right tenant", func(*plan.Input) {}, guard.Read, 0},
		{"the tenant's own GUID", func(in *plan.Input) { in.Set.Tenant.Sandbox, in.Set.Tenant.ID = "", strings.ToUpper(tenantID) }, guard.Tenant, 0},
		{"another tenant", func(in *plan.Input) { in.Set.Tenant.Sandbox, in.Set.Tenant.ID = "", "fabrikam.com" }, guard.Tenant, 1},
		{"one of its verified domains", func(in *plan.Input) {
			in.Set.Tenant.Sandbox, in.Set.Tenant.ID = "", "Contoso.com"
			in.Snapshot.Organization.Domains = []string{"contoso.com"}
		}, guard.Tenant, 0},
		{"an incomplete read", func(in *plan.Input) { in.Snapshot.Complete, in.Snapshot.Incomplete = false, "page 3" }, guard.Read, 1},
		{"no SKUs at all", func(in *plan.Input) { in.Snapshot.SKUs = nil }, guard.Read, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := fixture{t: t, settings: f.settings, tenant: f.tenant, policies: f.policies}.input()
			c.change(&in)
			p := explain.Plan(in)
			i := slices.IndexFunc(p.Guards, func(g plan.Guard) bool { return g.Name == c.guard })
			if p.Guards[i].Seen != c.seen || (c.seen > 0) == p.Applyable {
				t.Errorf("guard %+v, applyable %v, want seen %d", p.Guards[i], p.Applyable, c.seen)
			}
			if c.seen > 0 && p.Guards[i].Allow(row(c.guard)) != "" {
				t.Errorf("a flag opens %s: %s", c.guard, p.Guards[i].Allow(row(c.guard)))
			}
		})
	}
}

func TestGuardReadWithoutUsers(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, tenant: seats, policies: policyForAll("a", "licenses: [SPE_E3]")}.compute()
	if p.Applyable || len(p.Breached()) != 1 || p.Breached()[0].Name != guard.Read {
		t.Errorf("got %+v, want the read guard to stop it", p.Breached())
	}
}

func TestComputeSeatsToBuy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, settings, tenant string
		want                   int
	}{
		{"three takers and no seat", "", "sku SPE_E5 0\na CH\nb CH\nc CH", 3},
		{"three takers and one seat", "", "sku SPE_E5 1\na CH\nb CH\nc CH", 2},
		{"an overused SKU owes first", "", "sku SPE_E5 1 others=3\na CH\nb CH", 4},
		{"the reserve is filled first", "seats: {SPE_E5: {reserve: 5}}", "sku SPE_E5 1\na CH\nb CH\nc CH", 7},
		{"group members who wait come first", "", "sku SPE_E5 0\na CH\nm CH SPE_E5@Staff!CountViolation", 2},
		{"no user waits", "", "sku SPE_E5 9\na CH", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: c.settings, tenant: c.tenant, policies: policyForAll("a", "licenses: [SPE_E5]")}.compute()
			if got := p.SKUs[0].Short; got != c.want {
				t.Errorf("short %d, want %d", got, c.want)
			}
		})
	}
}

func TestGuardRemovalsWithUnrelatedAdditions(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH SPE_E3 VISIOCLIENT", policies: policyForAll("a", "licenses: [POWER_BI_PRO]\nabsent: [VISIOCLIENT]")}.compute()
	if got := printed(p); got != lines("replace anna: +POWER_BI_PRO -VISIOCLIENT") {
		t.Errorf("plan: %s", got)
	}
	if diff := cmp.Diff([]string{"1/50 ok", "VISIOCLIENT 1/1 ok"}, verdicts(p, guard.Removals)); diff != "" {
		t.Errorf("one call that adds Power BI and takes Visio is not counted as a removal (-want +got):\n%s", diff)
	}
}

func TestGuardRemovalsAndReplacementsCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, policy, tenant  string
		removals, replacement string
	}{
		{"a license of which nothing else gives the services", "absent: [SPE_E3]", "anna CH SPE_E3", "1/50 ok, SPE_E3 1/1 ok", "0/200 ok"},
		{"a license of which another gives all services too", "absent: [SPE_E3]", "anna CH SPE_E3 SPE_E5", "1/50 ok, SPE_E3 1/1 ok", "0/200 ok"},
		{"a direct license beside a group's", "absent: [SPE_E3]", "anna CH SPE_E3 SPE_E3@Staff", "0/50 ok", "1/200 ok"},
		{"a direct license beside a group's that gives less", "absent: [SPE_E3]", "anna CH SPE_E3 SPE_E3(SWAY)@Staff", "1/50 ok, SPE_E3 1/1 ok", "0/200 ok"},
		{"a swap in which no data is lost", "replace: {SPE_E3: SPE_E5}", "anna CH SPE_E3", "0/50 ok", "1/200 ok"},
		{"a swap in which data is lost", "replace: {SPE_E3: SPE_F1}", "anna CH SPE_E3", "1/50 ok, SPE_E3 1/1 ok", "0/200 ok"},
		{"a swap in which data is lost that a policy allows to be lost", "replace: {SPE_E3: SPE_F1}\nallow_data_loss: [mailbox, archive, onedrive]", "anna CH SPE_E3", "1/50 ok, SPE_E3 1/1 ok", "0/200 ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: "manage: [SPE_E3, SPE_E5, SPE_F1]", tenant: seats + c.tenant, policies: policyForAll("a", c.policy)}.compute()
			if got := strings.Join(verdicts(p, guard.Removals), ", "); got != c.removals {
				t.Errorf("removals: got %q, want %q", got, c.removals)
			}
			if got := strings.Join(verdicts(p, guard.Replacements), ", "); got != c.replacement {
				t.Errorf("replacements: got %q, want %q", got, c.replacement)
			}
		})
	}
}

func TestGuardRemovalsStopsManySwapsInWhichDataIsLost(t *testing.T) {
	t.Parallel()
	tenant, _ := many(60, "u", "SPE_E3")
	p := fixture{t: t, settings: "manage: [SPE_E3, SPE_F1]", tenant: "sku SPE_E3 900\nsku SPE_F1 900\n" + tenant,
		policies: policyForAll("down", "replace: {SPE_E3: SPE_F1}\nallow_data_loss: [mailbox, archive, onedrive]")}.compute()
	if diff := cmp.Diff([]string{"60/50 breached", "SPE_E3 60/5 breached"}, verdicts(p, guard.Removals)); diff != "" {
		t.Errorf("removals (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"0/0 ok"}, verdicts(p, guard.Losses)); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
	if p.Applyable {
		t.Error("the plan can be applied, want it stopped")
	}
}

func TestGuardAllowAndWaiver(t *testing.T) {
	t.Parallel()
	want := map[guard.Name]string{
		guard.Removals: "sku", guard.Additions: "sku", guard.Replacements: "run", guard.Losses: "run", guard.Locations: "run", guard.Corrections: "run",
		guard.Source: "policy", guard.Implausible: "sku",
		guard.Tenant: "nothing", guard.Read: "nothing", guard.Protected: "nothing",
	}
	for _, row := range guard.All().Rows() {
		got := "nothing"
		if row.Overridable() {
			got = string(row.Scope)
		}
		if want[row.Name] == "" {
			t.Errorf("%s: state here what overrides it", row.Name)
		} else if got != want[row.Name] {
			t.Errorf("%s is overridden for a %s, want %s", row.Name, got, want[row.Name])
		}
	}
}

// Every kind of step must count in a guard: one over the limit is refused. A kind
// that is added to plan.Kinds has to be added here.
func TestGuardsCountEveryKindOfStep(t *testing.T) {
	t.Parallel()
	ten, upns := many(10, "u", "")
	cases := map[plan.Kind]struct {
		guard                   guard.Name
		settings, policy, holds string
	}{
		plan.KindAdd:      {guard.Additions, "guards: {additions: {users: 9, percent: 0}}", "licenses: [SPE_E3]", ""},
		plan.KindRemove:   {guard.Removals, "guards: {removals: {users: 9, percent: 100}}", "absent: [VISIOCLIENT]", "VISIOCLIENT"},
		plan.KindReplace:  {guard.Replacements, "guards: {replacements: {users: 9}}", "replace: {SPE_E3: SPE_E5}", "SPE_E3"},
		plan.KindPlans:    {guard.Removals, "guards: {removals: {users: 9, percent: 100}}", "licenses: [{sku: SPE_E3, disable: [SWAY]}]", "SPE_E3"},
		plan.KindLocation: {guard.Locations, "guards: {locations: {users: 9}}", "usage_location: {value: DE, overwrite: all}", ""},
	}
	for _, kind := range plan.Kinds() {
		c, known := cases[kind]
		if !known {
			t.Errorf("no guard is known to count steps of kind %q: decide in (*pendingStep).class what it counts as, and add it here", kind)
			continue
		}
		tenant := "sku SPE_E3 900\nsku SPE_E5 900\nsku VISIOCLIENT 900\n" + strings.ReplaceAll(ten, " CH ", " CH "+c.holds)
		p := fixture{t: t, settings: "manage: [SPE_E3, SPE_E5, VISIOCLIENT]\n" + c.settings, tenant: tenant,
			policies: "- name: all-of-them\n  users: {upns: [" + upns + "]}\n  " + c.policy + "\n"}.compute()
		if p.Count(kind) != 10 {
			t.Errorf("%s: want ten such steps:\n%s", kind, printed(p))
		}
		if !slices.ContainsFunc(p.Breached(), func(g plan.Guard) bool { return g.Name == c.guard }) {
			t.Errorf("%s: ten steps, a limit of nine, and the guard %s is %v", kind, c.guard, verdicts(p, c.guard))
		}
	}
}
