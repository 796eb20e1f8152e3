package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// Plan writes the plan as text, complete and without color.
func Plan(w io.Writer, p *plan.Plan) error { return planText(w, newReview(p, Links{}), TextOptions{}) }

// planText writes the summary first, then what the plan removes, and the totals last.
func planText(w io.Writer, r *review, o TextOptions) error {
	t := newText(w, o.Screen)
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
	planTotals(t, r, hidden, o)
	return t.Err()
}

func planHead(t *text, r *review) {
	t.Heading("Plan for tenant %s (%s, %s), made %s", escape.Text(r.Tenant), r.TenantID, escape.Text(r.Source), r.Made)
	t.Line("%s", escape.Text(r.Summary))
	for _, more := range []string{r.Effect, r.SettingsFrom} {
		if more != "" {
			t.Line("%s", escape.Text(more))
		}
	}
}

// planGuards writes the guards that are not ok, or one line if all are.
func planGuards(t *text, r *review) {
	t.Line("")
	if len(r.Guards) == 0 {
		t.Line("Guards: all ok")
		return
	}
	t.Heading("Guards")
	for _, g := range r.Guards {
		look := screen.Yellow
		if g.Verdict == plan.VerdictBreached {
			look = screen.Red
		}
		t.Styled(look, "  "+escape.Text(g.Line))
		for _, opener := range guardOpeners(g.Flag, g.Waiver) {
			t.Line("      %s", opener)
		}
	}
}

// GuardLine returns in one line what a guard found.
func GuardLine(g plan.Guard) string {
	row, _ := guard.Lookup(g.Name)
	return escape.Text(guardWords(row, g))
}

// verdictLabel returns a verdict as people search for it. The verdicts themselves are in plan files.
func verdictLabel(v plan.Verdict) string {
	switch v {
	case plan.VerdictBreached:
		return "exceeded"
	case plan.VerdictNotChecked:
		return "not checked"
	case plan.VerdictOK, plan.VerdictHeld, plan.VerdictOverridden:
	}
	return string(v)
}

func guardWords(row guard.Row, g plan.Guard) string {
	line := fmt.Sprintf("%s: %s", verdictLabel(g.Verdict), g.Name)
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
		line += fmt.Sprintf(", the override is %d", *g.Override)
	}
	return line
}

// guardCount returns what a guard counted, with its unit.
func guardCount(row guard.Row, g plan.Guard) string {
	switch row.Unit {
	case guard.Percent:
		return fmt.Sprintf("%d %%", g.Seen)
	case guard.Seats:
		return plural(g.Seen, "seat apart", "seats apart")
	}
	return plural(g.Seen, "user", "users")
}

// GuardOpeners returns the flag and the waiver that allow what exceeds a limit, or nil.
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
			flags = append(flags, escape.Text(g.Allow(row)))
		}
	}
	return flags
}

func guardOpeners(flag, waiver string) []string {
	var openers []string
	if flag != "" {
		openers = append(openers, "to allow it for this run: "+escape.Text(flag))
	}
	if waiver != "" {
		openers = append(openers, "or add to waivers.yaml: "+escape.Text(waiver))
	}
	return openers
}

// CommandLinePolicy writes the policy file that has the meaning of flags on the command line.
func CommandLinePolicy(w io.Writer, file string) error {
	t := newText(w, screen.Screen{})
	t.Line("As a policy file, this is:")
	for line := range strings.Lines(file) {
		t.Line("  %s", escape.Text(strings.TrimRight(line, "\n")))
	}
	return t.Err()
}

// sectionHeading returns the title with the number of rows, and of those to look at closely.
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
		return fmt.Sprintf("%s (%d): policies with `mode: report` would do this; it is not done", s.Title, s.Len())
	case s.Key == sectionHeld:
		return fmt.Sprintf("Held (%d)", s.Len())
	case s.Mixed && outcomes > 0:
		return fmt.Sprintf("%s (%s, %d not done)", s.Title, plural(s.Len()-outcomes, "step", "steps"), outcomes)
	case s.Mixed:
		return fmt.Sprintf("%s (%s)", s.Title, plural(s.Len(), "step", "steps"))
	}
	heading := fmt.Sprintf("%s (%d", s.Title, s.Len())
	if lossy > 0 {
		heading += fmt.Sprintf(", %d with data loss", lossy)
	}
	if offs > 0 {
		heading += fmt.Sprintf(", %d that also switch service plans off", offs)
	}
	return heading + ")"
}

func planFoot(t *text, r *review) {
	t.Line("")
	for _, input := range r.Inputs {
		planInput(t, r, input)
	}
	if r.Source == string(state.SourceSandbox) {
		t.Line("This is the embedded sandbox tenant: nothing outside this folder is changed.")
	}
}

// planInput writes what was read, except files, and when.
func planInput(t *text, r *review, input reviewInput) {
	users, at := plural(input.Rows, "user", "users"), readAt(input, r.CreatedAt)
	switch {
	case input.From == fromTenant:
		t.Line("Read %s at %s. %s already correct. %s not covered by any policy.", users, at, plural(r.Kept, "assignment is", "assignments are"), plural(r.Ignored, "assignment is", "assignments are"))
	case input.From == fromSync && input.ReadAt.IsZero():
		t.Line("OUs and domains are from the last sync from Active Directory, at an unknown time.")
	case input.From == fromSync:
		t.Line("OUs and domains are from the last sync from Active Directory, at %s.", at)
	case input.From == fromDirectory:
		t.Line("OUs and domains are from the directory %s: %s, at %s.", escape.Text(input.Name), users, at)
	}
}

// readAt returns when something was read, with the day if that is not the day of the plan: a
// snapshot can be old.
func readAt(input reviewInput, created time.Time) string {
	if input.ReadAt.Format(time.DateOnly) == created.Format(time.DateOnly) {
		return input.ReadAt.Format("15:04:05 MST")
	}
	return input.ReadAt.Format("2006-01-02 15:04:05 MST")
}
