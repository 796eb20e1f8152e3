package view

import (
	"fmt"
	"io"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
)

// Screen is what text is written for.
type Screen = screen.Screen

// Progress shows how far a long job is.
type Progress = screen.Progress

// NewProgress returns the progress of a job; see [screen.NewProgress].
func NewProgress(w io.Writer, terminal bool, now func() time.Time, what string, total int) *Progress {
	return screen.NewProgress(w, terminal, now, what, total)
}

// Format is a way to write a list.
type Format string

// The formats. Lists have the first three, plans have all.
const (
	FormatText     Format = "text"
	FormatJSON     Format = "json"
	FormatCSV      Format = "csv"
	FormatMarkdown Format = "markdown"
	FormatHTML     Format = "html"
	FormatGitHub   Format = "github" // annotations
	FormatGitLab   Format = "gitlab"
	FormatAzure    Format = "azure"

	FormatGitHubOutput Format = "github-output" // values for later steps of a pipeline
	FormatAzureOutput  Format = "azure-output"
	FormatGitLabReport Format = "gitlab-report" // counts for the widget of a merge request
)

// PlanOptions are the options of showing a plan.
type PlanOptions struct {
	Format Format
	Redact Redaction // not with JSON, which is the plan itself
	Links  Links
	Budget Budget // of Markdown
	Text   TextOptions
}

// TextOptions are the options of showing a plan as text.
type TextOptions struct {
	Screen screen.Screen
	Brief  bool // without steps
	All    bool // nothing is left out
}

// renderer writes a value in one format.
type renderer[V any] struct {
	format Format
	write  func(io.Writer, V, PlanOptions) error
}

func formatsOf[V any](renderers []renderer[V]) []Format {
	var formats []Format
	for _, r := range renderers {
		formats = append(formats, r.format)
	}
	return formats
}

// render writes a value in the format that the options name.
func render[V any](w io.Writer, what string, renderers []renderer[V], value V, o PlanOptions) error {
	for _, r := range renderers {
		if r.format == o.Format {
			return r.write(w, value, o)
		}
	}
	return fmt.Errorf("show %s: there is no format %q", what, o.Format)
}

// RedactByDefault returns how a format is redacted without a flag. Many people read what CI
// systems show.
func RedactByDefault(format Format) Redaction {
	switch format {
	case FormatText, FormatJSON, FormatHTML, FormatCSV:
		return RedactNone
	}
	return RedactNames
}
