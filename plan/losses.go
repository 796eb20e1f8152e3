package plan

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Losses are the families of data that a user loses, or falls a tier of, when his
// paths change. Names of SKUs do not count, effective service plans do: a suite
// with Teams only can hold a kiosk mailbox plan.
func Losses(c *catalog.Catalog, snapshot *state.Snapshot, before, after []state.Path) []Loss {
	was, is := effective(snapshot, before), effective(snapshot, after)
	losses := []Loss{}
	for _, family := range catalog.Judged() {
		from, to := highest(was, family), highest(is, family)
		if to.Level >= from.Level {
			continue
		}
		consequence := catalog.ConsequenceOf(family, to.Level == 0)
		losses = append(losses, Loss{
			Family: string(family), From: from.Name, To: to.Name, Plans: planNames(c, was.minus(is), family),
			Days: consequence.Days, Undo: consequence.Undo,
		})
	}
	slices.SortFunc(losses, func(a, b Loss) int { return cmp.Compare(a.Family, b.Family) })
	return losses
}

// highest is the best tier of a family that a set of plans gives; level 0 is none.
func highest(plans planSet, family catalog.Family) catalog.Tier {
	var best catalog.Tier
	for plan := range plans {
		for _, tier := range catalog.TiersOf(plan) {
			if tier.Family == family && tier.Level > best.Level {
				best = tier
			}
		}
	}
	return best
}

func planNames(c *catalog.Catalog, gone []state.PlanID, family catalog.Family) []string {
	names := []string{}
	for _, plan := range gone {
		for _, tier := range catalog.TiersOf(plan) {
			if tier.Family == family {
				names = append(names, c.PlanName(plan))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
