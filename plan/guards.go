package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// GuardName names a guard in settings, flags and plans.
type GuardName string

// The guards. Each looks at the steps that are left at the end, and at nothing that
// a file claims.
const (
	GuardTenant       GuardName = "tenant"
	GuardRead         GuardName = "read"
	GuardRemovals     GuardName = "removals"
	GuardReplacements GuardName = "replacements"
	GuardAdditions    GuardName = "additions"
	GuardLosses       GuardName = "losses"
	GuardLocations    GuardName = "locations"
	GuardSource       GuardName = "source"
	GuardImplausible  GuardName = "implausible"
	GuardCorrections  GuardName = "corrections"
	GuardProtected    GuardName = "protected"
)

// Scope is what the limit of a guard is for, and so what --allow may name.
type Scope string

// The scopes of guards.
const (
	ScopeRun    Scope = "run"
	ScopeSKU    Scope = "sku" // or the run, where the guard counts that too
	ScopePolicy Scope = "policy"
)

// guard is one entry of the guard table.
type guard struct {
	name  GuardName
	class Class
	scope Scope
	look  func(*planner, []*draft) []Guard
}

func guardTable() []guard {
	return []guard{
		{GuardTenant, ClassStop, ScopeRun, (*planner).guardTenant},
		{GuardRead, ClassStop, ScopeRun, (*planner).guardRead},
		{GuardRemovals, ClassHold, ScopeSKU, (*planner).guardRemovals},
		{GuardReplacements, ClassHold, ScopeRun, (*planner).guardReplacements},
		{GuardAdditions, ClassStop, ScopeSKU, (*planner).guardAdditions},
		{GuardLosses, ClassHold, ScopeRun, (*planner).guardLosses},
		{GuardLocations, ClassHold, ScopeRun, (*planner).guardLocations},
		{GuardSource, ClassHold, ScopePolicy, (*planner).guardSource},
		{GuardImplausible, ClassHold, ScopeSKU, (*planner).guardImplausible},
		{GuardCorrections, ClassStop, ScopeRun, (*planner).guardCorrections},
		{GuardProtected, ClassAssertion, ScopeRun, (*planner).guardProtected},
	}
}

// Allowable says whether --allow and waivers can lift the guard, and for what.
func Allowable(name GuardName) (Scope, bool) {
	for _, g := range guardTable() {
		if g.name == name {
			return g.scope, name.opens()
		}
	}
	return "", false
}

// opens says that an override lifts the guard: everything but what must be true.
func (n GuardName) opens() bool {
	return n != GuardTenant && n != GuardRead && n != GuardProtected
}

// guards looks at the final steps through every guard.
func (p *planner) guards(steps []*draft) []Guard {
	out := []Guard{}
	for _, g := range guardTable() {
		for _, seen := range g.look(p, steps) {
			seen.Name, seen.Class = g.name, g.class
			p.judge(&seen)
			out = append(out, seen)
		}
	}
	return out
}

// judge compares what was seen with the limit, or with the override for it.
func (p *planner) judge(g *Guard) {
	if g.Verdict != "" {
		return
	}
	g.Verdict = VerdictOK
	if g.Seen <= g.Limit {
		return
	}
	g.Verdict = VerdictBreached
	if limit, given := p.override(*g); given {
		g.Override = &limit
		if g.Seen <= limit {
			g.Verdict = VerdictOverridden
		}
	}
}

// override is the highest limit that a flag or a waiver gives for just this. There is
// none for what must be true, whoever says so.
func (p *planner) override(g Guard) (limit int, given bool) {
	if !g.Name.opens() {
		return 0, false
	}
	for _, o := range p.Overrides {
		sku := ""
		if !o.SKU.IsZero() {
			sku = p.part(o.SKU)
		}
		if o.Guard == g.Name && sku == g.SKU && o.Policy == g.Policy {
			limit, given = max(limit, o.Limit), true
		}
	}
	return limit, given
}

// guardTenant compares the tenant that answered with the one the settings name.
func (p *planner) guardTenant([]*draft) []Guard {
	g := Guard{Detail: WrongTenant(p.Set.Tenant, p.Snapshot.Organization)}
	if g.Detail != "" {
		g.Seen = 1
	}
	return []Guard{g}
}

// WrongTenant says why an organization is not the one that the settings name, by
// its id or one of its verified domains; "" if it is. A sandbox names none.
func WrongTenant(settings policies.Tenant, org state.Organization) string {
	id, isID := settings.ParsedID()
	if settings.IsSandbox() || isID && id == org.ID || slices.Contains(org.Domains, strings.ToLower(settings.ID)) {
		return ""
	}
	return fmt.Sprintf("the credential belongs to %s (%s), the settings name %s", org.ID, org.DisplayName, settings.ID)
}

// guardRead refuses to conclude anything from a read that cannot be whole.
func (p *planner) guardRead([]*draft) []Guard {
	g := Guard{}
	switch {
	case !p.Snapshot.Complete:
		g.Seen, g.Detail = 1, "the tenant was not read to the end: "+p.Snapshot.Incomplete
	case p.Snapshot.Len() == 0:
		g.Seen, g.Detail = 1, "the tenant shows no users"
	case len(p.Snapshot.SKUs) == 0:
		g.Seen, g.Detail = 1, "the tenant shows no SKUs"
	}
	return []Guard{g}
}

// guardRemovals limits how many lose something, per SKU and in the whole run. Users
// whom earlier runs took it from count too, so that a removal cut into slices is seen.
func (p *planner) guardRemovals(steps []*draft) []Guard {
	limit := p.Set.Tenant.Guards.Removals
	users, perSKU := map[state.UserID]bool{}, map[state.SKUID]map[state.UserID]bool{}
	for _, d := range steps {
		if d.class() != classRemoval {
			continue
		}
		users[d.User.ID] = true
		for _, sku := range d.cut {
			if perSKU[sku] == nil {
				perSKU[sku] = map[state.UserID]bool{}
			}
			perSKU[sku][d.User.ID] = true
		}
	}
	recent := p.Recent.stillGone(p.Snapshot)
	all := withRecent(Guard{Limit: stated(limit.Users, 50)}, users, recent.users())
	holders := p.census().direct
	seen := map[state.SKUID]int{}
	for sku, users := range perSKU {
		seen[sku] = len(users)
	}
	guards := p.perSKU(seen, func(sku state.SKUID) int {
		percent := stated(limit.Percent, 5)
		return min(max(5, share(holders[sku], percent)), max(1, share(holders[sku], max(25, percent))))
	})
	for i := range guards {
		for sku, users := range perSKU {
			if p.part(sku) == guards[i].SKU {
				guards[i] = withRecent(guards[i], users, recent[sku])
			}
		}
	}
	return append([]Guard{all}, guards...)
}

// withRecent counts those of earlier runs on top of those of this one, if it has any.
func withRecent(g Guard, now, recent map[state.UserID]bool) Guard {
	g.Seen = len(now)
	if len(now) == 0 {
		return g
	}
	earlier := 0
	for user := range recent {
		if !now[user] {
			earlier++
		}
	}
	if earlier > 0 {
		g.Seen += earlier
		g.Detail = fmt.Sprintf("%d of them by runs of the last 7 days", earlier)
	}
	return g
}

func (p *planner) guardReplacements(steps []*draft) []Guard {
	return []Guard{{Limit: stated(p.Set.Tenant.Guards.Replacements.Users, 200), Seen: count(steps, func(d *draft) bool { return d.class() == classReplacement })}}
}

// guardAdditions limits how many get a SKU, swaps apart and whatever else the same
// call does: a wrong OU can spend every seat there is.
func (p *planner) guardAdditions(steps []*draft) []Guard {
	limit := p.Set.Tenant.Guards.Additions
	perSKU := map[state.SKUID]int{}
	for _, d := range steps {
		for _, u := range d.units {
			if u.removes() {
				continue
			}
			for _, sku := range u.adds() {
				perSKU[sku]++
			}
		}
	}
	return p.perSKU(perSKU, func(id state.SKUID) int {
		sku, _ := p.Snapshot.SKU(id)
		return min(stated(limit.Users, 200), max(50, share(sku.Units(), stated(limit.Percent, 20))))
	})
}

// guardLosses counts users who lose data that no policy of theirs allows to be lost.
func (p *planner) guardLosses(steps []*draft) []Guard {
	users := map[state.UserID]bool{}
	for _, d := range steps {
		for _, loss := range d.Loses {
			if !d.person.mayLose(loss.Family) {
				users[d.User.ID] = true
			}
		}
	}
	return []Guard{{Limit: stated(p.Set.Tenant.Guards.Losses.Users, 0), Seen: len(users)}}
}

func (x *person) mayLose(family string) bool {
	return slices.ContainsFunc(x.matches, func(m match) bool {
		return slices.ContainsFunc(m.policy.AllowDataLoss, func(l policies.LossRef) bool { return l.Family == family })
	})
}

// guardLocations limits how many locations are written over.
func (p *planner) guardLocations(steps []*draft) []Guard {
	return []Guard{{Limit: stated(p.Set.Tenant.Guards.Locations.Users, 5), Seen: count(steps, (*draft).overwrites)}}
}

// overwrites says that a location is set where there is one already.
func (d *draft) overwrites() bool {
	return d.Kind == KindLocation && d.Before.UsageLocation.Value != ""
}

// guardCorrections limits how many users are changed because the tenant is not as the
// last run left it: a day like any other drifts little. Other plans are none of its
// concern.
func (p *planner) guardCorrections(steps []*draft) []Guard {
	if p.Mode != ModeCorrections {
		return nil
	}
	users := map[state.UserID]bool{}
	for _, d := range steps {
		users[d.User.ID] = true
	}
	return []Guard{{Limit: stated(p.Set.Tenant.Guards.Corrections.Users, 50), Seen: len(users)}}
}

// guardProtected asserts what the stages before have seen to.
func (p *planner) guardProtected(steps []*draft) []Guard {
	g := Guard{Seen: count(steps, func(d *draft) bool {
		return p.isProtected(d.person.user) && (d.takes || d.overwrites())
	})}
	if g.Seen > 0 {
		g.Detail = "a protected user would lose something: this is a defect of Seatwright, please report it"
	}
	return []Guard{g}
}

// perSKU makes a guard entry for each SKU, by part number.
func (p *planner) perSKU(seen map[state.SKUID]int, limit func(state.SKUID) int) []Guard {
	guards := make([]Guard, 0, len(seen))
	for _, sku := range slices.SortedFunc(maps.Keys(seen), state.SKUID.Compare) {
		guards = append(guards, Guard{SKU: p.part(sku), Limit: limit(sku), Seen: seen[sku]})
	}
	slices.SortStableFunc(guards, func(a, b Guard) int { return cmp.Compare(a.SKU, b.SKU) })
	return guards
}

// stepClass is what a step counts as for the guards.
type stepClass string

const (
	classAddition    stepClass = "addition"
	classReplacement stepClass = "replacement"
	classRemoval     stepClass = "removal"
	classLocation    stepClass = "location"
)

// class sorts a step into the one class it counts in.
func (d *draft) class() stepClass {
	switch {
	case d.Kind == KindLocation:
		return classLocation
	case !d.takes:
		return classAddition
	case len(d.Loses) > 0 || d.Kind == KindPlans || d.bare():
		return classRemoval
	}
	return classReplacement
}

// bare says that something is taken without anything in its place: an unrelated
// licence that the same call happens to add makes no replacement of it. A direct path
// beside that of a group is nothing, if no service plan goes with it.
func (d *draft) bare() bool {
	return slices.ContainsFunc(d.units, func(u *unit) bool {
		return u.removes() && len(u.adds()) == 0 && (d.shrinks || len(u.frees) > 0)
	})
}

func count(steps []*draft, of func(*draft) bool) int {
	n := 0
	for _, d := range steps {
		if of(d) {
			n++
		}
	}
	return n
}

// share is a percentage in whole seats, rounded down. No fractions: zero of zero
// is zero here and nowhere a NaN that passes every comparison.
func share(of, percent int) int { return of * percent / 100 }

func stated(value *int, otherwise int) int {
	if value == nil {
		return otherwise
	}
	return *value
}
