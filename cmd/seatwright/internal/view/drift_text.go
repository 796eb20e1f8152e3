package view

import "io"

// driftText writes the report for a terminal.
func driftText(w io.Writer, d *driftReview) error {
	t := &text{w: w}
	t.line("Drift of tenant %s", Terminal(d.Tenant))
	t.line("%s", Terminal(d.Summary))
	if d.Next != "" {
		t.line("%s", d.Next)
	}
	for _, alert := range d.Alerts {
		t.line("%s", Terminal(alert))
	}
	for _, s := range d.Sections {
		t.line("\n%s (%d)", Terminal(s.Title), s.Len())
		for row := range s.Rows() {
			driftRowText(t, s, row)
		}
	}
	t.list("Notes", d.Notes)
	t.line("")
	for _, fact := range d.Facts {
		t.line("%s", Terminal(fact))
	}
	return t.err
}

func driftRowText(t *text, s reviewSection, row reviewRow) {
	t.line("  %s  %s", Terminal(row.User), Terminal(row.Change))
	if row.Detail != "" {
		t.line("      %s", Terminal(row.Detail))
	}
	for _, loss := range row.Losses {
		t.line("      putting it right loses %s", Terminal(loss.What))
	}
	if s.Folds {
		return
	}
	t.reasons(row.Reasons)
	if row.Key != "" {
		t.line("      key %s", Terminal(row.Key))
	}
}
