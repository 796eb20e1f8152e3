package sandbox

import (
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// kind is how a plain property is written.
type kind int

const (
	text    kind = iota // string, null where unset
	instant             // RFC 3339, null where unset
	flag                // boolean, null where unset
	list                // strings, empty where unset
	parts               // an object of the parts, null where unset
)

// attribute is a plain property: the tenant file may state it and Graph's
// answers show it.
type attribute struct {
	name      string
	kind      kind
	byDefault bool // answered without $select

	parts []attribute // of an object
}

func names(attributes []attribute) []string {
	out := make([]string, 0, len(attributes))
	for _, a := range attributes {
		out = append(out, a.name)
	}
	return out
}

// userAttributes follows the default set of a recorded answer of "GET
// /users/{id}"; the rest is returned only on $select (Graph: user resource type).
var userAttributes = []attribute{
	{name: "businessPhones", kind: list, byDefault: true},
	{name: "displayName", byDefault: true},
	{name: "givenName", byDefault: true},
	{name: "jobTitle", byDefault: true},
	{name: "mail", byDefault: true},
	{name: "mobilePhone", byDefault: true},
	{name: "officeLocation", byDefault: true},
	{name: "preferredLanguage", byDefault: true},
	{name: "surname", byDefault: true},
	{name: "ageGroup"},
	{name: "city"},
	{name: "companyName"},
	{name: "country"},
	{name: "createdDateTime", kind: instant},
	{name: "creationType"},
	{name: "department"},
	{name: "employeeHireDate", kind: instant},
	{name: "employeeId"},
	{name: "employeeLeaveDateTime", kind: instant},
	{name: "employeeOrgData", kind: parts, parts: []attribute{{name: "division"}, {name: "costCenter"}}},
	{name: "employeeType"},
	{name: "externalUserState"},
	{name: "externalUserStateChangeDateTime", kind: instant},
	{name: "faxNumber"},
	{name: "imAddresses", kind: list},
	{name: "isResourceAccount", kind: flag},
	{name: "lastPasswordChangeDateTime", kind: instant},
	{name: "mailNickname"},
	{name: "onPremisesDistinguishedName"},
	{name: "onPremisesDomainName"},
	{name: "onPremisesExtensionAttributes", kind: parts, parts: extensionAttributes()},
	{name: "onPremisesImmutableId"},
	{name: "onPremisesLastSyncDateTime", kind: instant},
	{name: "onPremisesSamAccountName"},
	{name: "onPremisesSecurityIdentifier"},
	{name: "onPremisesSyncEnabled", kind: flag},
	{name: "onPremisesUserPrincipalName"},
	{name: "otherMails", kind: list},
	{name: "passwordPolicies"},
	{name: "postalCode"},
	{name: "preferredDataLocation"},
	{name: "proxyAddresses", kind: list},
	{name: "securityIdentifier"},
	{name: "showInAddressList", kind: flag},
	{name: "signInActivity", kind: parts, parts: []attribute{
		{name: "lastSignInDateTime", kind: instant},
		{name: "lastSignInRequestId"},
		{name: "lastNonInteractiveSignInDateTime", kind: instant},
		{name: "lastNonInteractiveSignInRequestId"},
		{name: "lastSuccessfulSignInDateTime", kind: instant},
		{name: "lastSuccessfulSignInRequestId"},
	}},
	{name: "state"},
	{name: "streetAddress"},
	{name: "userType"},
}

// extensionAttributes are those that Exchange and Active Directory number.
func extensionAttributes() []attribute {
	out := make([]attribute, 15)
	for i := range out {
		out[i].name = fmt.Sprintf("extensionAttribute%d", i+1)
	}
	return out
}

// groupAttributes follows a recorded answer of "GET /groups".
var groupAttributes = []attribute{
	{name: "classification", byDefault: true},
	{name: "createdDateTime", kind: instant, byDefault: true},
	{name: "description", byDefault: true},
	{name: "displayName", byDefault: true},
	{name: "expirationDateTime", kind: instant, byDefault: true},
	{name: "groupTypes", kind: list, byDefault: true},
	{name: "isAssignableToRole", kind: flag, byDefault: true},
	{name: "mail", byDefault: true},
	{name: "mailEnabled", kind: flag, byDefault: true},
	{name: "mailNickname", byDefault: true},
	{name: "membershipRule", byDefault: true},
	{name: "membershipRuleProcessingState", byDefault: true},
	{name: "onPremisesDomainName", byDefault: true},
	{name: "onPremisesLastSyncDateTime", kind: instant, byDefault: true},
	{name: "onPremisesNetBiosName", byDefault: true},
	{name: "onPremisesSamAccountName", byDefault: true},
	{name: "onPremisesSecurityIdentifier", byDefault: true},
	{name: "onPremisesSyncEnabled", kind: flag, byDefault: true},
	{name: "preferredDataLocation", byDefault: true},
	{name: "preferredLanguage", byDefault: true},
	{name: "proxyAddresses", kind: list, byDefault: true},
	{name: "renewedDateTime", kind: instant, byDefault: true},
	{name: "resourceBehaviorOptions", kind: list, byDefault: true},
	{name: "resourceProvisioningOptions", kind: list, byDefault: true},
	{name: "securityIdentifier", byDefault: true},
	{name: "theme", byDefault: true},
	{name: "securityEnabled", kind: flag, byDefault: true},
	{name: "visibility", byDefault: true},
}

var organizationAttributes = []attribute{
	{name: "businessPhones", kind: list, byDefault: true},
	{name: "city", byDefault: true},
	{name: "country", byDefault: true},
	{name: "countryLetterCode", byDefault: true},
	{name: "createdDateTime", kind: instant, byDefault: true},
	{name: "displayName", byDefault: true},
	{name: "onPremisesLastSyncDateTime", kind: instant},
	{name: "onPremisesSyncEnabled", kind: flag, byDefault: true},
	{name: "postalCode", byDefault: true},
	{name: "preferredLanguage", byDefault: true},
	{name: "state", byDefault: true},
	{name: "street", byDefault: true},
	{name: "technicalNotificationMails", kind: list, byDefault: true},
	{name: "tenantType", byDefault: true},
}

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

// shown is the attribute as answers show it.
func (a attribute) shown(of attributes) any {
	switch a.kind {
	case list:
		texts, _ := of[a.name].([]string)
		return orEmpty(texts)
	case parts:
		stated, ok := of[a.name].(attributes)
		if !ok {
			return nil
		}
		out := ordered.Object{}
		for _, p := range a.parts {
			out = append(out, ordered.Member{p.name, p.shown(stated)})
		}
		return out
	}
	return of[a.name]
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

// subscribedID is the id of the subscribedSku, which is not its skuId.
func (s *sku) subscribedID() string { return s.organizationID + "_" + s.id }

var licenseDetailsShape = shape[licence]{"microsoft.graph.licenseDetails", []property[licence]{
	{"id", true, func(l licence) any { return guid.LicenseDetails(l.sku.organizationID, l.sku.id) }},
	{"skuId", true, func(l licence) any { return l.sku.id }},
	{"skuPartNumber", true, func(l licence) any { return l.sku.partNumber }},
	{"servicePlans", true, func(l licence) any { return l.plans() }},
}}

// plans returns the service plans as licenseDetails shows them: those that are
// switched off have the status Disabled.
func (l licence) plans() []servicePlan {
	out := slices.Clone(l.sku.plans)
	for i := range out {
		if slices.Contains(l.off, out[i].ID) {
			out[i].ProvisioningStatus = "Disabled"
		}
	}
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
