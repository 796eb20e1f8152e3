package view

import (
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
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
	t := newText(w, screen.Screen{})
	for _, f := range findings {
		t.Line("%-8s %s: %s", f.Health, f.Topic, escape.Text(f.Text))
		if f.Fix != "" {
			t.Line("         fix: %s", escape.Text(f.Fix))
		}
	}
	return t.Err()
}
