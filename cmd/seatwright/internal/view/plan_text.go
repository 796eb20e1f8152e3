package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// Plan writes the plan as text, complete and without color.
func Plan(w io.Writer, p *plan.Plan) error { return planText(w, newReview(p, Links{}), TextOptions{}) }

// planText writes the summary first, then what the plan removes, and the totals last.
func planText(w io.Writer, r *review, o TextOptions) error {
	t := &text{w: w, screen: o.Screen}
	planHead(t, r)
	planSKUs(t, r)
	planSchedule(t, r)
	planSources(t, r.Sources)
	planPolicies(t, r)
	planGuards(t, r)
	hidden := r.Steps
	if !o.Brief {
		planLosses(t, r, o)
		hidden = planSections(t, r.Sections, o)
		planCost(t, r)
		t.list("Notes", r.Notes)
	}
	planFoot(t, r)
	planTotals(t, r, hidden)
	return t.err
}

func planHead(t *text, r *review) {
	t.heading("Plan for tenant %s (%s, %s), made %s", escapeText(r.Tenant), r.TenantID, escapeText(r.Source), r.Made)
	t.line("%s", escapeText(r.Summary))
	for _, more := range []string{r.Effect, r.SettingsFrom} {
		if more != "" {
			t.line("%s", escapeText(more))
		}
	}
}

// planGuards shows what is not ok; that all is well needs one line.
func planGuards(t *text, r *review) {
	t.line("")
	if len(r.Guards) == 0 {
		t.line("Guards: all ok")
		return
	}
	t.heading("Guards")
	for _, g := range r.Guards {
		look := yellow
		if g.Verdict == plan.VerdictBreached {
			look = red
		}
		t.whole(look, "  "+escapeText(g.Line))
		for _, opener := range guardOpeners(g.Flag, g.Waiver) {
			t.line("      %s", opener)
		}
	}
}

// GuardLine says in one line what a guard found and how to open it.
func GuardLine(g plan.Guard) string {
	row, _ := guard.Lookup(g.Name)
	return escapeText(guardWords(row, g))
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
	return guardOpeners(g.Allow(row), g.Waiver(row, of.Tenant.Name, of.CreatedAt))
}

// AllowFlags returns the flags that would let the plan pass the guards that stop it.
func AllowFlags(p *plan.Plan) []string {
	var flags []string
	for _, g := range p.Breached() {
		row, _ := guard.Lookup(g.Name)
		if row.Overridable() && g.Allow(row) != "" {
			flags = append(flags, escapeText(g.Allow(row)))
		}
	}
	return flags
}

func guardOpeners(flag, waiver string) []string {
	var openers []string
	if flag != "" {
		openers = append(openers, "if that is meant, for this run: "+escapeText(flag))
	}
	if waiver != "" {
		openers = append(openers, "or, reviewed, in waivers.yaml: "+escapeText(waiver))
	}
	return openers
}

// CommandLinePolicy shows the policy file that words on the command line stand for.
func CommandLinePolicy(w io.Writer, file string) error {
	t := &text{w: w}
	t.line("As a policy file, this is:")
	for line := range strings.Lines(file) {
		t.line("  %s", escapeText(strings.TrimRight(line, "\n")))
	}
	return t.err
}

// sectionHeading counts what is in the section, and what in it needs a closer look.
func sectionHeading(s reviewSection) string {
	lossy, offs, outcomes := s.lossy(), 0, 0
	for _, item := range s.items {
		if item.switches {
			offs++
		}
		if item.kind == noKind {
			outcomes++
		}
	}
	switch {
	case s.Key == sectionReport:
		return fmt.Sprintf("%s (%d): policies with `mode: report` would do this; nothing of it is done", s.Title, s.Len())
	case s.Key == sectionHeld:
		return fmt.Sprintf("Held (%d)", s.Len())
	case s.Mixed && outcomes > 0:
		return fmt.Sprintf("%s (%s, %d not done)", s.Title, plural(s.Len()-outcomes, "step", "steps"), outcomes)
	case s.Mixed:
		return fmt.Sprintf("%s (%s)", s.Title, plural(s.Len(), "step", "steps"))
	}
	heading := fmt.Sprintf("%s (%d", s.Title, s.Len())
	if lossy > 0 {
		heading += fmt.Sprintf(", %d with a loss of data", lossy)
	}
	if offs > 0 {
		heading += fmt.Sprintf(", %d that also switch plans off", offs)
	}
	return heading + ")"
}

func planFoot(t *text, r *review) {
	t.line("")
	for _, input := range r.Inputs {
		planInput(t, r, input)
	}
	if r.Source == string(state.SourceSandbox) {
		t.line("This is the embedded sandbox tenant: nothing outside this folder is touched.")
	}
}

// planInput says what was read beside files, and how old it can be.
func planInput(t *text, r *review, input reviewInput) {
	users, at := plural(input.Rows, "user", "users"), readAt(input, r.CreatedAt)
	switch {
	case input.From == fromTenant:
		t.line("Read %s at %s. %d pairs of a user and a managed SKU are as they should be; no policy speaks of the other %d.", users, at, r.Kept, r.Ignored)
	case input.From == fromSync && input.ReadAt.IsZero():
		t.line("OUs and domains are those that the last sync from Active Directory has brought; when that was is not known.")
	case input.From == fromSync:
		t.line("OUs and domains are those that the last sync from Active Directory has brought, at %s.", at)
	case input.From == fromDirectory:
		t.line("OUs and domains were looked up in the directory %s: %s, at %s.", escapeText(input.Name), users, at)
	}
}

// readAt says when something was read, with the day where that was not the plan's: a
// snapshot can be old.
func readAt(input reviewInput, created time.Time) string {
	if input.ReadAt.Format(time.DateOnly) == created.Format(time.DateOnly) {
		return input.ReadAt.Format("15:04:05 MST")
	}
	return input.ReadAt.Format("2006-01-02 15:04:05 MST")
}
