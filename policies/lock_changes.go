package policies

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/state"
)

// LockChange is one difference between the lock file and what the tenant owns now.
type LockChange struct {
	SKU      state.SKUID
	SKUName  string       // part number
	Plan     state.PlanID // zero: the whole SKU came or went
	PlanName string
	Added    bool // false: removed
}

// Changes returns the differences to what a tenant owns now, by part number and plan
// name. Names alone do not count: Microsoft renames. Of a SKU that is new or gone the
// plans are not listed.
func (t LockedTenant) Changes(now LockedTenant) []LockChange {
	var changes []LockChange
	for _, sku := range now.SKUs {
		before, known := lockedSKU(t, sku.ID)
		if !known {
			changes = append(changes, LockChange{SKU: sku.ID, SKUName: sku.Name, Added: true})
			continue
		}
		changes = append(changes, planChanges(sku, sku.Plans, before.Plans, true)...)
		changes = append(changes, planChanges(sku, before.Plans, sku.Plans, false)...)
	}
	for _, sku := range t.SKUs {
		if _, owned := lockedSKU(now, sku.ID); !owned {
			changes = append(changes, LockChange{SKU: sku.ID, SKUName: sku.Name})
		}
	}
	slices.SortFunc(changes, func(a, b LockChange) int {
		return cmp.Or(cmp.Compare(a.SKUName, b.SKUName), a.SKU.Compare(b.SKU), cmp.Compare(a.PlanName, b.PlanName), a.Plan.Compare(b.Plan))
	})
	return changes
}

func lockedSKU(t LockedTenant, id state.SKUID) (LockedSKU, bool) {
	i := slices.IndexFunc(t.SKUs, func(s LockedSKU) bool { return s.ID == id })
	if i < 0 {
		return LockedSKU{}, false
	}
	return t.SKUs[i], true
}

// planChanges returns the plans that are in one list and not in the other.
func planChanges(sku LockedSKU, in, notIn []LockedPlan, added bool) []LockChange {
	var changes []LockChange
	for _, plan := range in {
		if !slices.ContainsFunc(notIn, func(p LockedPlan) bool { return p.ID == plan.ID }) {
			changes = append(changes, LockChange{SKU: sku.ID, SKUName: sku.Name, Plan: plan.ID, PlanName: plan.Name, Added: added})
		}
	}
	return changes
}
