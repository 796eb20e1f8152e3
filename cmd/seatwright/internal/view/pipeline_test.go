package view_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/policies/guard"
)

func TestPlanFacts(t *testing.T) {
	t.Parallel()
	p := largePlan(7, 2, 1)
	p.Steps[0].Kind, p.Steps[1].Kind, p.Steps[2].Kind = plan.KindReplace, plan.KindLocation, plan.KindPlans
	p.SKUs[0].Short, p.Applyable = 3, false
	p.Guards = append(p.Guards, plan.Guard{Name: guard.Removals, SKU: "SPE_E5", Verdict: plan.VerdictBreached}, plan.Guard{Name: guard.Source, Verdict: plan.VerdictBreached}, plan.Guard{Name: guard.Losses, Verdict: plan.VerdictHeld})
	want := map[view.Format]string{
		view.FormatGitHubOutput: "tenant=contoso\nchanges=true\nsteps=9\nremoves=4\nreplaces=1\nadds=2\nplans=1\nlocations=1\nblocked=1\nwaiting=0\nheld=0\n" +
			"to_buy=3\ncomplete=true\napplyable=false\nbreached=removals source\nsteps_digest=sha256:s\ndigest=sha256:d\n",
		view.FormatGitLabReport: "{\n  \"create\": 2,\n  \"update\": 3,\n  \"delete\": 4\n}\n",
	}
	for format, text := range want {
		if diff := cmp.Diff(text, show(t, p, format)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
	azure := show(t, p, view.FormatAzureOutput)
	for _, line := range []string{"##vso[task.setvariable variable=changesPresent;isOutput=true]true\n", "##vso[task.setvariable variable=stepsDigest;isOutput=true]sha256:s\n", "variable=toBuy;isOutput=true]3\n"} {
		if !strings.Contains(azure, line) {
			t.Errorf("no %q in %s", line, azure)
		}
	}
	for n := range 3 {
		p.Steps[n].InBase = true
	}
	if of := show(t, p, view.FormatGitLabReport); of != "{\n  \"create\": 2,\n  \"update\": 0,\n  \"delete\": 4\n}\n" {
		t.Errorf("of a merge request: %s", of)
	}
	if none := show(t, largePlan(0, 0, 0), view.FormatGitHubOutput); !strings.Contains(none, "changes=false\nsteps=0\n") {
		t.Errorf("of nothing to do: %s", none)
	}
}

// runOf is a run that went as runs go on a bad day.
func runOf(p *plan.Plan) *view.RunReport {
	failed := apply.Outcome{Step: p.Steps[1], Result: apply.Failed, Detail: "person0001@contoso.com has no usage location", Hint: "ask stranger@contoso.com"}
	return &view.RunReport{
		Report: &apply.Report{Outcomes: []apply.Outcome{{Step: p.Steps[0], Result: apply.Confirmed}, failed}, Written: 1, Stopped: errors.New("person0001@contoso.com was too much")},
		Plan:   p, NotApproved: p.Steps[2:3], NotNeeded: p.Steps[3:4], Run: "20261123T080000Z-abcdefgh", Head: "sha256:e", ExitReason: "steps_failed", ExitCode: 8,
	}
}

func showRun(t *testing.T, r *view.RunReport, o view.PlanOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := view.ShowReport(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestShowReportGolden compares the summary of a run with a golden.
func TestShowReportGolden(t *testing.T) {
	t.Parallel()
	got := showRun(t, runOf(largePlan(4, 0, 1)), view.PlanOptions{Format: view.FormatMarkdown, Redact: view.RedactNames, Budget: view.NoBudget})
	if *update {
		if err := os.WriteFile("testdata/apply.md", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/apply.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("Markdown (-want +got):\n%s", diff)
	}
}

func TestShowReportRedactsByDefault(t *testing.T) {
	t.Parallel()
	r := runOf(largePlan(4, 0, 1))
	for _, format := range view.ReportFormats() {
		if format == view.FormatJSON {
			continue
		}
		for _, redact := range []view.Redaction{view.RedactNames, view.RedactAll} {
			text := showRun(t, r, view.PlanOptions{Format: format, Redact: redact, Budget: view.NoBudget})
			for _, name := range []string{"person0", "Surname", "stranger"} {
				if strings.Contains(text, name) {
					t.Errorf("%s, %s: names %q in %s", format, redact, name, text)
				}
			}
		}
	}
	if r.Outcomes[1].Step.User.UserPrincipalName != "person0001@contoso.com" {
		t.Error("the report itself was changed")
	}
}

func TestReportFacts(t *testing.T) {
	t.Parallel()
	want := "tenant=contoso\nrun=20261123T080000Z-abcdefgh\nhead=sha256:e\nexit_reason=steps_failed\nexit_code=8\nsteps=4\nwritten=1\nconfirmed=1\nunchanged=0\ngone=0\n" +
		"conflict=0\nfailed=1\nunknown=0\nnot_sent=0\nblocked=1\nwaiting=0\nheld=0\nnot_approved=1\nnot_needed=1\n"
	if diff := cmp.Diff(want, showRun(t, runOf(largePlan(4, 0, 1)), view.PlanOptions{Format: view.FormatGitHubOutput})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
