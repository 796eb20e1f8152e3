package screen

import (
	"fmt"
	"io"
	"strings"
)

// Writer writes lines that fit a screen, and remembers the first error.
type Writer struct {
	w      io.Writer
	screen Screen
	err    error
}

// NewWriter returns a writer of lines for a screen.
func NewWriter(w io.Writer, on Screen) *Writer { return &Writer{w: w, screen: on} }

// Err returns the first error.
func (t *Writer) Err() error { return t.err }

// Line writes a line. Its foreign parts are already escaped.
func (t *Writer) Line(format string, args ...any) { t.Styled(Plain, fmt.Sprintf(format, args...)) }

// Heading writes a line in bold.
func (t *Writer) Heading(format string, args ...any) { t.Styled(Bold, fmt.Sprintf(format, args...)) }

// Styled writes a line in one style.
func (t *Writer) Styled(look Style, line string) { t.Spans(Span{line, look}) }

// Spans writes a line, after the line feeds that it begins with.
func (t *Writer) Spans(line ...Span) {
	first := strings.TrimLeft(line[0].Text, "\n")
	t.write(strings.Repeat("\n", len(line[0].Text)-len(first)))
	line[0].Text = first
	for _, part := range wrapSpans(line, t.screen.Width) {
		for _, s := range part {
			if t.screen.Color {
				t.write(paint(s))
			} else {
				t.write(s.Text)
			}
		}
		t.write("\n")
	}
}

func (t *Writer) write(s string) {
	if t.err == nil && s != "" {
		_, t.err = io.WriteString(t.w, s)
	}
}
