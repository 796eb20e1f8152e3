package view

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// Plan writes the plan as text: what it amounts to first, then what it takes away.
func Plan(w io.Writer, p *plan.Plan) error {
	t := &text{w: w}
	planHead(t, p)
	planSKUs(t, p)
	planSchedule(t, p)
	planSources(t, p)
	planPolicies(t, p)
	planGuards(t, p)
	for _, kind := range plan.Kinds() {
		planSteps(t, p, kind)
	}
	planOutcomes(t, "Blocked", p.Outcomes.Blocked)
	planOutcomes(t, "Waiting", p.Outcomes.Waiting)
	planOutcomes(t, "Held", p.Outcomes.Held)
	planReported(t, p)
	planBase(t, p)
	planCost(t, p)
	planNotes(t, p)
	planFoot(t, p)
	return t.err
}

// text writes lines and remembers the first error.
type text struct {
	w   io.Writer
	err error
}

func (t *text) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format+"\n", args...)
	}
}

// table writes rows in columns.
func (t *text) table(rows [][]string) {
	if t.err != nil {
		return
	}
	var aligned strings.Builder
	tw := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(tw, "  "+strings.Join(row, "\t"))
	}
	if t.err = tw.Flush(); t.err != nil {
		return
	}
	for line := range strings.Lines(aligned.String()) {
		t.line("%s", strings.TrimRight(line, " \n"))
	}
}

func planHead(t *text, p *plan.Plan) {
	t.line("Plan for tenant %s (%s, %s), made %s", Terminal(p.Tenant.Name), p.Tenant.ID, p.Source, p.CreatedAt.Format("2006-01-02 15:04 MST"))
	t.line("%s", Summary(p))
	for _, more := range []string{effectOfChange(p), settingsWords(p)} {
		if more != "" {
			t.line("%s", Terminal(more))
		}
	}
}

// kindWords are the kinds of steps in the order they are shown, one and several.
var kindWords = map[plan.Kind][2]string{
	plan.KindRemove:   {"removal", "removals"},
	plan.KindReplace:  {"replacement", "replacements"},
	plan.KindAdd:      {"addition", "additions"},
	plan.KindPlans:    {"plan change", "plan changes"},
	plan.KindLocation: {"location", "locations"},
}

// Summary says in one line what a plan amounts to.
func Summary(p *plan.Plan) string {
	parts := countSteps(p.Steps)
	text := "Nothing to do."
	if len(parts) > 0 {
		text = strings.Join(parts, ", ") + "."
	}
	var rest []string
	for _, left := range []struct {
		n    int
		word string
	}{{len(p.Outcomes.Blocked), "blocked"}, {len(p.Outcomes.Waiting), "waiting"}, {len(p.Outcomes.Held), "held"}, {p.Outcomes.Filtered, "left out by " + strings.Join(p.Filters, ", ")}} {
		if left.n > 0 {
			rest = append(rest, fmt.Sprintf("%d %s", left.n, left.word))
		}
	}
	if len(rest) > 0 {
		text += " Not done: " + strings.Join(rest, ", ") + " (pairs of a user and a SKU)."
	}
	return text
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func planSKUs(t *text, p *plan.Plan) {
	if len(p.SKUs) == 0 {
		return
	}
	rows := [][]string{{"SKU", "PRODUCT", "OWNED", "USED", "FREE NOW", "AFTER", "TO BUY"}}
	for _, sku := range p.SKUs {
		rows = append(rows, []string{
			Terminal(sku.PartNumber), Terminal(sku.Name), owned(sku.Enabled, sku.Warning), fmt.Sprint(sku.Consumed),
			free(sku.AvailableBefore+sku.Reserve, sku.Reserve), free(sku.AvailableAfter+sku.Reserve, sku.Reserve), blankZero(sku.Short),
		})
	}
	t.line("\nSeats")
	t.table(rows)
}

func owned(enabled, warning int) string {
	if warning > 0 {
		return fmt.Sprintf("%d + %d in grace", enabled, warning)
	}
	return fmt.Sprint(enabled)
}

// free shows the seats that can be handed out, of those nobody uses; the ledger
// itself is signed.
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

// planPolicies counts, for each policy, the steps and outcomes it has a part in.
func planPolicies(t *text, p *plan.Plan) {
	counts := map[string]map[string]int{}
	add := func(because []plan.Because, what string) {
		for name := range policiesOf(because) {
			if counts[name] == nil {
				counts[name] = map[string]int{}
			}
			counts[name][what]++
		}
	}
	for _, step := range p.Steps {
		add(step.Because, string(step.Kind))
	}
	for _, outcome := range p.Outcomes.Blocked {
		add(outcome.Because, "blocked")
	}
	for _, outcome := range p.Outcomes.Waiting {
		add(outcome.Because, "waiting")
	}
	if len(counts) == 0 {
		return
	}
	columns := []string{"remove", "replace", "add", "plans", "location", "blocked", "waiting"}
	rows := [][]string{append([]string{"POLICY"}, strings.Split(strings.ToUpper(strings.Join(columns, " ")), " ")...)}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		row := []string{Terminal(name)}
		for _, column := range columns {
			row = append(row, blankZero(counts[name][column]))
		}
		rows = append(rows, row)
	}
	t.line("\nPolicies")
	t.table(rows)
}

func policiesOf(because []plan.Because) map[string]bool {
	names := map[string]bool{}
	for _, b := range because {
		names[b.Policy] = true
	}
	return names
}

// planGuards shows what is not ok; that all is well needs one line.
func planGuards(t *text, p *plan.Plan) {
	t.line("")
	var loud []plan.Guard
	for _, g := range p.Guards {
		if g.Verdict != plan.VerdictOK {
			loud = append(loud, g)
		}
	}
	if len(loud) == 0 {
		t.line("Guards: all ok")
		return
	}
	t.line("Guards")
	for _, g := range loud {
		t.line("  %s", GuardLine(g))
		if g.Verdict == plan.VerdictBreached {
			for _, opener := range GuardOpeners(g, p) {
				t.line("      %s", opener)
			}
		}
	}
}

// GuardLine says in one line what a guard found and how to open it.
func GuardLine(g plan.Guard) string {
	row, _ := guard.Lookup(g.Name)
	return Terminal(guardWords(row, g))
}

func guardWords(row guard.Row, g plan.Guard) string {
	line := fmt.Sprintf("%s: %s", g.Verdict, g.Name)
	if of := cmp.Or(g.SKU, g.Policy); of != "" {
		line += " of " + of
	}
	if g.Detail != "" {
		line += ": " + g.Detail
	}
	if counts := row.Overridable() && g.Verdict != plan.VerdictNotChecked; counts {
		line += fmt.Sprintf(": %s, the limit is %d", guardCount(row, g), g.Limit)
	}
	if g.Override != nil {
		line += fmt.Sprintf(", an override says %d", *g.Override)
	}
	return line
}

// guardCount is what a guard saw, in its own unit.
func guardCount(row guard.Row, g plan.Guard) string {
	switch row.Unit {
	case guard.Percent:
		return fmt.Sprintf("%d %%", g.Seen)
	case guard.Seats:
		return plural(g.Seen, "seat apart", "seats apart")
	}
	return plural(g.Seen, "user", "users")
}

// GuardOpeners are the flag and the waiver that would let a breach pass, filled in,
// or nil.
func GuardOpeners(g plan.Guard, of *plan.Plan) []string {
	row, _ := guard.Lookup(g.Name)
	if !row.Overridable() {
		return nil
	}
	openers := []string{"if that is meant, for this run: " + Terminal(g.Allow(row))}
	if waiver := g.Waiver(row, of.Tenant.Name, of.CreatedAt); waiver != "" {
		openers = append(openers, "or, reviewed, in waivers.yaml: "+Terminal(waiver))
	}
	return openers
}

// CommandLinePolicy shows the policy file that words on the command line stand for.
func CommandLinePolicy(w io.Writer, file string) error {
	t := &text{w: w}
	t.line("As a policy file, this is:")
	for line := range strings.Lines(file) {
		t.line("  %s", Terminal(strings.TrimRight(line, "\n")))
	}
	return t.err
}

// planReported shows what policies that only report would do on top.
func planReported(t *text, p *plan.Plan) {
	if len(p.Reported) == 0 {
		return
	}
	t.line("\nReport only (%d): policies with `mode: report` would do this; nothing of it is done", len(p.Reported))
	for _, step := range p.Reported {
		planStep(t, p, step)
	}
}

// planCost shows the monthly price of the seats that come into use and go out of it.
func planCost(t *text, p *plan.Plan) {
	if p.Cost.Currency == "" || len(p.Cost.SKUs)+len(p.Cost.Unpriced) == 0 {
		return
	}
	t.line("\nMonthly price of the seats in use: %s", money(p.Cost.Currency, p.Cost.Cents))
	rows := [][]string{{"SKU", "SEATS", "PRICE", "TO BUY"}}
	for _, sku := range p.Cost.SKUs {
		rows = append(rows, []string{Terminal(sku.PartNumber), fmt.Sprintf("%+d", sku.Seats), money(p.Cost.Currency, sku.Cents), toBuy(p.Cost.Currency, sku.ToBuy)})
	}
	t.table(rows)
	if len(p.Cost.Policies) > 0 {
		rows = [][]string{{"POLICY", "PRICE"}}
		for _, policy := range p.Cost.Policies {
			rows = append(rows, []string{Terminal(policy.Policy), money(p.Cost.Currency, policy.Cents)})
		}
		t.table(rows)
	}
	if len(p.Cost.Unpriced) > 0 {
		t.line("  no price is known of %s", Terminal(strings.Join(p.Cost.Unpriced, ", ")))
	}
}

// money is an amount with its sign: "+57.00 CHF".
func money(currency string, cents int64) string {
	sign := "+"
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, cents/100, cents%100, Terminal(currency))
}

func toBuy(currency string, cents int64) string {
	if cents == 0 {
		return ""
	}
	return money(currency, cents)
}

func planNotes(t *text, p *plan.Plan) {
	if len(p.Outcomes.Notes) == 0 {
		return
	}
	t.line("\nNotes")
	for _, note := range p.Outcomes.Notes {
		t.line("  %s", Terminal(noteWords(note)))
	}
}

func planFoot(t *text, p *plan.Plan) {
	t.line("")
	for _, input := range p.Inputs {
		planInput(t, p, input)
	}
	if p.Source == state.SourceSandbox {
		t.line("This is the embedded sandbox tenant: nothing outside this folder is touched.")
	}
}

// planInput says what was read beside files, and how old it can be.
func planInput(t *text, p *plan.Plan, input plan.InputRecord) {
	name, directory := strings.CutPrefix(input.Source, plan.SourceDirectory)
	switch {
	case input.Source == plan.SourceGraph:
		t.line("Read %s at %s. %d pairs of a user and a managed SKU are as they should be; no policy speaks of the other %d.",
			plural(input.Rows, "user", "users"), readAt(input, p), p.Outcomes.Keep, p.Outcomes.Ignored)
	case input.Source == plan.SourceSynced && input.ReadAt.IsZero():
		t.line("OUs and domains are those that the last sync from Active Directory has brought; when that was is not known.")
	case input.Source == plan.SourceSynced:
		t.line("OUs and domains are those that the last sync from Active Directory has brought, at %s.", readAt(input, p))
	case directory:
		t.line("OUs and domains were looked up in the directory %s: %s, at %s.", Terminal(name), plural(input.Rows, "user", "users"), readAt(input, p))
	}
}

// readAt says when something was read, with the day where that was not the plan's: a
// snapshot can be old.
func readAt(input plan.InputRecord, p *plan.Plan) string {
	if input.ReadAt.Format(time.DateOnly) == p.CreatedAt.Format(time.DateOnly) {
		return input.ReadAt.Format("15:04:05 MST")
	}
	return input.ReadAt.Format("2006-01-02 15:04:05 MST")
}
