package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/policies/guard"
)

// driftFormats are the formats of a report of drift, in the order of the documentation.
var driftFormats = []renderer[*drift.Report]{
	{FormatText, func(w io.Writer, r *drift.Report, o PlanOptions) error {
		return driftText(w, newDriftReview(r, o.Links))
	}},
	{FormatJSON, func(w io.Writer, r *drift.Report, _ PlanOptions) error { return writeJSON(w, r) }},
	{FormatMarkdown, func(w io.Writer, r *drift.Report, o PlanOptions) error {
		return driftMarkdown(w, newDriftReview(r, o.Links), o.Budget)
	}},
	{FormatGitHub, func(w io.Writer, r *drift.Report, o PlanOptions) error {
		d := newDriftReview(r, o.Links)
		return writeAnnotations(w, githubDialect, d.annotations(), d.Summary)
	}},
	{FormatGitLab, func(w io.Writer, r *drift.Report, o PlanOptions) error {
		return writeGitLab(w, newDriftReview(r, o.Links).annotations(), o.Links)
	}},
	{FormatAzure, func(w io.Writer, r *drift.Report, o PlanOptions) error {
		d := newDriftReview(r, o.Links)
		return writeAnnotations(w, azureDialect, d.annotations(), d.Summary)
	}},
}

// DriftFormats returns the formats of [ShowDrift], in the order of the documentation.
func DriftFormats() []Format { return formatsOf(driftFormats) }

// ShowDrift writes the report.
func ShowDrift(w io.Writer, r *drift.Report, o PlanOptions) error {
	return render(w, "drift", driftFormats, redactDrift(r, o.Redact), o)
}

// driftReview is the model of a report of drift. Its sections are those of a [review], and
// nothing in it is escaped either.
type driftReview struct {
	Tenant   string
	Summary  string
	Next     string   // what to do about it; "": nothing, or it was tried
	Alerts   []string // what the report lacks, and how to get it
	Sections []reviewSection
	Notes    []string
	Facts    []string
}

func newDriftReview(r *drift.Report, links Links) *driftReview {
	d := &driftReview{Tenant: r.Tenant.Name, Summary: driftSummary(r), Next: driftNext(r), Notes: r.Notes}
	if r.Undecided != "" {
		d.Alerts = append(d.Alerts, withHint("Drift cannot be distinguished from pending changes: "+r.Undecided, r.Hint))
	}
	if !r.Audit.Read && r.Audit.Why != "" {
		d.Alerts = append(d.Alerts, withHint("Who made the changes is unknown: "+r.Audit.Why, r.Audit.Hint))
	}
	for _, g := range r.Guards {
		row, _ := guard.Lookup(g.Name)
		d.Alerts = append(d.Alerts, "Guard: "+guardWords(row, g))
	}
	d.addNews(r, links)
	d.addOrphans(r)
	d.addRest(r, links)
	d.Facts = driftFacts(r)
	return d
}

func withHint(text, hint string) string {
	if hint == "" {
		return text
	}
	return text + "; " + hint
}

// driftSummary returns the report in one line.
func driftSummary(r *drift.Report) string {
	counts := []struct {
		n    int
		word string
	}{
		{r.Count(func(x *drift.Item) bool { return x.NeedsAttention() && x.Flapping != nil }), "flapping"},
		{r.Count(func(x *drift.Item) bool {
			return x.NeedsAttention() && x.Flapping == nil && x.Serves() && x.Class == drift.Drift
		}), "drifted"},
		{r.Count(func(x *drift.Item) bool { return x.NeedsAttention() && x.Serves() && x.Class == drift.Undecided }), "undecided"},
		{r.Count(func(x *drift.Item) bool { return x.NeedsAttention() && !x.Serves() }), "new that no step can correct"},
		{r.Count(func(x *drift.Item) bool { return x.Corrected }), "corrected"},
		{r.Count(func(x *drift.Item) bool { return x.Class == drift.Pending }), "pending"},
		{r.Count(func(x *drift.Item) bool { return x.Known && x.Accepted == nil }), "known"},
		{r.Count(func(x *drift.Item) bool { return x.Accepted != nil }), "accepted"},
	}
	var parts []string
	for _, c := range counts {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	text := "No drift."
	if r.AttentionCount() > 0 {
		text = plural(r.AttentionCount(), "item needs", "items need") + " attention."
	}
	if len(parts) > 0 {
		text += " Assignments: " + strings.Join(parts, ", ") + "."
	}
	return text
}

// driftNext returns the commands that correct the drift. No command is to decide about flapping
// items and changes that a run of ours made.
func driftNext(r *drift.Report) string {
	drifted := func(x *drift.Item) bool {
		return x.NeedsAttention() && x.Class == drift.Drift && x.Serves() && x.Flapping == nil && !x.Ours() && x.Result == ""
	}
	if r.Count(drifted) == 0 {
		return ""
	}
	return "To correct only the drift: seatwright drift --correct additive, or --correct all. To apply pending changes too: seatwright apply. To keep a change, add its key to accept.yaml."
}

// maxGroups is how many actors have a heading of their own.
const maxGroups = 5

// addNews adds flapping items first, and then drift by actor.
func (d *driftReview) addNews(r *drift.Report, links Links) {
	byWho, order := map[string][]reviewItem{}, []string{}
	var fights, stuck []reviewItem
	for i := range r.Items {
		x := &r.Items[i]
		switch item := driftItem(x, links); {
		case !x.NeedsAttention():
		case x.Flapping != nil:
			fights = append(fights, item)
		case !x.Serves():
			stuck = append(stuck, item)
		default:
			who := groupOf(x)
			if byWho[who] == nil {
				order = append(order, who)
			}
			byWho[who] = append(byWho[who], item)
		}
	}
	d.add(reviewSection{Key: "fight", Title: "Flapping: corrected several times, changed back each time, and not corrected any more", items: fights})
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(byWho[b]), len(byWho[a])), cmp.Compare(a, b))
	})
	others := reviewSection{Key: "drift", Title: "Drift, changed by others"}
	for i, who := range order {
		if i >= maxGroups {
			others.items = append(others.items, byWho[who]...)
			continue
		}
		d.add(reviewSection{Key: "drift", Title: who, items: byWho[who]})
	}
	d.add(others)
	d.add(reviewSection{Key: "stuck", Title: "New, and no step can correct it", items: stuck})
}

// groupOf returns the heading of an item.
func groupOf(x *drift.Item) string {
	word := "Drift"
	if x.Class == drift.Undecided {
		word = "Drift or pending"
	}
	if len(x.Changed) == 0 && len(x.Moved) > 0 {
		return word + ", because users entered or left sources"
	}
	if len(x.Changed) == 0 && x.Waited {
		return word + ", because what it waited for at the last run has happened"
	}
	if len(x.Changed) == 0 {
		return word + ", changed by an unknown actor: the audit log is delayed and incomplete, or a date of a policy has passed"
	}
	by := word + ", changed by " + turnActor(x.Changed[0])
	if x.Ours() {
		by += ": seatwright apply repeats it, and a correction does not"
	}
	return by
}

func (d *driftReview) addOrphans(r *drift.Report) {
	var items []reviewItem
	for i := range r.RetainedData {
		o := &r.RetainedData[i]
		items = append(items, reviewItem{user: &o.User, row: func() reviewRow { return orphanRow(o) }})
	}
	d.add(reviewSection{Key: "data", Title: "Data without a license, according to runs and the audit log", Data: true, items: items})
}

func orphanRow(o *drift.RetainedData) reviewRow {
	by := actorWords(o.By)
	if o.Run != "" {
		by = "run " + o.Run
	}
	row := newRow(o.User, nil, Links{})
	row.Kind, row.Change = "orphan", fmt.Sprintf("%s: %s left", o.Family, plural(o.DaysLeft, "day", "days"))
	row.Detail = fmt.Sprintf("license removed by %s at %s; to undo: %s", by, minute(o.Lost), o.Undo)
	return row
}

// addRest adds the items that need no attention.
func (d *driftReview) addRest(r *drift.Report, links Links) {
	for _, s := range []struct {
		key, title string
		of         func(*drift.Item) bool
	}{
		{"corrected", "Corrected by this run", func(x *drift.Item) bool { return x.Corrected }},
		{"pending", "Pending: the policies changed, and seatwright apply does it", func(x *drift.Item) bool { return x.Class == drift.Pending }},
		{"known", "Known: the last run did not do it either", func(x *drift.Item) bool { return x.Known && x.Accepted == nil && x.Class != drift.Pending }},
		{"accepted", "Accepted in accept.yaml", func(x *drift.Item) bool { return x.Accepted != nil && x.Class != drift.Pending }},
	} {
		section := reviewSection{Key: s.key, Title: s.title, Folds: true}
		for i := range r.Items {
			if x := &r.Items[i]; s.of(x) {
				section.items = append(section.items, driftItem(x, links))
			}
		}
		d.add(section)
	}
	superseded := reviewSection{Key: "moot", Title: "Superseded: users moved, and today's policies want it so", Folds: true}
	for i := range r.Superseded {
		superseded.items = append(superseded.items, driftItem(&r.Superseded[i], links))
	}
	d.add(superseded)
}

func (d *driftReview) add(s reviewSection) {
	if s.Len() > 0 {
		d.Sections = append(d.Sections, s)
	}
}

func driftItem(x *drift.Item, links Links) reviewItem {
	return reviewItem{user: &x.User, row: func() reviewRow { return driftRow(x, links) }}
}

func driftRow(x *drift.Item, links Links) reviewRow {
	row := newRow(x.User, nil, links)
	row.Kind, row.Change, row.Detail, row.Losses, row.Key = string(x.Sort), itemWords(x), causeWords(x), reviewLosses(x.Loses), x.Key
	for _, b := range x.Because {
		if why := newReason(b, links); !slices.Contains(row.Reasons, why) {
			row.Reasons = append(row.Reasons, why)
		}
	}
	return row
}

// causeWords returns who changed an item, and what happened to it since.
func causeWords(x *drift.Item) string {
	var who []string
	if f := x.Flapping; f != nil {
		who = append(who, flappingText(f))
	}
	for _, turn := range x.Changed {
		who = append(who, fmt.Sprintf("%s at %s", turnActor(turn), minute(turn.At)))
	}
	for _, move := range x.Moved {
		verb := "entered"
		if move.Left {
			verb = "left"
		}
		who = append(who, fmt.Sprintf("%s %s of policy %s since the last run", verb, move.Selector, move.Policy))
	}
	if a := x.Accepted; a != nil {
		who = append(who, fmt.Sprintf("%s: until %s: %s", a.Place, a.Expires, a.Reason))
	}
	if x.Result != "" && !x.Corrected {
		who = append(who, "this run: "+strings.ReplaceAll(x.Result, "_", " "))
	}
	return strings.Join(who, "; ")
}

// itemWords returns what is wrong.
func itemWords(x *drift.Item) string {
	about := cmp.Or(x.PartNumber, "usage location")
	switch x.Sort {
	case drift.Missing:
		return "missing " + about + plansWords(x.To)
	case drift.Extra:
		return "extra " + about
	case drift.Plans:
		return fmt.Sprintf("%s: service plans off are %s, should be %s", about, cmp.Or(x.From, "none"), cmp.Or(x.To, "none"))
	case drift.Location:
		return fmt.Sprintf("usage location %s, should be %s", cmp.Or(x.From, "unset"), x.To)
	}
	return fmt.Sprintf("%s is %s: %s", about, x.Sort, x.Detail)
}

func plansWords(off string) string {
	if off == "" {
		return ""
	}
	return " (with " + off + " off)"
}

func flappingText(f *drift.Flapping) string {
	words := fmt.Sprintf("changed back %s since %s", plural(f.Times, "time", "times"), f.Since.UTC().Format(time.DateOnly))
	var with []string
	for _, actor := range f.With {
		with = append(with, actorWords(actor))
	}
	if len(with) == 0 {
		return words + " by an unknown actor"
	}
	return words + " by " + strings.Join(with, " and ")
}

// turnActor returns who made a change.
func turnActor(t drift.Change) string {
	switch {
	case t.Run != "":
		return "run " + t.Run
	case t.Does == "" && !t.Ours && t.By.Kind != "":
		return "perhaps " + actorWords(t.By) + ", whose change the log does not describe"
	case t.Ours:
		return "the application of Seatwright, " + actorWords(t.By)
	}
	return actorWords(t.By)
}

func actorWords(a drift.Actor) string {
	if a.Kind == "" {
		return "an actor that the log does not name"
	}
	words := a.Kind
	if a.Name != "" {
		words += " " + a.Name
	}
	if a.ID != "" && a.ID != a.Name {
		words += " (" + a.ID + ")"
	}
	return words
}

// driftFacts returns what the report was made from.
func driftFacts(r *drift.Report) []string {
	facts := []string{"made " + minute(r.At), "source " + string(r.Source)}
	if r.Commit != "" {
		facts = append(facts, "policies of commit "+escape.Cut(r.Commit, shownCommit))
	}
	if r.Last.Run != "" {
		last := "last run " + r.Last.Run + " of " + minute(r.Last.At)
		if r.Last.Commit != "" {
			last += ", commit " + escape.Cut(r.Last.Commit, shownCommit)
		}
		facts = append(facts, last)
	}
	if r.Audit.Read {
		facts = append(facts, fmt.Sprintf("audit log since %s: %s", minute(r.Audit.From), plural(r.Audit.Events, "change", "changes")))
	}
	return facts
}

// shownCommit is how many characters of a commit are shown.
const shownCommit = 12
