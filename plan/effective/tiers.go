package effective

import "github.com/seatwright/seatwright/policies/catalog"

// Service is something of a family that plans give in tiers.
type Service struct {
	Family catalog.Family
	Name   string
}

// ServiceOf is the service that a tier is one of.
func ServiceOf(t catalog.Tier) Service { return Service{t.Family, t.Service} }

// Highest are the best tiers that a set of plans gives.
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
