package graph

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/state"
)

// page is one page of a list ("Paging Microsoft Graph data in your app").
type page[T any] struct {
	Value *[]T   `json:"value"` // nil: the answer is no list
	Next  string `json:"@odata.nextLink"`
}

// field is an attribute that was selected. Graph gives it in every answer, as null
// where it is unset; one that is missing was not read at all.
type field[T any] struct {
	value T // zero for null
	there bool
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom]. It is called only where the
// attribute is there.
func (f *field[T]) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	f.there = true
	return json.UnmarshalDecode(in, &f.value)
}

// wireUser is a user with the attributes of userSelect.
type wireUser struct {
	ID                field[state.UserID]     `json:"id"`
	UserPrincipalName field[string]           `json:"userPrincipalName"`
	DisplayName       field[string]           `json:"displayName"`
	AccountEnabled    field[*bool]            `json:"accountEnabled"`
	UserType          field[string]           `json:"userType"`
	UsageLocation     field[string]           `json:"usageLocation"`
	Country           field[string]           `json:"country"`
	Synced            field[bool]             `json:"onPremisesSyncEnabled"`
	DN                field[string]           `json:"onPremisesDistinguishedName"`
	Domain            field[string]           `json:"onPremisesDomainName"`
	Assigned          field[[]wireLicense]    `json:"assignedLicenses"`
	States            field[[]wireAssignment] `json:"licenseAssignmentStates"`
}

// userSelect asks for what a [state.Record] is made of ("user resource type": most
// of it is returned only on $select).
const userSelect = "$select=id,userPrincipalName,displayName,accountEnabled,userType,usageLocation,country," +
	"onPremisesSyncEnabled,onPremisesDistinguishedName,onPremisesDomainName,assignedLicenses,licenseAssignmentStates"

// wireLicense is an element of assignedLicenses; which plans are off is taken from
// the paths.
type wireLicense struct {
	SKU state.SKUID `json:"skuId"`
}

// wireAssignment is one assignment path ("licenseAssignmentState resource type").
type wireAssignment struct {
	SKU      state.SKUID     `json:"skuId"`
	Group    state.GroupID   `json:"assignedByGroup"` // null: direct
	State    state.PathState `json:"state"`
	Error    string          `json:"error"` // "None" in practice, null in the documents
	Disabled []state.PlanID  `json:"disabledPlans"`
}

// missing names the first attribute that was selected and did not come, or "".
func (u *wireUser) missing() string {
	for _, attribute := range []struct {
		name  string
		there bool
	}{
		{"id", u.ID.there && !u.ID.value.IsZero()},
		{"userPrincipalName", u.UserPrincipalName.there},
		{"displayName", u.DisplayName.there},
		{"accountEnabled", u.AccountEnabled.there},
		{"userType", u.UserType.there},
		{"usageLocation", u.UsageLocation.there},
		{"country", u.Country.there},
		{"onPremisesSyncEnabled", u.Synced.there},
		{"onPremisesDistinguishedName", u.DN.there},
		{"onPremisesDomainName", u.Domain.there},
		{"assignedLicenses", u.Assigned.there},
		{"licenseAssignmentStates", u.States.there},
	} {
		if !attribute.there {
			return attribute.name
		}
	}
	return ""
}

// record turns a user into what the snapshot takes. It fails on an incomplete one.
func (u *wireUser) record() (state.Record, error) {
	if name := u.missing(); name != "" {
		return state.Record{}, fmt.Errorf("%w: user %s comes without %s", ErrIncomplete, u.ID.value, name)
	}
	paths, err := u.paths()
	if err != nil {
		return state.Record{}, fmt.Errorf("%w: user %s: %w", ErrIncomplete, u.ID.value, err)
	}
	// A name that cannot be read puts the user under no OU; it is no reason to fail
	// everybody's read.
	dn, _ := state.ParseDN(u.DN.value)
	return state.Record{
		ID:                u.ID.value,
		UserPrincipalName: u.UserPrincipalName.value,
		DisplayName:       u.DisplayName.value,
		Disabled:          u.AccountEnabled.value != nil && !*u.AccountEnabled.value,
		Guest:             strings.EqualFold(u.UserType.value, "Guest"), // null: created before the attribute, a member
		Synced:            u.Synced.value,
		Inconsistent:      u.inconsistent(),
		UsageLocation:     u.UsageLocation.value,
		Country:           u.Country.value,
		DN:                dn,
		Domain:            u.Domain.value,
		Paths:             paths,
	}, nil
}

func (u *wireUser) paths() ([]state.Path, error) {
	if len(u.States.value) == 0 {
		return nil, nil
	}
	paths := make([]state.Path, len(u.States.value))
	for i, s := range u.States.value {
		if s.SKU.IsZero() || s.State == "" {
			return nil, errors.New("an assignment path without SKU or state")
		}
		paths[i] = state.Path{SKU: s.SKU, Group: s.Group, State: s.State, Error: s.Error, Disabled: s.Disabled}
		if s.Error == "None" {
			paths[i].Error = ""
		}
	}
	return paths, nil
}

// inconsistent compares the SKUs of assignedLicenses with those of the paths that
// are not in error. They come from different places and can disagree.
func (u *wireUser) inconsistent() bool {
	assigned := make(map[state.SKUID]bool, len(u.Assigned.value))
	for _, l := range u.Assigned.value {
		assigned[l.SKU] = true
	}
	held := make(map[state.SKUID]bool, len(assigned))
	for _, s := range u.States.value {
		if s.State == state.PathError {
			continue
		}
		if !assigned[s.SKU] {
			return true
		}
		held[s.SKU] = true
	}
	return len(held) != len(assigned)
}

// wireOrganization is an element of "List organizations".
type wireOrganization struct {
	ID          state.TenantID `json:"id"`
	DisplayName string         `json:"displayName"`
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

// sku turns a subscribed SKU into the vocabulary. Without its units nothing can be
// said about seats, and without its plans nothing about losses.
func (w *wireSKU) sku() (state.SKU, error) {
	if w.ID.IsZero() || w.PartNumber == "" || w.Consumed.value == nil || w.Prepaid.value == nil || !w.Plans.there {
		return state.SKU{}, fmt.Errorf("%w: SKU %q (%s) comes without id, name, units or plans", ErrIncomplete, cut(w.PartNumber), w.ID)
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
