package explain

import (
	"encoding/binary"
	"strings"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// addPlanRules notes steps that leave a user with service plans which Microsoft does not allow
// together, or not without another one. It only warns: the rules are incomplete, and the
// service decides. A rule that a user of this tenant refutes is left out.
func (n *noteList) addPlanRules() {
	broken := map[*catalog.PlanRule][]state.User{}
	type move struct{ before, after string }
	known := map[move][]*catalog.PlanRule{} // most steps do the same
	for c := range changes(n.plan, n.details) {
		key := move{pathsKey(c.before), pathsKey(c.after)}
		rules, asked := known[key]
		if !asked {
			rules = catalog.NewlyBroken(n.planHoldings(c.before), n.planHoldings(c.after))
			known[key] = rules
		}
		for _, rule := range rules {
			broken[rule] = append(broken[rule], c.user.User())
		}
	}
	n.dropRefuted(broken)
	for rule, users := range broken {
		for _, user := range users {
			n.note(user, "%s", n.describeRule(rule))
		}
	}
}

// dropRefuted leaves out the rules that a user breaks whose paths are all active.
func (n *noteList) dropRefuted(broken map[*catalog.PlanRule][]state.User) {
	for paths := range n.Snapshot.PathSets() {
		if len(broken) == 0 {
			return
		}
		if !allActive(paths) {
			continue
		}
		on := effective.Plans(n.Snapshot, paths)
		for rule := range broken {
			if rule.Broken(func(id state.PlanID) bool { return on[id] }) {
				delete(broken, rule)
			}
		}
	}
}

// pathsKey returns a key that is equal for paths that turn the same service plans on in the same SKUs.
func pathsKey(paths []state.Path) string {
	var key []byte
	for _, path := range paths {
		if !path.Holds() {
			continue
		}
		key = binary.AppendUvarint(append(key, path.SKU[:]...), uint64(len(path.Disabled)))
		for _, plan := range path.Disabled {
			key = append(key, plan[:]...)
		}
	}
	return string(key)
}

func allActive(paths []state.Path) bool {
	for _, path := range paths {
		if path.State != state.PathActive {
			return false
		}
	}
	return true
}

// planHoldings returns the service plans of paths in the form that plan rules take.
func (n *noteList) planHoldings(paths []state.Path) []catalog.Holding {
	var held []catalog.Holding
	for _, path := range paths {
		if !path.Holds() {
			continue
		}
		var h catalog.Holding
		for _, plan := range effective.UserPlans(n.Snapshot, path.SKU) {
			h.All = append(h.All, plan.ID)
			if !state.HasPlan(path.Disabled, plan.ID) {
				h.On = append(h.On, plan.ID)
			}
		}
		held = append(held, h)
	}
	return held
}

func (n *noteList) describeRule(rule *catalog.PlanRule) string {
	var others []string
	for _, other := range rule.Others {
		others = append(others, n.Catalog.PlanName(other))
	}
	names := strings.Join(others, " or ")
	if rule.Exclusive {
		return "service plans " + n.Catalog.PlanName(rule.Plan) + " and " + names + " cannot be on together (" + rule.Source +
			"): if Graph refuses these steps, switch one of them off"
	}
	return "service plan " + n.Catalog.PlanName(rule.Plan) + " needs " + names + " (" + rule.Source +
		"): if Graph refuses these steps, keep it on or switch " + n.Catalog.PlanName(rule.Plan) + " off"
}
