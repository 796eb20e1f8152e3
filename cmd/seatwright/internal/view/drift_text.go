package view

import (
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
)

// driftText writes the report as text.
func driftText(w io.Writer, d *driftReview) error {
	t := newText(w, screen.Screen{})
	t.Line("Drift of tenant %s", escape.Text(d.Tenant))
	t.Line("%s", escape.Text(d.Summary))
	if d.Next != "" {
		t.Line("%s", d.Next)
	}
	for _, alert := range d.Alerts {
		t.Line("%s", escape.Text(alert))
	}
	for _, s := range d.Sections {
		t.Line("\n%s (%d)", escape.Text(s.Title), s.Len())
		for row := range s.Rows() {
			driftRowText(t, s, row)
		}
	}
	t.list("Notes", d.Notes)
	t.Line("")
	for _, fact := range d.Facts {
		t.Line("%s", escape.Text(fact))
	}
	return t.Err()
}

func driftRowText(t *text, s reviewSection, row reviewRow) {
	t.Line("  %s  %s", escape.Text(row.User), escape.Text(row.Change))
	if row.Detail != "" {
		t.Line("      %s", escape.Text(row.Detail))
	}
	for _, loss := range row.Losses {
		t.Line("      correcting it loses %s", escape.Text(loss.What))
	}
	if s.Folds {
		return
	}
	t.reasons(row.Reasons)
	if row.Key != "" {
		t.Line("      key %s", escape.Text(row.Key))
	}
}
