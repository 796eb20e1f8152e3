package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// noteContained tells of licences that a user keeps beside one that is added and
// contains them: two seats where one would do. A licence that a policy of his wants
// is kept on purpose.
func (p *planner) noteContained(steps []*draft) {
	known := map[[2]state.SKUID]bool{}
	contained := func(held, added state.SKUID) bool {
		key := [2]state.SKUID{held, added}
		if _, asked := known[key]; !asked {
			known[key] = held != added && contains(effective.UserPlans(p.Snapshot, added), effective.UserPlans(p.Snapshot, held))
		}
		return known[key]
	}
	for d, c := range changes(steps) {
		for _, added := range d.gives {
			for _, path := range c.after {
				if path.Direct() && !slices.Contains(d.gives, path.SKU) && !d.person.names(path.SKU) && contained(path.SKU, added) {
					held, wanted := p.part(path.SKU), p.part(added)
					p.note(d.person.user, "%s stays beside %s, which contains it: to give its seat back, write `replace: {%s: %s}`", held, wanted, held, wanted)
				}
			}
		}
	}
}

// names says that a policy of the user gives the SKU by name.
func (x *person) names(sku state.SKUID) bool {
	return slices.ContainsFunc(x.matches, func(m match) bool {
		return slices.ContainsFunc(m.policy.Licenses, func(l policies.License) bool { return l.SKU.ID == sku })
	})
}

// contains says whether a SKU has all that another one has: every service plan; or,
// between suites, which differ in editions of the plans that come with them, at least
// as much of every service that the loss families know.
func contains(added, held []state.ServicePlan) bool {
	with, own := effective.Set{}, effective.Set{}
	for _, plan := range added {
		with[plan.ID] = true
	}
	for _, plan := range held {
		if !catalog.Foundation(plan.ID) {
			own[plan.ID] = true
		}
	}
	if len(own) == 0 || len(own.Minus(with)) == 0 {
		return len(own) > 0
	}
	has, had := effective.Highest(with), effective.Highest(own)
	if had[effective.Service{Family: catalog.Mailbox, Name: "mailbox"}].Level == 0 {
		return false
	}
	for s, tier := range had {
		if has[s].Level < tier.Level {
			return false
		}
	}
	return true
}
