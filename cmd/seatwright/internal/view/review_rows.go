package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
)

// addSections fills the sections; an empty one is left out. With a base, what would be
// done without the change too stands together behind the rest.
func (r *review) addSections(p *plan.Plan, links Links) {
	rows, before := map[string][]reviewRow{}, []reviewRow{}
	put := func(row reviewRow, inBase bool) {
		switch {
		case inBase:
			row.Since = sinceBefore
			before = append(before, row)
			return
		case p.Base != nil && p.Base.Trouble == "":
			row.Since = sinceChange
		}
		rows[row.Kind] = append(rows[row.Kind], row)
	}
	for _, step := range p.Steps {
		put(stepRow(step, links), step.InBase)
	}
	for _, kind := range plan.Kinds() {
		r.addSection(reviewSection{Key: string(kind), Title: kindTitles[kind], One: kindWords[kind][0], Step: true, Rows: rows[string(kind)]})
	}
	for _, left := range outcomesBySort(p.Outcomes) {
		for _, o := range left.outcomes {
			put(outcomeRow(left.sort, o, links), o.InBase)
		}
		r.addSection(reviewSection{Key: left.sort, Title: left.title, One: left.sort, Hints: hintsOf(left.outcomes), Rows: rows[left.sort]})
	}
	reported := reviewSection{Key: "report", Title: "Report only", One: "report only", Hints: []string{"policies with mode: report would do this; nothing of it is done"}}
	for _, step := range p.Reported {
		row := stepRow(step, links)
		row.Kind = reported.Key
		reported.Rows = append(reported.Rows, row)
	}
	r.addSection(reported)
	r.addSection(endedSection(p))
	r.addSection(reviewSection{Key: "before", Title: "Without this change too", One: "before it", Rows: before,
		Hints: []string{"the policies of before the change would do, and leave, the same"}})
}

// sortedOutcomes are outcomes of one sort.
type sortedOutcomes struct {
	sort, title string
	outcomes    []plan.Outcome
}

func outcomesBySort(o plan.Outcomes) []sortedOutcomes {
	return []sortedOutcomes{{"blocked", "Blocked", o.Blocked}, {"waiting", "Waiting", o.Waiting}, {"held", "Held by a guard", o.Held}}
}

// endedSection is what the policies of before the change alone would do. Their lines
// have no links: the files at hand are others.
func endedSection(p *plan.Plan) reviewSection {
	s := reviewSection{Key: "ended", Title: "Not done any more", One: "ended by it", Hints: []string{"the policies of before the change would do this; nothing of it is done"}}
	if p.Base == nil {
		return s
	}
	for _, step := range p.Base.Ended {
		row := stepRow(step, Links{})
		row.Since, row.StepID = sinceEnded, ""
		s.Rows = append(s.Rows, row)
	}
	for _, o := range p.Base.EndedOutcomes {
		row := outcomeRow(o.Sort, o.Outcome, Links{})
		row.Since = sinceEnded
		s.Rows = append(s.Rows, row)
	}
	return s
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
	row.Kind, row.Change, row.StepID = string(step.Kind), change(step), step.ID
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

func outcomeRow(sort string, o plan.Outcome, links Links) reviewRow {
	row := newRow(o.User, o.Because, links)
	row.Kind, row.Change, row.Detail, row.Reason = sort, cmp.Or(o.PartNumber, "usage location"), o.Detail, o.Reason
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
