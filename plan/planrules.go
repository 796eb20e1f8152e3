package plan

import (
	"strings"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// noteRules warns of steps that leave a user with service plans which Microsoft says
// cannot be on together, or not without another one. It only warns: the rules are
// incomplete, and the service knows better. One that a user of this very tenant
// refutes is not spoken of.
func (p *planner) noteRules(steps []*draft) {
	broken := map[*catalog.PlanRule][]state.User{}
	for d, c := range changes(steps) {
		for _, rule := range catalog.NewlyBroken(p.holdings(c.before), p.holdings(c.after)) {
			broken[rule] = append(broken[rule], d.person.user)
		}
	}
	p.dropRefuted(broken)
	for rule, users := range broken {
		for _, user := range users {
			p.note(user, "%s", p.ruleWords(rule))
		}
	}
}

// dropRefuted leaves out the rules that somebody breaks whose paths are all active.
func (p *planner) dropRefuted(broken map[*catalog.PlanRule][]state.User) {
	asked := map[*state.Path]bool{} // users share sets of paths
	for user := range p.Snapshot.Users() {
		if len(broken) == 0 {
			return
		}
		paths := user.Paths()
		if len(paths) == 0 || asked[&paths[0]] {
			continue
		}
		asked[&paths[0]] = true
		if !allActive(paths) {
			continue
		}
		on := effective(p.Snapshot, paths)
		for rule := range broken {
			if rule.Broken(func(id state.PlanID) bool { return on[id] }) {
				delete(broken, rule)
			}
		}
	}
}

func allActive(paths []state.Path) bool {
	for _, path := range paths {
		if path.State != state.PathActive {
			return false
		}
	}
	return true
}

// holdings are paths as plan rules see them.
func (p *planner) holdings(paths []state.Path) []catalog.Holding {
	var held []catalog.Holding
	for _, path := range paths {
		if !path.Holds() {
			continue
		}
		var h catalog.Holding
		for _, plan := range userPlans(p.Snapshot, path.SKU) {
			h.All = append(h.All, plan.ID)
			if !state.HasPlan(path.Disabled, plan.ID) {
				h.On = append(h.On, plan.ID)
			}
		}
		held = append(held, h)
	}
	return held
}

func (p *planner) ruleWords(rule *catalog.PlanRule) string {
	var others []string
	for _, other := range rule.Others {
		others = append(others, p.Catalog.PlanName(other))
	}
	names := strings.Join(others, " or ")
	if rule.Exclusive {
		return "service plans " + p.Catalog.PlanName(rule.Plan) + " and " + names + " cannot be on together (" + rule.Source +
			"): if Graph refuses these steps, switch one of them off"
	}
	return "service plan " + p.Catalog.PlanName(rule.Plan) + " needs " + names + " (" + rule.Source +
		"): if Graph refuses these steps, keep it on or switch " + p.Catalog.PlanName(rule.Plan) + " off"
}
