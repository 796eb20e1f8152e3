package catalog

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// Plan finds the service plan that a plan name, a friendly name or a GUID means
// inside a SKU. With a tenant only the plans of its own SKU count, for the table
// lists plans that tenants do not have; without one the SKU does not matter, and a
// name must mean one plan everywhere. Its errors are an [*UnknownError], an
// [*AmbiguousError], a [*NotInSKUError], and those of [Catalog.SKU] for the SKU.
func (c *Catalog) Plan(sku state.SKUID, name string) (state.PlanID, error) {
	folded := Fold(name)
	if c.tenant == nil {
		return c.planOffline(name, folded)
	}
	if _, err := c.skuByID(sku.String(), sku); err != nil {
		return state.PlanID{}, err
	}
	owned, _ := c.tenant.sku(sku)
	if ids := c.plansIn(owned, folded); len(ids) > 0 {
		return c.onePlan(name, ids)
	}
	near := c.nearestPlans(name, owned)
	if c.knowsPlan(folded) {
		return state.PlanID{}, &NotInSKUError{Name: name, SKU: c.PartNumber(sku), Nearest: near}
	}
	return state.PlanID{}, &UnknownError{Kind: KindPlan, Name: name, Nearest: near}
}

// PlansNamed returns the service plans that a plan name, a friendly name or a GUID means
// in any SKU, sorted by id: one name can mean another plan in each. With a
// tenant only its own SKUs count, and plans that work for the whole tenant are left
// out. Its errors are an [*UnknownError], an [*AmbiguousError] where one SKU has
// several plans with that name, a [*NotInSKUError], a [*TenantWideError].
func (c *Catalog) PlansNamed(name string) ([]state.PlanID, error) {
	folded := Fold(name)
	if c.tenant == nil {
		return c.plansOffline(name, folded)
	}
	var ids []state.PlanID
	wide := false
	for _, sku := range c.tenant.skus {
		found := c.plansIn(sku, folded)
		if len(found) > 1 && len(plansNamed(sku, folded)) == 0 {
			_, err := c.onePlan(name, found)
			return nil, err
		}
		for _, id := range found {
			if c.TenantWide(sku.ID, id) {
				wide = true
				continue
			}
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, state.PlanID.Compare)
	switch {
	case len(ids) > 0:
		return slices.Compact(ids), nil
	case wide:
		return nil, &TenantWideError{Name: name}
	}
	return nil, c.inNoSKU(name, folded)
}

// inNoSKU returns the error for a plan that no SKU of the tenant has, with the nearest names.
func (c *Catalog) inNoSKU(name, folded string) error {
	near := c.nearestPlans(name, c.tenant.skus...)
	if c.knowsPlan(folded) {
		return &NotInSKUError{Name: name, Nearest: near}
	}
	return &UnknownError{Kind: KindPlan, Name: name, Nearest: near}
}

// TenantWide reports whether the tenant's SKU holds the plan for the whole tenant, so
// that it cannot be switched for one user (Graph: servicePlanInfo.appliesTo).
func (c *Catalog) TenantWide(sku state.SKUID, plan state.PlanID) bool {
	owned, _ := c.tenant.sku(sku)
	return slices.ContainsFunc(owned.Plans, func(p state.ServicePlan) bool { return p.ID == plan && p.AppliesTo == state.ScopeCompany })
}

func (c *Catalog) planOffline(name, folded string) (state.PlanID, error) {
	ids, err := c.plansOffline(name, folded)
	if err != nil {
		return state.PlanID{}, err
	}
	return c.onePlan(name, ids)
}

func (c *Catalog) plansOffline(name, folded string) ([]state.PlanID, error) {
	ids := slices.SortedFunc(slices.Values(c.plans.findAny(folded)), state.PlanID.Compare)
	if len(ids) == 0 {
		return nil, &UnknownError{Kind: KindPlan, Name: name, Nearest: nearest(name, c.plans.spellings(), suggestions)}
	}
	return ids, nil
}

// plansIn returns the plans of a SKU that a folded name can mean: the tenant's own
// plan names come before the names of the table.
func (c *Catalog) plansIn(sku state.SKU, folded string) []state.PlanID {
	if ids := plansNamed(sku, folded); len(ids) > 0 {
		return ids
	}
	inside := map[state.PlanID]bool{}
	for _, plan := range sku.Plans {
		inside[plan.ID] = true
	}
	if id, err := state.ParseID[state.ServicePlan](folded); err == nil && inside[id] {
		return []state.PlanID{id}
	}
	return c.plans.find(folded, func(id state.PlanID) bool { return inside[id] })
}

// plansNamed returns the plans of a SKU with that plan name, each once.
func plansNamed(sku state.SKU, folded string) []state.PlanID {
	var ids []state.PlanID
	seen := map[state.PlanID]bool{}
	for _, plan := range sku.Plans {
		if folded != "" && Fold(plan.Name) == folded && !seen[plan.ID] {
			seen[plan.ID] = true
			ids = append(ids, plan.ID)
		}
	}
	return ids
}

// knowsPlan reports whether a name or id means a plan in any SKU.
func (c *Catalog) knowsPlan(folded string) bool {
	if len(c.plans.findAny(folded)) > 0 || c.tenant.hasPlanNamed(folded) {
		return true
	}
	id, err := state.ParseID[state.ServicePlan](folded)
	return err == nil && c.tenant.planName(id) != ""
}

func (c *Catalog) onePlan(name string, ids []state.PlanID) (state.PlanID, error) {
	if len(ids) == 1 {
		return ids[0], nil
	}
	return state.PlanID{}, &AmbiguousError{Kind: KindPlan, Name: name, Candidates: candidates(ids, c.FriendlyName, c.PlanName)}
}

// FriendlyName returns the display name of a service plan ("Exchange Online (Plan 2)"), or ""
// if the table does not have it.
func (c *Catalog) FriendlyName(plan state.PlanID) string {
	known, ok := c.plans.entry(plan)
	if !ok {
		return ""
	}
	return known.names[0]
}

func (c *Catalog) nearestPlans(name string, skus ...state.SKU) []string {
	var among []string
	for _, sku := range skus {
		for _, plan := range sku.Plans {
			among = append(among, plan.Name)
			if known, ok := c.plans.entry(plan.ID); ok {
				among = append(among, known.names...)
			}
		}
	}
	return nearest(name, among, suggestions)
}
