package explain

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// addContained notes licenses that a user keeps beside an added one that contains them: two
// seats where one would do. A license that a policy of the user gives is kept on purpose.
func (n *noteList) addContained() {
	known := map[[2]state.SKUID]bool{}
	contained := func(held, added state.SKUID) bool {
		key := [2]state.SKUID{held, added}
		if _, asked := known[key]; !asked {
			known[key] = held != added && contains(effective.UserPlans(n.Snapshot, added), effective.UserPlans(n.Snapshot, held))
		}
		return known[key]
	}
	for c := range changes(n.plan, n.details) {
		for _, added := range c.gives {
			for _, path := range c.after {
				if path.Direct() && !slices.Contains(c.gives, path.SKU) && !c.user.IsGiven(path.SKU) && contained(path.SKU, added) {
					held, wanted := n.part(path.SKU), n.part(added)
					n.note(c.user.User(), "%s stays beside %s, which contains it: to give its seat back, write `replace: {%s: %s}`", held, wanted, held, wanted)
				}
			}
		}
	}
}

// contains reports whether one SKU replaces another: it has every service plan of it.
// Suites differ in editions of the plans that come with them. For suites it is enough that
// no service of the loss families has a lower tier.
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
