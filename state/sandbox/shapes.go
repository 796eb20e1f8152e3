package sandbox

import (
	"slices"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// property is one property of a resource as the Graph face shows it.
type property[T any] struct {
	name      string
	byDefault bool
	value     func(T) any
}

// shape is what one resource type looks like.
type shape[T any] struct {
	typeName   string // as "microsoft.graph.user"
	properties []property[T]
}

// names lists every property that $select may name.
func (s shape[T]) names() []string {
	out := make([]string, 0, len(s.properties))
	for _, p := range s.properties {
		out = append(out, p.name)
	}
	return out
}

// project renders the selected properties of a value, the default set where
// none is selected.
func (s shape[T]) project(v T, selected []string) ordered.Object {
	out := make(ordered.Object, 0, len(s.properties))
	for _, p := range s.properties {
		if selected == nil && p.byDefault || slices.Contains(selected, p.name) {
			out = append(out, ordered.Member{p.name, p.value(v)})
		}
	}
	return out
}

// plain makes the properties of attributes.
func plain[T any](table []attribute, of func(T) attributes) []property[T] {
	out := make([]property[T], 0, len(table))
	for _, a := range table {
		out = append(out, property[T]{a.name, a.byDefault, func(v T) any { return a.shown(of(v)) }})
	}
	return out
}

var userShape = shape[*user]{"microsoft.graph.user", append(
	plain(userAttributes, func(u *user) attributes { return u.attributes }),
	property[*user]{"userPrincipalName", true, func(u *user) any { return u.upn }},
	property[*user]{"id", true, func(u *user) any { return u.id }},
	property[*user]{"accountEnabled", false, func(u *user) any { return u.enabled }},
	property[*user]{"usageLocation", false, func(u *user) any { return orNull(u.state.location) }},
	property[*user]{"assignedLicenses", false, func(u *user) any { return u.assignedLicenses() }},
	property[*user]{"assignedPlans", false, func(u *user) any { return u.assignedPlans() }},
	property[*user]{"deletedDateTime", false, func(*user) any { return nil }},
	property[*user]{"licenseAssignmentStates", false, func(u *user) any { return u.licenseAssignmentStates() }},
	property[*user]{"provisionedPlans", false, func(u *user) any { return u.provisionedPlans() }},
)}

var groupProperties = append(
	plain(groupAttributes, func(g *group) attributes { return g.attributes }),
	property[*group]{"id", true, func(g *group) any { return g.id }},
	property[*group]{"deletedDateTime", true, func(*group) any { return nil }},
	property[*group]{"onPremisesProvisioningErrors", true, func(*group) any { return []ordered.Object{} }},
	property[*group]{"serviceProvisioningErrors", true, func(*group) any { return []ordered.Object{} }},
	property[*group]{"assignedLicenses", false, func(g *group) any { return assigned(g.state.licences) }},
)

// groupShape is what a group looks like now.
func (f *face) groupShape() shape[*group] {
	state := func(g *group) any { return ordered.Object{{"state", g.state.processing(f.now(), f.groupDelay)}} }
	return shape[*group]{"microsoft.graph.group",
		append(slices.Clone(groupProperties), property[*group]{"licenseProcessingState", false, state})}
}

var organizationShape = shape[*organization]{"microsoft.graph.organization", append(
	plain(organizationAttributes, func(o *organization) attributes { return o.attributes }),
	property[*organization]{"id", true, func(o *organization) any { return o.id }},
	property[*organization]{"verifiedDomains", true, func(o *organization) any { return o.domains }},
)}

var skuShape = shape[*sku]{"microsoft.graph.subscribedSku", []property[*sku]{
	{"accountName", true, func(s *sku) any { return orNull(s.accountName) }},
	{"accountId", true, func(s *sku) any { return s.organizationID }},
	{"appliesTo", true, func(s *sku) any { return s.appliesTo }},
	{"capabilityStatus", true, func(s *sku) any { return s.capability }},
	{"consumedUnits", true, func(s *sku) any { return s.consumed }},
	{"id", true, func(s *sku) any { return s.subscribedID() }},
	{"skuId", true, func(s *sku) any { return s.id }},
	{"skuPartNumber", true, func(s *sku) any { return s.partNumber }},
	{"subscriptionIds", true, func(s *sku) any { return orEmpty(s.subscriptionIDs) }},
	{"prepaidUnits", true, func(s *sku) any { return s.prepaid }},
	{"servicePlans", true, func(s *sku) any { return s.plans }},
}}

var licenseDetailsShape = shape[licence]{"microsoft.graph.licenseDetails", []property[licence]{
	{"id", true, func(l licence) any { return guid.LicenseDetails(l.sku.organizationID, l.sku.id) }},
	{"skuId", true, func(l licence) any { return l.sku.id }},
	{"skuPartNumber", true, func(l licence) any { return l.sku.partNumber }},
	{"servicePlans", true, func(l licence) any { return l.plans() }},
}}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
