package view

import "io"

// driftText writes the report as text.
func driftText(w io.Writer, d *driftReview) error {
	t := &text{w: w}
	t.line("Drift of tenant %s", escapeText(d.Tenant))
	t.line("%s", escapeText(d.Summary))
	if d.Next != "" {
		t.line("%s", d.Next)
	}
	for _, alert := range d.Alerts {
		t.line("%s", escapeText(alert))
	}
	for _, s := range d.Sections {
		t.line("\n%s (%d)", escapeText(s.Title), s.Len())
		for row := range s.Rows() {
			driftRowText(t, s, row)
		}
	}
	t.list("Notes", d.Notes)
	t.line("")
	for _, fact := range d.Facts {
		t.line("%s", escapeText(fact))
	}
	return t.err
}

func driftRowText(t *text, s reviewSection, row reviewRow) {
	t.line("  %s  %s", escapeText(row.User), escapeText(row.Change))
	if row.Detail != "" {
		t.line("      %s", escapeText(row.Detail))
	}
	for _, loss := range row.Losses {
		t.line("      correcting it loses %s", escapeText(loss.What))
	}
	if s.Folds {
		return
	}
	t.reasons(row.Reasons)
	if row.Key != "" {
		t.line("      key %s", escapeText(row.Key))
	}
}
