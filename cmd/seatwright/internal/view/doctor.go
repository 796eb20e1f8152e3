package view

import (
	"io"
)

// Health is how something that doctor looked at is.
type Health string

// The degrees of health.
const (
	Well   Health = "ok"
	Ailing Health = "warning" // it works, but should be mended
	Ill    Health = "problem"
)

// Finding is one thing that doctor looked at.
type Finding struct {
	Health Health `json:"health"`
	Topic  string `json:"topic"` // "settings", "permissions for plan"
	Text   string `json:"text"`
	Fix    string `json:"fix"` // what to do; "" where nothing is to be done
}

// Doctor writes what was found, each with its fix.
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
