package effective

import "github.com/seatwright/seatwright/policies/catalog"

// Service is one service of a family, which service plans give in tiers.
type Service struct {
	Family catalog.Family
	Name   string
}

// ServiceOf returns the service of a tier.
func ServiceOf(t catalog.Tier) Service { return Service{t.Family, t.Service} }

// Highest returns the best tier of each service that a set of plans gives.
func Highest(plans Set) map[Service]catalog.Tier {
	best := map[Service]catalog.Tier{}
	for plan := range plans {
		for _, tier := range catalog.TiersOf(plan) {
			if s := ServiceOf(tier); tier.Level > best[s].Level {
				best[s] = tier
			}
		}
	}
	return best
}
