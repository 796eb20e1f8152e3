package catalog

import (
	"slices"
	"sync"

	"github.com/seatwright/seatwright/state"
)

// Catalog knows the names of SKUs and service plans. It is immutable, and safe
// for use by several goroutines.
type Catalog struct {
	skus   *table[state.SKU]
	plans  *table[state.ServicePlan]
	tenant *tenant // nil: offline
}

// Builtin returns the catalog of the built-in tables alone, for work without a tenant.
func Builtin() *Catalog { return builtin() }

// builtin reads the tables once, at the first use.
var builtin = sync.OnceValue(func() *Catalog {
	return &Catalog{skus: mustParse(skusTSV, readSKU), plans: mustParse(plansTSV, readPlan)}
})

// ForTenant returns the catalog of a tenant that owns these SKUs. A name is looked up among
// them first, and can mean only one of them.
func (c *Catalog) ForTenant(skus []state.SKU) *Catalog {
	return &Catalog{skus: c.skus, plans: c.plans, tenant: newTenant(skus)}
}

// ProductName returns the product name of a SKU ("Microsoft 365 E5"), or "" if the table
// does not have it.
func (c *Catalog) ProductName(sku state.SKUID) string {
	known, ok := c.skus.entry(sku)
	if !ok {
		return ""
	}
	return known.names[0]
}

// PartNumber returns the part number of a SKU as the tenant spells it, else as the
// table does, else the GUID.
func (c *Catalog) PartNumber(sku state.SKUID) string {
	if owned, ok := c.tenant.sku(sku); ok && Fold(owned.PartNumber) != "" {
		return owned.PartNumber
	}
	if known, ok := c.skus.entry(sku); ok {
		return known.code
	}
	return sku.String()
}

// PlanName returns the name of a service plan ("EXCHANGE_S_ENTERPRISE") as the tenant
// spells it, else as the table does, else the GUID.
func (c *Catalog) PlanName(plan state.PlanID) string {
	if name := c.tenant.planName(plan); name != "" {
		return name
	}
	if known, ok := c.plans.entry(plan); ok {
		return known.code
	}
	return plan.String()
}

// tenant is what one tenant owns. A nil tenant owns nothing.
type tenant struct {
	skus         []state.SKU // sorted by id
	byPartNumber map[string][]state.SKUID
	planNames    map[state.PlanID]string
}

func newTenant(skus []state.SKU) *tenant {
	t := &tenant{byPartNumber: map[string][]state.SKUID{}, planNames: map[state.PlanID]string{}}
	t.skus = slices.SortedStableFunc(slices.Values(skus), func(a, b state.SKU) int { return a.ID.Compare(b.ID) })
	t.skus = slices.CompactFunc(t.skus, func(a, b state.SKU) bool { return a.ID == b.ID })
	for _, sku := range t.skus {
		if folded := Fold(sku.PartNumber); folded != "" {
			t.byPartNumber[folded] = append(t.byPartNumber[folded], sku.ID)
		}
		for _, plan := range sku.Plans {
			if _, named := t.planNames[plan.ID]; !named && Fold(plan.Name) != "" {
				t.planNames[plan.ID] = plan.Name
			}
		}
	}
	return t
}

func (t *tenant) sku(id state.SKUID) (state.SKU, bool) {
	if t == nil {
		return state.SKU{}, false
	}
	i, found := slices.BinarySearchFunc(t.skus, id, func(s state.SKU, id state.SKUID) int { return s.ID.Compare(id) })
	if !found {
		return state.SKU{}, false
	}
	return t.skus[i], true
}

func (t *tenant) owns(id state.SKUID) bool {
	_, owned := t.sku(id)
	return owned
}

func (t *tenant) planName(id state.PlanID) string {
	if t == nil {
		return ""
	}
	return t.planNames[id]
}

// hasPlanNamed reports whether any SKU of the tenant contains a plan of that name.
func (t *tenant) hasPlanNamed(folded string) bool {
	return slices.ContainsFunc(t.skus, func(sku state.SKU) bool { return len(plansNamed(sku, folded)) > 0 })
}
