package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/policies/guard"
)

// driftFormats are the ways to show a report of drift, in the order of the documentation.
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

// driftReview is a report of drift as it is read. Its sections are those of a [review],
// and like there nothing is escaped.
type driftReview struct {
	Tenant   string
	Summary  string
	Next     string   // what can be done about it; "" where nothing can, or was tried
	Alerts   []string // what makes the report less than whole, with what would help
	Sections []reviewSection
	Notes    []string
	Facts    []string
}

func newDriftReview(r *drift.Report, links Links) *driftReview {
	d := &driftReview{Tenant: r.Tenant.Name, Summary: driftSummary(r), Next: driftNext(r), Notes: r.Notes}
	if r.Undecided != "" {
		d.Alerts = append(d.Alerts, withHint("What drifted cannot be told from what is pending: "+r.Undecided, r.Hint))
	}
	if !r.Audit.Read && r.Audit.Why != "" {
		d.Alerts = append(d.Alerts, withHint("Who made changes is not known: "+r.Audit.Why, r.Audit.Hint))
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

// driftSummary says in one line what a report amounts to.
func driftSummary(r *drift.Report) string {
	counts := []struct {
		n    int
		word string
	}{
		{r.Count(func(x *drift.Item) bool { return x.NeedsAttention() && x.Flapping != nil }), "fought over"},
		{r.Count(func(x *drift.Item) bool {
			return x.NeedsAttention() && x.Flapping == nil && x.Serves() && x.Class == drift.Drift
		}), "drifted"},
		{r.Count(func(x *drift.Item) bool { return x.NeedsAttention() && x.Serves() && x.Class == drift.Undecided }), "undecided"},
		{r.Count(func(x *drift.Item) bool { return x.NeedsAttention() && !x.Serves() }), "new that no step can put right"},
		{r.Count(func(x *drift.Item) bool { return x.Corrected }), "put right"},
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
	text := "Nothing has drifted."
	if r.AttentionCount() > 0 {
		text = plural(r.AttentionCount(), "thing calls", "things call") + " for somebody."
	}
	if len(parts) > 0 {
		text += " Pairs of a user and a SKU: " + strings.Join(parts, ", ") + "."
	}
	return text
}

// driftNext says what puts right what drifted. What is fought over, or was done by a run
// of ours, no command is to settle.
func driftNext(r *drift.Report) string {
	drifted := func(x *drift.Item) bool {
		return x.NeedsAttention() && x.Class == drift.Drift && x.Serves() && x.Flapping == nil && !x.Ours() && x.Result == ""
	}
	if r.Count(drifted) == 0 {
		return ""
	}
	return "What drifted is put right, and nothing else, by seatwright drift --correct additive or all; with what is pending, by seatwright apply. What is to stay goes into accept.yaml by its key."
}

// maxGroups is how many of those who changed something have a heading of their own.
const maxGroups = 5

// addNews puts fights on top, and then what drifted, by who made it so.
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
	d.add(reviewSection{Key: "fight", Title: "Fights: put right again and again, turned back by somebody else, and not corrected any more", items: fights})
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(byWho[b]), len(byWho[a])), cmp.Compare(a, b))
	})
	others := reviewSection{Key: "drift", Title: "Drifted, changed by others"}
	for i, who := range order {
		if i >= maxGroups {
			others.items = append(others.items, byWho[who]...)
			continue
		}
		d.add(reviewSection{Key: "drift", Title: who, items: byWho[who]})
	}
	d.add(others)
	d.add(reviewSection{Key: "stuck", Title: "New, and no step can put it right", items: stuck})
}

// groupOf is the heading under which an item stands.
func groupOf(x *drift.Item) string {
	word := "Drifted"
	if x.Class == drift.Undecided {
		word = "Drifted or pending"
	}
	if len(x.Changed) == 0 && len(x.Moved) > 0 {
		return word + ", since people moved into sources or out of them"
	}
	if len(x.Changed) == 0 && x.Waited {
		return word + ", since what it waited for at the last run is there"
	}
	if len(x.Changed) == 0 {
		return word + ", nobody is known to have changed it: the audit log lags and forgets, or a date of a policy has come"
	}
	by := word + ", changed by " + turnActor(x.Changed[0])
	if x.Ours() {
		by += ": seatwright apply does it again, and a correction does not"
	}
	return by
}

func (d *driftReview) addOrphans(r *drift.Report) {
	var items []reviewItem
	for i := range r.RetainedData {
		o := &r.RetainedData[i]
		items = append(items, reviewItem{user: &o.User, row: func() reviewRow { return orphanRow(o) }})
	}
	d.add(reviewSection{Key: "data", Title: "Data without a licence, as far as runs and the audit log tell", Data: true, items: items})
}

func orphanRow(o *drift.RetainedData) reviewRow {
	by := actorWords(o.By)
	if o.Run != "" {
		by = "run " + o.Run
	}
	row := newRow(o.User, nil, Links{})
	row.Kind, row.Change = "orphan", fmt.Sprintf("%s: %s left", o.Family, plural(o.DaysLeft, "day", "days"))
	row.Detail = fmt.Sprintf("licence taken by %s at %s; to undo: %s", by, minute(o.Lost), o.Undo)
	return row
}

// addRest adds what is no news.
func (d *driftReview) addRest(r *drift.Report, links Links) {
	for _, s := range []struct {
		key, title string
		of         func(*drift.Item) bool
	}{
		{"corrected", "Put right by this run", func(x *drift.Item) bool { return x.Corrected }},
		{"pending", "Pending: new policies want it, seatwright apply does it", func(x *drift.Item) bool { return x.Class == drift.Pending }},
		{"known", "Known: the last run left it undone too", func(x *drift.Item) bool { return x.Known && x.Accepted == nil && x.Class != drift.Pending }},
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
	moot := reviewSection{Key: "moot", Title: "Moved, and the policies at hand want it so", Folds: true}
	for i := range r.Superseded {
		moot.items = append(moot.items, driftItem(&r.Superseded[i], links))
	}
	d.add(moot)
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

// causeWords says who made an item so, and what became of it since.
func causeWords(x *drift.Item) string {
	var who []string
	if f := x.Flapping; f != nil {
		who = append(who, fightWords(f))
	}
	for _, turn := range x.Changed {
		who = append(who, fmt.Sprintf("%s at %s", turnActor(turn), minute(turn.At)))
	}
	for _, move := range x.Moved {
		verb := "came into"
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

// itemWords says what is wrong.
func itemWords(x *drift.Item) string {
	about := cmp.Or(x.PartNumber, "usage location")
	switch x.Sort {
	case drift.Missing:
		return "lacks " + about + plansWords(x.To)
	case drift.Extra:
		return "holds " + about
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

func fightWords(f *drift.Flapping) string {
	words := fmt.Sprintf("turned back %s since %s", plural(f.Times, "time", "times"), f.Since.UTC().Format(time.DateOnly))
	var with []string
	for _, actor := range f.With {
		with = append(with, actorWords(actor))
	}
	if len(with) == 0 {
		return words + ", by nobody that is known"
	}
	return words + " by " + strings.Join(with, " and ")
}

// turnActor says who made a change.
func turnActor(t drift.Change) string {
	switch {
	case t.Run != "":
		return "run " + t.Run
	case t.Does == "" && !t.Ours && t.By.Kind != "":
		return "perhaps " + actorWords(t.By) + ", of whose change the log does not say what it was"
	case t.Ours:
		return "the application of our runs, " + actorWords(t.By)
	}
	return actorWords(t.By)
}

func actorWords(a drift.Actor) string {
	if a.Kind == "" {
		return "somebody whom the log does not name"
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

// driftFacts are what the report was made of.
func driftFacts(r *drift.Report) []string {
	facts := []string{"made " + minute(r.At), "source " + string(r.Source)}
	if r.Commit != "" {
		facts = append(facts, "policies of commit "+cutRunes(r.Commit, shownCommit))
	}
	if r.Last.Run != "" {
		last := "last run " + r.Last.Run + " of " + minute(r.Last.At)
		if r.Last.Commit != "" {
			last += ", commit " + cutRunes(r.Last.Commit, shownCommit)
		}
		facts = append(facts, last)
	}
	if r.Audit.Read {
		facts = append(facts, fmt.Sprintf("audit log since %s: %s", minute(r.Audit.From), plural(r.Audit.Events, "change", "changes")))
	}
	return facts
}

// shownCommit is how much of a commit's name is shown to people.
const shownCommit = 12
