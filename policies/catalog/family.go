package catalog

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// Family is a kind of user data or service that is lost with the last effective
// service plan that gives it.
type Family string

// The families.
const (
	Mailbox  Family = "mailbox"
	Archive  Family = "archive" // the online archive of a mailbox
	OneDrive Family = "onedrive"
	Phone    Family = "phone"
	CloudPC  Family = "cloudpc"
	Security Family = "security" // Entra ID P1 and P2, Intune, Defender, Purview
	Teams    Family = "teams"
	Office   Family = "office"
)

// Families returns all families that a policy may name.
func Families() []Family {
	return []Family{Mailbox, Archive, OneDrive, Phone, CloudPC, Security, Teams, Office}
}

// Tier is how much of one service of a family a plan gives. Level counts from 1,
// higher is more; the zero Tier is nothing of any family.
type Tier struct {
	Family  Family
	Service string // what the levels are of: a family can have several
	Level   int
	Name    string // unique in the family
}

// TiersOf returns what an effective service plan gives; most plans give nothing. The
// slice is shared: do not change it.
func TiersOf(plan state.PlanID) []Tier { return tiersByPlan[plan] }

// Foundation reports whether a plan only marks that a SKU is related to Exchange. It is in
// nearly every SKU, gives no mailbox and distinguishes none.
func Foundation(plan state.PlanID) bool { return foundations[plan] }

var foundations = map[state.PlanID]bool{
	state.MustParseID[state.ServicePlan]("113feb6c-3fe4-4440-bddc-54d774bf0318"): true, // EXCHANGE_S_FOUNDATION
	state.MustParseID[state.ServicePlan]("922ba911-5694-4e99-a794-73aed9bfeec8"): true, // EXCHANGE_S_FOUNDATION_GOV
}

// Consequence is what happens after a loss.
type Consequence struct {
	Days int    // until it is final, counted from the write; 0: no term is known
	Then string // what happens after that, or at once if there is no term
	Undo string // what undoes it, "" if nothing is known to
}

// ConsequenceOf returns what happens when a user loses the tier of that name, or (lost is
// false) falls from it to a lower one. It is zero for a tier that is not in the tables.
func ConsequenceOf(family Family, tier string, lost bool) Consequence {
	s, known := serviceByTier[tierName{family, tier}]
	switch {
	case !known:
		return Consequence{}
	case lost:
		return s.lost
	}
	return s.fallen
}

// service is something that plans give in tiers.
type service struct {
	family Family
	name   string
	tiers  []tierPlans // the lowest first
	lost   Consequence // of all tiers
	fallen Consequence // of some, where there are several
}

// tierPlans are the plans that give a tier, ids before names.
type tierPlans struct {
	name  string
	plans string
}

// tierName identifies a tier, as plans and records write it.
type tierName struct {
	family Family
	name   string
}

var tiersByPlan, serviceByTier = indexServices(services())

func services() []service {
	return slices.Concat(dataServices, workServices, securityServices, cloudPCs())
}

func indexServices(services []service) (map[state.PlanID][]Tier, map[tierName]service) {
	byPlan, byTier := map[state.PlanID][]Tier{}, map[tierName]service{}
	for _, s := range services {
		for i, t := range s.tiers {
			byTier[tierName{s.family, t.name}] = s
			tier := Tier{Family: s.family, Service: s.name, Level: i + 1, Name: t.name}
			for _, plan := range listedPlans(t.plans) {
				byPlan[plan.id] = append(byPlan[plan.id], tier)
			}
		}
	}
	return byPlan, byTier
}

// listedPlan is a service plan as the tables in Go have it.
type listedPlan struct {
	id   state.PlanID
	name string
}

// listedPlans reads ids, each before the name of its plan. A _ in a name is a blank.
func listedPlans(text string) []listedPlan {
	var plans []listedPlan
	for plan := range slices.Chunk(strings.Fields(text), 2) {
		plans = append(plans, listedPlan{state.MustParseID[state.ServicePlan](plan[0]), plan[1]})
	}
	return plans
}
