package directory

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

// Named finds a SKU by its skuId or skuPartNumber, nil where there is none.
func (t *Tenant) Named(key string) *SKU {
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
	s := t.Named(change.SKU)
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
