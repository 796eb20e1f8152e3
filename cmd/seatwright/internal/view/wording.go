package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
)

var kindTitles = map[plan.Kind]string{
	plan.KindRemove: "Removals", plan.KindReplace: "Replacements", plan.KindAdd: "Additions",
	plan.KindPlans: "Service plan changes", plan.KindLocation: "Usage locations",
}

// kindWords are the kinds of steps, singular and plural.
var kindWords = map[plan.Kind][2]string{
	plan.KindRemove:   {"removal", "removals"},
	plan.KindReplace:  {"replacement", "replacements"},
	plan.KindAdd:      {"addition", "additions"},
	plan.KindPlans:    {"service plan change", "service plan changes"},
	plan.KindLocation: {"location", "locations"},
}

// planSummary returns a plan in one line.
func planSummary(p *plan.Plan) string {
	parts := countSteps(p.Steps)
	text := "Nothing to do."
	if len(parts) > 0 {
		text = strings.Join(parts, ", ") + "."
	}
	return text + notDone(p, " (assignments).")
}

// totalWords are the kinds of steps in the line of totals.
var totalWords = map[plan.Kind]string{
	plan.KindRemove: "remove", plan.KindReplace: "replace", plan.KindAdd: "add",
	plan.KindPlans: "change service plans", plan.KindLocation: "set a usage location",
}

// planTotalsWords returns the steps by kind in one line: "Plan: 5 to remove, 10 to add."
func planTotalsWords(p *plan.Plan) string {
	counts, parts := countKinds(p.Steps), []string{}
	for _, kind := range plan.Kinds() {
		if n := counts[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", n, totalWords[kind]))
		}
	}
	return "Plan: " + cmp.Or(strings.Join(parts, ", "), "no changes") + "." + notDone(p, ".")
}

// notDone returns a sentence on what the plan leaves undone; "" for nothing.
func notDone(p *plan.Plan, end string) string {
	var rest []string
	for _, left := range []struct {
		n    int
		word string
	}{{len(p.Outcomes.Blocked), "blocked"}, {len(p.Outcomes.Waiting), "waiting"}, {len(p.Outcomes.Held), "held"}, {p.Outcomes.Filtered, "left out by " + strings.Join(p.Filters, ", ")}} {
		if left.n > 0 {
			rest = append(rest, fmt.Sprintf("%d %s", left.n, left.word))
		}
	}
	if len(rest) == 0 {
		return ""
	}
	return " Not done: " + strings.Join(rest, ", ") + end
}

func countKinds(steps []plan.Step) map[plan.Kind]int {
	counts := map[plan.Kind]int{}
	for _, step := range steps {
		counts[step.Kind]++
	}
	return counts
}

func countSteps(steps []plan.Step) []string {
	counts := countKinds(steps)
	var parts []string
	for _, kind := range plan.Kinds() {
		if n := counts[kind]; n > 0 {
			parts = append(parts, plural(n, kindWords[kind][0], kindWords[kind][1]))
		}
	}
	return parts
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func owned(enabled, warning int) string {
	if warning > 0 {
		return fmt.Sprintf("%d + %d in grace", enabled, warning)
	}
	return fmt.Sprint(enabled)
}

// free returns the seats that can be assigned, of those that are unused. The number of unused
// seats can be negative.
func free(unused, reserve int) string {
	switch kept := min(reserve, unused); {
	case unused < 0:
		return fmt.Sprintf("0 (%d over)", -unused)
	case kept > 0:
		return fmt.Sprintf("%d + %d reserved", unused-kept, kept)
	}
	return fmt.Sprint(unused)
}

func blankZero(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// changesPlans reports whether the step switches service plans of a SKU that the user keeps.
func changesPlans(step plan.Step) bool {
	return slices.ContainsFunc(step.Adds(), func(add plan.License) bool { return heldBefore(step, add) })
}

func heldBefore(step plan.Step, license plan.License) bool {
	return slices.ContainsFunc(step.Before.Licenses, func(l plan.License) bool { return l.SKU == license.SKU })
}

// change returns what the step does, service plans included, without its kind and user.
func change(step plan.Step) string {
	if step.Kind == plan.KindLocation {
		return fmt.Sprintf("%s -> %s", cmp.Or(step.Before.UsageLocation.Value, "unset"), step.After.UsageLocation.Value)
	}
	var parts []string
	for _, remove := range step.Removes() {
		parts = append(parts, "-"+remove.PartNumber)
	}
	for _, add := range step.Adds() {
		sign := "+"
		if heldBefore(step, add) {
			sign = "~"
		}
		parts = append(parts, sign+add.PartNumber+plansOff(add))
	}
	return strings.Join(parts, " ")
}

// maxPlanNames is how many service plans are named before the rest is counted.
const maxPlanNames = 4

// plansOff returns the names of the service plans that are off. Only the built-in table has
// names: a plan is shown without the tenant.
func plansOff(l plan.License) string {
	if len(l.DisabledPlans) == 0 {
		return ""
	}
	var names []string
	for _, id := range l.DisabledPlans {
		names = append(names, catalog.Builtin().PlanName(id))
	}
	slices.Sort(names)
	if more := len(names) - maxPlanNames; more > 0 {
		names = append(names[:maxPlanNames], fmt.Sprintf("%d more", more))
	}
	return fmt.Sprintf(" (off: %s)", strings.Join(names, ", "))
}

func lossWords(l plan.Loss) string {
	switch tier := lossTier(l); {
	case l.To != "":
		return l.Family + ": " + tier
	case tier != "":
		return l.Family + " (" + tier + ")"
	}
	return l.Family
}

// lossTier returns what of a family is lost, if the family has tiers.
func lossTier(l plan.Loss) string {
	switch {
	case l.To != "":
		return l.From + " becomes " + l.To
	case !strings.EqualFold(l.From, l.Family):
		return l.From
	}
	return ""
}

// lossThen returns what happens after a loss, and when; "" where that is not known.
func lossThen(l plan.Loss) string {
	then := catalog.ConsequenceOf(catalog.Family(l.Family), l.From, l.To == "").Then
	if then != "" && l.Days > 0 {
		return fmt.Sprintf("after %s: %s", plural(l.Days, "day", "days"), then)
	}
	return then
}

// lossFollows returns what happens after a loss, and what undoes it.
func lossFollows(l plan.Loss) string {
	words := ""
	if then := lossThen(l); then != "" {
		words += "; " + then
	}
	if l.Undo != "" {
		words += "; to undo: " + l.Undo
	}
	return words
}

// selectorWords returns the selector that selected the user, and the row that names the user.
func selectorWords(b plan.Because) string {
	switch {
	case b.Selector == "":
		return ""
	case b.Row > 0:
		return fmt.Sprintf("  (%s, row %d)", b.Selector, b.Row)
	}
	return "  (" + b.Selector + ")"
}

func effectWords(b plan.Because) string {
	switch b.Effect {
	case plan.EffectWant:
		return "wants " + b.PartNumber
	case plan.EffectAbsent:
		return "wants " + b.PartNumber + " absent"
	case plan.EffectImplied:
		return "others: remove wants " + b.PartNumber + " absent"
	case plan.EffectOneOf:
		return "wants another of its `one_of` set, so " + b.PartNumber + " absent"
	case plan.EffectPlansOff:
		return "switches service plans of " + b.PartNumber + " off"
	case plan.EffectPlansOn:
		return "switches service plans of " + b.PartNumber + " on"
	}
	return "sets the usage location"
}

// someOf returns the first names and the count of the rest. More is how many names are not in
// the list.
func someOf(names []string, more, most int) string {
	if len(names) > most {
		names, more = slices.Clone(names[:most]), more+len(names)-most
	}
	if more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}

func minute(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 MST") }

// money returns an amount with its sign, "+57.00 CHF"; "" without a price.
func money(a amount) string {
	if a.Currency == "" {
		return ""
	}
	sign, cents := "+", a.Cents
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, cents/100, cents%100, escape.Text(a.Currency))
}
