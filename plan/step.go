package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// Step changes one user in one call: either the usage location or licenses.
type Step struct {
	ID      string    `json:"id"` // "sha256:<hex>" of user, before and after
	User    UserRef   `json:"user"`
	Kind    Kind      `json:"kind"`
	Before  State     `json:"before"`  // precondition: compared again before the write
	After   State     `json:"after"`   // postcondition: compared after it
	Because []Because `json:"because"` // explains; drives nothing
	Loses   []Loss    `json:"loses"`
	Needs   []string  `json:"needs"`            // ids of the steps that must be done first
	InBase  bool      `json:"in_base,omitzero"` // the policies of the base would do it too
}

// UserRef names a user: by id for machines, by names for people.
type UserRef struct {
	ID                state.UserID `json:"id"`
	UserPrincipalName string       `json:"user_principal_name"`
	DisplayName       string       `json:"display_name"`
	Container         string       `json:"container,omitempty"` // the OU in Active Directory; "": none, or it is not known
}

// Kind is what a step does.
type Kind string

// The kinds of steps. A license step that adds and removes is a replacement. Changes of
// service plans that go with an addition or a removal do not show in the kind.
const (
	KindLocation Kind = "location"
	KindAdd      Kind = "add"
	KindRemove   Kind = "remove"
	KindReplace  Kind = "replace"
	KindPlans    Kind = "plans"
)

// Kinds returns all kinds of steps.
func Kinds() []Kind { return []Kind{KindRemove, KindReplace, KindAdd, KindPlans, KindLocation} }

// State is the part of a user that a step touches, before or after it.
type State struct {
	UsageLocation Location    `json:"usage_location,omitzero"` // in location steps only
	Licenses      []License   `json:"licenses,omitzero"`       // direct paths of touched SKUs, in license steps only
	Inherited     []Inherited `json:"inherited,omitzero"`      // groups that give touched SKUs, in before only
}

// Location is a usage location that a step touches; "" inside a touched one means unset.
type Location struct {
	Touched bool
	Value   string
}

// IsZero reports whether the step leaves the location alone.
func (l Location) IsZero() bool { return !l.Touched }

// MarshalJSON returns the country code, or null if none is set.
func (l Location) MarshalJSON() ([]byte, error) {
	if l.Value == "" {
		return []byte("null"), nil
	}
	return json.Marshal(l.Value)
}

// UnmarshalJSON reads a country code or null; either means touched.
func (l *Location) UnmarshalJSON(data []byte) error {
	*l = Location{Touched: true}
	return json.Unmarshal(data, &l.Value)
}

// License is a SKU held directly, with the service plans that are off.
type License struct {
	SKU           state.SKUID    `json:"sku_id"`
	PartNumber    string         `json:"sku_part_number,omitempty"` // never empty in a plan; ids leave it out
	DisabledPlans []state.PlanID `json:"disabled_plans"`            // sorted
}

// Inherited is a SKU that a group gives.
type Inherited struct {
	SKU           state.SKUID     `json:"sku_id"`
	PartNumber    string          `json:"sku_part_number,omitempty"` // never empty in a plan; ids leave it out
	Group         state.GroupID   `json:"group_id"`
	State         state.PathState `json:"state"`
	DisabledPlans []state.PlanID  `json:"disabled_plans"`
}

// Adds returns the licenses that the step assigns: new ones, and those whose plans change.
func (s Step) Adds() []License {
	var adds []License
	for _, after := range s.After.Licenses {
		before, held := find(s.Before.Licenses, after.SKU)
		if !held || !equalPlans(before.DisabledPlans, after.DisabledPlans) {
			adds = append(adds, after)
		}
	}
	return adds
}

// Removes returns the direct licenses that the step removes.
func (s Step) Removes() []License {
	var removes []License
	for _, before := range s.Before.Licenses {
		if _, kept := find(s.After.Licenses, before.SKU); !kept {
			removes = append(removes, before)
		}
	}
	return removes
}

// String returns the step in one line:
// "replace anna@contoso.com: +SPE_E5 -SPE_E3".
func (s Step) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s:", s.Kind, s.User.UserPrincipalName)
	if s.Kind == KindLocation {
		from := s.Before.UsageLocation.Value
		if from == "" {
			from = "unset"
		}
		fmt.Fprintf(&b, " %s -> %s", from, s.After.UsageLocation.Value)
		return b.String()
	}
	for _, add := range s.Adds() {
		sign := "+"
		if _, held := find(s.Before.Licenses, add.SKU); held {
			sign = "~"
		}
		fmt.Fprintf(&b, " %s%s", sign, add.PartNumber)
	}
	for _, remove := range s.Removes() {
		fmt.Fprintf(&b, " -%s", remove.PartNumber)
	}
	return b.String()
}

// Concerns reports whether the step changes the assignment, or the location, that the
// outcome is about.
func (s Step) Concerns(o Outcome) bool {
	if o.User.ID != s.User.ID {
		return false
	}
	if s.Kind == KindLocation || o.PartNumber == "" {
		return s.Kind == KindLocation && o.PartNumber == ""
	}
	named := func(l License) bool { return l.PartNumber == o.PartNumber }
	return slices.ContainsFunc(s.Before.Licenses, named) || slices.ContainsFunc(s.After.Licenses, named)
}

// Rivals reports whether another step changes a SKU or the location of the same user that
// this one changes too.
func (s Step) Rivals(other Step) bool {
	if s.ID == other.ID || s.User.ID != other.User.ID || (s.Kind == KindLocation) != (other.Kind == KindLocation) {
		return false
	}
	return s.Kind == KindLocation || slices.ContainsFunc(other.touched(), func(sku state.SKUID) bool { return slices.Contains(s.touched(), sku) })
}
