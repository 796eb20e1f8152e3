package view

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// reviewSection has the rows of one kind of step, outcome or drift. A row is made when it is
// read, since the words of a million steps need more memory than the steps.
type reviewSection struct {
	Key, Title, One string
	Step            bool // its rows are steps of one kind, which would be done
	Mixed           bool // its rows are steps and outcomes, none of them caused by the change at hand
	Folds           bool // of drift: it needs no attention
	Data            bool // of drift: its rows are about data, and have no policy behind them
	Hints           []string

	items []reviewItem
}

// The keys of sections that are not a kind of step.
const (
	sectionBlocked = "blocked"
	sectionWaiting = "waiting"
	sectionHeld    = "held"
	sectionReport  = "report"
	sectionEnded   = "ended"
	sectionBefore  = "before"
)

// reviewItem makes a row, and has the values by which rows are counted and sorted.
type reviewItem struct {
	user     *plan.UserRef
	kind     int  // the place of the kind of step in plan.Kinds, or noKind
	lossy    int  // 1: the step loses data
	switches bool // the step also switches service plans of a SKU that the user keeps
	row      func() reviewRow
}

// noKind sorts behind all kinds of steps.
const noKind = 1 << 10

// Len returns the number of rows.
func (s reviewSection) Len() int { return len(s.items) }

// Rows returns the rows in order.
func (s reviewSection) Rows() iter.Seq[reviewRow] {
	return func(yield func(reviewRow) bool) {
		for _, item := range s.items {
			if !yield(item.row()) {
				return
			}
		}
	}
}

// reviewRow is one step, one assignment that is not done, or one item of drift.
type reviewRow struct {
	Step           bool   // it is about a change
	Kind           string // of step, sort of outcome or of drift
	Since          string // with a base: "this change", "before it", or "ended by it"
	UserID         state.UserID
	User, Name     string
	OU             string
	Change         string // "-SPE_E3 +SPE_E5", the SKU of an outcome, or what drifted
	Detail         string // of an outcome: why; of drift: who changed it
	Reason         plan.Reason
	Adds, Removes  []string // SKUs of a step, with the service plans that are off
	Plans          []string // SKUs that stay and whose service plans change
	Location       string   // "unset -> CH"
	Losses         []reviewLoss
	Reasons        []reason
	Needs          []reviewNeed // the first steps of other users that must be done before
	MoreNeeds      int
	Policies, SKUs []string
	StepID         string
	Key            string // of drift: what accept.yaml names it by
}

// reviewLoss is a loss, what happens after it, and what undoes it.
type reviewLoss struct{ What, Follows string }

// Whole returns the loss with what happens after it.
func (l reviewLoss) Whole() string { return l.What + l.Follows }

func lossNames(losses []reviewLoss) []string {
	var names []string
	for _, loss := range losses {
		names = append(names, loss.What)
	}
	return names
}

// reviewNeed is a step that must be done before another.
type reviewNeed struct{ User, Change string }

// maxNamed is how many users, or needed steps, are named before the rest is counted.
const maxNamed = 3

// addSections adds the sections in the order of the plan, and leaves out empty ones. With a
// base, what is done without the change too is in a section of its own.
func (r *review) addSections(p *plan.Plan, links Links) {
	items, before := map[string][]reviewItem{}, []reviewItem{}
	put := func(key string, item reviewItem, inBase bool) {
		if inBase {
			before = append(before, item)
			return
		}
		items[key] = append(items[key], item)
	}
	since := ""
	if p.Base != nil && p.Base.Trouble == "" {
		since = sinceChange
	}
	addNeeds := needsIn(p)
	done := func(row *reviewRow, step *plan.Step) { row.Since = since; addNeeds(row, step) }
	inBase := func(row *reviewRow, _ *plan.Step) { row.Since = sinceBefore }
	for i := range p.Steps {
		step, finish := &p.Steps[i], done
		if step.InBase {
			finish = inBase
		}
		put(string(step.Kind), stepItem(step, links, finish), step.InBase)
	}
	for _, kind := range plan.Kinds() {
		r.addSection(reviewSection{Key: string(kind), Title: kindTitles[kind], One: kindWords[kind][0], Step: true, items: items[string(kind)]})
	}
	for _, left := range outcomesBySort(p.Outcomes) {
		var hints []string
		for i := range left.outcomes {
			o, when := &left.outcomes[i], since
			if o.InBase {
				when = sinceBefore
			} else { // the others are in a section of their own
				hints = addHint(hints, o.Reason)
			}
			put(left.sort, outcomeItem(left.sort, o, when, links), o.InBase)
		}
		r.addSection(reviewSection{Key: left.sort, Title: left.title, One: left.sort, Hints: hints, items: items[left.sort]})
	}
	r.addReported(p, links, addNeeds)
	r.addEnded(p)
	r.addSection(reviewSection{Key: sectionBefore, Title: "Without this change too", One: "before it", Mixed: true, items: before,
		Hints: []string{"the policies before the change do the same"}})
}

// addReported adds what policies with mode: report would do.
func (r *review) addReported(p *plan.Plan, links Links, addNeeds func(*reviewRow, *plan.Step)) {
	s := reviewSection{Key: sectionReport, Title: "Report only", One: "report only", Hints: []string{"policies with mode: report would do this; it is not done"}}
	for i := range p.Reported {
		s.items = append(s.items, stepItem(&p.Reported[i], links, func(row *reviewRow, step *plan.Step) { row.Kind = s.Key; addNeeds(row, step) }))
	}
	r.addSection(s)
}

// addEnded adds what only the policies before the change would do. Their lines have no links:
// the files have changed.
func (r *review) addEnded(p *plan.Plan) {
	if p.Base == nil {
		return
	}
	s := reviewSection{Key: sectionEnded, Title: "No longer done", One: "ended by it", Mixed: true, Hints: []string{"the policies before the change would do this; it is not done"}}
	for i := range p.Base.Ended {
		s.items = append(s.items, stepItem(&p.Base.Ended[i], Links{}, func(row *reviewRow, _ *plan.Step) { row.Since, row.StepID = sinceEnded, "" }))
	}
	for i := range p.Base.EndedOutcomes {
		o := &p.Base.EndedOutcomes[i]
		s.items = append(s.items, outcomeItem(o.Sort, &o.Outcome, sinceEnded, Links{}))
	}
	r.addSection(s)
}

func (r *review) addSection(s reviewSection) {
	if s.Len() > 0 {
		r.Sections = append(r.Sections, s)
	}
}

// sortedOutcomes are outcomes of one sort.
type sortedOutcomes struct {
	sort, title string
	outcomes    []plan.Outcome
}

func outcomesBySort(o plan.Outcomes) []sortedOutcomes {
	return []sortedOutcomes{{sectionBlocked, "Blocked", o.Blocked}, {sectionWaiting, "Waiting", o.Waiting}, {sectionHeld, "Held by a guard", o.Held}}
}

// sectionsWhere returns the sections for which a function returns true.
func sectionsWhere(sections []reviewSection, is func(reviewSection) bool) []reviewSection {
	return slices.DeleteFunc(slices.Clone(sections), func(s reviewSection) bool { return !is(s) })
}

func compareUsers(a, b reviewItem) int {
	return cmp.Compare(strings.ToLower(a.user.UserPrincipalName), strings.ToLower(b.user.UserPrincipalName))
}

// compareLosses puts a loss of data first, and then sorts by user.
func compareLosses(a, b reviewItem) int {
	return cmp.Or(cmp.Compare(b.lossy, a.lossy), compareUsers(a, b))
}

// needsIn returns a function that adds to a row the steps of other users that must be done
// before its step, because they free a seat.
func needsIn(p *plan.Plan) func(*reviewRow, *plan.Step) {
	needs := func(s plan.Step) bool { return len(s.Needs) > 0 }
	if !slices.ContainsFunc(p.Steps, needs) && !slices.ContainsFunc(p.Reported, needs) {
		return func(*reviewRow, *plan.Step) {}
	}
	byID := make(map[string]*plan.Step, len(p.Steps))
	for i := range p.Steps {
		byID[p.Steps[i].ID] = &p.Steps[i]
	}
	return func(row *reviewRow, step *plan.Step) {
		for i, id := range step.Needs {
			if i == maxNamed {
				row.MoreNeeds = len(step.Needs) - i
				return
			}
			if need := byID[id]; need != nil && need.User.ID != step.User.ID {
				row.Needs = append(row.Needs, reviewNeed{need.User.UserPrincipalName, change(*need)})
			}
		}
	}
}

func stepItem(step *plan.Step, links Links, finish func(*reviewRow, *plan.Step)) reviewItem {
	return reviewItem{
		user: &step.User, kind: slices.Index(plan.Kinds(), step.Kind), lossy: min(1, len(step.Loses)), switches: step.Kind != plan.KindPlans && changesPlans(*step),
		row: func() reviewRow {
			row := stepRow(step, links)
			finish(&row, step)
			return row
		},
	}
}

func outcomeItem(sort string, o *plan.Outcome, since string, links Links) reviewItem {
	return reviewItem{user: &o.User, kind: noKind, row: func() reviewRow {
		row := newRow(o.User, o.Because, links)
		row.Kind, row.Since, row.Change, row.Detail, row.Reason = sort, since, cmp.Or(o.PartNumber, "usage location"), o.Detail, o.Reason
		if o.PartNumber != "" {
			row.SKUs = []string{o.PartNumber}
		}
		return row
	}}
}

func stepRow(step *plan.Step, links Links) reviewRow {
	row := newRow(step.User, step.Because, links)
	row.Step, row.Kind, row.Change, row.StepID, row.Losses = true, string(step.Kind), change(*step), step.ID, reviewLosses(step.Loses)
	if step.Kind == plan.KindLocation {
		row.Location = row.Change
	}
	for _, l := range step.Removes() {
		row.Removes, row.SKUs = append(row.Removes, l.PartNumber), append(row.SKUs, l.PartNumber)
	}
	for _, l := range step.Adds() {
		row.SKUs = append(row.SKUs, l.PartNumber)
		if heldBefore(*step, l) {
			row.Plans = append(row.Plans, l.PartNumber+plansOff(l))
		} else {
			row.Adds = append(row.Adds, l.PartNumber+plansOff(l))
		}
	}
	return row
}

func reviewLosses(losses []plan.Loss) []reviewLoss {
	var all []reviewLoss
	for _, loss := range losses {
		all = append(all, reviewLoss{lossWords(loss), lossFollows(loss)})
	}
	return all
}

func newRow(user plan.UserRef, because []plan.Because, links Links) reviewRow {
	return reviewRow{UserID: user.ID, User: user.UserPrincipalName, Name: user.DisplayName, OU: user.Container, Policies: policiesOf(because), Reasons: reasonsOf(because, links)}
}

// policiesOf returns the names of the policies, sorted, each once.
func policiesOf(because []plan.Because) []string {
	var names []string
	for _, b := range because {
		names = append(names, b.Policy)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// addHint adds the hint of a reason, once.
func addHint(hints []string, reason plan.Reason) []string {
	if hint := reason.Hint(); hint != "" && !slices.Contains(hints, hint) {
		return append(hints, hint)
	}
	return hints
}
