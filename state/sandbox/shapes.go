package sandbox

import (
	"slices"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// property is one property of a resource as Graph shows it.
type property[T any] struct {
	name      string
	byDefault bool
	value     func(T) any
}

// shape is the list of properties of one resource type.
type shape[T any] struct {
	typeName   string // as "microsoft.graph.user"
	properties []property[T]
}

// names returns every property that $select may name.
func (s shape[T]) names() []string {
	out := make([]string, 0, len(s.properties))
	for _, p := range s.properties {
		out = append(out, p.name)
	}
	return out
}

// project renders the selected properties of a value, or the default set if none is
// selected.
func (s shape[T]) project(v T, selected []string) ordered.Object {
	out := make(ordered.Object, 0, len(s.properties))
	for _, p := range s.properties {
		if selected == nil && p.byDefault || slices.Contains(selected, p.name) {
			out = append(out, ordered.Member{p.name, p.value(v)})
		}
	}
	return out
}

// plain returns the properties of attributes.
func plain[T any](table []directory.Attribute, of func(T) directory.Attributes) []property[T] {
	out := make([]property[T], 0, len(table))
	for _, a := range table {
		out = append(out, property[T]{a.Name, a.ByDefault, func(v T) any { return a.Shown(of(v)) }})
	}
	return out
}

var userShape = shape[*directory.User]{"microsoft.graph.user", append(
	plain(directory.UserAttributes, func(u *directory.User) directory.Attributes { return u.Attributes }),
	property[*directory.User]{"userPrincipalName", true, func(u *directory.User) any { return u.UPN }},
	property[*directory.User]{"id", true, func(u *directory.User) any { return u.ID }},
	property[*directory.User]{"accountEnabled", false, func(u *directory.User) any { return u.Enabled }},
	property[*directory.User]{"usageLocation", false, func(u *directory.User) any { return orNull(u.State.Location) }},
	property[*directory.User]{"assignedLicenses", false, func(u *directory.User) any { return u.AssignedLicenses() }},
	property[*directory.User]{"assignedPlans", false, func(u *directory.User) any { return u.AssignedPlans() }},
	property[*directory.User]{"deletedDateTime", false, func(*directory.User) any { return nil }},
	property[*directory.User]{"licenseAssignmentStates", false, func(u *directory.User) any { return u.LicenseAssignmentStates() }},
	property[*directory.User]{"provisionedPlans", false, func(u *directory.User) any { return u.ProvisionedPlans() }},
)}

var groupProperties = append(
	plain(directory.GroupAttributes, func(g *directory.Group) directory.Attributes { return g.Attributes }),
	property[*directory.Group]{"id", true, func(g *directory.Group) any { return g.ID }},
	property[*directory.Group]{"deletedDateTime", true, func(*directory.Group) any { return nil }},
	property[*directory.Group]{"onPremisesProvisioningErrors", true, func(*directory.Group) any { return []ordered.Object{} }},
	property[*directory.Group]{"serviceProvisioningErrors", true, func(*directory.Group) any { return []ordered.Object{} }},
	property[*directory.Group]{"assignedLicenses", false, func(g *directory.Group) any { return g.AssignedLicenses() }},
)

// groupShape returns the shape of a group at this time.
func (svc *service) groupShape() shape[*directory.Group] {
	state := func(g *directory.Group) any {
		return ordered.Object{{"state", g.State.Processing(svc.now(), svc.groupDelay)}}
	}
	return shape[*directory.Group]{"microsoft.graph.group",
		append(slices.Clone(groupProperties), property[*directory.Group]{"licenseProcessingState", false, state})}
}

var organizationShape = shape[*directory.Organization]{"microsoft.graph.organization", append(
	plain(directory.OrganizationAttributes, func(o *directory.Organization) directory.Attributes { return o.Attributes }),
	property[*directory.Organization]{"id", true, func(o *directory.Organization) any { return o.ID }},
	property[*directory.Organization]{"verifiedDomains", true, func(o *directory.Organization) any { return o.Domains }},
)}

var skuShape = shape[*directory.SKU]{"microsoft.graph.subscribedSku", []property[*directory.SKU]{
	{"accountName", true, func(s *directory.SKU) any { return orNull(s.AccountName) }},
	{"accountId", true, func(s *directory.SKU) any { return s.OrganizationID }},
	{"appliesTo", true, func(s *directory.SKU) any { return s.AppliesTo }},
	{"capabilityStatus", true, func(s *directory.SKU) any { return s.Capability }},
	{"consumedUnits", true, func(s *directory.SKU) any { return s.Consumed }},
	{"id", true, func(s *directory.SKU) any { return s.SubscribedID() }},
	{"skuId", true, func(s *directory.SKU) any { return s.ID }},
	{"skuPartNumber", true, func(s *directory.SKU) any { return s.PartNumber }},
	{"subscriptionIds", true, func(s *directory.SKU) any { return orNone(s.SubscriptionIDs) }},
	{"prepaidUnits", true, func(s *directory.SKU) any { return s.Prepaid }},
	{"servicePlans", true, func(s *directory.SKU) any { return s.Plans }},
}}

var licenseDetailsShape = shape[directory.License]{"microsoft.graph.licenseDetails", []property[directory.License]{
	{"id", true, func(l directory.License) any { return guid.LicenseDetails(l.SKU.OrganizationID, l.SKU.ID) }},
	{"skuId", true, func(l directory.License) any { return l.SKU.ID }},
	{"skuPartNumber", true, func(l directory.License) any { return l.SKU.PartNumber }},
	{"servicePlans", true, func(l directory.License) any { return l.Plans() }},
}}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
