package view

import (
	"cmp"
	"fmt"

	"github.com/seatwright/seatwright/plan"
)

// reviewSource is a selector, and the users who entered or left it since the baseline.
type reviewSource struct {
	Policy, Selector   string
	Place              place
	Status             plan.SourceStatus
	Users, Before      int
	Entered, Left      int
	CameIn, WentAway   []string // the first of them
	MoreCame, MoreWent int
}

// moves reports whether users entered or left.
func (s reviewSource) moves() bool { return s.Entered+s.Left > 0 }

// State returns what the numbers do not show.
func (s reviewSource) State() string {
	switch s.Status {
	case plan.SourceNew:
		return "new"
	case plan.SourceGone:
		return "not in the policies any more"
	}
	return ""
}

// reviewSources has the selectors that users entered or left, and counts the others.
type reviewSources struct {
	Since         string // what was compared with; "": nothing
	Moving        []reviewSource
	Entered, Left int
	Still         int // selectors that no user entered or left
	Unknown       int // selectors without a baseline
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

// sourceName returns the policy of a selector, or what else the selector is for.
func sourceName(c plan.SourceChange) string {
	switch {
	case c.Policy == "":
		return "protect, in the settings"
	case c.Protects:
		return c.Policy + ", except"
	}
	return c.Policy
}

// namesOf returns the names of users, or the ids of users that are not in the tenant any more.
func namesOf(users []plan.UserRef) []string {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = cmp.Or(u.UserPrincipalName, u.ID.String()+" (not in the tenant)")
	}
	return names
}

// Doubt returns what is unknown, as opposed to unchanged; "" for nothing.
func (r reviewSources) Doubt() string {
	switch {
	case r.Unknown == 0:
		return ""
	case r.Since == "":
		return "No baseline: changes in membership are unknown. Use plan --baseline FILE."
	}
	return fmt.Sprintf("Changes in %s are unknown: a snapshot does not record users of files and lists.", plural(r.Unknown, "other selector", "other selectors"))
}

// Rest returns how many selectors did not change; "" for none.
func (r reviewSources) Rest() string {
	if r.Still == 0 {
		return ""
	}
	return fmt.Sprintf("No user entered or left %s.", plural(r.Still, "other selector", "other selectors"))
}

// Moves returns the counts: "72 entered and 4 left, in 3 selectors".
func (r reviewSources) Moves() string {
	return fmt.Sprintf("%d entered and %d left, in %s", r.Entered, r.Left, plural(len(r.Moving), "selector", "selectors"))
}
