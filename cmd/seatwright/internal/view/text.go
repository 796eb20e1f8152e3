package view

import (
	"io"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
)

// text is a writer of lines, with the blocks that views have in common.
type text struct{ *screen.Writer }

func newText(w io.Writer, on screen.Screen) *text { return &text{screen.NewWriter(w, on)} }

// writeLine writes one line.
func writeLine(w io.Writer, format string, args ...any) error {
	t := newText(w, screen.Screen{})
	t.Line(format, args...)
	return t.Err()
}

// list writes a heading and a line for each item, or nothing.
func (t *text) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	t.Heading("\n%s", title)
	for _, item := range items {
		t.Line("  %s", escape.Text(item))
	}
}

// row writes a step or an outcome with its losses, reasons and needs.
func (t *text) row(row reviewRow) {
	if row.Step {
		t.Spans(screen.Span{Text: "  " + escape.Text(row.User) + "  "}, screen.Span{Text: escape.Text(row.Change), Style: changeStyle(row)})
	} else {
		t.Line("  %s  %s: %s", escape.Text(row.User), escape.Text(row.Change), escape.Text(row.Detail))
	}
	t.losses(row.Losses)
	t.reasons(row.Reasons)
	for _, need := range row.Needs {
		t.Line("      after %s  %s", escape.Text(need.User), escape.Text(need.Change))
	}
	if row.MoreNeeds > 0 {
		t.Line("      after %d other steps", row.MoreNeeds)
	}
}

// changeStyle returns how a change looks: by its kind, wherever it is listed.
func changeStyle(row reviewRow) screen.Style {
	switch {
	case row.Location != "":
		return screen.Plain
	case len(row.Removes) > 0 && len(row.Adds) > 0, len(row.Plans) > 0 && len(row.Removes) == 0:
		return screen.Yellow
	case len(row.Removes) > 0:
		return screen.Red
	case len(row.Adds) > 0:
		return screen.Green
	}
	return screen.Plain
}

// losses writes losses with the same consequence in one line.
func (t *text) losses(losses []reviewLoss) {
	for len(losses) > 0 {
		same := slices.IndexFunc(losses, func(l reviewLoss) bool { return l.Follows != losses[0].Follows })
		if same < 0 {
			same = len(losses)
		}
		var lost []string
		for _, loss := range losses[:same] {
			lost = append(lost, loss.What)
		}
		t.Styled(screen.Red, "      loses "+escape.Text(strings.Join(lost, ", ")+losses[0].Follows))
		losses = losses[same:]
	}
}

// reasons writes reasons, one a line.
func (t *text) reasons(reasons []reason) {
	for _, why := range reasons {
		t.Line("      %s", escape.Text(why.String()))
	}
}

// planChange writes a step that is in no section.
func planChange(t *text, step plan.Step) { t.row(stepRow(&step, Links{})) }

// planBecause writes the reasons of a decision.
func planBecause(t *text, because []plan.Because) { t.reasons(reasonsOf(because, Links{})) }

// becauseWords returns a reason in one line.
func becauseWords(b plan.Because) string { return newReason(b, Links{}).String() }
