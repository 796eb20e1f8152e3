package plan

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Losses returns the families of data that a user loses, or of which the user gets a lower
// tier, when the paths change: one for each service of a family. Effective service plans
// count, and not names of SKUs: a suite with Teams only can have a kiosk mailbox plan.
func Losses(c *catalog.Catalog, snapshot *state.Snapshot, before, after []state.Path) []Loss {
	was, is := effective.Plans(snapshot, before), effective.Plans(snapshot, after)
	gone := was.Minus(is)
	losses := []Loss{}
	if len(gone) == 0 {
		return losses
	}
	had, has := effective.Highest(was), effective.Highest(is)
	for s, from := range had {
		to := has[s]
		if to.Level >= from.Level {
			continue
		}
		consequence := catalog.ConsequenceOf(s.Family, from.Name, to.Level == 0)
		losses = append(losses, Loss{
			Family: string(s.Family), From: from.Name, To: to.Name, Plans: planNames(c, gone, s),
			Days: consequence.Days, Undo: consequence.Undo,
		})
	}
	slices.SortFunc(losses, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(familyOrder(a), familyOrder(b)), cmp.Compare(a.From, b.From))
	})
	return losses
}

// familyOrder sorts data before tools.
func familyOrder(l Loss) int { return slices.Index(catalog.Families(), catalog.Family(l.Family)) }

func planNames(c *catalog.Catalog, gone []state.PlanID, s effective.Service) []string {
	names := []string{}
	for _, plan := range gone {
		for _, tier := range catalog.TiersOf(plan) {
			if effective.ServiceOf(tier) == s {
				names = append(names, c.PlanName(plan))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
