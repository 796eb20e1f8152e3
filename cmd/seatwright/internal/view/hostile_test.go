package view_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/slowtest"
)

// The hostile corpus goes through every view. A view is an exported function whose
// first parameter is a writer; ShowPlan and ShowReport are one for each format.

// shows are all views with every foreign string in them being s.
func shows(s string) map[string]func(*bytes.Buffer) error {
	p := hostilePlan(s)
	p.Outcomes.Filtered = 2 // so that the summary names the filters
	other := *p
	other.Steps, other.Outcomes.Blocked, other.SKUs = p.Steps[:1], nil, []plan.SKU{{PartNumber: s, Short: 1}}
	run := &view.RunReport{
		Report: &apply.Report{Outcomes: []apply.Outcome{{Step: p.Steps[0], Result: apply.Failed, Detail: s, Hint: s}, {Step: p.Steps[0], Result: apply.Confirmed}}, Stopped: errors.New(s)},
		Plan:   p, NotNeeded: p.Steps, NotApproved: p.Steps, Run: s, Head: s, ExitReason: s,
	}
	all := map[string]func(*bytes.Buffer) error{
		"Plan":       func(b *bytes.Buffer) error { return view.Plan(b, p) },
		"Report":     func(b *bytes.Buffer) error { return view.Report(b, run.Report, view.Screen{}) },
		"Unapproved": func(b *bytes.Buffer) error { return view.Unapproved(b, p.Steps, p.Steps) },
		"Ask":        func(b *bytes.Buffer) error { return view.Ask(b, p) },
		"Problems": func(b *bytes.Buffer) error {
			return view.Problems(b, "warning: ", []policies.Problem{{Pos: policies.Pos{File: s}, Message: s, Hint: s}})
		},
		"Failure": func(b *bytes.Buffer) error { return view.Failure(b, policies.Problem{Message: s}, s) },
		"Warning": func(b *bytes.Buffer) error { return view.Warning(b, "%s", s) },
		"Users": func(b *bytes.Buffer) error {
			return view.Users(b, view.FormatText, []view.UserRow{userRow(s)}, view.Screen{})
		},
		"Users json": func(b *bytes.Buffer) error {
			return view.Users(b, view.FormatJSON, []view.UserRow{userRow(s)}, view.Screen{})
		},
		"Seats": func(b *bytes.Buffer) error {
			return view.Seats(b, view.FormatText, []view.SeatRow{{PartNumber: s, Name: s, Status: state.Capability(s)}}, view.Screen{})
		},
		"SKU": func(b *bytes.Buffer) error {
			return view.SKU(b, view.FormatText, view.SKURow{PartNumber: s, Name: s, Plans: []view.PlanRow{{PlanName: s, Name: s}}})
		},
		"LockChanges": func(b *bytes.Buffer) error {
			return view.LockChanges(b, []policies.LockChange{{SKUName: s, PlanName: s, Plan: state.PlanID{1}}})
		},
		"Explanation":       func(b *bytes.Buffer) error { return view.Explanation(b, view.FormatText, hostileExplanation(p, s)) },
		"SKUExplanation":    func(b *bytes.Buffer) error { return view.SKUExplanation(b, view.FormatText, hostileSKU(p, s)) },
		"CommandLinePolicy": func(b *bytes.Buffer) error { return view.CommandLinePolicy(b, s) },
		"SnapshotKept":      func(b *bytes.Buffer) error { return view.SnapshotKept(b, s, s, &state.Snapshot{}) },
		"Comparison": func(b *bytes.Buffer) error {
			return view.Comparison(b, view.FormatText, p, &other, explain.Compare(p, &other))
		},
		"Comparison json": func(b *bytes.Buffer) error {
			return view.Comparison(b, view.FormatJSON, p, &other, explain.Compare(p, &other))
		},
		"Doctor": func(b *bytes.Buffer) error {
			return view.Doctor(b, view.FormatText, []view.Finding{{Health: view.Ill, Topic: "settings", Text: s, Fix: s}})
		},
		"Generated":  func(b *bytes.Buffer) error { return view.Generated(b, s) },
		"OtherNames": func(b *bytes.Buffer) error { return view.OtherNames(b, [][2]string{{s, s}}) },
		"Runs": func(b *bytes.Buffer) error {
			return view.Runs(b, view.FormatText, []view.RunRow{{ID: s, Run: hostileRun(p, s)}, {ID: s, Err: errors.New(s)}})
		},
		"Runs json": func(b *bytes.Buffer) error {
			return view.Runs(b, view.FormatJSON, []view.RunRow{{ID: s, Run: hostileRun(p, s)}, {ID: s, Err: errors.New(s)}})
		},
		"Run":      func(b *bytes.Buffer) error { return view.Run(b, view.FormatText, hostileRun(p, s)) },
		"Run json": func(b *bytes.Buffer) error { return view.Run(b, view.FormatJSON, hostileRun(p, s)) },
		"Verified": func(b *bytes.Buffer) error { return view.Verified(b, hostileRun(p, s), false) },
		"Unlocked": func(b *bytes.Buffer) error {
			return view.Unlocked(b, state.TenantID{}, journal.Holder{Run: s, Host: s}, s)
		},
		"Remark": func(b *bytes.Buffer) error { return view.Remark(b, s) },
		"Reset":  func(b *bytes.Buffer) error { return view.Reset(b, s) },
	}
	for _, format := range view.ReportFormats() {
		all["ShowReport "+string(format)] = func(b *bytes.Buffer) error {
			return view.ShowReport(b, run, view.PlanOptions{Format: format, Redact: view.RedactNone, Budget: view.Budgets["github-comment"]})
		}
	}
	for _, format := range view.DriftFormats() {
		all["ShowDrift "+string(format)] = func(b *bytes.Buffer) error {
			return view.ShowDrift(b, hostileDrift(p, s), view.PlanOptions{Format: format, Redact: view.RedactNone, Budget: view.Budgets["github-comment"]})
		}
	}
	for _, format := range view.PlanFormats() {
		all["ShowPlan "+string(format)] = func(b *bytes.Buffer) error {
			return view.ShowPlan(b, p, view.PlanOptions{Format: format, Redact: view.RedactNone, Budget: view.Budgets["github-comment"]})
		}
	}
	return all
}

// ours are views without foreign strings.
var ours = []string{"ExitReason", "NewProgress", "Redacting", "Serving", "Valid", "Version"}

// hostileDrift is a report of whatever an audit log, a journal and a directory can say.
func hostileDrift(p *plan.Plan, s string) *drift.Report {
	by := drift.Actor{ID: s, Kind: drift.ActorApp, Name: s}
	item := func(class drift.Class, sort drift.Sort) drift.Item {
		return drift.Item{
			Key: s, Class: class, Sort: sort, User: p.Steps[0].User, PartNumber: s, From: s, To: s, Reason: plan.Reason(s), Detail: s, Loses: p.Steps[0].Loses,
			Because: p.Steps[0].Because, Changed: []drift.Change{{Run: s, By: by}, {By: by, Ours: true}}, Moved: []drift.Move{{Policy: s, Selector: s}}, Result: s,
		}
	}
	flapping, accepted, other := item(drift.Drift, drift.Missing), item(drift.Drift, drift.Extra), item(drift.Undecided, drift.Plans)
	flapping.Flapping = &drift.Flapping{Times: 2, Runs: []string{s}, With: []drift.Actor{by}}
	accepted.Accepted = &drift.Acceptance{Reason: s, Expires: s, Place: s}
	other.Changed = []drift.Change{{By: by}}
	return &drift.Report{
		FormatVersion: 1, ToolVersion: s, Tenant: plan.Tenant{Name: s}, Source: state.Source(s), Commit: s, Policies: s, Last: drift.Last{Run: s, Commit: s, Policies: s},
		Undecided: s, Hint: s, Audit: drift.Audit{Why: s, Hint: s},
		Items:      []drift.Item{flapping, accepted, other, item(drift.Drift, drift.Location), item(drift.Drift, drift.Blocked), item(drift.Pending, drift.Held)},
		Superseded: []drift.Item{item(drift.Superseded, drift.Waiting)}, RetainedData: []drift.RetainedData{{User: p.Steps[0].User, Family: s, By: by, Undo: s}},
		Guards: p.Guards, Notes: []string{s},
	}
}

func hostileExplanation(p *plan.Plan, s string) explain.Explanation {
	because := p.Steps[0].Because
	holding := []explain.ExplainedHolding{{PartNumber: s, Group: s, State: s, Error: s, Off: []string{s}}}
	return explain.Explanation{
		User: p.Steps[0].User, Synced: true, Container: s, Shield: s, Before: holding, After: holding, Steps: p.Steps,
		SKUs:     []explain.ExplainedSKU{{PartNumber: s, Name: s, Outcome: s, Detail: s, Because: because, Overruled: because}},
		Location: explain.ExplainedLocation{Before: s, After: s, Detail: s, Because: because},
		Policies: []explain.ExplainedPolicy{{Name: s, File: s, Detail: s}},
	}
}

func hostileSKU(p *plan.Plan, s string) explain.SKUExplanation {
	return explain.SKUExplanation{
		SKU: p.SKUs[0], Kept: []explain.CountedPolicy{{Policy: s, Users: 1}},
		Outcomes: []explain.SKUOutcome{{User: p.Steps[0].User, Outcome: s, Detail: s, Because: p.Steps[0].Because}},
	}
}

// TestNoViewIsMissingHere reads the code for views that the corpus does not go through.
func TestNoViewIsMissingHere(t *testing.T) {
	t.Parallel()
	here := map[string]bool{}
	for name := range shows("x") {
		function, _, _ := strings.Cut(name, " ")
		here[function] = true
	}
	packages, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range packages {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if ok && f.Recv == nil && f.Name.IsExported() && takesWriter(f) && !here[f.Name.Name] && !slices.Contains(ours, f.Name.Name) {
				t.Errorf("%s: the hostile corpus does not go through %s: add it to shows", name, f.Name.Name)
			}
		}
	}
}

// hostileRun is a journal that was written by hand.
func hostileRun(p *plan.Plan, s string) *journal.Run {
	step := p.Steps[0]
	return &journal.Run{
		Begin: journal.Begin{Run: s, Kind: journal.Kind(s), Of: s, Source: state.Source(s), Tool: s, Host: s, Commit: s, Policies: s, Plan: s, StepsDigest: s},
		Steps: []journal.Entry{{Intent: journal.Intent{Step: s, Kind: step.Kind, Before: step.Before, After: step.After, Policies: []string{s}}, Result: apply.Result(s)}},
		Found: []journal.Found{{Run: s, Step: s, Result: apply.Result(s)}},
		Close: &journal.Close{Reason: s, Counts: map[apply.Result]int{apply.Result(s): 1}}, Head: s,
	}
}

func takesWriter(f *ast.FuncDecl) bool {
	if len(f.Type.Params.List) == 0 {
		return false
	}
	first, ok := f.Type.Params.List[0].Type.(*ast.SelectorExpr)
	return ok && first.Sel.Name == "Writer"
}

// longHostile is what the longest strings of the corpus are cut to without the slow tests.
const longHostile = 8_000

// TestEveryViewIsHarmless shows each string of the corpus in each view, and wants nothing
// in the output that a terminal, a platform or a spreadsheet obeys.
func TestEveryViewIsHarmless(t *testing.T) {
	t.Parallel()
	checks := map[string]func(testing.TB, string, string){
		"ShowPlan json": checkJSON, "ShowPlan gitlab": checkJSON, "Users json": checkJSON, "Runs json": checkJSON, "Run json": checkJSON, "Comparison json": checkJSON,
		"ShowPlan markdown": checkMarkdown, "ShowPlan csv": checkCSV, "ShowPlan github": checkGitHub, "ShowPlan azure": checkAzure,
		"ShowPlan html": checkHTML, "ShowPlan github-output": checkGitHubOutput, "ShowPlan azure-output": checkAzureOutput, "ShowPlan gitlab-report": checkGitLabReport,
		"ShowReport json": checkJSON, "ShowReport markdown": checkMarkdown, "ShowReport github-output": checkGitHubOutput, "ShowReport azure-output": checkAzureOutput,
		"ShowDrift json": checkJSON, "ShowDrift gitlab": checkJSON, "ShowDrift markdown": checkMarkdown, "ShowDrift github": checkGitHubLines, "ShowDrift azure": checkAzure,
	}
	found := &failures{TB: t}
	defer found.report()
	for _, s := range hostile {
		if len(s) > longHostile && !slowtest.Enabled() {
			s = s[:longHostile]
		}
		for name, show := range shows(s) {
			var b bytes.Buffer
			if err := show(&b); err != nil {
				found.Errorf("%s of %q: %v", name, cut(s), err)
			}
			if check := checks[name]; check != nil {
				check(found, s, b.String())
			} else {
				checkHarmless(found, b.String())
			}
			if strings.ContainsAny(b.String(), "\x1b\x00\u009b\u202e") {
				found.Errorf("%s of %q shows what a terminal obeys: %q", name, cut(s), cut(b.String()))
			}
		}
	}
}

// failures collects failures, since one defect of an escaper fails hundreds of times.
type failures struct {
	testing.TB

	count int
	first []string // different ones
}

// maxFailures is how many different failures are reported.
const maxFailures = 10

func (f *failures) Errorf(format string, args ...any) {
	f.count++
	if len(f.first) == maxFailures {
		return
	}
	if message := fmt.Sprintf(format, args...); !slices.Contains(f.first, message) {
		f.first = append(f.first, message)
	}
}

// report fails the test with the first failures and the count of all.
func (f *failures) report() {
	for _, message := range f.first {
		f.Error(message)
	}
	if f.count > 0 {
		f.TB.Errorf("%d failures in all", f.count)
	}
}

func checkJSON(t testing.TB, s, text string) {
	t.Helper()
	if !json.Valid([]byte(text)) || strings.Contains(text, "##[") || strings.Contains(text, "##vso[") {
		t.Errorf("JSON of %q: %s", cut(s), cut(text))
	}
}

func checkCSV(t testing.TB, s, text string) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Errorf("CSV of %q: %v", cut(s), err)
	}
	for _, record := range records {
		for _, cell := range record {
			if trimmed := strings.TrimSpace(cell); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
				t.Errorf("CSV of %q: the cell %q would be run", cut(s), cut(cell))
			}
			checkHarmless(t, cell)
		}
	}
}

// checkMarkdown renders it as a platform would, raw HTML let through, and wants to find
// nothing that is not ours.
func checkMarkdown(t testing.TB, s, text string) {
	t.Helper()
	checkHarmless(t, text)
	if len(text) > view.Budgets["github-comment"].Bytes {
		t.Errorf("Markdown of %q has %d bytes", cut(s), len(text))
	}
	if strings.Contains(text, `\\|`) { // parsers differ over what such a pipe is
		t.Errorf("Markdown of %q has a pipe behind two backslashes", cut(s))
	}
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(goldmarkhtml.WithUnsafe())).Convert([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields("html head body h3 h4 p code blockquote strong ul li table thead tbody tr th td details summary br")
	for n := range root.Descendants() {
		switch {
		case n.Type == html.ElementNode && !slices.Contains(known, n.Data):
			t.Errorf("Markdown of %q makes a <%s>", cut(s), n.Data)
		case n.Type == html.CommentNode && !regexp.MustCompile(`^ seatwright:(plan|apply|drift):[A-Za-z0-9._-]+…? $`).MatchString(n.Data):
			t.Errorf("Markdown of %q makes the comment %q", cut(s), cut(n.Data))
		case n.Type == html.TextNode && n.Parent.Data != "code" && strings.ContainsAny(n.Data, "`|<"):
			t.Errorf("Markdown of %q has %q outside of code", cut(s), cut(n.Data))
		}
	}
}

// checkHTML wants the elements of a harmless page and no others, and nothing that acts.
func checkHTML(t testing.TB, s, text string) {
	t.Helper()
	checkHarmless(t, text)
	if got := elements(t, text); !slices.Equal(got, harmlessElements(t)) {
		t.Errorf("HTML of %q has other elements than that of a harmless plan", cut(s))
	}
}

func harmlessElements(t testing.TB) []string {
	harmlessOnce.Do(func() { harmless = elements(t, show(t, hostilePlan("x"), view.FormatHTML)) })
	return harmless
}

var (
	harmlessOnce sync.Once
	harmless     []string
)

// elements are the elements and their attributes, without the values that are data.
func elements(t testing.TB, text string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n.Data)
			for _, a := range n.Attr {
				all = append(all, " "+a.Key)
			}
		}
	}
	return all
}

func checkGitHub(t testing.TB, s, text string) {
	t.Helper()
	checkGitHubLines(t, s, text)
	if errors := strings.Count(text, "\n"); errors != strings.Count(show(t, hostilePlan("x"), view.FormatGitHub), "\n") {
		t.Errorf("GitHub, %q: %d lines", cut(s), errors)
	}
}

func checkGitHubLines(t testing.TB, s, text string) {
	t.Helper()
	form := regexp.MustCompile(`^::(error|notice) (file=[^,:]*,line=\d+,col=\d+,)?title=[^,:]*::[^\r\n]*$`)
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); !form.MatchString(line) {
			t.Errorf("GitHub, %q: %q is no annotation of ours", cut(s), cut(line))
		}
		checkHarmless(t, "x"+line)
	}
}

func checkAzure(t testing.TB, s, text string) {
	t.Helper()
	form := regexp.MustCompile(`^##vso\[task\.logissue type=error;(sourcepath=[^;\]]*;linenumber=\d+;columnnumber=\d+;)?code=[^;\]]*\]`)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		if !form.MatchString(line) {
			t.Errorf("Azure, %q: %q is no command of ours", cut(s), cut(line))
		}
		checkHarmless(t, form.ReplaceAllString(line, ""))
	}
	checkHarmless(t, lines[len(lines)-1])
}

// checkGitHubOutput wants one line for each name of ours, with a value that ends there.
func checkGitHubOutput(t testing.TB, s, text string) {
	t.Helper()
	checkOutputs(t, s, text, regexp.MustCompile(`^([a-z_]+)=[A-Za-z0-9._: -]*$`))
}

func checkAzureOutput(t testing.TB, s, text string) {
	t.Helper()
	checkOutputs(t, s, text, regexp.MustCompile(`^##vso\[task\.setvariable variable=([a-zA-Z]+);isOutput=true\][A-Za-z0-9._: -]*$`))
}

func checkOutputs(t testing.TB, s, text string, form *regexp.Regexp) {
	t.Helper()
	names := map[string]bool{}
	for line := range strings.Lines(text) {
		found := form.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if found == nil || names[found[1]] {
			t.Errorf("outputs of %q: %q is none of ours", cut(s), cut(line))
			continue
		}
		names[found[1]] = true
	}
	if len(names) < 15 {
		t.Errorf("outputs of %q: %d names", cut(s), len(names))
	}
}

func checkGitLabReport(t testing.TB, s, text string) {
	t.Helper()
	var counts map[string]int
	if err := json.Unmarshal([]byte(text), &counts); err != nil || len(counts) != 3 {
		t.Errorf("GitLab's report of %q: %v: %s", cut(s), err, cut(text))
	}
}
