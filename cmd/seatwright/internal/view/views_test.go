package view_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// show is a plan in a format, with everything else as it is by default.
func show(t testing.TB, p *plan.Plan, format view.Format, change ...func(*view.PlanOptions)) string {
	t.Helper()
	o := view.PlanOptions{Format: format, Redact: view.RedactByDefault(format), Budget: view.NoBudget}
	for _, do := range change {
		do(&o)
	}
	var b bytes.Buffer
	if err := view.ShowPlan(&b, p, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

func user(n int) plan.UserRef {
	id := state.UserID{15: byte(n), 14: byte(n >> 8), 0: 0xee}
	return plan.UserRef{ID: id, UserPrincipalName: fmt.Sprintf("person%04d@contoso.com", n), DisplayName: fmt.Sprintf("Person Surname%04d", n)}
}

func because(policy string, line int) []plan.Because {
	return []plan.Because{{PartNumber: "SPE_E3", Effect: plan.EffectAbsent, Policy: policy, File: "policies/" + policy + ".yaml", Line: line, Column: 3, Selector: "csv: data/leavers.csv", Row: line}}
}

// largePlan has so many removals, additions and blocked pairs.
func largePlan(removals, additions, blocked int) *plan.Plan {
	e3 := plan.License{SKU: state.SKUID{1}, PartNumber: "SPE_E3"}
	p := &plan.Plan{
		Tenant: plan.Tenant{Name: "contoso", ID: state.TenantID{7}}, Source: state.SourceLive, Complete: true,
		CreatedAt: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), ExpiresAt: time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC), Digest: "sha256:d", StepsDigest: "sha256:s",
		SKUs:   []plan.SKU{{ID: e3.SKU, PartNumber: "SPE_E3", Name: "Microsoft 365 E3", Enabled: 1000, Consumed: 950, AvailableBefore: 40, Reserve: 10, AvailableAfter: 943}},
		Cost:   plan.Cost{Currency: "CHF", Cents: -3_251_00, SKUs: []plan.CostSKU{{PartNumber: "SPE_E3", Seats: -903, Cents: -3_251_00}}, Policies: []plan.CostPolicy{{Policy: "leavers", Cents: -3_251_00}}},
		Guards: []plan.Guard{{Name: guard.Removals, Class: guard.Hold, SKU: "SPE_E3", Limit: 50, Seen: removals, Verdict: plan.VerdictBreached}},
		Inputs: []plan.InputRecord{{Source: "graph", Rows: 5000}, {Source: "data/leavers.csv", Rows: removals}},
	}
	for n := range removals {
		p.Steps = append(p.Steps, plan.Step{ID: fmt.Sprintf("sha256:r%d", n), User: user(n), Kind: plan.KindRemove, Before: plan.State{Licenses: []plan.License{e3}}, Because: because("leavers", 12)})
	}
	for n := range additions {
		p.Steps = append(p.Steps, plan.Step{ID: fmt.Sprintf("sha256:a%d", n), User: user(removals + n), Kind: plan.KindAdd, After: plan.State{Licenses: []plan.License{e3}}, Because: because("joiners", 7)})
	}
	for n := range blocked {
		p.Outcomes.Blocked = append(p.Outcomes.Blocked, plan.Outcome{User: user(removals + additions + n), PartNumber: "SPE_E3", Reason: plan.ReasonNoLocation, Detail: "no usage location", Because: because("movers", 9)})
	}
	p.Outcomes.Notes = []plan.Note{{Message: "person0001@contoso.com and others are disabled", Count: 2, Users: []string{"person0001@contoso.com", "another.user@contoso.com"}}}
	return p
}

// movingPlan is a large plan of people in OUs, into and out of sources of all kinds.
func movingPlan(removals, additions, blocked int) *plan.Plan {
	p := largePlan(removals, additions, blocked)
	for n := range p.Steps {
		p.Steps[n].User.Container = fmt.Sprintf(`OU=Team %d\, Zürich,DC=corp,DC=contoso,DC=com`, n%3)
	}
	gone := plan.UserRef{ID: state.UserID{15: 0xff, 0: 0xee}}
	p.Baseline = "run 20261120T020000Z-abcdefgh of 2026-11-20 02:00 UTC"
	p.Sources = []plan.SourceChange{
		{Policy: "joiners", Selector: "ou: OU=Staff,DC=corp,DC=contoso,DC=com", File: "policies/joiners.yaml", Line: 6, Column: 5, Status: plan.SourceCompared,
			Users: 120, Before: 50, EnteredCount: 72, LeftCount: 2, Entered: manyUsers(100, 50), Left: []plan.UserRef{user(1), gone}},
		{Policy: "joiners", Protects: true, Selector: "group: Directors 5f0c0000-0000-0000-0000-000000000000", File: "policies/joiners.yaml", Line: 8, Column: 5, Status: plan.SourceCompared, Users: 3, Before: 3},
		{Policy: "leavers", Selector: "csv: data/leavers.csv", File: "policies/leavers.yaml", Line: 3, Column: 5, Status: plan.SourceNew, Users: 7, EnteredCount: 7, Entered: manyUsers(0, 7)},
		{Policy: "movers", Selector: "unmatched: true", File: "policies/movers.yaml", Line: 3, Column: 5, Status: plan.SourceUnknown, Users: 11},
		{Policy: "old", Selector: "upns: 2 listed", Status: plan.SourceGone, Before: 2, LeftCount: 2, Left: manyUsers(3, 2)},
	}
	return p
}

func manyUsers(from, n int) []plan.UserRef {
	users := make([]plan.UserRef, n)
	for i := range users {
		users[i] = user(from + i)
	}
	return users
}

var update = flag.Bool("update", false, "rewrite the goldens")

// TestShowPlanGolden is a golden, to be read as a reviewer would.
func TestShowPlanGolden(t *testing.T) {
	t.Parallel()
	got := show(t, movingPlan(7, 1, 1), view.FormatMarkdown)
	if *update {
		if err := os.WriteFile("testdata/plan.md", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/plan.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("Markdown (-want +got):\n%s", diff)
	}
}

func TestMarkdownFitsItsBudget(t *testing.T) {
	t.Parallel()
	shown := regexp.MustCompile(`Removals \((\d+) of 903\)`)
	for name, budget := range view.Budgets {
		text := show(t, movingPlan(903, 2000, 40), view.FormatMarkdown, func(o *view.PlanOptions) { o.Budget = budget })
		if len(text) > budget.Bytes {
			t.Errorf("%s: %d bytes, the budget is %d", name, len(text), budget.Bytes)
		}
		for _, part := range []string{"seatwright:plan:contoso", "903 removals, 2000 additions.", "79 entered and 4 left, in 3 selectors", "`policies/joiners.yaml:6` | 120 | 72 | 2 |", "-3251.00 CHF", "--allow removals:SPE_E3=903", "- {tenant: contoso, guard: removals, sku: \"SPE_E3\", limit: 903", "| `SPE_E3` | Microsoft 365 E3 | 1000 | 950 | 47 (-903) |", "`policies/leavers.yaml:12`", "sha256:d"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the head has no %q", name, part)
			}
		}
		if strings.Contains(text, "<details>") == budget.Plain || strings.Contains(text, "<!--") == budget.Plain {
			t.Errorf("%s: HTML in a text where it is shown as text, or none where it folds", name)
		}
		if found := shown.FindStringSubmatch(text); found != nil {
			rows := strings.Count(text, "`-SPE_E3`")
			if fmt.Sprint(rows) != found[1] || rows == 0 || !strings.Contains(text, "(0 of 2000)") {
				t.Errorf("%s: says %s, shows %d removals; additions are less important: %v", name, found[0], rows, strings.Contains(text, "(0 of 2000)"))
			}
		} else if !strings.Contains(text, "Removals (903)") {
			t.Errorf("%s: does not count the removals that it shows", name)
		}
	}
	if small := show(t, largePlan(903, 2000, 40), view.FormatMarkdown, func(o *view.PlanOptions) { o.Budget = view.Budgets["bitbucket"] }); !shown.MatchString(small) {
		t.Error("32,768 bytes hold 903 rows: the test tests nothing")
	}
}

// TestMarkdownDropsTheLeastImportantRows grows the budget bit by bit: what is
// shown only grows, and no row is ever cut.
func TestMarkdownDropsTheLeastImportantRows(t *testing.T) {
	t.Parallel()
	p := largePlan(100, 100, 20)
	removals, additions := 0, 0
	for bytes := view.MinBudget; bytes < 40_000; bytes += 97 {
		text := show(t, p, view.FormatMarkdown, func(o *view.PlanOptions) { o.Budget = view.Budget{Bytes: bytes} })
		if len(text) > bytes {
			t.Fatalf("%d bytes in a budget of %d", len(text), bytes)
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "|") && !strings.HasSuffix(line, " |\n") {
				t.Fatalf("a row was cut: %q", line)
			}
		}
		r, a := strings.Count(text, "`-SPE_E3`"), strings.Count(text, "`+SPE_E3`")
		if r < removals || a < additions || a > 0 && r < 100 {
			t.Fatalf("with %d bytes: %d removals and %d additions, with less it were %d and %d", bytes, r, a, removals, additions)
		}
		removals, additions = r, a
	}
	if additions == 0 {
		t.Error("no budget showed additions")
	}
}

func TestNewLinksGoToTheLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, dir, want string }{
		{"https://github.com/contoso/licenses/blob/main", ".", "](https://github.com/contoso/licenses/blob/main/policies/leavers.yaml#L12)"},
		{"https://github.com/contoso/licenses/blob/main/", "tenants/eu", "](https://github.com/contoso/licenses/blob/main/tenants/eu/policies/leavers.yaml#L12)"},
		{"https://dev.azure.com/o/p/_git/r?path=/{file}&line={line}", "/home/me", "](https://dev.azure.com/o/p/_git/r?path=/policies/leavers.yaml&line=12)"},
	} {
		links, err := view.NewLinks(c.base, c.dir)
		if err != nil {
			t.Fatal(err)
		}
		if text := show(t, largePlan(1, 0, 0), view.FormatMarkdown, func(o *view.PlanOptions) { o.Links = links }); !strings.Contains(text, c.want) {
			t.Errorf("%s: no %q in %s", c.base, c.want, text)
		}
	}
	for _, base := range []string{"http://x/y", "javascript:alert(1)", "https://", "https://u:p@x/y", "https://x/y)[evil](z", "https://x/\u202e", "https://x/?l={line}", "x"} {
		if _, err := view.NewLinks(base, "."); err == nil {
			t.Errorf("%q was taken", base)
		}
	}
}

func TestShowPlanNamesNoUserInPublicLogs(t *testing.T) {
	t.Parallel()
	p := movingPlan(3, 3, 3)
	p.Outcomes.Blocked[0].Detail = `user person0001@contoso.com disagrees with stranger@contoso.com about group "Directors"`
	p.Filters = []string{"--only user=person0002@contoso.com"}
	named := regexp.MustCompile(`(?i)person\d|surname|stranger|@contoso|another`)
	for _, format := range view.PlanFormats() {
		byDefault := show(t, p, format)
		public := !slices.Contains([]view.Format{view.FormatText, view.FormatJSON, view.FormatHTML, view.FormatCSV}, format)
		if found := named.FindString(byDefault); (found == "") != public {
			t.Errorf("%s by default: names %q", format, found)
		}
		if format == view.FormatJSON {
			continue
		}
		for _, redact := range []view.Redaction{view.RedactNames, view.RedactAll} {
			text := show(t, p, format, func(o *view.PlanOptions) { o.Redact = redact })
			if found := named.FindString(text); found != "" {
				t.Errorf("%s, %s: %q", format, redact, found)
			}
			if ids := regexp.MustCompile("ee000000-|07000000-|Directors|OU="); redact == view.RedactAll && ids.MatchString(text) {
				t.Errorf("%s, %s: %q", format, redact, ids.FindString(text))
			}
		}
	}
	if p.Steps[0].User.UserPrincipalName != "person0000@contoso.com" || p.Outcomes.Notes[0].Users[0] != "person0001@contoso.com" {
		t.Error("the plan itself was changed")
	}
}

func TestAnnotationsPointAtThePolicy(t *testing.T) {
	t.Parallel()
	p := largePlan(60, 0, 12)
	p.Outcomes.Waiting = p.Outcomes.Blocked[:1] // needs no remark
	want := map[view.Format][]string{
		view.FormatGitHub: {
			"::error file=policies/leavers.yaml,line=12,col=3,title=A guard stops the plan::exceeded: removals of SPE_E3: 60 users, the limit is 50; to allow it for one run: --allow removals:SPE_E3=60; or add",
			"::error file=policies/movers.yaml,line=9,col=3,title=SPE_E3 is blocked::SPE_E3: blocked for ee000000-0000-0000-0000-00000000003c, ", " and 9 more: no usage location",
			"::notice title=Seatwright::60 removals. Not done: 12 blocked",
		},
		view.FormatAzure: {
			"##vso[task.logissue type=error;sourcepath=policies/leavers.yaml;linenumber=12;columnnumber=3;code=guard-removals]exceeded: removals of SPE_E3",
			"##vso[task.logissue type=error;sourcepath=policies/movers.yaml;linenumber=9;columnnumber=3;code=blocked-no_usage_location]SPE_E3: blocked",
		},
	}
	for format, parts := range want {
		text := show(t, p, format)
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in\n%s", format, part, text)
			}
		}
	}
	var report []struct {
		Description, Fingerprint, Severity string
		CheckName                          string `json:"check_name"`
		Location                           struct {
			Path  string
			Lines struct{ Begin int }
		}
	}
	if err := json.Unmarshal([]byte(show(t, p, view.FormatGitLab)), &report); err != nil {
		t.Fatal(err)
	}
	if len(report) != 2 || report[0].Severity != "blocker" || report[0].Location.Path != "policies/leavers.yaml" || report[0].Location.Lines.Begin != 12 ||
		report[1].CheckName != "blocked-no_usage_location" || report[1].Severity != "major" || report[0].Fingerprint == report[1].Fingerprint || report[0].Fingerprint == "" {
		t.Errorf("Code Quality report: %+v", report)
	}
}

// TestGitHubShowsThatThereIsMore since it shows ten errors of a step and drops the rest.
func TestGitHubShowsThatThereIsMore(t *testing.T) {
	t.Parallel()
	p := largePlan(0, 0, 30)
	for n := range p.Outcomes.Blocked {
		p.Outcomes.Blocked[n].Because = because("movers", n+1)
	}
	p.Guards = nil
	if n := strings.Count(show(t, p, view.FormatAzure), "##vso[task.logissue"); n != 30 {
		t.Errorf("Azure Pipelines shows all errors, but there are %d of 30", n)
	}
	text := show(t, p, view.FormatGitHub)
	if n := strings.Count(text, "::error"); n != 10 || !strings.Contains(text, "and 21 more; see the whole report") {
		t.Errorf("%d errors: %s", n, text)
	}
}

func TestPlanCSVHasARowForEachStepAndAssignment(t *testing.T) {
	t.Parallel()
	records, err := csv.NewReader(strings.NewReader(show(t, largePlan(2, 1, 1), view.FormatCSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 5 || records[1][1] != "person0000@contoso.com" || records[1][4] != "SPE_E3" || records[3][5] != "SPE_E3" || records[4][3] != "blocked" || records[4][8] != "SPE_E3" {
		t.Errorf("%q", records)
	}
}

// TestInputsOfAllOrigins wants names from Active Directory to be listed with their users
// and the time of the sync or read, and not as if they were files.
func TestInputsOfAllOrigins(t *testing.T) {
	t.Parallel()
	p := largePlan(1, 0, 0)
	at := p.CreatedAt.Add(-time.Hour)
	p.Inputs = []plan.InputRecord{
		{Source: plan.SourceGraph, Rows: 5000, ReadAt: at}, {Source: plan.SourceSynced, Rows: 8, ReadAt: at}, {Source: plan.SourceSynced, Rows: 1},
		{Source: plan.SourceDirectory + "corp (dc1.corp.contoso.com:636)", Rows: 80, ReadAt: at}, {Source: "data/leavers.csv", Rows: 7, ReadAt: at},
	}
	for _, format := range []view.Format{view.FormatMarkdown, view.FormatHTML} {
		text := show(t, p, format)
		for _, want := range []string{
			"the tenant: 5000 users, read 2026-11-23 07:00 UTC", "names synced from Active Directory: 8 users, last sync 2026-11-23 07:00 UTC",
			"names synced from Active Directory: 1 user, time of the last sync unknown",
			"the directory corp (dc1.corp.contoso.com:636): 80 users, read 2026-11-23 07:00 UTC", "data/leavers.csv: 7 rows",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", format, want, text)
			}
		}
	}
}

// TestShowPlanSources expects the users that entered and left in every view that is read by
// users. Selectors without a baseline are unknown, which is not unchanged.
func TestShowPlanSources(t *testing.T) {
	t.Parallel()
	p := movingPlan(7, 1, 1)
	none := func(o *view.PlanOptions) { o.Redact = view.RedactNone }
	const doubt = "Changes in 1 other selector are unknown"
	for format, parts := range map[view.Format][]string{
		view.FormatText: {"Sources: 79 entered and 4 left, in 3 selectors since run 20261120T020000Z-abcdefgh of 2026-11-20 02:00 UTC\n", doubt,
			"  policies/joiners.yaml:6  joiners (ou: OU=Staff,DC=corp,DC=contoso,DC=com): 72 entered, 2 left, 120 now\n" +
				"      entered: person0100@contoso.com, person0101@contoso.com, person0102@contoso.com and 69 more\n" +
				"      left: person0001@contoso.com, ee000000-0000-0000-0000-0000000000ff (not in the tenant)\n",
			"  policies/leavers.yaml:3  leavers (csv: data/leavers.csv): new, selects 7 users\n",
			"  old (upns: 2 listed): not in the policies any more, selected 2 users\n"},
		view.FormatMarkdown: {"79 entered and 4 left, in 3 selectors.", doubt, "| `leavers` | `csv: data/leavers.csv` | `policies/leavers.yaml:3` | 7 | 7 |  | new |",
			"<summary>Users who entered or left (4)</summary>", "`person0109@contoso.com` and 62 more |", "`ee000000-0000-0000-0000-0000000000ff (not in the tenant)` |",
			"<summary>Changes by OU (4)</summary>", "| none |  |  | 1 |"},
		view.FormatHTML: {"79 entered and 4 left, in 3 selectors.", "No user entered or left 1 other selector.", doubt, "<li>person0149@contoso.com</li><li>and 22 more</li>", "not in the policies any more"},
		view.FormatJSON: {`"entered_count":72`, `"status":"unknown"`},
		view.FormatCSV:  {`"OU=Team 1\, Zürich,DC=corp,DC=contoso,DC=com"`},
	} {
		text := show(t, p, format, none)
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in\n%s", format, part, text)
			}
		}
	}
	p.Baseline = ""
	p.Sources = []plan.SourceChange{{Policy: "staff", Selector: "all: true", File: "p.yaml", Status: plan.SourceUnknown, Users: 9}}
	for _, format := range []view.Format{view.FormatText, view.FormatMarkdown, view.FormatHTML} {
		if text := show(t, p, format); !strings.Contains(text, "No baseline: changes in membership are unknown.") || regexp.MustCompile(`\d entered`).MatchString(text) {
			t.Errorf("%s, without a baseline:\n%s", format, text)
		}
	}
}
