package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state"
)

// What the tables of losses promise to their readers.
func TestTheTablesOfLosses(t *testing.T) {
	t.Parallel()
	families, tiers := map[Family]bool{}, map[tierName]bool{}
	for _, s := range slices.Concat(dataServices, workServices, securityServices, cloudPCs()) {
		families[s.family] = true
		for _, tier := range s.tiers {
			key := tierName{s.family, tier.name}
			if tiers[key] {
				t.Errorf("%s has two tiers %q: a loss is written down by that name", s.family, tier.name)
			}
			tiers[key] = true
			checkTierPlans(t, s, tier)
		}
		checkConsequence(t, s.name, s.lost)
		if len(s.tiers) > 1 {
			checkConsequence(t, s.name+" (a fall)", s.fallen)
		}
	}
	for _, family := range Families() {
		if !families[family] {
			t.Errorf("no plan gives %s", family)
		}
	}
}

func TestTheTablesOfPlanRules(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, group := range exclusivePlans {
		texts = append(texts, group.plans)
		for name := range strings.FieldsSeq(group.together) {
			if !strings.Contains(group.plans+"\n", " "+name+"\n") {
				t.Errorf("%s is tolerated beside plans that it does not exclude", name)
			}
		}
	}
	for _, p := range prerequisites {
		texts = append(texts, p.plan, p.needs)
	}
	for _, plan := range listedPlans(strings.Join(texts, " ")) {
		checkListed(t, plan)
	}
	for _, rule := range planRules {
		if rule.Source == "" || len(rule.Others) == 0 || slices.Contains(rule.Others, rule.Plan) {
			t.Errorf("a rule without source or sense: %+v", rule)
		}
	}
}

// checkTierPlans holds ids to the names that the table of plans has for them.
func checkTierPlans(t *testing.T, s service, tier tierPlans) {
	t.Helper()
	seen := map[state.PlanID]bool{}
	for _, plan := range listedPlans(tier.plans) {
		if seen[plan.id] {
			t.Errorf("%s %s has %s twice", s.name, tier.name, plan.name)
		}
		seen[plan.id] = true
		checkListed(t, plan)
	}
}

func checkConsequence(t *testing.T, name string, c Consequence) {
	t.Helper()
	if c.Then == "" || c.Undo == "" {
		t.Errorf("the loss of %s does not have what happens, or what undoes it: %+v", name, c)
	}
}

func checkListed(t *testing.T, plan listedPlan) {
	t.Helper()
	known, _ := builtin().plans.entry(plan.id)
	if name := strings.ReplaceAll(known.code, " ", "_"); name != plan.name {
		t.Errorf("%s is called %s, and %q in the table of plans", plan.id, plan.name, name)
	}
}
