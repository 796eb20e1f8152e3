package view_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// hostile are strings that a user can put into a name. Every view is tested with all of them.
var hostile = []string{
	"\x1b[31mred", "\x1b]0;title\a", "a\rb", "a\nb", "a\tb", "\u202egnp.exe", "\u200bhidden", "\ufeffbom", "\u0085next", "\u2028line",
	"###vso[task.complete]x", "####[error]x", ":::a::b", "#", "###", "::set-output name=x::y", "::error::", "##vso[task.setvariable variable=x]y", "##[error]x", "[link](http://evil)", "<script>alert(1)</script>",
	"=HYPERLINK(\"http://evil\")", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\x00", "\xff\xfe",
	"![x](http://evil/p.png)", "`code`", "``", "a`b", "|", `a\|b`, `\\|x|`, "| a | b |", "-->", "--><img src=x>", "</details></table>", "<!--", "@everyone", "#1", "www.evil.com", "http://evil", "a@evil.com",
	":tada:", "*b*", "_i_", "~~s~~", "# h", "- [ ] x", "> q", "1. x", "&lt;b&gt;", "&copy;", "$(id)", "${{ x }}", "%0A::error::x", "x]y;z=1", "a,b=c:d", "'x", "\"x\"", "section_start:0:x", "</script><script>alert(1)</script>",
	"javascript:alert(1)", "{{.}}", "\U000e0001tag", strings.Repeat("x", 65_000), strings.Repeat("|`<\u202e=", 13_000),
}

func TestEscapeTextLeavesNoCommands(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		got := view.EscapeText(s)
		checkHarmless(t, got)
		if again := view.EscapeText(got); again != got {
			t.Errorf("EscapeText(%q) = %q, and once more %q", s, got, again)
		}
	}
	for _, plain := range []string{"anna@contoso.com", "Zürich", "日本", "O'Brien & Söhne (EMEA), 50 %", `OU=Sales\, EMEA`} {
		if got := view.EscapeText(plain); got != plain {
			t.Errorf("EscapeText(%q) = %q, want it as it is", plain, got)
		}
	}
}

func checkHarmless(t testing.TB, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		for _, r := range line {
			if !unicode.IsPrint(r) {
				t.Errorf("%q holds the character %U", cut(line), r)
			}
		}
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
			t.Errorf("%q is an order to a CI system", cut(line))
		}
	}
}

func cut(s string) string { return s[:min(len(s), 120)] }

func FuzzEscapeText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkHarmless(t, view.EscapeText(s)) })
}

// hostilePlan is a plan in which every foreign string is s.
func hostilePlan(s string) *plan.Plan {
	user := plan.UserRef{UserPrincipalName: s, DisplayName: s, Container: s}
	because := []plan.Because{{PartNumber: s, Effect: plan.EffectWant, Policy: s, File: s, Selector: s, Line: 1, Column: 1, Row: 2}}
	licenses := []plan.License{{PartNumber: s, SKU: state.SKUID{1}}}
	outcome := []plan.Outcome{{User: user, PartNumber: s, Detail: s, Reason: plan.ReasonNoSeat, Because: because}}
	ended := []plan.Step{{ID: "3", User: user, Kind: plan.KindAdd, After: plan.State{Licenses: licenses}, Because: because}}
	return &plan.Plan{
		Settings: &plan.SettingsFrom{Name: s, Commit: s, Changed: []string{s}},
		Base:     &plan.Base{Name: s, Commit: s, Ended: ended, EndedOutcomes: []plan.SortedOutcome{{Sort: "waiting", Outcome: outcome[0]}}},
		Filters:  []string{s},
		Inputs:   []plan.InputRecord{{Source: s}, {Source: plan.SourceDirectory + s}},
		Reported: ended,
		Cost:     plan.Cost{Currency: s, SKUs: []plan.CostSKU{{PartNumber: s, ToBuy: 1}}, Policies: []plan.CostPolicy{{Policy: s}}, Unpriced: []string{s}},
		Schedule: plan.Schedule{LongestChain: 3, Spare: []plan.Spare{{Seats: 1, PartNumber: s, LongestChain: 2}}},
		Source:   state.Source(s),
		Tenant:   plan.Tenant{Name: s}, Baseline: s, Sources: []plan.SourceChange{
			{Policy: s, Selector: s, File: s, Line: 1, Status: plan.SourceCompared, Users: 2, EnteredCount: 2, LeftCount: 1, Entered: []plan.UserRef{user}, Left: []plan.UserRef{user}},
			{Policy: s, Selector: s, Status: plan.SourceGone, LeftCount: 1, Left: []plan.UserRef{user}}, {Policy: s, Selector: s, Status: plan.SourceUnknown},
		}, SKUs: []plan.SKU{{PartNumber: s, Name: s}}, CreatedAt: time.Unix(0, 0).UTC(),
		Steps: []plan.Step{
			{ID: "1", User: user, Kind: plan.KindRemove, Before: plan.State{Licenses: licenses}, Because: because, Loses: []plan.Loss{{Family: s, From: s, To: s, Undo: s, Days: 3}}},
			{ID: "2", User: user, Kind: plan.KindLocation, Before: plan.State{UsageLocation: plan.Location{Touched: true, Value: s}}, After: plan.State{UsageLocation: plan.Location{Touched: true, Value: s}}, Needs: []string{"1"}},
			{ID: "4", User: user, Kind: plan.KindAdd, After: plan.State{Licenses: licenses}, Because: because, InBase: true},
		},
		Outcomes: plan.Outcomes{Blocked: outcome, Waiting: outcome, Held: []plan.Outcome{{User: user, PartNumber: s, Detail: s, Reason: plan.ReasonGuard, Because: because, InBase: true}}, Notes: []plan.Note{{Message: s, Count: 1, Users: []string{s}}}},
		Guards:   []plan.Guard{{Name: guard.Removals, Class: guard.Hold, SKU: s, Seen: 3, Verdict: plan.VerdictBreached}, {Name: guard.Tenant, Detail: s, Verdict: plan.VerdictBreached}},
	}
}

func userRow(s string) view.UserRow {
	return view.UserRow{UserPrincipalName: s, DisplayName: s, UsageLocation: s, Container: s, Direct: []string{s}, Inherited: []string{s}}
}

func TestWriteCSVLeavesNoFormulas(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		row := userRow(s)
		row.UserPrincipalName = "anna@contoso.com"
		var b bytes.Buffer
		if err := view.Users(&b, view.FormatCSV, []view.UserRow{row}, view.Screen{}); err != nil {
			t.Errorf("%q: %v", cut(s), err)
		}
		records, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", cut(s), err)
		}
		for _, cell := range records[1] {
			if trimmed := strings.TrimSpace(cell); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
				t.Errorf("the cell %q would be run", cut(cell))
			}
		}
	}
	if err := view.Users(&bytes.Buffer{}, view.FormatCSV, []view.UserRow{userRow("=cmd()")}, view.Screen{}); err == nil || !strings.Contains(err.Error(), "cannot be a key in a CSV file") {
		t.Errorf("a key that is a formula: %v", err)
	}
}

func TestJSONKeepsItsValue(t *testing.T) {
	t.Parallel()
	for _, s := range append(hostile, "\U000e0001tag", "\u202eabc") {
		var b bytes.Buffer
		if err := view.Users(&b, view.FormatJSON, []view.UserRow{{UserPrincipalName: s}}, view.Screen{}); err != nil {
			t.Fatal(err)
		}
		var back []view.UserRow
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || back[0].UserPrincipalName != string([]rune(s)) {
			t.Errorf("%q came back as %+v: %v", cut(s), back, err)
		}
	}
}

func TestProgressWritesLines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := view.NewProgress(&b, false, func() time.Time { return now }, "applying", 40)
	for range 40 {
		now = now.Add(time.Second)
		p.Step()
	}
	p.Close()
	want := "applying: 2 of 40\napplying: 12 of 40\napplying: 22 of 40\napplying: 32 of 40\napplying: 40 of 40\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	b.Reset()
	short := view.NewProgress(&b, false, func() time.Time { return now }, "reading users", 0)
	short.Reach(999)
	short.Close()
	if b.Len() > 0 {
		t.Errorf("a short job shows progress: %q", b.String())
	}
}
