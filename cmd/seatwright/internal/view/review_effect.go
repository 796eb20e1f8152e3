package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
)

// The parts of a plan that was compared with the plan before a change of policies.
const (
	sinceChange = "this change"
	sinceBefore = "before it"
	sinceEnded  = "ended by it"
)

// effectOfChange returns in a sentence what a change of policies does; "" without a base.
func effectOfChange(p *plan.Plan) string {
	switch base := p.Base; {
	case base == nil:
		return ""
	case base.Trouble != "":
		return fmt.Sprintf("The effect of this change is unknown: the policies of %s make no plan: %s.", since(base), base.Trouble)
	case !p.Changed():
		return fmt.Sprintf("This change, since %s, has no effect: all steps are done without it too.", since(base))
	default:
		return fmt.Sprintf("This change, since %s: %s. No longer done: %s. Without this change too: %s.", since(base),
			cmp.Or(countParts(p, false), "nothing"), cmp.Or(strings.Join(countSteps(base.Ended), ", "), "nothing"), cmp.Or(countParts(p, true), "nothing"))
	}
}

func since(base *plan.Base) string { return fmt.Sprintf("%s (%.12s)", base.Name, base.Commit) }

// countParts counts the steps and outcomes that the base has too, or the others.
func countParts(p *plan.Plan, inBase bool) string {
	parts := countSteps(slices.DeleteFunc(slices.Clone(p.Steps), func(s plan.Step) bool { return s.InBase != inBase }))
	for _, of := range outcomesBySort(p.Outcomes) {
		n := 0
		for _, o := range of.outcomes {
			if o.InBase == inBase {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, of.sort))
		}
	}
	return strings.Join(parts, ", ")
}

// settingsWords returns which settings count; "" for those beside the policies.
func settingsWords(p *plan.Plan) string {
	if p.Settings == nil {
		return ""
	}
	words := fmt.Sprintf("Settings are from %s (%.12s).", p.Settings.Name, p.Settings.Commit)
	if len(p.Settings.Changed) > 0 {
		words += fmt.Sprintf(" Changes to settings in this branch do not count here: %s.", strings.Join(p.Settings.Changed, ", "))
	}
	return words
}
