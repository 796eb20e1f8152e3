package view

import (
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
)

// planFormats are the formats of a plan, in the order of the documentation.
var planFormats = []renderer[*plan.Plan]{
	{FormatText, func(w io.Writer, p *plan.Plan, o PlanOptions) error {
		return planText(w, newReview(p, Links{}), o.Text)
	}},
	{FormatJSON, func(w io.Writer, p *plan.Plan, _ PlanOptions) error {
		return escape.JSON(w, func(w io.Writer) error { return planfile.Write(w, p) })
	}},
	{FormatMarkdown, rendered(func(w io.Writer, r *review, o PlanOptions) error { return markdown(w, r, o.Budget) })},
	{FormatHTML, rendered(func(w io.Writer, r *review, _ PlanOptions) error { return planHTML(w, r) })},
	{FormatCSV, rendered(func(w io.Writer, r *review, _ PlanOptions) error { return planCSV(w, r) })},
	{FormatGitHub, rendered(func(w io.Writer, r *review, _ PlanOptions) error {
		return writeAnnotations(w, githubDialect, r.annotations(), r.Summary)
	})},
	{FormatGitLab, rendered(func(w io.Writer, r *review, o PlanOptions) error { return writeGitLab(w, r.annotations(), o.Links) })},
	{FormatAzure, rendered(func(w io.Writer, r *review, _ PlanOptions) error {
		return writeAnnotations(w, azureDialect, r.annotations(), r.Summary)
	})},
	{FormatGitHubOutput, func(w io.Writer, p *plan.Plan, _ PlanOptions) error { return githubOutput(w, planFacts(p)) }},
	{FormatGitLabReport, func(w io.Writer, p *plan.Plan, _ PlanOptions) error { return gitlabReport(w, p) }},
	{FormatAzureOutput, func(w io.Writer, p *plan.Plan, _ PlanOptions) error { return azureOutput(w, planFacts(p)) }},
}

// rendered returns what makes the model, arranges it for reviewers, and writes it.
func rendered(render func(io.Writer, *review, PlanOptions) error) func(io.Writer, *plan.Plan, PlanOptions) error {
	return func(w io.Writer, p *plan.Plan, o PlanOptions) error {
		return render(w, newReview(p, o.Links).forReview(), o)
	}
}

// PlanFormats returns the formats of [ShowPlan], in the order of the documentation.
func PlanFormats() []Format { return formatsOf(planFormats) }

// ShowPlan writes the plan.
func ShowPlan(w io.Writer, p *plan.Plan, o PlanOptions) error {
	return render(w, "plan", planFormats, Redact(p, o.Redact), o)
}
