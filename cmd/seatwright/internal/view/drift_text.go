package view

import (
	"fmt"
	"io"
)

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
		t.line("\n%s (%d)", Terminal(s.Title), len(s.Rows))
		for _, row := range s.Rows {
			driftRowText(t, s, row)
		}
	}
	if len(d.Notes) > 0 {
		t.line("\nNotes")
		for _, note := range d.Notes {
			t.line("  %s", Terminal(note))
		}
	}
	t.line("")
	for _, fact := range d.Facts {
		t.line("%s", Terminal(fact))
	}
	return t.err
}

func driftRowText(t *text, s driftSection, row driftRow) {
	t.line("  %s  %s", Terminal(row.User), Terminal(row.What))
	if row.Who != "" {
		t.line("      %s", Terminal(row.Who))
	}
	for _, loss := range row.Losses {
		t.line("      putting it right loses %s", Terminal(loss))
	}
	if s.Folds {
		return
	}
	for _, why := range row.Reasons {
		t.line("      %s", Terminal(fmt.Sprintf("%s:%d  %s", why.Place, why.Place.Column, why.Text)))
	}
	if row.Key != "" {
		t.line("      key %s", Terminal(row.Key))
	}
}
