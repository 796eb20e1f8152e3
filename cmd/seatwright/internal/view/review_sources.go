package view

import (
	"cmp"
	"fmt"

	"github.com/seatwright/seatwright/plan"
)

// reviewSource is a selector, and who came into it and left it since the baseline.
type reviewSource struct {
	Policy, Selector   string
	Place              place
	Status             plan.SourceStatus
	Users, Before      int
	Entered, Left      int
	CameIn, WentAway   []string // the first of them
	MoreCame, MoreWent int
}

// moves says that there is something to tell of it.
func (s reviewSource) moves() bool { return s.Entered+s.Left > 0 }

// State says in words what the numbers alone do not.
func (s reviewSource) State() string {
	switch s.Status {
	case plan.SourceNew:
		return "new"
	case plan.SourceGone:
		return "not in the policies any more"
	}
	return ""
}

// reviewSources are the selectors of a plan that somebody came into or left, and what is
// to be said of the others.
type reviewSources struct {
	Since         string // what was compared with; "": nothing
	Moving        []reviewSource
	Entered, Left int
	Still         int // selectors that nobody came into or left
	Unknown       int // selectors of which nobody knows
}

func newReviewSources(p *plan.Plan, links Links) reviewSources {
	r := reviewSources{Since: p.Baseline}
	for _, c := range p.Sources {
		s := reviewSource{
			Policy: sourceName(c), Selector: c.Selector, Place: links.place(plan.Because{File: c.File, Line: c.Line, Column: c.Column}), Status: c.Status,
			Users: c.Users, Before: c.Before, Entered: c.EnteredCount, Left: c.LeftCount, CameIn: namesOf(c.Entered), WentAway: namesOf(c.Left),
			MoreCame: c.EnteredCount - len(c.Entered), MoreWent: c.LeftCount - len(c.Left),
		}
		switch {
		case s.Status == plan.SourceUnknown:
			r.Unknown++
		case s.moves():
			r.Moving = append(r.Moving, s)
			r.Entered, r.Left = r.Entered+s.Entered, r.Left+s.Left
		default:
			r.Still++
		}
	}
	return r
}

// sourceName is the policy that a selector stands in, or what else it is for.
func sourceName(c plan.SourceChange) string {
	switch {
	case c.Policy == "":
		return "protect, in the settings"
	case c.Protects:
		return c.Policy + ", except"
	}
	return c.Policy
}

// namesOf names users, by id those who are not in the tenant any more.
func namesOf(users []plan.UserRef) []string {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = cmp.Or(u.UserPrincipalName, u.ID.String()+" (not in the tenant)")
	}
	return names
}

// Doubt says what nobody knows, which is not to say that nobody came or left; "" for
// nothing.
func (r reviewSources) Doubt() string {
	switch {
	case r.Unknown == 0:
		return ""
	case r.Since == "":
		return "Who came into and left what policies select by is not known: there is nothing to compare with. plan --baseline SNAPSHOT compares."
	}
	return fmt.Sprintf("Of %s it is not known who came and left: a snapshot does not tell who stood in a file or a list.", plural(r.Unknown, "other selector", "other selectors"))
}

// Rest says how many selectors stayed as they were, "" for none.
func (r reviewSources) Rest() string {
	if r.Still == 0 {
		return ""
	}
	return fmt.Sprintf("Nobody came into or left %s.", plural(r.Still, "other selector", "other selectors"))
}

// Moves counts them: "72 came and 4 left, in 3 selectors".
func (r reviewSources) Moves() string {
	return fmt.Sprintf("%d came and %d left, in %s", r.Entered, r.Left, plural(len(r.Moving), "selector", "selectors"))
}
