package directory

import (
	"fmt"

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

// Attribute is a plain property: the tenant file may set it, and Graph's answers show it.
type Attribute struct {
	Name      string
	kind      kind
	ByDefault bool // answered without $select

	parts []Attribute // of an object
}

func names(attributes []Attribute) []string {
	out := make([]string, 0, len(attributes))
	for _, a := range attributes {
		out = append(out, a.Name)
	}
	return out
}

// UserAttributes follows the default set of a recorded answer of "GET
// /users/{id}"; the rest is returned only on $select (Graph: user resource type).
var UserAttributes = []Attribute{
	{Name: "businessPhones", kind: list, ByDefault: true},
	{Name: "displayName", ByDefault: true},
	{Name: "givenName", ByDefault: true},
	{Name: "jobTitle", ByDefault: true},
	{Name: "mail", ByDefault: true},
	{Name: "mobilePhone", ByDefault: true},
	{Name: "officeLocation", ByDefault: true},
	{Name: "preferredLanguage", ByDefault: true},
	{Name: "surname", ByDefault: true},
	{Name: "ageGroup"},
	{Name: "city"},
	{Name: "companyName"},
	{Name: "country"},
	{Name: "createdDateTime", kind: instant},
	{Name: "creationType"},
	{Name: "department"},
	{Name: "employeeHireDate", kind: instant},
	{Name: "employeeId"},
	{Name: "employeeLeaveDateTime", kind: instant},
	{Name: "employeeOrgData", kind: parts, parts: []Attribute{{Name: "division"}, {Name: "costCenter"}}},
	{Name: "employeeType"},
	{Name: "externalUserState"},
	{Name: "externalUserStateChangeDateTime", kind: instant},
	{Name: "faxNumber"},
	{Name: "imAddresses", kind: list},
	{Name: "isResourceAccount", kind: flag},
	{Name: "lastPasswordChangeDateTime", kind: instant},
	{Name: "mailNickname"},
	{Name: "onPremisesDistinguishedName"},
	{Name: "onPremisesDomainName"},
	{Name: "onPremisesExtensionAttributes", kind: parts, parts: extensionAttributes()},
	{Name: "onPremisesImmutableId"},
	{Name: "onPremisesLastSyncDateTime", kind: instant},
	{Name: "onPremisesSamAccountName"},
	{Name: "onPremisesSecurityIdentifier"},
	{Name: "onPremisesSyncEnabled", kind: flag},
	{Name: "onPremisesUserPrincipalName"},
	{Name: "otherMails", kind: list},
	{Name: "passwordPolicies"},
	{Name: "postalCode"},
	{Name: "preferredDataLocation"},
	{Name: "proxyAddresses", kind: list},
	{Name: "securityIdentifier"},
	{Name: "showInAddressList", kind: flag},
	{Name: "signInActivity", kind: parts, parts: []Attribute{
		{Name: "lastSignInDateTime", kind: instant},
		{Name: "lastSignInRequestId"},
		{Name: "lastNonInteractiveSignInDateTime", kind: instant},
		{Name: "lastNonInteractiveSignInRequestId"},
		{Name: "lastSuccessfulSignInDateTime", kind: instant},
		{Name: "lastSuccessfulSignInRequestId"},
	}},
	{Name: "state"},
	{Name: "streetAddress"},
	{Name: "userType"},
}

// extensionAttributes returns the numbered attributes of Exchange and Active Directory.
func extensionAttributes() []Attribute {
	out := make([]Attribute, 15)
	for i := range out {
		out[i].Name = fmt.Sprintf("extensionAttribute%d", i+1)
	}
	return out
}

// GroupAttributes follows a recorded answer of "GET /groups".
var GroupAttributes = []Attribute{
	{Name: "classification", ByDefault: true},
	{Name: "createdDateTime", kind: instant, ByDefault: true},
	{Name: "description", ByDefault: true},
	{Name: "displayName", ByDefault: true},
	{Name: "expirationDateTime", kind: instant, ByDefault: true},
	{Name: "groupTypes", kind: list, ByDefault: true},
	{Name: "isAssignableToRole", kind: flag, ByDefault: true},
	{Name: "mail", ByDefault: true},
	{Name: "mailEnabled", kind: flag, ByDefault: true},
	{Name: "mailNickname", ByDefault: true},
	{Name: "membershipRule", ByDefault: true},
	{Name: "membershipRuleProcessingState", ByDefault: true},
	{Name: "onPremisesDomainName", ByDefault: true},
	{Name: "onPremisesLastSyncDateTime", kind: instant, ByDefault: true},
	{Name: "onPremisesNetBiosName", ByDefault: true},
	{Name: "onPremisesSamAccountName", ByDefault: true},
	{Name: "onPremisesSecurityIdentifier", ByDefault: true},
	{Name: "onPremisesSyncEnabled", kind: flag, ByDefault: true},
	{Name: "preferredDataLocation", ByDefault: true},
	{Name: "preferredLanguage", ByDefault: true},
	{Name: "proxyAddresses", kind: list, ByDefault: true},
	{Name: "renewedDateTime", kind: instant, ByDefault: true},
	{Name: "resourceBehaviorOptions", kind: list, ByDefault: true},
	{Name: "resourceProvisioningOptions", kind: list, ByDefault: true},
	{Name: "securityIdentifier", ByDefault: true},
	{Name: "theme", ByDefault: true},
	{Name: "securityEnabled", kind: flag, ByDefault: true},
	{Name: "visibility", ByDefault: true},
}

// OrganizationAttributes follows the organization resource type page.
var OrganizationAttributes = []Attribute{
	{Name: "businessPhones", kind: list, ByDefault: true},
	{Name: "city", ByDefault: true},
	{Name: "country", ByDefault: true},
	{Name: "countryLetterCode", ByDefault: true},
	{Name: "createdDateTime", kind: instant, ByDefault: true},
	{Name: "displayName", ByDefault: true},
	{Name: "onPremisesLastSyncDateTime", kind: instant},
	{Name: "onPremisesSyncEnabled", kind: flag, ByDefault: true},
	{Name: "postalCode", ByDefault: true},
	{Name: "preferredLanguage", ByDefault: true},
	{Name: "state", ByDefault: true},
	{Name: "street", ByDefault: true},
	{Name: "technicalNotificationMails", kind: list, ByDefault: true},
	{Name: "tenantType", ByDefault: true},
}

// Shown returns the value of the attribute as answers show it.
func (a Attribute) Shown(of Attributes) any {
	switch a.kind {
	case list:
		texts, _ := of[a.Name].([]string)
		return orEmpty(texts)
	case parts:
		stated, ok := of[a.Name].(Attributes)
		if !ok {
			return nil
		}
		out := ordered.Object{}
		for _, p := range a.parts {
			out = append(out, ordered.Member{p.Name, p.Shown(stated)})
		}
		return out
	}
	return of[a.Name]
}
