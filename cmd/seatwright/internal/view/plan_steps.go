package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
)

var kindTitles = map[plan.Kind]string{
	plan.KindRemove: "Removals", plan.KindReplace: "Replacements", plan.KindAdd: "Additions",
	plan.KindPlans: "Plan changes", plan.KindLocation: "Usage locations",
}

func planSteps(t *text, p *plan.Plan, kind plan.Kind) {
	lossy, offs := 0, 0
	var steps []plan.Step
	for _, step := range p.Steps {
		if step.Kind == kind && !step.InBase {
			steps = append(steps, step)
			lossy += min(1, len(step.Loses))
			if kind != plan.KindPlans && changesPlans(step) {
				offs++
			}
		}
	}
	if len(steps) == 0 {
		return
	}
	heading := fmt.Sprintf("%s (%d", kindTitles[kind], len(steps))
	if lossy > 0 {
		heading += fmt.Sprintf(", %d with a loss of data", lossy)
	}
	if offs > 0 {
		heading += fmt.Sprintf(", %d that also switch plans off", offs)
	}
	t.line("\n%s)", heading)
	slices.SortStableFunc(steps, func(a, b plan.Step) int {
		return cmp.Compare(strings.ToLower(a.User.UserPrincipalName), strings.ToLower(b.User.UserPrincipalName))
	})
	for _, step := range steps {
		planStep(t, p, step)
	}
}

// changesPlans says whether the step switches plans of a SKU that the user keeps.
func changesPlans(step plan.Step) bool {
	return slices.ContainsFunc(step.Adds(), func(add plan.License) bool { return heldBefore(step, add) })
}

func heldBefore(step plan.Step, license plan.License) bool {
	return slices.ContainsFunc(step.Before.Licenses, func(l plan.License) bool { return l.SKU == license.SKU })
}

func planStep(t *text, p *plan.Plan, step plan.Step) {
	planChange(t, step)
	planNeeds(t, p, step)
}

// planChange is a step without the others that it needs.
func planChange(t *text, step plan.Step) {
	t.line("  %s  %s", Terminal(step.User.UserPrincipalName), Terminal(change(step)))
	planLosses(t, step.Loses)
	planBecause(t, step.Because)
}

// planBecause writes each reason once: several plans switched off in one line of a
// policy are one reason to a reader.
func planBecause(t *text, because []plan.Because) {
	last := plan.Because{}
	for _, b := range because {
		same := b
		same.Column = last.Column
		if same != last {
			t.line("      %s", Terminal(becauseWords(b)))
		}
		last = b
	}
}

// planNeeds names whose seats the step takes, and what else must be done before it.
func planNeeds(t *text, p *plan.Plan, step plan.Step) {
	for i, id := range step.Needs {
		if i == maxNeeds {
			t.line("      after %d other steps", len(step.Needs)-i)
			return
		}
		if n := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.ID == id }); n >= 0 && p.Steps[n].User.ID != step.User.ID {
			t.line("      after %s  %s", Terminal(p.Steps[n].User.UserPrincipalName), Terminal(change(p.Steps[n])))
		}
	}
}

// maxNeeds is how many needed steps are named.
const maxNeeds = 3

// change is what the step does without its kind and user, plans included.
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

// maxPlanNames is how many service plans that are off are named before the rest is counted.
const maxPlanNames = 4

// plansOff names the service plans that are off, as far as the built-in table knows
// them: a plan is shown without the tenant at hand.
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

// planLosses writes what follows several losses once.
func planLosses(t *text, losses []plan.Loss) {
	for len(losses) > 0 {
		follows := lossFollows(losses[0])
		same := slices.IndexFunc(losses, func(l plan.Loss) bool { return lossFollows(l) != follows })
		if same < 0 {
			same = len(losses)
		}
		var lost []string
		for _, loss := range losses[:same] {
			lost = append(lost, lossWords(loss))
		}
		t.line("      loses %s", Terminal(strings.Join(lost, ", ")+follows))
		losses = losses[same:]
	}
}

func lossWords(l plan.Loss) string {
	switch {
	case l.To != "":
		return fmt.Sprintf("%s: %s becomes %s", l.Family, l.From, l.To)
	case !strings.EqualFold(l.From, l.Family):
		return l.Family + " (" + l.From + ")"
	}
	return l.Family
}

// lossFollows is what comes after a loss, and what undoes it.
func lossFollows(l plan.Loss) string {
	words := ""
	then := catalog.ConsequenceOf(catalog.Family(l.Family), l.From, l.To == "").Then
	switch {
	case then != "" && l.Days > 0:
		words += fmt.Sprintf("; after %s: %s", plural(l.Days, "day", "days"), then)
	case then != "":
		words += "; " + then
	}
	if l.Undo != "" {
		words += "; to undo: " + l.Undo
	}
	return words
}

func becauseWords(b plan.Because) string {
	return fmt.Sprintf("%s:%d:%d  %s: %s%s", b.File, b.Line, b.Column, b.Policy, effectWords(b), selectorWords(b))
}

// selectorWords is the selector that picked the user, and the row that names him.
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
		return "others: remove takes " + b.PartNumber
	case plan.EffectOneOf:
		return "wants another of its `one_of` set, so " + b.PartNumber + " absent"
	case plan.EffectPlansOff:
		return "turns plans of " + b.PartNumber + " off"
	case plan.EffectPlansOn:
		return "turns plans of " + b.PartNumber + " on"
	}
	return "sets the usage location"
}

func planOutcomes(t *text, title string, all []plan.Outcome) {
	outcomes := slices.DeleteFunc(slices.Clone(all), func(o plan.Outcome) bool { return o.InBase })
	if len(outcomes) == 0 {
		return
	}
	t.line("\n%s (%d)", title, len(outcomes))
	for _, o := range outcomes {
		planOutcome(t, o.Detail, o)
	}
	planHints(t, outcomes)
}

func planOutcome(t *text, why string, o plan.Outcome) {
	t.line("  %s  %s: %s", Terminal(o.User.UserPrincipalName), Terminal(cmp.Or(o.PartNumber, "usage location")), Terminal(why))
	planBecause(t, o.Because)
}

// planHints says once for each reason what can be done about it.
func planHints(t *text, outcomes []plan.Outcome) {
	told := map[plan.Reason]bool{}
	for _, o := range outcomes {
		if hint := o.Reason.Hint(); hint != "" && !told[o.Reason] {
			told[o.Reason] = true
			t.line("  hint: %s", hint)
		}
	}
}
