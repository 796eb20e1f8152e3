package view

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// reviewLossKind is losses of one family that have the same consequence.
type reviewLossKind struct {
	Family string
	Tiers  []string // what of the family is lost: "enterprise", "enterprise becomes kiosk"; or nothing
	Then   string   // what happens, and when; "": nothing that is known
	Undo   string
	Users  []string
}

// lossKinds returns the losses of all steps, each kind once, in the order of the steps.
func lossKinds(steps []plan.Step) []reviewLossKind {
	type kind struct{ family, then, undo string }
	places, last := map[kind]int{}, map[kind]state.UserID{}
	var kinds []reviewLossKind
	for _, step := range steps {
		for _, loss := range step.Loses {
			k := kind{loss.Family, lossThen(loss), loss.Undo}
			at, found := places[k]
			if !found {
				at = len(kinds)
				places[k], kinds = at, append(kinds, reviewLossKind{Family: k.family, Then: k.then, Undo: k.undo})
			}
			if tier := lossTier(loss); tier != "" && !slices.Contains(kinds[at].Tiers, tier) {
				kinds[at].Tiers = append(kinds[at].Tiers, tier)
			}
			if !found || last[k] != step.User.ID { // the steps of one user are not counted twice
				kinds[at].Users = append(kinds[at].Users, step.User.UserPrincipalName)
			}
			last[k] = step.User.ID
		}
	}
	return kinds
}

// Title returns what is lost: "security (Entra ID P1, Intune)".
func (k reviewLossKind) Title() string {
	if len(k.Tiers) == 0 {
		return k.Family
	}
	return k.Family + " (" + strings.Join(k.Tiers, ", ") + ")"
}

// outcomeGroup is rows of outcomes that have the same reason, detail and SKU.
type outcomeGroup struct {
	row     reviewRow // the first
	users   []string
	reasons []reason // the first row of each policy and place
}

// groupOutcomes groups the rows of a section in the order of their first user.
func groupOutcomes(s reviewSection) []*outcomeGroup {
	type key struct {
		change, detail string
		reason         plan.Reason
	}
	found := map[key]*outcomeGroup{}
	var groups []*outcomeGroup
	for row := range s.Rows() {
		k := key{row.Change, row.Detail, row.Reason}
		g := found[k]
		if g == nil {
			g = &outcomeGroup{row: row}
			found[k], groups = g, append(groups, g)
		}
		g.users = append(g.users, row.User)
		for _, why := range row.Reasons {
			if !slices.ContainsFunc(g.reasons, func(r reason) bool { return r.Place == why.Place && r.Group == why.Group }) {
				g.reasons = append(g.reasons, why)
			}
		}
	}
	return groups
}
