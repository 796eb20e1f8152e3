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

// checkTierPlans holds ids to the names that the table of plans has for them.
func checkTierPlans(t *testing.T, s service, tier tierPlans) {
	t.Helper()
	seen := map[state.PlanID]bool{}
	for plan := range slices.Chunk(strings.Fields(tier.plans), 2) {
		id := state.MustParseID[state.ServicePlan](plan[0])
		if seen[id] {
			t.Errorf("%s %s has %s twice", s.name, tier.name, plan[1])
		}
		seen[id] = true
		known, ok := builtin().plans.entry(id)
		if name := strings.ReplaceAll(known.code, " ", "_"); ok && name != plan[1] {
			t.Errorf("%s %s calls %s %s, the table of plans %s", s.name, tier.name, plan[0], plan[1], name)
		}
	}
}

func checkConsequence(t *testing.T, name string, c Consequence) {
	t.Helper()
	if c.Then == "" || c.Undo == "" {
		t.Errorf("the loss of %s does not say what follows, or what undoes it: %+v", name, c)
	}
}
