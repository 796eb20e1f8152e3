package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/seatwright/seatwright/plan"
)

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

// writeLine writes one line.
func writeLine(w io.Writer, format string, args ...any) error {
	t := &text{w: w}
	t.line(format, args...)
	return t.err
}

// list writes a heading and a line for each item, or nothing.
func (t *text) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	t.line("\n%s", title)
	for _, item := range items {
		t.line("  %s", escapeText(item))
	}
}

// row writes a step or an outcome with all that belongs to it.
func (t *text) row(row reviewRow) {
	if row.Step {
		t.line("  %s  %s", escapeText(row.User), escapeText(row.Change))
	} else {
		t.line("  %s  %s: %s", escapeText(row.User), escapeText(row.Change), escapeText(row.Detail))
	}
	t.losses(row.Losses)
	t.reasons(row.Reasons)
	for _, need := range row.Needs {
		t.line("      after %s  %s", escapeText(need.User), escapeText(need.Change))
	}
	if row.MoreNeeds > 0 {
		t.line("      after %d other steps", row.MoreNeeds)
	}
}

// losses writes what follows several losses once.
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
		t.line("      loses %s", escapeText(strings.Join(lost, ", ")+losses[0].Follows))
		losses = losses[same:]
	}
}

// reasons writes places in policies, a line each.
func (t *text) reasons(reasons []reason) {
	for _, why := range reasons {
		t.line("      %s", escapeText(why.String()))
	}
}

// planChange writes a step that is in no section.
func planChange(t *text, step plan.Step) { t.row(stepRow(&step, Links{})) }

// planBecause writes the reasons of a decision.
func planBecause(t *text, because []plan.Because) { t.reasons(reasonsOf(because, Links{})) }

// becauseWords is one reason in one line.
func becauseWords(b plan.Because) string { return newReason(b, Links{}).String() }
