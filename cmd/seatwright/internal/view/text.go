package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
)

// text writes lines that fit a screen, and remembers the first error.
type text struct {
	w      io.Writer
	screen Screen
	err    error
}

func (t *text) line(format string, args ...any) { t.whole(plain, fmt.Sprintf(format, args...)) }

// heading writes a line in bold.
func (t *text) heading(format string, args ...any) { t.whole(bold, fmt.Sprintf(format, args...)) }

// whole writes a line in one style.
func (t *text) whole(look style, line string) { t.spans(span{line, look}) }

// spans writes a line, after the line feeds that it begins with.
func (t *text) spans(line ...span) {
	first := strings.TrimLeft(line[0].text, "\n")
	t.write(strings.Repeat("\n", len(line[0].text)-len(first)))
	line[0].text = first
	for _, part := range wrapSpans(line, t.screen.Width) {
		for _, s := range part {
			if t.screen.Color {
				t.write(paint(s))
			} else {
				t.write(s.text)
			}
		}
		t.write("\n")
	}
}

func (t *text) write(s string) {
	if t.err == nil && s != "" {
		_, t.err = io.WriteString(t.w, s)
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
	t.heading("\n%s", title)
	for _, item := range items {
		t.line("  %s", escapeText(item))
	}
}

// row writes a step or an outcome with its losses, reasons and needs.
func (t *text) row(row reviewRow) {
	if row.Step {
		t.spans(span{text: "  " + escapeText(row.User) + "  "}, span{escapeText(row.Change), changeStyle(row)})
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

// changeStyle returns how a change looks: by its kind, wherever it is listed.
func changeStyle(row reviewRow) style {
	switch {
	case row.Location != "":
		return plain
	case len(row.Removes) > 0 && len(row.Adds) > 0, len(row.Plans) > 0 && len(row.Removes) == 0:
		return yellow
	case len(row.Removes) > 0:
		return red
	case len(row.Adds) > 0:
		return green
	}
	return plain
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
		t.whole(red, "      loses "+escapeText(strings.Join(lost, ", ")+losses[0].Follows))
		losses = losses[same:]
	}
}

// reasons writes reasons, one a line.
func (t *text) reasons(reasons []reason) {
	for _, why := range reasons {
		t.line("      %s", escapeText(why.String()))
	}
}

// planChange writes a step that is in no section.
func planChange(t *text, step plan.Step) { t.row(stepRow(&step, Links{})) }

// planBecause writes the reasons of a decision.
func planBecause(t *text, because []plan.Because) { t.reasons(reasonsOf(because, Links{})) }

// becauseWords returns a reason in one line.
func becauseWords(b plan.Because) string { return newReason(b, Links{}).String() }
