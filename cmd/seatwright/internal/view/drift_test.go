package view_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/state"
)

// driftReport has one of everything, and so many more that drifted.
func driftReport(more int) *drift.Report {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	joe := drift.Actor{ID: "6a1fc0de-0000-4000-8000-000000000009", Kind: drift.ActorUser, Name: "joe@contoso.com"}
	because := []plan.Because{{PartNumber: "SPE_E3", Effect: plan.EffectWant, Policy: "staff", File: "policies/staff.yaml", Line: 3, Column: 5, Selector: "all"}}
	item := func(n int, name string, class drift.Class, sort drift.Sort) drift.Item {
		user := plan.UserRef{ID: state.MustParseID[state.User](fmt.Sprintf("6a1fc0de-0000-4000-8000-%012d", n)), UserPrincipalName: name + "@contoso.com", DisplayName: name}
		return drift.Item{Key: fmt.Sprintf("%s:SPE_E3:%s", user.ID, sort), Class: class, Sort: sort, User: user, PartNumber: "SPE_E3", Because: because}
	}
	flapping, drifted, stuck := item(1, "anna", drift.Drift, drift.Missing), item(2, "bea", drift.Drift, drift.Extra), item(3, "carl", drift.Drift, drift.Blocked)
	flapping.Flapping = &drift.Flapping{Times: 3, Since: at.AddDate(0, 0, -9), With: []drift.Actor{joe}}
	drifted.Changed = []drift.Change{{At: at, By: joe, Does: "gives"}}
	drifted.Loses = []plan.Loss{{Family: "mailbox", From: "enterprise"}}
	stuck.Reason, stuck.Detail = plan.ReasonInherited, "a group gives it"
	pending, known, accepted := item(4, "dora", drift.Pending, drift.Plans), item(5, "emil", drift.Drift, drift.Waiting), item(6, "fred", drift.Drift, drift.Missing)
	pending.From, pending.To, known.Known = "SWAY", "", true
	accepted.Accepted = &drift.Acceptance{Reason: "on leave", Expires: "2027-01-31", Place: "accept.yaml:2:5"}
	r := &drift.Report{
		FormatVersion: 1, Tenant: plan.Tenant{Name: "contoso"}, Source: state.SourceLive, At: at, Commit: strings.Repeat("a", 40), Complete: true,
		Last: drift.Last{Run: "20261121T020000Z-abcdefgh", At: at.AddDate(0, 0, -1)}, Audit: drift.Audit{Read: true, From: at.AddDate(0, 0, -30), Events: 12},
		Items:        []drift.Item{flapping, drifted, stuck, pending, known, accepted},
		Superseded:   []drift.Item{item(7, "gina", drift.Superseded, drift.Missing)},
		RetainedData: []drift.RetainedData{{User: drifted.User, Family: "mailbox", Lost: at, DaysLeft: 1, By: joe, Undo: "assign any Exchange plan within 30 days"}},
	}
	for n := range more {
		r.Items = append(r.Items, item(100+n, fmt.Sprintf("user%d", n), drift.Drift, drift.Missing))
	}
	return r
}

func showDrift(t *testing.T, r *drift.Report, o view.PlanOptions) string {
	t.Helper()
	if o.Budget.Bytes == 0 {
		o.Budget = view.NoBudget
	}
	var b bytes.Buffer
	if err := view.ShowDrift(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// inOrder wants texts to stand in the output one behind the other.
func inOrder(t *testing.T, text string, wants ...string) {
	t.Helper()
	rest := text
	for _, want := range wants {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("want %q behind what was found before, in\n%s", want, text)
		}
		rest = after
	}
}

func TestShowDriftBeginsWithSummaryAndFlappingItems(t *testing.T) {
	t.Parallel()
	inOrder(t, showDrift(t, driftReport(0), view.PlanOptions{Format: view.FormatText, Redact: view.RedactNone}),
		"Drift of tenant contoso", "3 items need attention. Assignments: 1 flapping, 1 drifted, 1 new that no step can correct, 1 pending, 1 known, 1 accepted.",
		"To correct only the drift: seatwright drift --correct",
		"Flapping", "anna@contoso.com  missing SPE_E3", "changed back 3 times since 2026-11-13 by user joe@contoso.com (6a1fc0de-0000-4000-8000-000000000009)",
		"policies/staff.yaml:3:5  staff: wants SPE_E3", "key 6a1fc0de-0000-4000-8000-000000000001:SPE_E3:missing",
		"Drift, changed by user joe@contoso.com", "bea@contoso.com  extra SPE_E3", "at 2026-11-22 10:00 UTC", "correcting it loses mailbox (enterprise)",
		"New, and no step can correct it", "carl@contoso.com  SPE_E3 is blocked: a group gives it",
		"Data without a license", "bea@contoso.com  mailbox: 1 day left", "license removed by user joe@contoso.com",
		"Pending", "dora@contoso.com  SPE_E3: service plans off are SWAY, should be none", "Known", "emil@contoso.com", "Accepted", "accept.yaml:2:5: until 2027-01-31: on leave",
		"Superseded: users moved", "gina@contoso.com", "last run 20261121T020000Z-abcdefgh", "audit log since 2026-10-23 10:00 UTC: 12 changes")
}

func TestShowDriftHeadingNamesTheCause(t *testing.T) {
	t.Parallel()
	r := driftReport(1)
	undone := r.Items[len(r.Items)-1]
	undone.Changed = []drift.Change{{Run: "20261122T080000Z-abcdefgh", Ours: true, Does: "takes"}}
	waited := undone
	waited.Changed, waited.Waited = nil, true
	r.Items = []drift.Item{undone, waited}
	inOrder(t, showDrift(t, r, view.PlanOptions{Format: view.FormatText, Redact: view.RedactNone}),
		"Drift, because what it waited for at the last run has happened (1)",
		"Drift, changed by run 20261122T080000Z-abcdefgh: seatwright apply repeats it, and a correction does not (1)")
}

func TestShowDriftAsAnIssueFitsAndFolds(t *testing.T) {
	t.Parallel()
	text := showDrift(t, driftReport(0), view.PlanOptions{Format: view.FormatMarkdown, Redact: view.RedactNames})
	inOrder(t, text, "<!-- seatwright:drift:contoso -->", "### Drift of tenant `contoso`", "To correct only the drift: seatwright drift --correct", "#### Flapping", "`6a1fc0de-0000-4000-8000-000000000001`", "<details><summary>Pending", "<details><summary>Accepted in accept.yaml")
	if strings.Contains(text, "@contoso.com") {
		t.Errorf("a user is named:\n%s", text)
	}
	fought := driftReport(0)
	fought.Items = fought.Items[:1]
	if text := showDrift(t, fought, view.PlanOptions{Format: view.FormatMarkdown, Redact: view.RedactNames}); strings.Contains(text, "--correct") {
		t.Errorf("a flapping item is to be corrected:\n%s", text)
	}
	for name, budget := range view.Budgets {
		text := showDrift(t, driftReport(9000), view.PlanOptions{Format: view.FormatMarkdown, Redact: view.RedactNames, Budget: budget})
		if len(text) > budget.Bytes {
			t.Errorf("%s: %d bytes, the budget is %d", name, len(text), budget.Bytes)
		}
		if heading := strings.Contains(text, "#### `Accepted in accept.yaml`"); heading != budget.Plain {
			t.Errorf("%s: a heading of accepted items: %v", name, heading)
		}
		inOrder(t, text, "9003 items need attention", "#### Flapping", "of 9000)", "last run")
	}
}

func TestShowDriftIsRedactedDownToNumbers(t *testing.T) {
	t.Parallel()
	for _, format := range view.DriftFormats() {
		text := showDrift(t, driftReport(3), view.PlanOptions{Format: format, Redact: view.RedactAll})
		for _, secret := range []string{"@contoso.com", "6a1fc0de-", "anna", "on leave at"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %s:\n%s", format, secret, text)
			}
		}
	}
}

// TestDriftAnnotations expects one for each item that needs attention, and none for others.
func TestDriftAnnotations(t *testing.T) {
	t.Parallel()
	want := "##vso[task.logissue type=error;sourcepath=policies/staff.yaml;linenumber=3;columnnumber=5;code=drift-"
	text := showDrift(t, driftReport(0), view.PlanOptions{Format: view.FormatAzure, Redact: view.RedactNone})
	inOrder(t, text, want+"fight]anna@contoso.com: missing SPE_E3\n", want+"extra]bea@contoso.com: extra SPE_E3\n", want+"blocked]carl@contoso.com: SPE_E3 is blocked", "\n3 items need attention")
	if n := strings.Count(text, "##vso["); n != 3 {
		t.Errorf("%d annotations, want 3:\n%s", n, text)
	}
	many := showDrift(t, driftReport(9), view.PlanOptions{Format: view.FormatAzure, Redact: view.RedactNone})
	inOrder(t, many, "missing]user0@contoso.com, user1@contoso.com, user2@contoso.com and 6 more: missing SPE_E3")
}

func TestDriftReasonIsWrittenOnceForEachPlace(t *testing.T) {
	t.Parallel()
	r := driftReport(0)
	r.Items = r.Items[:1]
	other := r.Items[0].Because[0]
	other.Column = 9
	r.Items[0].Because = append(r.Items[0].Because, other, r.Items[0].Because[0])
	text := showDrift(t, r, view.PlanOptions{Format: view.FormatText, Redact: view.RedactNone})
	if a, b := strings.Count(text, "staff.yaml:3:5"), strings.Count(text, "staff.yaml:3:9"); a != 1 || b != 1 {
		t.Errorf("the reason is written %d and %d times:\n%s", a, b, text)
	}
}
