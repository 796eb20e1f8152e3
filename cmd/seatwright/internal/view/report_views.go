package view

import (
	"fmt"
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
)

// RunReport is the report of a run that made a plan.
type RunReport struct {
	*apply.Report
	Plan        *plan.Plan  // what was carried out
	NotNeeded   []plan.Step // approved, but no longer needed
	NotApproved []plan.Step // needed, but not approved
	Run, Head   string      // the journal; "": none was begun
	ExitReason  string
	ExitCode    int
}

// reportFormats are the formats of a run, in the order of the documentation.
var reportFormats = []renderer[*RunReport]{
	{FormatText, func(w io.Writer, r *RunReport, o PlanOptions) error { return reportText(w, r, o.Text.Screen) }},
	{FormatJSON, func(w io.Writer, r *RunReport, _ PlanOptions) error { return reportJSON(w, r) }},
	{FormatMarkdown, reportMarkdown},
	{FormatGitHubOutput, func(w io.Writer, r *RunReport, _ PlanOptions) error { return githubOutput(w, reportFacts(r)) }},
	{FormatAzureOutput, func(w io.Writer, r *RunReport, _ PlanOptions) error { return azureOutput(w, reportFacts(r)) }},
}

// ReportFormats returns the formats of [ShowReport], in the order of the documentation.
func ReportFormats() []Format { return formatsOf(reportFormats) }

// ShowReport writes what a run did.
func ShowReport(w io.Writer, r *RunReport, o PlanOptions) error {
	return render(w, "report", reportFormats, redactReport(r, o.Redact), o)
}

// reportText writes nothing of a run without steps, since its plan has shown that.
func reportText(w io.Writer, r *RunReport, on screen.Screen) error {
	if len(r.Plan.Steps) == 0 {
		return nil
	}
	return Report(w, r.Report, on)
}

// reportFacts returns the facts of a run for later steps of a pipeline.
func reportFacts(r *RunReport) []fact {
	facts := []fact{
		{"tenant", r.Plan.Tenant.Name}, {"run", r.Run}, {"head", r.Head}, {"exit_reason", r.ExitReason}, counting("exit_code", r.ExitCode),
		counting("steps", len(r.Plan.Steps)), counting("written", r.Written),
	}
	for _, result := range results() {
		facts = append(facts, counting(string(result), r.Count(result)))
	}
	return append(facts, counting("blocked", len(r.Plan.Outcomes.Blocked)), counting("waiting", len(r.Plan.Outcomes.Waiting)), counting("held", len(r.Plan.Outcomes.Held)),
		counting("not_approved", len(r.NotApproved)), counting("not_needed", len(r.NotNeeded)))
}

// reportMarkdown writes a run for a job summary or an issue, the most urgent part first.
func reportMarkdown(w io.Writer, r *RunReport, o PlanOptions) error {
	m := &markdownText{o.Budget}
	doc := &document{}
	doc.fixed(m.reportHead(r))
	add := func(frame frame, rows []string) {
		doc.add(&block{rank: len(doc.blocks), frame: frame, rows: rows})
	}
	done := func(result apply.Result, title string) {
		add(m.folded(title, escape.TableHead("User", "Change", "Why")), m.outcomeRows(r.Outcomes, result))
	}
	for _, result := range []apply.Result{apply.Failed, apply.Unknown, apply.Conflict, apply.NotSent, apply.Gone} {
		done(result, resultTitles[result])
	}
	sections := []reviewSection{stepSection("Needed but not approved", r.NotApproved, o.Links)}
	for _, s := range newReview(r.Plan, o.Links).forReview().Sections {
		if !s.Step && s.Key != sectionReport {
			sections = append(sections, s)
		}
	}
	for _, s := range append(sections, stepSection("Approved but no longer needed, or no longer the same", r.NotNeeded, o.Links)) {
		add(m.section(s), m.sectionRows(s))
	}
	done(apply.Confirmed, "Done")
	done(apply.Unchanged, resultTitles[apply.Unchanged])
	_, err := io.WriteString(w, doc.fit(o.Budget.Bytes))
	return err
}

// reportHead returns the marker, how the run ended, and where its record is.
func (m *markdownText) reportHead(r *RunReport) string {
	text := m.marker("apply", r.Plan.Tenant.Name) + "\n\n### Apply to tenant " + escape.Code(r.Plan.Tenant.Name) + "\n\n" + escape.Words(ReportSummary(r.Report))
	text += fmt.Sprintf(" It ended with %s (exit %d).", escape.CodeWord(r.ExitReason), r.ExitCode)
	if r.Stopped != nil {
		text += "\n\n**It was stopped:** " + escape.Code(r.Stopped.Error()) + "."
	}
	if r.Run != "" {
		text += "\n\nRun " + escape.CodeWord(r.Run) + ", journal head " + escape.CodeWord(r.Head)
	}
	return text + "\n\n"
}

func (m *markdownText) outcomeRows(outcomes []apply.Outcome, result apply.Result) []string {
	var rows []string
	for _, o := range outcomes {
		if o.Result == result {
			why := o.Detail
			if o.Hint != "" {
				why += "; hint: " + o.Hint
			}
			rows = append(rows, escape.TableRow(escape.Code(o.Step.User.UserPrincipalName), escape.Code(change(o.Step)), escape.CodeOrNothing(why)))
		}
	}
	return rows
}

func stepSection(title string, steps []plan.Step, links Links) reviewSection {
	s := reviewSection{Title: title, Step: true}
	for i := range steps {
		s.items = append(s.items, stepItem(&steps[i], links, func(*reviewRow, *plan.Step) {}))
	}
	return s
}
