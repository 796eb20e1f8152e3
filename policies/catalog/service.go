package catalog

// Service is something that plans give in tiers, as the reference shows it.
type Service struct {
	Family Family
	Name   string
	Tiers  []string    // the lowest first
	Lost   Consequence // what follows when a user loses all tiers
	Fallen Consequence // what follows when a user falls to a lower tier
}

// Services returns every service of every family, in the order of the tables.
func Services() []Service {
	all := make([]Service, 0, len(services()))
	for _, s := range services() {
		tiers := make([]string, len(s.tiers))
		for i, tier := range s.tiers {
			tiers[i] = tier.name
		}
		all = append(all, Service{Family: s.family, Name: s.name, Tiers: tiers, Lost: s.lost, Fallen: s.fallen})
	}
	return all
}
