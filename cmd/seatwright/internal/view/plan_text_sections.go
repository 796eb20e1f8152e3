package view

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/screen"
	"github.com/seatwright/seatwright/plan"
)

// What text shows at most, before it counts the rest.
const (
	maxShownSteps  = 200 // of a plan on a terminal
	maxShownGroups = 50  // of blocked or waiting assignments on a terminal
	maxShownUsers  = 10  // of a group
)

// planLosses writes what users lose, once for each kind: the steps only name it.
func planLosses(t *text, r *review, o TextOptions) {
	if len(r.Losses) == 0 {
		return
	}
	t.Heading("\nWhat is lost")
	for _, loss := range r.Losses {
		t.Styled(screen.Red, "  "+escape.Text(loss.Title()))
		t.Line("      %s", escape.Text(userList(loss.Users, maxNamed, o)))
		if loss.Then != "" {
			t.Line("      %s", escape.Text(loss.Then))
		}
		if loss.Undo != "" {
			t.Line("      to undo: %s", escape.Text(loss.Undo))
		}
	}
}

// userList counts users and names the first of them: "12 users: anna@contoso.com and 11 more".
func userList(users []string, most int, o TextOptions) string {
	if o.All {
		most = len(users)
	}
	return plural(len(users), "user", "users") + ": " + someOf(users, 0, most)
}

// planSections writes the sections, and returns how many steps it left out. A terminal
// gets the first rows: of those that lose data, then of removals, then of the rest.
func planSections(t *text, sections []reviewSection, o TextOptions) int {
	most, hidden := -1, 0
	if o.Screen.Terminal && !o.All {
		most = maxShownSteps
	}
	for i, n := range shares(sections, most) {
		s := sections[i]
		if !s.Step && !s.Mixed && s.Key != sectionReport {
			planOutcomes(t, s, o)
			continue
		}
		planSection(t, s, n)
		if s.Step || s.Key == sectionBefore {
			hidden += s.Len() - n
		}
	}
	return hidden
}

// shares returns how many rows of each section are shown, if at most so many are shown of
// all; negative: there is no limit. Rows that lose data come first.
func shares(sections []reviewSection, most int) []int {
	shown := make([]int, len(sections))
	give := func(i, rows int) {
		if n := min(most, rows); n > 0 {
			shown[i], most = shown[i]+n, most-n
		}
	}
	if most < 0 {
		for i, s := range sections {
			shown[i] = s.Len()
		}
		return shown
	}
	for i, s := range sections {
		give(i, s.lossy())
	}
	for i, s := range sections {
		if s.Step || s.Mixed {
			give(i, s.Len()-shown[i])
		}
	}
	for i, s := range sections {
		if s.Key == sectionReport {
			give(i, s.Len()-shown[i])
		}
	}
	return shown
}

// lossy counts the rows that lose data.
func (s reviewSection) lossy() int {
	n := 0
	for _, item := range s.items {
		n += item.lossy
	}
	return n
}

// planSection writes the first rows of a section, and the count of the rest. Steps of one
// kind are sorted by user, and what is done without the change as well by kind. All other
// rows are in the order of the plan.
func planSection(t *text, s reviewSection, most int) {
	items := slices.Clone(s.items)
	switch {
	case most < len(items):
		slices.SortStableFunc(items, func(a, b reviewItem) int {
			return cmp.Or(cmp.Compare(b.lossy, a.lossy), cmp.Compare(a.kind, b.kind), compareUsers(a, b))
		})
	case s.Key == sectionBefore:
		slices.SortStableFunc(items, func(a, b reviewItem) int { return cmp.Compare(a.kind, b.kind) })
	case s.Step:
		slices.SortStableFunc(items, compareUsers)
	}
	t.Heading("\n%s", sectionHeading(s))
	for _, item := range items[:most] {
		row := item.row()
		if s.Mixed && !row.Step {
			row.Detail = row.Kind + ": " + row.Detail
		}
		if s.Step || s.Key == sectionBefore { // the rest is in "What is lost"
			for i := range row.Losses {
				row.Losses[i].Follows = ""
			}
		}
		t.row(row)
	}
	if rest := len(items) - most; rest > 0 {
		t.Line("  and %d more", rest)
	}
}

// planOutcomes writes assignments that are left as they are. Users with the same reason,
// detail and SKU are one entry.
func planOutcomes(t *text, s reviewSection, o TextOptions) {
	t.Heading("\n%s", sectionHeading(s))
	groups, most := groupOutcomes(s), maxShownGroups
	if !o.Screen.Terminal || o.All {
		most = len(groups)
	}
	if most < len(groups) {
		slices.SortStableFunc(groups, func(a, b *outcomeGroup) int { return cmp.Compare(outcomeRank(a), outcomeRank(b)) })
	}
	var hints []string
	users := 0
	for i, g := range groups {
		hints = addHint(hints, g.row.Reason)
		switch {
		case i >= most:
			users += len(g.users)
		case len(g.users) == 1:
			t.row(g.row)
		default:
			writeOutcomeGroup(t, g, o)
		}
	}
	if users > 0 {
		t.Line("  and %d more", users)
	}
	for _, hint := range hints {
		t.Line("  hint: %s", hint)
	}
}

// outcomeRank puts protected users first.
func outcomeRank(g *outcomeGroup) int {
	if g.row.Reason == plan.ReasonProtected {
		return 0
	}
	return 1
}

func writeOutcomeGroup(t *text, g *outcomeGroup, o TextOptions) {
	t.Line("  %s: %s (%s)", escape.Text(g.row.Change), escape.Text(g.row.Detail), plural(len(g.users), "user", "users"))
	_, names, _ := strings.Cut(userList(g.users, maxShownUsers, o), ": ")
	t.Line("      %s", escape.Text(names))
	for i, why := range g.reasons {
		if i == maxNamed && !o.All {
			t.Line("      and %s", plural(len(g.reasons)-i, "more place in policies", "more places in policies"))
			break
		}
		t.Line("      %s:%d  %s", escape.Text(why.Place.String()), why.Place.Column, escape.Text(why.Group))
	}
}

// planTotals ends the plan: what was left out, and the steps by kind.
func planTotals(t *text, r *review, hidden int, o TextOptions) {
	t.Line("")
	if hidden > 0 {
		how := "To see all: add --all, or write --format html to a file."
		if o.Brief {
			how = "To see them: remove --brief."
		}
		t.Line("%s of %d not shown. %s", plural(hidden, "step", "steps"), r.Steps, how)
	}
	t.Heading("%s", escape.Text(r.Totals))
}
