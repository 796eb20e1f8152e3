package sandbox

import (
	"slices"
	"strings"
)

// SKUChange is a change of a SKU that no client makes. It is not kept: the tenant file
// is what the next process begins with.
type SKUChange struct {
	SKU              string // skuId or skuPartNumber
	AddPlanID        string // a service plan that is new in the product, on for all who hold it
	AddPlanName      string
	Enabled          *int   // prepaidUnits.enabled from now on
	CapabilityStatus string // from now on, "" for as it is
}

// named finds a SKU by its skuId or skuPartNumber, nil where there is none.
func (t *Tenant) named(key string) *sku {
	for _, s := range t.skus {
		if strings.EqualFold(s.id, key) || strings.EqualFold(s.partNumber, key) {
			return s
		}
	}
	return nil
}

// alter changes a SKU.
func (t *Tenant) alter(change SKUChange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.named(change.SKU)
	if _, has := s.plan(change.AddPlanID); change.AddPlanID != "" && !has {
		s.plans = append(slices.Clone(s.plans), servicePlan{ID: change.AddPlanID, Name: change.AddPlanName,
			ProvisioningStatus: "Success", AppliesTo: "User"})
	}
	if change.Enabled != nil {
		s.prepaid.Enabled = *change.Enabled
	}
	if change.CapabilityStatus != "" {
		s.capability = change.CapabilityStatus
	}
	t.noteSeats()
}
