package view

import (
	"fmt"
	"io"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
)

// PlanOptions say how a plan is shown.
type PlanOptions struct {
	Format Format
	Redact Redaction // not with JSON, which is the plan itself
	Links  Links
	Budget Budget // of Markdown
}

// planViews are the ways to show a plan. Whoever adds one adds no more than a row: the
// hostile corpus goes through all of them.
var planViews = map[Format]func(io.Writer, *plan.Plan, PlanOptions) error{
	FormatText: func(w io.Writer, p *plan.Plan, _ PlanOptions) error { return Plan(w, p) },
	FormatJSON: func(w io.Writer, p *plan.Plan, _ PlanOptions) error {
		return JSON(w, func(w io.Writer) error { return planfile.Write(w, p) })
	},
	FormatMarkdown: func(w io.Writer, p *plan.Plan, o PlanOptions) error {
		return markdown(w, newReview(p, o.Links), o.Budget)
	},
	FormatHTML: func(w io.Writer, p *plan.Plan, o PlanOptions) error { return planHTML(w, newReview(p, o.Links)) },
	FormatCSV:  func(w io.Writer, p *plan.Plan, o PlanOptions) error { return planCSV(w, newReview(p, o.Links)) },
	FormatGitHub: func(w io.Writer, p *plan.Plan, o PlanOptions) error {
		return githubAnnotations(w, newReview(p, o.Links))
	},
	FormatGitLab: func(w io.Writer, p *plan.Plan, o PlanOptions) error {
		return gitlabAnnotations(w, newReview(p, o.Links), o.Links)
	},
	FormatAzure: func(w io.Writer, p *plan.Plan, o PlanOptions) error {
		return azureAnnotations(w, newReview(p, o.Links))
	},
	FormatGitHubOutput: func(w io.Writer, p *plan.Plan, _ PlanOptions) error { return githubOutput(w, planFacts(p)) },
	FormatAzureOutput:  func(w io.Writer, p *plan.Plan, _ PlanOptions) error { return azureOutput(w, planFacts(p)) },
	FormatGitLabReport: func(w io.Writer, p *plan.Plan, _ PlanOptions) error { return gitlabReport(w, p) },
}

// PlanFormats are the ways to show a plan, in the order of the documentation.
func PlanFormats() []Format {
	return []Format{FormatText, FormatJSON, FormatMarkdown, FormatHTML, FormatCSV, FormatGitHub, FormatGitLab, FormatAzure,
		FormatGitHubOutput, FormatGitLabReport, FormatAzureOutput}
}

// RedactByDefault is how a format is redacted where nothing else is said: what CI
// systems show is read by many.
func RedactByDefault(format Format) Redaction {
	switch format {
	case FormatText, FormatJSON, FormatHTML, FormatCSV:
		return RedactNone
	}
	return RedactNames
}

// ShowPlan writes the plan.
func ShowPlan(w io.Writer, p *plan.Plan, o PlanOptions) error {
	show, known := planViews[o.Format]
	if !known {
		return fmt.Errorf("show plan: there is no format %q", o.Format)
	}
	return show(w, Redact(p, o.Redact), o)
}
