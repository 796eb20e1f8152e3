package view

import (
	"io"
)

// Health is the state of something that doctor checked.
type Health string

// The states.
const (
	Well   Health = "ok"
	Ailing Health = "warning" // it works, but should be fixed
	Ill    Health = "problem"
)

// Finding is the result of one check of doctor.
type Finding struct {
	Health Health `json:"health"`
	Topic  string `json:"topic"` // "settings", "permissions for plan"
	Text   string `json:"text"`
	Fix    string `json:"fix"` // what to do; "": nothing
}

// Doctor writes the findings, each with its fix.
func Doctor(w io.Writer, format Format, findings []Finding) error {
	if format == FormatJSON {
		return writeJSON(w, findings)
	}
	t := &text{w: w}
	for _, f := range findings {
		t.line("%-8s %s: %s", f.Health, f.Topic, escapeText(f.Text))
		if f.Fix != "" {
			t.line("         fix: %s", escapeText(f.Fix))
		}
	}
	return t.err
}
