package sandbox_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state/sandbox"
)

// schema is the part of Microsoft's v1.0 CSDL (msgraph-metadata, v1.0-Prod.csdl,
// 2026-08-20) that the sandbox answers with: "name type", where "!" behind a type
// means that it is not nullable, "[]" a collection, and a name without a type has
// type string.
var schema = map[string]string{
	"user": `id! accountEnabled bool, ageGroup, assignedLicenses []assignedLicense!, assignedPlans []assignedPlan!, businessPhones []string!, city,
		companyName, country, createdDateTime time, creationType, deletedDateTime time, department, displayName, employeeHireDate time, employeeId,
		employeeLeaveDateTime time, employeeOrgData employeeOrgData, employeeType, externalUserState, externalUserStateChangeDateTime time, faxNumber,
		givenName, imAddresses []string, isResourceAccount bool, jobTitle, lastPasswordChangeDateTime time, licenseAssignmentStates []licenseAssignmentState,
		mail, mailNickname, mobilePhone, officeLocation, onPremisesDistinguishedName, onPremisesDomainName,
		onPremisesExtensionAttributes onPremisesExtensionAttributes, onPremisesImmutableId, onPremisesLastSyncDateTime time, onPremisesSamAccountName,
		onPremisesSecurityIdentifier, onPremisesSyncEnabled bool, onPremisesUserPrincipalName, otherMails []string!, passwordPolicies, postalCode,
		preferredDataLocation, preferredLanguage, provisionedPlans []provisionedPlan!, proxyAddresses []string!, securityIdentifier, showInAddressList bool,
		signInActivity signInActivity, state, streetAddress, surname, usageLocation, userPrincipalName, userType`,
	"group": `id! assignedLicenses []assignedLicense, classification, createdDateTime time, deletedDateTime time, description, displayName, expirationDateTime time,
		groupTypes []string!, isAssignableToRole bool, licenseProcessingState licenseProcessingState, mail, mailEnabled bool, mailNickname, membershipRule,
		membershipRuleProcessingState, onPremisesDomainName, onPremisesLastSyncDateTime time, onPremisesNetBiosName, onPremisesProvisioningErrors []string,
		onPremisesSamAccountName, onPremisesSecurityIdentifier, onPremisesSyncEnabled bool, preferredDataLocation, preferredLanguage, proxyAddresses []string!,
		renewedDateTime time, resourceBehaviorOptions []string!, resourceProvisioningOptions []string!, securityEnabled bool, securityIdentifier,
		serviceProvisioningErrors []string, theme, visibility`,
	"organization": `id! businessPhones []string!, city, country, countryLetterCode, createdDateTime time, displayName, onPremisesSyncEnabled bool, postalCode,
		preferredLanguage, state, street, technicalNotificationMails []string!, tenantType, verifiedDomains []verifiedDomain!`,
	"subscribedSku": `id! accountId, accountName, appliesTo, capabilityStatus, consumedUnits int, prepaidUnits licenseUnitsDetail, servicePlans []servicePlanInfo!,
		skuId guid, skuPartNumber, subscriptionIds []string`,
	"licenseDetails":         `id! servicePlans []servicePlanInfo!, skuId guid, skuPartNumber`,
	"assignedLicense":        `disabledPlans []guid!, skuId guid`,
	"assignedPlan":           `assignedDateTime time, capabilityStatus, service, servicePlanId guid`,
	"provisionedPlan":        `capabilityStatus, provisioningStatus, service`,
	"employeeOrgData":        `costCenter, division`,
	"licenseAssignmentState": `assignedByGroup, disabledPlans []guid, error, lastUpdatedDateTime time, skuId guid, state`,
	"licenseProcessingState": `state`,
	"licenseUnitsDetail":     `enabled int, lockedOut int, suspended int, warning int`,
	"servicePlanInfo":        `appliesTo, provisioningStatus, servicePlanId guid, servicePlanName`,
	"verifiedDomain":         `capabilities, isDefault bool, isInitial bool, name, type`,
	"onPremisesExtensionAttributes": `extensionAttribute1, extensionAttribute2, extensionAttribute3, extensionAttribute4, extensionAttribute5,
		extensionAttribute6, extensionAttribute7, extensionAttribute8, extensionAttribute9, extensionAttribute10, extensionAttribute11, extensionAttribute12,
		extensionAttribute13, extensionAttribute14, extensionAttribute15`,
	"signInActivity": `lastNonInteractiveSignInDateTime time, lastNonInteractiveSignInRequestId, lastSignInDateTime time, lastSignInRequestId,
		lastSuccessfulSignInDateTime time, lastSuccessfulSignInRequestId`,
	"domain": `id! authenticationType string!, availabilityStatus, isAdminManaged bool!, isDefault bool!, isInitial bool!, isRoot bool!, isVerified bool!,
		supportedServices []string!`,
	"companySubscription": `id! commerceSubscriptionId, createdDateTime time, isTrial bool, nextLifecycleDateTime time, ownerId, ownerTenantId, ownerType,
		serviceStatus []servicePlanInfo!, skuId, skuPartNumber, status, totalLicenses int`,
	"directoryAudit": `id! activityDateTime time!, activityDisplayName string!, additionalDetails []keyValue, category string!, correlationId,
		initiatedBy auditActivityInitiator!, loggedByService, operationType, result, resultReason, targetResources []targetResource`,
	"auditActivityInitiator": `app appIdentity, user appIdentity`,
	"appIdentity":            `appId, displayName, servicePrincipalId, servicePrincipalName`,
	"targetResource":         `displayName, groupType, id, modifiedProperties []modifiedProperty, type, userPrincipalName`,
	"modifiedProperty":       `displayName, newValue, oldValue`,
}

// properties returns those of a type, by name.
func properties(kind string) map[string]string {
	out := map[string]string{}
	for _, p := range strings.FieldsFunc(strings.Replace(schema[kind], "id!", "id string!,", 1), func(r rune) bool { return r == ',' }) {
		words := append(strings.Fields(p), "string")
		out[words[0]] = words[1]
	}
	return out
}

var (
	guids = regexp.MustCompile(`^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$`)
	times = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
)

// misfits lists what is wrong with a value of a type.
func misfits(path, kind string, v any) []string {
	kind, required := strings.CutSuffix(kind, "!")
	wrong := []string{fmt.Sprintf("%s: %v is no %s", path, v, kind)}
	element, isList := strings.CutPrefix(kind, "[]")
	list, listed := v.([]any)
	switch object, isObject := v.(map[string]any); {
	case v == nil && (required || isList):
		return wrong
	case v == nil:
		return nil
	case isList != listed, (schema[kind] != "") != isObject:
		return wrong
	case isList:
		var out []string
		for _, e := range list {
			out = append(out, misfits(path+"[]", element+"!", e)...)
		}
		return out
	case isObject:
		return misfitsOf(path, kind, object)
	case !isPrimitive(kind, v):
		return wrong
	}
	return nil
}

func misfitsOf(path, kind string, object map[string]any) []string {
	known := properties(kind)
	var out []string
	for name, v := range object {
		switch {
		case strings.HasPrefix(name, "@odata."):
		case known[name] == "":
			out = append(out, path+"."+name+" is no property of "+kind)
		default:
			out = append(out, misfits(path+"."+name, known[name], v)...)
		}
	}
	slices.Sort(out)
	return out
}

func isPrimitive(kind string, v any) bool {
	text, isText := v.(string)
	switch kind {
	case "bool":
		_, ok := v.(bool)
		return ok
	case "int":
		n, ok := v.(float64)
		return ok && n == float64(int32(n))
	case "time":
		return times.MatchString(text)
	case "guid":
		return guids.MatchString(text)
	}
	return isText
}

// everything is a tenant that has every property that a file can have.
var everything = strings.Replace(tenantFile, "    displayName: Ada\n", `    displayName: Ada
    onPremisesExtensionAttributes: {extensionAttribute7: seven}
    employeeOrgData: {division: Sales}
    signInActivity: {lastSignInDateTime: 2026-01-01T00:00:00Z}
    createdDateTime: 2026-01-01T00:00:00Z
    proxyAddresses: ["SMTP:ada@contoso.com"]
`, 1) + "  - {displayName: Hidden, id: " + staff + ", visibility: HiddenMembership, groupTypes: [Unified], members: [ada@contoso.com, {group: Drawing}]}\n"

func TestSchemaOfAnswers(t *testing.T) {
	t.Parallel()
	all := func(kind string) string {
		var names []string
		for name := range properties(kind) {
			names = append(names, name)
		}
		slices.Sort(names)
		return "?$select=" + strings.Join(names, ",")
	}
	tests := []struct{ path, kind string }{
		{"/organization" + all("organization"), "[]organization"},
		{"/organization/" + org, "organization"},
		{"/domains", "[]domain"},
		{"/directory/subscriptions", "[]companySubscription"},
		{"/subscribedSkus", "[]subscribedSku"},
		{"/subscribedSkus/" + org + "_" + e3, "subscribedSku"},
		{"/users", "[]user"},
		{"/users" + all("user"), "[]user"},
		{"/users/" + ada + all("user"), "user"},
		{"/users/delta" + all("user"), "[]user"},
		{"/users/" + ada + "/licenseDetails", "[]licenseDetails"},
		{"/users/" + ada + "/memberOf", "[]group"},
		{"/users/" + ada + "/transitiveMemberOf" + all("group"), "[]group"},
		{"/groups", "[]group"},
		{"/groups/" + group + all("group"), "group"},
		{"/groups/" + group + "/members" + all("user"), "[]user"},
		{"/groups/" + staff + "/transitiveMembers/microsoft.graph.user" + all("user"), "[]user"},
		{"/groups/" + staff + "/transitiveMembers/microsoft.graph.group" + all("group"), "[]group"},
		{"/groups/" + group + "/membersWithLicenseErrors", "[]user"},
		{"/auditLogs/directoryAudits", "[]directoryAudit"},
	}
	c := newClient(t, everything, sandbox.Options{})
	c.assign(dan, add(e3))
	for _, test := range tests {
		r := c.get(test.path)
		var answer any = r.body
		if strings.HasPrefix(test.kind, "[]") {
			answer = r.body["value"]
		}
		if r.status != 200 || r.body["@odata.context"] == nil {
			t.Errorf("GET %.60s: %d %s", test.path, r.status, r.failure())
		}
		if wrong := misfits("", test.kind, answer); wrong != nil {
			t.Errorf("GET %.60s:\n%s", test.path, strings.Join(wrong, "\n"))
		}
		if list, isList := answer.([]any); isList && len(list) == 0 {
			t.Errorf("GET %.60s is empty: nothing was checked", test.path)
		}
	}
}
