package plan

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Losses are the families of data that a user loses, or falls a tier of, when his
// paths change, one for each service of a family. Names of SKUs do not count,
// effective service plans do: a suite with Teams only can hold a kiosk mailbox plan.
func Losses(c *catalog.Catalog, snapshot *state.Snapshot, before, after []state.Path) []Loss {
	was, is := effective(snapshot, before), effective(snapshot, after)
	gone := was.minus(is)
	losses := []Loss{}
	if len(gone) == 0 {
		return losses
	}
	had, has := highest(was), highest(is)
	for s, from := range had {
		to := has[s]
		if to.Level >= from.Level {
			continue
		}
		consequence := catalog.ConsequenceOf(s.family, from.Name, to.Level == 0)
		losses = append(losses, Loss{
			Family: string(s.family), From: from.Name, To: to.Name, Plans: planNames(c, gone, s),
			Days: consequence.Days, Undo: consequence.Undo,
		})
	}
	slices.SortFunc(losses, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(familyOrder(a), familyOrder(b)), cmp.Compare(a.From, b.From))
	})
	return losses
}

// familyOrder puts data before tools.
func familyOrder(l Loss) int { return slices.Index(catalog.Families(), catalog.Family(l.Family)) }

// service is something of a family that plans give in tiers.
type service struct {
	family catalog.Family
	name   string
}

func serviceOf(t catalog.Tier) service { return service{t.Family, t.Service} }

// highest are the best tiers that a set of plans gives.
func highest(plans planSet) map[service]catalog.Tier {
	best := map[service]catalog.Tier{}
	for plan := range plans {
		for _, tier := range catalog.TiersOf(plan) {
			if s := serviceOf(tier); tier.Level > best[s].Level {
				best[s] = tier
			}
		}
	}
	return best
}

func planNames(c *catalog.Catalog, gone []state.PlanID, s service) []string {
	names := []string{}
	for _, plan := range gone {
		for _, tier := range catalog.TiersOf(plan) {
			if serviceOf(tier) == s {
				names = append(names, c.PlanName(plan))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
