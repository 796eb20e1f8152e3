package sandbox

import (
	"slices"
	"strings"
)

// kind is how a plain property is written.
type kind int

const (
	text    kind = iota // string, null where unset
	instant             // RFC 3339, null where unset
	flag                // boolean, null where unset
	list                // strings, empty where unset
)

// attribute is a plain property: the tenant file may state it and Graph's
// answers show it.
type attribute struct {
	name      string
	kind      kind
	byDefault bool // answered without $select
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
	{"businessPhones", list, true},
	{"displayName", text, true},
	{"givenName", text, true},
	{"jobTitle", text, true},
	{"mail", text, true},
	{"mobilePhone", text, true},
	{"officeLocation", text, true},
	{"preferredLanguage", text, true},
	{"surname", text, true},
	{"ageGroup", text, false},
	{"city", text, false},
	{"companyName", text, false},
	{"country", text, false},
	{"createdDateTime", instant, false},
	{"creationType", text, false},
	{"department", text, false},
	{"employeeHireDate", instant, false},
	{"employeeId", text, false},
	{"employeeType", text, false},
	{"externalUserState", text, false},
	{"faxNumber", text, false},
	{"mailNickname", text, false},
	{"onPremisesDistinguishedName", text, false},
	{"onPremisesDomainName", text, false},
	{"onPremisesImmutableId", text, false},
	{"onPremisesLastSyncDateTime", instant, false},
	{"onPremisesSamAccountName", text, false},
	{"onPremisesSecurityIdentifier", text, false},
	{"onPremisesSyncEnabled", flag, false},
	{"onPremisesUserPrincipalName", text, false},
	{"otherMails", list, false},
	{"postalCode", text, false},
	{"preferredDataLocation", text, false},
	{"proxyAddresses", list, false},
	{"state", text, false},
	{"streetAddress", text, false},
	{"userType", text, false},
}

// groupAttributes follows a recorded answer of "GET /groups".
var groupAttributes = []attribute{
	{"classification", text, true},
	{"createdDateTime", instant, true},
	{"description", text, true},
	{"displayName", text, true},
	{"groupTypes", list, true},
	{"isAssignableToRole", flag, true},
	{"mail", text, true},
	{"mailEnabled", flag, true},
	{"mailNickname", text, true},
	{"membershipRule", text, true},
	{"membershipRuleProcessingState", text, true},
	{"onPremisesDomainName", text, true},
	{"onPremisesSamAccountName", text, true},
	{"onPremisesSecurityIdentifier", text, true},
	{"onPremisesSyncEnabled", flag, true},
	{"proxyAddresses", list, true},
	{"securityEnabled", flag, true},
	{"visibility", text, true},
}

var organizationAttributes = []attribute{
	{"businessPhones", list, true},
	{"city", text, true},
	{"country", text, true},
	{"countryLetterCode", text, true},
	{"createdDateTime", instant, true},
	{"displayName", text, true},
	{"onPremisesSyncEnabled", flag, true},
	{"preferredLanguage", text, true},
	{"technicalNotificationMails", list, true},
	{"tenantType", text, true},
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
func (s shape[T]) project(v T, selected []string) members {
	out := make(members, 0, len(s.properties))
	for _, p := range s.properties {
		if selected == nil && p.byDefault || slices.Contains(selected, p.name) {
			out = append(out, member{p.name, p.value(v)})
		}
	}
	return out
}

// plain makes the properties of attributes.
func plain[T any](table []attribute, of func(T) attributes) []property[T] {
	out := make([]property[T], 0, len(table))
	for _, a := range table {
		value := func(v T) any { return of(v)[a.name] }
		if a.kind == list {
			value = func(v T) any {
				texts, _ := of(v)[a.name].([]string)
				return orEmpty(texts)
			}
		}
		out = append(out, property[T]{a.name, a.byDefault, value})
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
	property[*user]{"licenseAssignmentStates", false, func(u *user) any { return u.licenseAssignmentStates() }},
)}

var groupShape = shape[*group]{"microsoft.graph.group", append(
	plain(groupAttributes, func(g *group) attributes { return g.attributes }),
	property[*group]{"id", true, func(g *group) any { return g.id }},
	property[*group]{"assignedLicenses", false, func(g *group) any { return assigned(g.licences) }},
	property[*group]{"licenseProcessingState", false, func(*group) any { return members{{"state", "ProcessingComplete"}} }},
)}

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
	{"id", true, func(l licence) any { return licenseDetailsID(l.sku.organizationID, l.sku.id) }},
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

// canonical finds a name in a list without regard to case.
func canonical(name string, known []string) (string, bool) {
	i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
	if i < 0 {
		return "", false
	}
	return known[i], true
}
