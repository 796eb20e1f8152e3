package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
)

// maxMoved is how many users who came or left a text names before it counts the rest.
const maxMoved = 3

// planSources tells who came into and left what policies select by.
func planSources(t *text, p *plan.Plan) {
	r := newReviewSources(p, Links{})
	if len(r.Moving) == 0 && r.Doubt() == "" {
		return
	}
	t.line("")
	if len(r.Moving) > 0 {
		t.line("Sources: %s since %s", r.Moves(), Terminal(r.Since))
	}
	for _, s := range r.Moving {
		t.line("  %s", Terminal(sourceLine(s)))
		if s.Status == plan.SourceCompared {
			planMoved(t, "came", s.CameIn, s.MoreCame)
			planMoved(t, "left", s.WentAway, s.MoreWent)
		}
	}
	if doubt := r.Doubt(); doubt != "" {
		t.line("%s", doubt)
	}
}

// sourceLine is a selector in one line: "p.yaml:3  staff (ou: OU=Staff): 2 came, 1 left, 12 now".
func sourceLine(s reviewSource) string {
	line := fmt.Sprintf("%s (%s): ", s.Policy, s.Selector)
	if s.Place.File != "" {
		line = s.Place.String() + "  " + line
	}
	switch s.Status {
	case plan.SourceNew:
		return line + fmt.Sprintf("new, and picks %s", plural(s.Users, "user", "users"))
	case plan.SourceGone:
		return line + fmt.Sprintf("not in the policies any more, where it picked %s", plural(s.Before, "user", "users"))
	}
	return line + fmt.Sprintf("%d came, %d left, %d now", s.Entered, s.Left, s.Users)
}

func planMoved(t *text, what string, names []string, more int) {
	if len(names) == 0 {
		return
	}
	t.line("      %s: %s", what, Terminal(someOf(names, more, maxMoved)))
}

// someOf names the first of many, of whom more are not even in the list.
func someOf(names []string, more, most int) string {
	if len(names) > most {
		names, more = slices.Clone(names[:most]), more+len(names)-most
	}
	if more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}
