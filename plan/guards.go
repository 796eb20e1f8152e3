package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// measure returns what a guard sees of the final steps: one entry for each of its
// limits, without name and class. checked is false if there is no data to measure by.
type measure func(r *review, row guard.Row, steps []*pendingStep) (seen []Guard, checked bool)

// rules are the guards that a plan is held to: the table, and for each of its rows the
// function that measures.
type rules struct {
	table    guard.Table
	measures map[guard.Name]measure
}

func ownRules() rules { return rules{guard.All(), measures()} }

// measures returns the functions of the rows of [guard.All]. Each looks at the steps that
// are left at the end, and at nothing that a file claims.
func measures() map[guard.Name]measure {
	return map[guard.Name]measure{
		guard.Tenant:       (*review).measureTenant,
		guard.Read:         (*review).measureRead,
		guard.Removals:     (*review).measureRemovals,
		guard.Replacements: (*review).measureCounted,
		guard.Additions:    (*review).measureAdditions,
		guard.Losses:       (*review).measureLosses,
		guard.Locations:    (*review).measureCounted,
		guard.Source:       (*review).measureSources,
		guard.Implausible:  (*review).measureSeats,
		guard.Corrections:  (*review).measureCorrections,
		guard.Protected:    (*review).measureProtected,
	}
}

// review holds steps to the guards. With `--hold` one review sees every attempt.
type review struct {
	*facts
	exceptionShrunk map[string]bool // policies whose exceptions shrank; "": `protect` of the settings
}

func newReview(f *facts) *review { return &review{f, map[string]bool{}} }

// guards measures the final steps by every row of the table.
func (r *review) guards(steps []*pendingStep) []Guard {
	out := []Guard{}
	for _, row := range r.rules.table.Rows() {
		for _, seen := range r.measured(row, steps) {
			seen.Name, seen.Class = row.Name, row.Class
			r.judge(row, &seen)
			out = append(out, seen)
		}
	}
	return out
}

// measured returns the entries of one row. A guard without data is not checked, which the
// plan shows: it must not look like one that is ok.
func (r *review) measured(row guard.Row, steps []*pendingStep) []Guard {
	var seen []Guard
	checked := false
	if measure := r.rules.measures[row.Name]; measure != nil {
		seen, checked = measure(r, row, steps)
	}
	if checked {
		return seen
	}
	if len(seen) == 0 {
		seen = []Guard{{Limit: r.limit(row, guard.KeyUsers), Detail: "there is no data to measure it by"}}
	}
	for i := range seen {
		seen[i].Verdict = VerdictNotChecked
	}
	return seen
}

// limit returns the number of the settings, or the default of the row.
func (r *review) limit(row guard.Row, key guard.Key) int {
	return r.Set.Tenant.Guards.Limit(row, key)
}

// judge compares what was seen with the limit, or with the override for it.
func (r *review) judge(row guard.Row, g *Guard) {
	if g.Verdict != "" {
		return
	}
	g.Verdict = VerdictOK
	if g.Seen <= g.Limit {
		return
	}
	g.Verdict = VerdictBreached
	if limit, given := r.override(row, *g); given {
		g.Override = &limit
		if g.Seen <= limit {
			g.Verdict = VerdictOverridden
		}
	}
}

// override returns the highest limit that a flag or a waiver gives for this entry. Some
// guards cannot be overridden, since what they check must always be true.
func (r *review) override(row guard.Row, g Guard) (limit int, given bool) {
	if !row.Overridable() {
		return 0, false
	}
	for _, o := range r.Overrides {
		sku := ""
		if !o.SKU.IsZero() {
			sku = r.part(o.SKU)
		}
		if o.Guard == g.Name && sku == g.SKU && o.Policy == g.Policy {
			limit, given = max(limit, o.Limit), true
		}
	}
	return limit, given
}

// measureTenant compares the tenant that answered with the one the settings name.
func (r *review) measureTenant(guard.Row, []*pendingStep) ([]Guard, bool) {
	g := Guard{Detail: WrongTenant(r.Set.Tenant, r.Snapshot.Organization)}
	if g.Detail != "" {
		g.Seen = 1
	}
	return []Guard{g}, true
}

// WrongTenant returns why an organization is not the one that the settings name, by its id
// or one of its verified domains, or "" if it is. A sandbox names none.
func WrongTenant(settings policies.Tenant, org state.Organization) string {
	id, isID := settings.ParsedID()
	if settings.IsSandbox() || isID && id == org.ID || slices.Contains(org.Domains, strings.ToLower(settings.ID)) {
		return ""
	}
	return fmt.Sprintf("the credential belongs to %s (%s), the settings name %s", org.ID, org.DisplayName, settings.ID)
}

// measureRead refuses to decide anything from a read that cannot be complete.
func (r *review) measureRead(guard.Row, []*pendingStep) ([]Guard, bool) {
	g := Guard{}
	switch {
	case !r.Snapshot.Complete:
		g.Seen, g.Detail = 1, "the tenant was not read to the end: "+r.Snapshot.Incomplete
	case r.Snapshot.Len() == 0:
		g.Seen, g.Detail = 1, "the tenant shows no users"
	case len(r.Snapshot.SKUs) == 0:
		g.Seen, g.Detail = 1, "the tenant shows no SKUs"
	}
	return []Guard{g}, true
}

// measureRemovals limits how many users lose something, per SKU and in the whole run. Removals
// of earlier runs count too, so that a large removal in small runs is seen.
func (r *review) measureRemovals(row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	users, perSKU := map[state.UserID]bool{}, map[state.SKUID]map[state.UserID]bool{}
	for _, d := range steps {
		if !d.countedAs(row.Counts) {
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
	recent := r.Recent.stillGone(r.Snapshot)
	all := withRecent(Guard{Limit: r.limit(row, guard.KeyUsers)}, users, recent.users())
	holders := r.census().Direct
	seen := map[state.SKUID]int{}
	for sku, users := range perSKU {
		seen[sku] = len(users)
	}
	guards := r.perSKU(seen, func(sku state.SKUID) int {
		percent := r.limit(row, guard.KeyPercent)
		return min(max(5, portionOf(holders[sku], percent)), max(1, portionOf(holders[sku], max(25, percent))))
	})
	for i := range guards {
		for sku, users := range perSKU {
			if r.part(sku) == guards[i].SKU {
				guards[i] = withRecent(guards[i], users, recent[sku])
			}
		}
	}
	return append([]Guard{all}, guards...), true
}

// withRecent adds the users of earlier runs to those of this run, if it has any.
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

// measureCounted counts the steps that the row names in the whole run.
func (r *review) measureCounted(row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	return []Guard{{Limit: r.limit(row, guard.KeyUsers), Seen: countSteps(steps, func(d *pendingStep) bool { return d.countedAs(row.Counts) })}}, true
}

// measureAdditions limits how many users get a SKU. Swaps do not count, and other changes of
// the same call do not matter: a wrong OU can spend every seat there is.
func (r *review) measureAdditions(row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	perSKU := map[state.SKUID]int{}
	for _, d := range steps {
		for _, u := range d.groups {
			if !u.onlyAdds() {
				continue
			}
			for _, sku := range u.adds() {
				perSKU[sku]++
			}
		}
	}
	return r.perSKU(perSKU, func(id state.SKUID) int {
		sku, _ := r.Snapshot.SKU(id)
		return min(r.limit(row, guard.KeyUsers), max(50, portionOf(sku.Units(), r.limit(row, guard.KeyPercent))))
	}), true
}

// measureLosses counts users that lose data although no policy of the user allows the loss.
func (r *review) measureLosses(row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	users := map[state.UserID]bool{}
	for _, d := range steps {
		for _, loss := range d.Loses {
			if !d.userPlan.mayLose(loss.Family) {
				users[d.User.ID] = true
			}
		}
	}
	return []Guard{{Limit: r.limit(row, guard.KeyUsers), Seen: len(users)}}, true
}

func (x *userPlan) mayLose(family string) bool {
	return slices.ContainsFunc(x.matches, func(m match) bool {
		return slices.ContainsFunc(m.policy.AllowDataLoss, func(l policies.LossRef) bool { return l.Family == family })
	})
}

// overwrites reports whether the step replaces a usage location.
func (d *pendingStep) overwrites() bool {
	return d.Kind == KindLocation && d.Before.UsageLocation.Value != ""
}

// measureCorrections limits how many users are changed because the tenant differs from
// what the last run left: on a normal day little drifts. Other plans have no such limit.
func (r *review) measureCorrections(row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	if r.Mode != ModeCorrections {
		return nil, true
	}
	users := map[state.UserID]bool{}
	for _, d := range steps {
		users[d.User.ID] = true
	}
	return []Guard{{Limit: r.limit(row, guard.KeyUsers), Seen: len(users)}}, true
}

// measureProtected checks that the earlier stages took nothing from protected users.
func (r *review) measureProtected(row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	g := Guard{Seen: countSteps(steps, func(d *pendingStep) bool {
		return r.isProtected(d.userPlan.user) && d.countedAs(row.Counts)
	})}
	if g.Seen > 0 {
		g.Detail = "a protected user would lose something: this is a defect of Seatwright, please report it"
	}
	return []Guard{g}, true
}

// perSKU returns a guard entry for each SKU, by part number.
func (r *review) perSKU(seen map[state.SKUID]int, limit func(state.SKUID) int) []Guard {
	guards := make([]Guard, 0, len(seen))
	for _, sku := range slices.SortedFunc(maps.Keys(seen), state.SKUID.Compare) {
		guards = append(guards, Guard{SKU: r.part(sku), Limit: limit(sku), Seen: seen[sku]})
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

// class returns the one class that the step counts in.
func (d *pendingStep) class() stepClass {
	switch {
	case d.Kind == KindLocation:
		return classLocation
	case !d.takes:
		return classAddition
	case len(d.Loses) > 0 || d.Kind == KindPlans || d.takesUnreplaced():
		return classRemoval
	}
	return classReplacement
}

// countedAs reports whether a guard that counts such steps counts this one.
func (d *pendingStep) countedAs(counts guard.Counts) bool {
	switch counts {
	case guard.CountsAll:
		return true
	case guard.CountsTaking:
		return d.takes || d.overwrites()
	case guard.CountsRemovals:
		return d.class() == classRemoval
	case guard.CountsReplacements:
		return d.class() == classReplacement
	case guard.CountsAdditions:
		return slices.ContainsFunc(d.groups, (*swapGroup).onlyAdds)
	case guard.CountsLosses:
		return len(d.Loses) > 0
	case guard.CountsOverwrites:
		return d.overwrites()
	}
	return false
}

// onlyAdds reports whether the group gives a SKU and takes none for it.
func (u *swapGroup) onlyAdds() bool { return !u.removes() && len(u.adds()) > 0 }

// takesUnreplaced reports whether a removal has no replacement. An unrelated license that the
// same call adds does not count as one. A direct path beside that of a group does not count
// as a removal if the user loses no service plan.
func (d *pendingStep) takesUnreplaced() bool {
	return slices.ContainsFunc(d.groups, func(u *swapGroup) bool {
		return u.removes() && len(u.adds()) == 0 && (d.shrinks || len(u.frees) > 0)
	})
}

func countSteps(steps []*pendingStep, of func(*pendingStep) bool) int {
	n := 0
	for _, d := range steps {
		if of(d) {
			n++
		}
	}
	return n
}

// portionOf returns a percentage in whole seats, rounded down. Integers only: zero of zero is
// zero, and never a NaN that passes every comparison.
func portionOf(of, percent int) int { return of * percent / 100 }
