package directory

import (
	"slices"
	"strings"
)

// SKUChange is a change of a SKU that no client makes. It is not kept: the next process
// begins with the tenant file again.
type SKUChange struct {
	SKU              string // skuId or skuPartNumber
	AddPlanID        string // a service plan that is new in the product, on for all users who hold it
	AddPlanName      string
	Enabled          *int   // prepaidUnits.enabled from now on
	CapabilityStatus string // from now on, "" for no change
}

// FindSKU returns the SKU with a skuId or skuPartNumber, nil if the tenant has none.
func (t *Tenant) FindSKU(key string) *SKU {
	for _, s := range t.SKUs {
		if strings.EqualFold(s.ID, key) || strings.EqualFold(s.PartNumber, key) {
			return s
		}
	}
	return nil
}

// Alter changes a SKU.
func (t *Tenant) Alter(change SKUChange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.FindSKU(change.SKU)
	if _, has := s.Plan(change.AddPlanID); change.AddPlanID != "" && !has {
		s.Plans = append(slices.Clone(s.Plans), servicePlan{ID: change.AddPlanID, Name: change.AddPlanName,
			ProvisioningStatus: "Success", AppliesTo: "User"})
	}
	if change.Enabled != nil {
		s.Prepaid.Enabled = *change.Enabled
	}
	if change.CapabilityStatus != "" {
		s.Capability = change.CapabilityStatus
	}
	t.noteSeats()
}
