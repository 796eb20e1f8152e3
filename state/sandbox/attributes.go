package sandbox

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
