package view

import (
	"cmp"
	"fmt"
	"io"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// results returns the results of steps in the order in which they are shown.
func results() []apply.Result {
	return []apply.Result{apply.Confirmed, apply.Unchanged, apply.Gone, apply.Conflict, apply.Failed, apply.Unknown, apply.NotSent}
}

// Report writes what a run did: counts first, then what did not go as planned.
func Report(w io.Writer, r *apply.Report, on screen.Screen) error {
	t := newText(w, on)
	t.Line("%s", ReportSummary(r))
	for _, result := range results() {
		if result == apply.Confirmed || r.Count(result) == 0 {
			continue
		}
		t.Heading("\n%s (%d)", resultTitles[result], r.Count(result))
		for _, o := range r.Outcomes {
			if o.Result == result {
				reportOutcome(t, o)
			}
		}
	}
	return t.Err()
}

var resultTitles = map[apply.Result]string{
	apply.Unchanged: "Done already", apply.Gone: "Users gone", apply.Conflict: "Conflicts, skipped",
	apply.Failed: "Refused by the service", apply.Unknown: "Result unknown", apply.NotSent: "Not sent",
}

// ReportSummary returns in one line how a run ended.
func ReportSummary(r *apply.Report) string {
	line := fmt.Sprintf("%s of %s confirmed", plural(r.Count(apply.Confirmed), "step", "steps"), fmt.Sprint(len(r.Outcomes)))
	for _, result := range results()[1:] {
		if n := r.Count(result); n > 0 {
			line += fmt.Sprintf(", %d %s", n, resultWords[result])
		}
	}
	return line + "."
}

var resultWords = map[apply.Result]string{
	apply.Unchanged: "done already", apply.Gone: "gone", apply.Conflict: "in conflict",
	apply.Failed: "refused", apply.Unknown: "unknown", apply.NotSent: "not sent",
}

func reportOutcome(t *text, o apply.Outcome) {
	t.Line("  %s  %s: %s", escape.Text(o.Step.User.UserPrincipalName), escape.Text(change(o.Step)), escape.Text(o.Detail))
	if o.Hint != "" {
		t.Line("      hint: %s", escape.Text(o.Hint))
	}
}

// runReportJSON is a report as JSON.
type runReportJSON struct {
	FormatVersion int            `json:"format_version"`
	Run           string         `json:"run"`
	Head          string         `json:"head"` // of the journal, for seatwright runs verify
	Counts        map[string]int `json:"counts"`
	Outcomes      []outcomeJSON  `json:"outcomes"`
	ExitReason    string         `json:"exit_reason"`
	ExitCode      int            `json:"exit_code"`
}

type outcomeJSON struct {
	StepID string       `json:"step_id"`
	User   plan.UserRef `json:"user"`
	Kind   plan.Kind    `json:"kind"`
	Result apply.Result `json:"result"`
	Reason string       `json:"reason"`
	Detail string       `json:"detail"`
	Hint   string       `json:"hint"`
}

// reportJSON writes the report with the exit reason.
func reportJSON(w io.Writer, r *RunReport) error {
	out := runReportJSON{FormatVersion: 1, Run: r.Run, Head: r.Head, Counts: map[string]int{}, Outcomes: []outcomeJSON{}, ExitReason: r.ExitReason, ExitCode: r.ExitCode}
	for _, result := range results() {
		out.Counts[string(result)] = r.Count(result)
	}
	for _, o := range r.Outcomes {
		out.Outcomes = append(out.Outcomes, outcomeJSON{o.Step.ID, o.Step.User, o.Step.Kind, o.Result, string(o.Reason), o.Detail, o.Hint})
	}
	return writeJSON(w, out)
}

// Unapproved writes the differences between the approved plan and the fresh one.
func Unapproved(w io.Writer, noLongerNeeded, notApproved []plan.Step) error {
	t := newText(w, screen.Screen{})
	for _, list := range []struct {
		title string
		steps []plan.Step
	}{{"Approved but no longer needed, or no longer the same", noLongerNeeded}, {"Needed but not approved", notApproved}} {
		if len(list.steps) == 0 {
			continue
		}
		t.Line("%s (%d)", list.title, len(list.steps))
		for _, step := range list.steps {
			t.Line("  %s  %s", escape.Text(step.User.UserPrincipalName), escape.Text(change(step)))
		}
	}
	return t.Err()
}

// Problems writes problems, one a line, at most [diag.MaxProblems] of them.
func Problems(w io.Writer, prefix string, problems []policies.Problem) error {
	t := newText(w, screen.Screen{})
	for i, problem := range problems {
		if i == diag.MaxProblems {
			t.Line("%sand %d more", prefix, len(problems)-i)
			break
		}
		t.Line("%s%s", prefix, escape.Text(problem.Error()))
	}
	return t.Err()
}

// Warning writes one warning.
func Warning(w io.Writer, format string, args ...any) error {
	return writeLine(w, "warning: %s", escape.Text(fmt.Sprintf(format, args...)))
}

// Failure writes an error and what to do about it.
func Failure(w io.Writer, err error, hint string) error {
	t := newText(w, screen.Screen{})
	t.Line("error: %s", escape.Lines(err.Error()))
	if hint != "" {
		t.Line("hint: %s", escape.Text(cmp.Or(hint, "")))
	}
	return t.Err()
}

// ExitReason writes the last line on stderr.
func ExitReason(w io.Writer, reason string, code int) error {
	return writeLine(w, "exit_reason: %s (%d)", reason, code)
}

// Ask writes the question that approves a plan.
func Ask(w io.Writer, p *plan.Plan) error {
	_, err := fmt.Fprintf(w, "\nApply to tenant %s (%s)? %s\nType the number of steps (%d) to go ahead: ",
		escape.Text(p.Tenant.Name), p.Tenant.ID, escape.Text(planSummary(p)), len(p.Steps))
	return err
}

// Valid writes what was checked.
func Valid(w io.Writer, set *policies.Set) error {
	return writeLine(w, "%s in %s: valid", plural(len(set.Policies), "policy", "policies"), plural(len(set.Inputs), "file", "files"))
}

// Serving writes the address of a sandbox tenant, which is the first line.
func Serving(w io.Writer, scheme, address string) error {
	return writeLine(w, "%s://%s/v1.0", scheme, address)
}

// SnapshotKept writes what a snapshot file contains.
func SnapshotKept(w io.Writer, file, tenant string, s *state.Snapshot) error {
	return writeLine(w, "%s: tenant %s (%s, %s) with %s, %s and %s", escape.Text(file), escape.Text(tenant), escape.Text(s.Organization.DisplayName), s.Organization.ID,
		plural(s.Len(), "user", "users"), plural(len(s.SKUs), "SKU", "SKUs"), plural(len(s.Groups), "group", "groups"))
}

// OtherNames writes names with their replacements in a redacted snapshot.
func OtherNames(w io.Writer, names [][2]string) error {
	t := newText(w, screen.Screen{})
	t.Line("\nNames for policies that are used with it (the left side is confidential):")
	for _, name := range names {
		t.Line("  %s  ->  %s", escape.Text(name[0]), escape.Text(name[1]))
	}
	return t.Err()
}

// Generated writes where a generated tenant is.
func Generated(w io.Writer, file string) error {
	return writeLine(w, "%s: use it as `sandbox:` of a tenant in seatwright.yaml, or serve it with seatwright sandbox serve --tenant-file", escape.Text(file))
}

// Reset writes that a sandbox tenant is reset.
func Reset(w io.Writer, tenant string) error {
	return writeLine(w, "tenant %s is reset to its file", escape.Text(tenant))
}

// Version writes the version of the program and of its plan files.
func Version(w io.Writer, version string, format int) error {
	return writeLine(w, "seatwright %s, plan format %d", version, format)
}
