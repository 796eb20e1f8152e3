package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
)

// addSections fills the sections; an empty one is left out.
func (r *review) addSections(p *plan.Plan, links Links) {
	for _, kind := range plan.Kinds() {
		s := reviewSection{Key: string(kind), Title: kindTitles[kind], One: kindWords[kind][0], Step: true}
		for _, step := range p.Steps {
			if step.Kind == kind {
				s.Rows = append(s.Rows, stepRow(step, links))
			}
		}
		r.addSection(s)
	}
	for _, left := range []struct {
		key, title string
		outcomes   []plan.Outcome
	}{{"blocked", "Blocked", p.Outcomes.Blocked}, {"waiting", "Waiting", p.Outcomes.Waiting}, {"held", "Held by a guard", p.Outcomes.Held}} {
		s := reviewSection{Key: left.key, Title: left.title, One: left.key, Hints: hintsOf(left.outcomes)}
		for _, o := range left.outcomes {
			s.Rows = append(s.Rows, outcomeRow(o, links))
		}
		r.addSection(s)
	}
	reported := reviewSection{Key: "report", Title: "Report only", One: "report only", Hints: []string{"policies with mode: report would do this; nothing of it is done"}}
	for _, step := range p.Reported {
		reported.Rows = append(reported.Rows, stepRow(step, links))
	}
	r.addSection(reported)
}

// addSection sorts the rows: a loss of data is read first.
func (r *review) addSection(s reviewSection) {
	if len(s.Rows) == 0 {
		return
	}
	slices.SortStableFunc(s.Rows, func(a, b reviewRow) int {
		return cmp.Or(cmp.Compare(min(1, len(b.Losses)), min(1, len(a.Losses))), cmp.Compare(strings.ToLower(a.User), strings.ToLower(b.User)))
	})
	r.Sections = append(r.Sections, s)
}

func stepRow(step plan.Step, links Links) reviewRow {
	row := newRow(step.User, step.Because, links)
	row.Change, row.StepID = change(step), step.ID
	if step.Kind == plan.KindLocation {
		row.Location = row.Change
	}
	for _, loss := range step.Loses {
		row.Losses, row.Follows = append(row.Losses, lossWords(loss)), append(row.Follows, lossWords(loss)+lossFollows(loss))
	}
	for _, l := range step.Removes() {
		row.Removes, row.SKUs = append(row.Removes, l.PartNumber), append(row.SKUs, l.PartNumber)
	}
	for _, l := range step.Adds() {
		row.SKUs = append(row.SKUs, l.PartNumber)
		if heldBefore(step, l) {
			row.Plans = append(row.Plans, l.PartNumber+plansOff(l))
		} else {
			row.Adds = append(row.Adds, l.PartNumber+plansOff(l))
		}
	}
	return row
}

func outcomeRow(o plan.Outcome, links Links) reviewRow {
	row := newRow(o.User, o.Because, links)
	row.Change, row.Detail, row.Reason = cmp.Or(o.PartNumber, "usage location"), o.Detail, o.Reason
	if o.PartNumber != "" {
		row.SKUs = []string{o.PartNumber}
	}
	return row
}

// newRow has each reason once: several service plans that one line of a policy
// switches off are one reason to a reader.
func newRow(user plan.UserRef, because []plan.Because, links Links) reviewRow {
	row := reviewRow{UserID: user.ID.String(), User: user.UserPrincipalName, Name: user.DisplayName, OU: user.Container, Policies: slices.Sorted(maps.Keys(policiesOf(because)))}
	for _, b := range because {
		why := reason{links.place(b), b.Policy + ": " + effectWords(b) + selectorWords(b)}
		if n := len(row.Reasons); n == 0 || row.Reasons[n-1].Text != why.Text || row.Reasons[n-1].Place.Line != why.Place.Line {
			row.Reasons = append(row.Reasons, why)
		}
	}
	return row
}

// hintsOf are what can be done about outcomes, once for each reason.
func hintsOf(outcomes []plan.Outcome) []string {
	var hints []string
	for _, o := range outcomes {
		if hint := o.Reason.Hint(); hint != "" && !slices.Contains(hints, hint) {
			hints = append(hints, hint)
		}
	}
	return hints
}
