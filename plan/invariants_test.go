package plan_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// The invariants that hold for every tenant and every set of policies, on generated ones.

var invariantSKUs = []string{"SPE_E3", "SPE_E5", "SPE_F1", "POWER_BI_PRO", "VISIOCLIENT"}

// world is a generated case in the fixture's language.
type world struct {
	settings, policies, tenant string
	users                      int
}

func (w world) fixture(t testing.TB) fixture {
	prices := "currency: CHF\nmonthly: {"
	for i, name := range invariantSKUs {
		prices += fmt.Sprintf("%s: %d, ", name, i+1)
	}
	return fixture{t: t, settings: w.settings + "\nprices: prices.yaml", policies: w.policies, tenant: w.tenant, prices: strings.TrimSuffix(prices, ", ") + "}"}
}

func generateWorld(t *rapid.T) world {
	w := world{users: rapid.IntRange(1, 8).Draw(t, "users"), settings: "manage: [" + strings.Join(invariantSKUs, ", ") + "]"}
	var tenant strings.Builder
	for _, name := range invariantSKUs {
		fmt.Fprintf(&tenant, "sku %s %d others=%d\n", name, rapid.IntRange(0, 9).Draw(t, "units"), rapid.IntRange(0, 3).Draw(t, "others"))
	}
	for i := range w.users {
		fmt.Fprintf(&tenant, "u%d %s %s\n", i, rapid.SampledFrom([]string{"CH", "DE", "-"}).Draw(t, "location"), generateHoldings(t))
	}
	w.tenant = tenant.String()
	if rapid.Bool().Draw(t, "protect") {
		w.settings += "\nprotect: {upns: [u0@contoso.com]}"
	}
	if rapid.Bool().Draw(t, "one of") {
		w.settings += "\none_of: {base: [SPE_E3, SPE_E5, SPE_F1]}"
	}
	w.tenant += rapid.SampledFrom([]string{"", "", "caller u1\n", "group Admins roles : u2\n", "group Staff SPE_E3 : u0 u1 u3\n"}).Draw(t, "groups")
	for i := range rapid.IntRange(1, 4).Draw(t, "policies") {
		w.policies += generatePolicy(t, i, w.users)
	}
	return w
}

func generateHoldings(t *rapid.T) string {
	var words []string
	for _, name := range invariantSKUs {
		word := rapid.SampledFrom([]string{"", "", "", name, name, name + "(SWAY)", name + "(SWAY)@Sales", name + "@Staff", name + " " + name + "@Staff", name + "@Staff!CountViolation"}).Draw(t, "holding")
		if strings.Contains(word, "SWAY") && !slices.Contains(skuPlans[name].plans, "SWAY") {
			word = name
		}
		words = append(words, word)
	}
	words = append(words, rapid.SampledFrom([]string{"", "", "", "", "disabled", "synced", "inconsistent"}).Draw(t, "flag"))
	return strings.Join(words, " ")
}

func generatePolicy(t *rapid.T, i, users int) string {
	var upns []string
	for u := range users {
		if rapid.Bool().Draw(t, "picked") {
			upns = append(upns, fmt.Sprintf("u%d@contoso.com", u))
		}
	}
	if len(upns) == 0 {
		upns = []string{"u0@contoso.com"}
	}
	include := rapid.SampledFrom([]string{"", "", "  include: [disabled]\n"}).Draw(t, "include")
	p := fmt.Sprintf("- name: p%d\n  priority: %d\n  users: {upns: [%s]}\n", i, rapid.IntRange(0, 1).Draw(t, "priority"), strings.Join(upns, ", ")) + include
	names := slices.Clone(invariantSKUs)
	take := func() string {
		n := rapid.IntRange(0, len(names)-1).Draw(t, "sku")
		name := names[n]
		names = slices.Delete(names, n, n+1)
		return name
	}
	if rapid.IntRange(0, 4).Draw(t, "overlays") == 0 {
		p += "  plans_off: [YAMMER_ENTERPRISE]\n"
	}
	switch rapid.SampledFrom([]string{"add", "plans", "enable", "all on", "exact", "swap", "replace", "replace with plans", "absent", "none"}).Draw(t, "verb") {
	case "enable":
		p += "  licenses: [{sku: SPE_F1, enable: [TEAMS1, EXCHANGE_S_DESKLESS, SHAREPOINTDESKLESS]}]\n"
	case "all on":
		p += "  licenses: [{sku: SPE_E3, disable: none}]\n"
	case "replace with plans":
		p += "  replace: {SPE_E3: {sku: SPE_E5, disable: [SWAY]}}\n"
	case "add":
		p += "  licenses: [" + take() + ", " + take() + "]\n"
	case "plans":
		p += "  licenses: [{sku: SPE_E3, disable: [SWAY]}, " + rapid.SampledFrom([]string{"SPE_E5", "SPE_F1", "VISIOCLIENT"}).Draw(t, "beside") + "]\n"
	case "exact":
		p += "  licenses: [" + take() + "]\n  others: remove\n"
	case "swap":
		p += "  licenses: [" + take() + "]\n  absent: [" + take() + "]\n"
	case "replace":
		p += "  replace: {" + take() + ": " + take() + "}\n"
	case "absent":
		p += "  absent: [" + take() + "]\n"
	default:
		p += "  absent: all\n"
	}
	if rapid.Bool().Draw(t, "locates") {
		p += "  usage_location: " + rapid.SampledFrom([]string{"CH", "{value: DE, overwrite: all}"}).Draw(t, "value") + "\n"
	}
	return p
}

// model is a tenant that steps are carried out on, in memory.
type model struct {
	records map[state.UserID]*state.Record
	header  state.Header
	free    map[state.SKUID]int
}

func newModel(s *state.Snapshot) *model {
	m := &model{records: map[state.UserID]*state.Record{}, header: s.Header, free: map[state.SKUID]int{}}
	m.header.SKUs = slices.Clone(s.SKUs)
	for _, sku := range s.SKUs {
		m.free[sku.ID] = sku.Units() - sku.Consumed
	}
	for u := range s.Users() {
		m.records[u.ID()] = &state.Record{ID: u.ID(), UserPrincipalName: u.UserPrincipalName(), DisplayName: u.DisplayName(), Disabled: !u.Enabled(), Synced: u.Synced(),
			Inconsistent: u.Inconsistent(), UsageLocation: u.UsageLocation(), Paths: slices.Clone(u.Paths())}
	}
	return m
}

func holds(paths []state.Path, sku state.SKUID) bool {
	return slices.ContainsFunc(paths, func(p state.Path) bool { return p.SKU == sku && p.Holds() })
}

// run carries out one step, as the service would.
func (m *model) run(step plan.Step) {
	r, change := m.records[step.User.ID], step.Change()
	if change.Location != "" {
		r.UsageLocation = change.Location
		return
	}
	before := slices.Clone(r.Paths)
	r.Paths = slices.DeleteFunc(r.Paths, func(p state.Path) bool {
		return p.Direct() && (slices.Contains(change.Remove, p.SKU) || slices.ContainsFunc(change.Add, func(l state.License) bool { return l.SKU == p.SKU }))
	})
	for _, license := range change.Add {
		r.Paths = append(r.Paths, state.Path{SKU: license.SKU, State: state.PathActive, Disabled: license.Disabled})
	}
	for i := range m.header.SKUs {
		id := m.header.SKUs[i].ID
		switch had, has := holds(before, id), holds(r.Paths, id); {
		case had && !has:
			m.free[id]++
			m.header.SKUs[i].Consumed--
		case !had && has:
			m.free[id]--
			m.header.SKUs[i].Consumed++
		}
	}
}

func (m *model) snapshot(t testing.TB) *state.Snapshot {
	b := state.NewBuilder()
	for _, r := range m.records {
		if err := b.Add(*r); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Snapshot(m.header)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestComputeInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := generateWorld(rt)
		in := w.fixture(t).input()
		p, details := plan.Compute(in)
		checkDeciding(rt, p, details)
		p = explain.Plan(in)
		checkPartition(rt, in, p)
		checkReach(rt, in, p)
		checkSwaps(rt, in, p)
		checkHalves(rt, in, p)
		checkSeats(rt, in, p)
		checkRest(t, rt, in, p)
		checkFilters(rt, in, p)
		checkHold(rt, in, p)
		checkExplained(rt, in, p)
		checkCost(rt, in, p)
	})
}

// checkDeciding: the policies that decide a step are those that its reasons name.
func checkDeciding(rt *rapid.T, p *plan.Plan, details *plan.Details) {
	for i, step := range p.Steps {
		var named []string
		for _, b := range step.Because {
			named = append(named, b.Policy)
		}
		slices.Sort(named)
		if deciding := details.Step(i).Deciding(); len(deciding) == 0 || !slices.Equal(deciding, slices.Compact(named)) {
			rt.Fatalf("%s is decided by %v, its reasons name %v:\n%s", step, deciding, named, printed(p))
		}
	}
}

// checkPartition: every assignment ends in exactly one outcome, so the counts add up.
func checkPartition(rt *rapid.T, in plan.Input, p *plan.Plan) {
	inSteps := 0
	for _, step := range p.Steps {
		inSteps += len(step.Adds()) + len(step.Removes())
	}
	outcomes := 0
	for _, o := range slices.Concat(p.Outcomes.Blocked, p.Outcomes.Waiting, p.Outcomes.Held) {
		if o.PartNumber != "" {
			outcomes++
		}
	}
	total := inSteps + outcomes + p.Outcomes.Keep + p.Outcomes.Ignored + p.Outcomes.Filtered
	if want := in.Snapshot.Len() * len(invariantSKUs); total != want {
		rt.Fatalf("%d assignments are accounted for, there are %d:\n%s", total, want, printed(p))
	}
}

// checkReach: users that no policy picks are not touched, and protected users lose nothing.
func checkReach(rt *rapid.T, in plan.Input, p *plan.Plan) {
	picked, protected := map[state.UserID]bool{}, map[state.UserID]bool{}
	for _, hits := range in.Matches.Policies {
		for _, hit := range hits {
			picked[in.Snapshot.User(int(hit.User)).ID()] = true
		}
	}
	for _, hit := range in.Matches.Protected {
		protected[in.Snapshot.User(int(hit.User)).ID()] = true
	}
	protected[in.Snapshot.Caller] = true
	for _, group := range in.Snapshot.Groups {
		for _, id := range group.Everyone {
			protected[id] = protected[id] || group.RoleAssignable
		}
	}
	for _, step := range p.Steps {
		if !picked[step.User.ID] {
			rt.Fatalf("no policy picks the user of %s", step)
		}
		if overwrites := step.Before.UsageLocation.Value != ""; protected[step.User.ID] && (len(step.Removes()) > 0 || cuts(step) || overwrites) {
			rt.Fatalf("a protected user loses something: %s", step)
		}
	}
	for _, g := range p.Guards {
		if g.Name == guard.Protected && g.Verdict != plan.VerdictOK {
			rt.Fatalf("the protected guard fired: %+v", g)
		}
	}
}

// cuts reports whether a service plan is switched off on a license that stays.
func cuts(step plan.Step) bool {
	for _, after := range step.After.Licenses {
		for _, before := range step.Before.Licenses {
			if before.SKU == after.SKU && slices.ContainsFunc(after.DisabledPlans, func(id state.PlanID) bool { return !slices.Contains(before.DisabledPlans, id) }) {
				return true
			}
		}
	}
	return false
}

// checkSwaps: a user that does not get a wanted SKU loses no service plan that it contains.
func checkSwaps(rt *rapid.T, in plan.Input, p *plan.Plan) {
	after := newModel(in.Snapshot)
	for _, step := range p.Steps {
		after.run(step)
	}
	for _, o := range slices.Concat(p.Outcomes.Blocked, p.Outcomes.Waiting) {
		if o.PartNumber == "" || !slices.ContainsFunc(o.Because, func(b plan.Because) bool { return b.Effect == plan.EffectWant }) || o.Reason == plan.ReasonConflict {
			continue
		}
		user, _ := in.Snapshot.Find(o.User.ID)
		had, has := on(user.Paths()), on(after.records[o.User.ID].Paths)
		for _, name := range skuPlans[o.PartNumber].plans {
			if had[name] && !has[name] {
				rt.Fatalf("%s loses %s, which the wanted %s contains, and does not get it:\n%s", o.User.UserPrincipalName, name, o.PartNumber, printed(p))
			}
		}
	}
}

// checkHalves: a user that loses a SKU by `replace` has the other one in the end.
func checkHalves(rt *rapid.T, in plan.Input, p *plan.Plan) {
	after := newModel(in.Snapshot)
	for _, step := range p.Steps {
		after.run(step)
	}
	for _, step := range p.Steps {
		for _, b := range step.Because {
			i := slices.IndexFunc(in.Set.Policies, func(policy policies.Policy) bool { return policy.Name == b.Policy })
			for _, r := range in.Set.Policies[i].Replace {
				if b.Effect == plan.EffectAbsent && in.Catalog.PartNumber(r.From.ID) == b.PartNumber && !holds(after.records[step.User.ID].Paths, r.To.SKU.ID) {
					rt.Fatalf("half a replacement by %s: %s\n%s", b.Policy, step, printed(p))
				}
			}
		}
	}
}

// on returns the names of the plans that paths turn on.
func on(paths []state.Path) map[string]bool {
	plans := map[string]bool{}
	for name, known := range skuPlans {
		for _, path := range paths {
			if path.SKU != sku(name) || !path.Holds() {
				continue
			}
			for _, p := range known.plans {
				if p != "EXCHANGE_S_FOUNDATION" && !state.HasPlan(path.Disabled, state.MustParseID[state.ServicePlan](planIDs[p])) {
					plans[p] = true
				}
			}
		}
	}
	return plans
}

// checkSeats: in any order that respects needs, free seats never fall below min(0, start),
// and no step takes a seat that is not there, which the service would refuse.
func checkSeats(rt *rapid.T, in plan.Input, p *plan.Plan) {
	m := newModel(in.Snapshot)
	start := map[state.SKUID]int{}
	for id, n := range m.free {
		start[id] = min(0, n)
	}
	order := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "order"), 1))
	done := map[string]bool{}
	for len(done) < len(p.Steps) {
		var ready []plan.Step
		for _, step := range p.Steps {
			if !done[step.ID] && !slices.ContainsFunc(step.Needs, func(id string) bool { return !done[id] }) {
				ready = append(ready, step)
			}
		}
		if len(ready) == 0 {
			rt.Fatalf("steps wait for each other:\n%s", printed(p))
		}
		step := ready[order.IntN(len(ready))]
		before := maps.Clone(m.free)
		m.run(step)
		done[step.ID] = true
		for id, n := range m.free {
			if n < start[id] || n < before[id] && n < 0 {
				rt.Fatalf("after %s %s has %d seats, it began with %d:\n%s", step, in.Catalog.PartNumber(id), n, start[id], printed(p))
			}
		}
	}
}

// checkRest: once carried out, a second plan wants no step.
func checkRest(t testing.TB, rt *rapid.T, in plan.Input, p *plan.Plan) {
	m := newModel(in.Snapshot)
	for _, step := range p.Steps {
		m.run(step)
	}
	again := in
	again.Snapshot = m.snapshot(t)
	if second := explain.Plan(again); len(second.Steps) > 0 {
		rt.Fatalf("first plan:\n%s\nsecond plan:\n%s", printed(p), printed(second))
	}
}

// checkFilters: flags only take steps away, whole ones, and never add any.
func checkFilters(rt *rapid.T, in plan.Input, p *plan.Plan) {
	all := map[string]bool{}
	for _, step := range p.Steps {
		all[step.ID] = true
	}
	filtered := in
	filtered.Filters.NoRemovals = true
	for _, step := range explain.Plan(filtered).Steps {
		if len(step.Removes()) > 0 || cuts(step) {
			rt.Fatalf("--no-removals left %s", step)
		}
	}
	approved := *p
	approved.Steps = slices.DeleteFunc(slices.Clone(p.Steps), func(plan.Step) bool { return rapid.Bool().Draw(rt, "approved") })
	filtered = in
	filtered.Filters.Approved = &approved
	for _, step := range explain.Plan(filtered).Steps {
		if !slices.ContainsFunc(approved.Steps, func(s plan.Step) bool { return s.ID == step.ID }) {
			rt.Fatalf("%s is not approved", step)
		}
	}
	approved.Steps = p.Steps
	same := explain.Plan(filtered)
	if !slices.EqualFunc(same.Steps, p.Steps, func(a, b plan.Step) bool { return a.ID == b.ID && slices.Equal(a.Needs, b.Needs) }) {
		rt.Fatalf("approved as a whole, the steps change from\n%s\nto\n%s", printed(p), printed(same))
	}
}

// checkHold: holding takes steps away and adds none, every assignment of a breached plan is
// accounted for, and nothing is left that stops what could be held.
func checkHold(rt *rapid.T, in plan.Input, p *plan.Plan) {
	in.Hold = true
	held := explain.Plan(in)
	checkPartition(rt, in, held)
	for _, g := range held.Breached() {
		if g.Class == guard.Hold {
			rt.Fatalf("with --hold the guard %s of %s still stops:\n%s", g.Name, g.SKU, printed(held))
		}
	}
	if len(p.Breached()) == 0 && printed(p) != printed(held) {
		rt.Fatalf("nothing is breached, and --hold changes\n%s\nto\n%s", printed(p), printed(held))
	}
}

// checkExplained: what is explained to a user are the plan's steps, and what its
// outcomes say.
func checkExplained(rt *rapid.T, in plan.Input, p *plan.Plan) {
	user := in.Snapshot.User(rapid.IntRange(0, in.Snapshot.Len()-1).Draw(rt, "explained"))
	e := explain.User(in, user)
	var steps []string
	for _, step := range p.Steps {
		if step.User.ID == user.ID() {
			steps = append(steps, step.ID)
		}
	}
	if !slices.EqualFunc(e.Steps, steps, func(s plan.Step, id string) bool { return s.ID == id }) {
		rt.Fatalf("%d steps are explained to %s, the plan has %d:\n%s", len(e.Steps), user.UserPrincipalName(), len(steps), printed(p))
	}
	said := map[string]string{}
	for _, sku := range e.SKUs {
		said[sku.PartNumber] = sku.Outcome
	}
	for word, outcomes := range map[string][]plan.Outcome{"blocked": p.Outcomes.Blocked, "waiting": p.Outcomes.Waiting} {
		for _, o := range outcomes {
			if o.User.ID == user.ID() && o.PartNumber != "" && said[o.PartNumber] != word {
				rt.Fatalf("%s of %s is %s, and explained as %q", o.PartNumber, user.UserPrincipalName(), word, said[o.PartNumber])
			}
		}
	}
}

// checkCost: what the plan costs is the seats that come into use and go out of it, and
// the policies' parts add up to it.
func checkCost(rt *rapid.T, in plan.Input, p *plan.Plan) {
	m := newModel(in.Snapshot)
	before := maps.Clone(m.free)
	for _, step := range p.Steps {
		m.run(step)
	}
	var want, parts int64
	for i, name := range invariantSKUs {
		want += int64(before[sku(name)]-m.free[sku(name)]) * int64(100*(i+1))
	}
	for _, policy := range p.Cost.Policies {
		parts += policy.Cents
	}
	if p.Cost.Cents != want || parts != want {
		rt.Fatalf("the plan costs %d, by policies %d, by seats %d:\n%s", p.Cost.Cents, parts, want, printed(p))
	}
}

func TestComputeInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := generateWorld(rt)
		one := w.fixture(t)
		want := printed(one.compute())
		seed := rapid.Uint64().Draw(rt, "seed")
		one.shuffle = func(users []string) {
			rand.New(rand.NewPCG(seed, 2)).Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })
		}
		policies := strings.Split("\n"+strings.TrimSuffix(one.policies, "\n"), "\n- ")[1:]
		slices.Reverse(policies)
		one.policies = "- " + strings.Join(policies, "\n- ") + "\n"
		one.apart = true
		if got := printed(one.compute()); got != want {
			rt.Fatalf("in one order:\n%s\nin another:\n%s", want, got)
		}
	})
}
