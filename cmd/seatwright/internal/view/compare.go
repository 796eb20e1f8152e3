package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
)

// comparisonJSON is a comparison as JSON. The steps are in the two plans.
type comparisonJSON struct {
	FormatVersion int            `json:"format_version"`
	A             comparedPlan   `json:"a"`
	B             comparedPlan   `json:"b"`
	Steps         comparedSteps  `json:"steps"`
	Outcomes      comparedPairs  `json:"outcomes"`
	Seats         []comparedSKUs `json:"seats"`
}

type comparedPlan struct {
	Tenant      plan.Tenant `json:"tenant"`
	CreatedAt   string      `json:"created_at"`
	Commit      string      `json:"commit"`
	Digest      string      `json:"digest"`
	StepsDigest string      `json:"steps_digest"`
}

type comparedSteps struct {
	Both  []comparedStep `json:"both"`
	OnlyA []comparedStep `json:"only_a"`
	OnlyB []comparedStep `json:"only_b"`
}

type comparedStep struct {
	ID     string       `json:"id"`
	User   plan.UserRef `json:"user"`
	Kind   plan.Kind    `json:"kind"`
	Change string       `json:"change"`
}

type (
	comparedPairs = explain.ComparedOutcomes
	comparedSKUs  = explain.ComparedSeats
)

// Comparison writes what two plans have in common, and what only one of them has.
func Comparison(w io.Writer, format Format, a, b *plan.Plan, c explain.Comparison) error {
	if format == FormatJSON {
		return writeJSON(w, comparisonJSON{
			FormatVersion: 1, A: newComparedPlan(a), B: newComparedPlan(b), Outcomes: c.Outcomes, Seats: c.Seats,
			Steps: comparedSteps{newComparedSteps(c.Both), newComparedSteps(c.OnlyA), newComparedSteps(c.OnlyB)},
		})
	}
	t := newText(w, screen.Screen{})
	for _, side := range []struct {
		name string
		plan *plan.Plan
	}{{"A", a}, {"B", b}} {
		t.Line("%s: made %s, %s", side.name, minute(side.plan.CreatedAt), escape.Text(planSummary(side.plan)))
	}
	t.Line("In both plans: %s, and %s not done.", plural(len(c.Both), "step", "steps"), plural(c.Outcomes.Both, "assignment", "assignments"))
	if c.Same() {
		t.Line("The plans are the same.")
		return t.Err()
	}
	comparedSide(t, "Only in A", c.OnlyA, c.Outcomes.OnlyA)
	comparedSide(t, "Only in B", c.OnlyB, c.Outcomes.OnlyB)
	comparedSeats(t, c.Seats)
	return t.Err()
}

func comparedSide(t *text, title string, steps []plan.Step, outcomes []plan.SortedOutcome) {
	if len(steps)+len(outcomes) == 0 {
		return
	}
	t.Line("\n%s (%s, %d not done)", title, plural(len(steps), "step", "steps"), len(outcomes))
	for _, kind := range plan.Kinds() {
		for _, step := range steps {
			if step.Kind == kind {
				planChange(t, step)
			}
		}
	}
	for _, o := range outcomes {
		t.Line("  %s  %s %s: %s", escape.Text(o.User.UserPrincipalName), escape.Text(cmp.Or(o.PartNumber, "usage location")), o.Sort, escape.Text(o.Detail))
		planBecause(t, o.Because)
	}
}

func comparedSeats(t *text, seats []explain.ComparedSeats) {
	if len(seats) == 0 {
		return
	}
	var before, after []string
	for _, s := range seats {
		before, after = append(before, seatLine(s.A)...), append(after, seatLine(s.B)...)
	}
	t.Line("\nSeats (- in A, + in B)")
	for _, line := range lineDiff(before, after) {
		t.Line("  %s", escape.Text(line))
	}
}

func seatLine(s *plan.SKU) []string {
	if s == nil {
		return nil
	}
	words := []string{
		"bought " + owned(s.Enabled, s.Warning), fmt.Sprintf("in use %d", s.Consumed),
		"free now " + free(s.AvailableBefore+s.Reserve, s.Reserve), "after " + free(s.AvailableAfter+s.Reserve, s.Reserve),
	}
	if s.Short > 0 {
		words = append(words, fmt.Sprintf("to buy %d", s.Short))
	}
	return []string{strings.ReplaceAll(s.PartNumber, "\n", " ") + ": " + strings.Join(words, ", ")}
}

func newComparedPlan(p *plan.Plan) comparedPlan {
	return comparedPlan{p.Tenant, p.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"), p.Commit, p.Digest, p.StepsDigest}
}

func newComparedSteps(steps []plan.Step) []comparedStep {
	all := []comparedStep{}
	for _, s := range steps {
		all = append(all, comparedStep{s.ID, s.User, s.Kind, change(s)})
	}
	return all
}
