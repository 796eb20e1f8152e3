package graph

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/state"
)

// page is one page of a list ("Paging Microsoft Graph data in your app").
type page[T any] struct {
	Value *[]T   `json:"value"` // nil: the answer is not a list
	Next  string `json:"@odata.nextLink"`
}

// field is a selected attribute. Every answer of Graph has it, with null where it is
// unset; a missing attribute was not read at all.
type field[T any] struct {
	value T // zero for null
	there bool
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom]. It is called only if the attribute
// is present.
func (f *field[T]) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	f.there = true
	return json.UnmarshalDecode(in, &f.value)
}

// wireOrganization is an element of "List organizations".
type wireOrganization struct {
	ID          state.TenantID `json:"id"`
	DisplayName string         `json:"displayName"`
	LastSync    *time.Time     `json:"onPremisesLastSyncDateTime"` // null: never
	Domains     []struct {
		Name string `json:"name"`
	} `json:"verifiedDomains"`
}

// wireSKU is an element of "List subscribedSkus".
type wireSKU struct {
	ID         state.SKUID       `json:"skuId"`
	PartNumber string            `json:"skuPartNumber"`
	Capability state.Capability  `json:"capabilityStatus"`
	AppliesTo  state.Scope       `json:"appliesTo"`
	Consumed   field[*int]       `json:"consumedUnits"`
	Prepaid    field[*wireUnits] `json:"prepaidUnits"`
	Plans      field[[]wirePlan] `json:"servicePlans"`
}

// wireUnits counts seats.
type wireUnits struct {
	Enabled   int `json:"enabled"`
	Warning   int `json:"warning"`
	Suspended int `json:"suspended"`
	LockedOut int `json:"lockedOut"`
}

// wirePlan is a servicePlanInfo.
type wirePlan struct {
	ID        state.PlanID `json:"servicePlanId"`
	Name      string       `json:"servicePlanName"`
	AppliesTo state.Scope  `json:"appliesTo"`
	Status    string       `json:"provisioningStatus"`
}

// sku returns a subscribed SKU as a state.SKU. Without units, seats are unknown; without
// service plans, losses are unknown.
func (w *wireSKU) sku() (state.SKU, error) {
	if w.ID.IsZero() || w.PartNumber == "" || w.Consumed.value == nil || w.Prepaid.value == nil || !w.Plans.there {
		return state.SKU{}, fmt.Errorf("%w: SKU %q (%s) has no id, name, units or plans", ErrIncomplete, cut(w.PartNumber), w.ID)
	}
	units := *w.Prepaid.value
	sku := state.SKU{
		ID: w.ID, PartNumber: w.PartNumber, Capability: w.Capability, AppliesTo: w.AppliesTo,
		Enabled: units.Enabled, Warning: units.Warning, Suspended: units.Suspended, LockedOut: units.LockedOut,
		Consumed: *w.Consumed.value,
	}
	for _, p := range w.Plans.value {
		sku.Plans = append(sku.Plans, state.ServicePlan{ID: p.ID, Name: p.Name, AppliesTo: p.AppliesTo, Status: p.Status})
	}
	return sku, nil
}
