package view_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

var (
	sequence = regexp.MustCompile(`\x1b\[[0-9]*m`)
	// painted is a line in which each color ends before the next begins, and before the line ends.
	painted = regexp.MustCompile(`^([^\x1b]|\x1b\[(1|31|32|33)m[^\x1b]+\x1b\[0m)*$`)
)

// onScreen writes everything that looks at the screen.
func onScreen(t testing.TB, p *plan.Plan, s string, screen view.Screen) string {
	t.Helper()
	var b bytes.Buffer
	o := view.PlanOptions{Format: view.FormatText, Redact: view.RedactNone, Text: view.TextOptions{Screen: screen}}
	report := &view.RunReport{Report: &apply.Report{Outcomes: []apply.Outcome{{Step: p.Steps[0], Result: apply.Failed, Detail: s, Hint: s}}}, Plan: p}
	for _, err := range []error{
		view.ShowPlan(&b, p, o), view.ShowReport(&b, report, o),
		view.Users(&b, view.FormatText, []view.UserRow{userRow(s), userRow("x")}, screen),
		view.Seats(&b, view.FormatText, []view.SeatRow{{PartNumber: s, Name: s, Status: state.Capability(s)}}, screen),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// TestScreenIsHarmless shows the hostile corpus on terminals. Without its colors a text is
// the same as one that never had any, and that one holds nothing that a terminal obeys.
func TestScreenIsHarmless(t *testing.T) {
	t.Parallel()
	found := &failures{TB: t}
	defer found.report()
	for _, s := range hostile {
		s = s[:min(len(s), 1_000)] // longer ones are for budgets, which a screen has not
		for _, width := range []int{0, 1, 20, 80} {
			colored := onScreen(found, hostilePlan(s), s, view.Screen{Terminal: true, Width: width, Color: true})
			bare := onScreen(found, hostilePlan(s), s, view.Screen{Terminal: true, Width: width})
			checkHarmless(found, bare)
			if strings.ContainsAny(bare, "\x1b\x00\u009b\u202e") {
				found.Errorf("%q at width %d shows what a terminal obeys: %q", cut(s), width, cut(bare))
			}
			if sequence.ReplaceAllString(colored, "") != bare {
				found.Errorf("%q at width %d is another text with color", cut(s), width)
			}
			for line := range strings.Lines(colored) {
				if line = strings.TrimSuffix(line, "\n"); !painted.MatchString(line) {
					found.Errorf("%q at width %d: a color does not end in %q", cut(s), width, cut(line))
				}
				if strings.HasPrefix(strings.TrimLeft(sequence.ReplaceAllString(line, ""), " "), "::") {
					found.Errorf("%q at width %d: a line begins as a command of GitHub: %q", cut(s), width, cut(line))
				}
			}
		}
	}
}

func TestScreenFitsTheWidth(t *testing.T) {
	t.Parallel()
	whole := onScreen(t, changedPlan(), "a user", view.Screen{})
	for _, width := range []int{60, 80, 200} {
		got := onScreen(t, changedPlan(), "a user", view.Screen{Terminal: true, Width: width})
		for line := range strings.Lines(got) {
			longest := 0
			for _, word := range strings.Fields(line) {
				longest = max(longest, len(word))
			}
			if line = strings.TrimSuffix(line, "\n"); len(line) > width && longest < width-12 {
				t.Errorf("width %d: %d characters: %s", width, len(line), line)
			}
		}
		if width == 200 && strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(whole), " ") {
			t.Errorf("width %d loses or adds words:\n%s", width, got)
		}
	}
}

// manySteps is a plan of 250 removals and 50 additions, of which the last loses data.
func manySteps() *plan.Plan {
	p := movingPlan(0, 0, 0)
	p.Outcomes = plan.Outcomes{}
	p.Steps = nil
	e3 := []plan.License{{SKU: state.SKUID{1}, PartNumber: "SPE_E3"}}
	for n := range 300 {
		step := plan.Step{ID: fmt.Sprint(n), User: user(n), Kind: plan.KindRemove, Before: plan.State{Licenses: e3}, Because: because("p", n)}
		if n >= 250 {
			step.Kind, step.Before, step.After = plan.KindAdd, plan.State{}, plan.State{Licenses: e3}
		}
		if n == 299 {
			step.Loses = []plan.Loss{{Family: "mailbox", From: "enterprise", To: "kiosk"}}
		}
		p.Steps = append(p.Steps, step)
	}
	for n := range 238 {
		p.Outcomes.Waiting = append(p.Outcomes.Waiting, plan.Outcome{User: user(n), PartNumber: "POWER_BI_PRO", Reason: plan.ReasonNoSeat, Detail: "no seat is free", Because: because("bi", 1)})
	}
	return p
}

func TestTerminalShowsAtMost200Steps(t *testing.T) {
	t.Parallel()
	show := func(o view.TextOptions) string {
		var b bytes.Buffer
		if err := view.ShowPlan(&b, manySteps(), view.PlanOptions{Format: view.FormatText, Redact: view.RedactNone, Text: o}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	terminal := view.Screen{Terminal: true}
	for _, c := range []struct {
		name               string
		o                  view.TextOptions
		removals, adds     int
		contains, excludes string
	}{
		{"a terminal", view.TextOptions{Screen: terminal}, 199, 1, "100 steps of 300 not shown", ""},
		{"a terminal with --all", view.TextOptions{Screen: terminal, All: true}, 250, 50, "user 238", "not shown"},
		{"a pipe", view.TextOptions{}, 250, 50, "and 228 more", "not shown"},
		{"brief", view.TextOptions{Brief: true}, 0, 0, "300 steps of 300 not shown. To see them: remove --brief.", "Waiting ("},
	} {
		got := show(c.o)
		if r, a := strings.Count(got, "  -SPE_E3\n"), strings.Count(got, "  +SPE_E3\n"); r != c.removals || a != c.adds {
			t.Errorf("%s: %d removals and %d additions, want %d and %d", c.name, r, a, c.removals, c.adds)
		}
		if c.name != "a terminal with --all" && !strings.Contains(got, c.contains) || c.excludes != "" && strings.Contains(got, c.excludes) {
			t.Errorf("%s: want %q and not %q in:\n%.3000s", c.name, c.contains, c.excludes, got)
		}
		if !strings.HasSuffix(got, "\nPlan: 250 to remove, 50 to add. Not done: 238 waiting.\n") {
			t.Errorf("%s: the totals are not the last line", c.name)
		}
	}
	got := show(view.TextOptions{Screen: terminal})
	if !strings.Contains(got, "loses mailbox") {
		t.Errorf("a step that loses data is cut:\n%.3000s", got)
	}
	if strings.Count(got, "no seat is free") != 1 {
		t.Errorf("a reason is repeated:\n%.3000s", got)
	}
}
