package generate

import "slices"

// unknownSKU is one of the many SKUs that are missing in Microsoft's table of products.
const unknownSKU = "CONTOSO_EARLY_ACCESS"

// caseSKUs are owned by every generated tenant, whatever its preset.
var caseSKUs = []string{
	"SPE_E5", "MCOMEETADV", "PROJECTPROFESSIONAL", "POWER_BI_PRO", "MCOPSTN1", "EXCHANGEARCHIVE_ADDON", "ATP_ENTERPRISE", "INTUNE_A",
	"WINDOWS_STORE", unknownSKU, "VISIOCLIENT", "VISIO_PLAN2_DEPT", // the last two have the same display name
	"EXCHANGESTANDARD", "FLOW_FREE",
}

// caseStocks is how many seats are bought of SKUs that show a case, in every preset.
var caseStocks = map[string]stock{
	"POWER_BI_PRO": stockFull, "MCOPSTN1": stockOver, "EXCHANGEARCHIVE_ADDON": stockGrace, "ATP_ENTERPRISE": stockSuspended, "INTUNE_A": stockNone,
	"WINDOWS_STORE": stockCompany, "TEAMS_COMMERCIAL_TRIAL": stockTrial, "FLOW_FREE": stockFree,
}

// specialCase is a user that every generated tenant has once.
type specialCase struct {
	user   fileUser
	groups []string
}

// The groups of the special cases.
const (
	groupFull         = "Licenses SPE_E5 in full"
	groupNoSharePoint = "Licenses SPE_E5 without SharePoint"
	groupAddOn        = "Licenses MCOMEETADV"
	groupDynamic      = "Licenses by rule"
	groupSynced       = "Licenses from Active Directory"
	groupInner        = "Members of a licensed group"
)

func caseGroups() []fileGroup {
	e5 := func(off ...string) []fileLicense { return []fileLicense{{"SPE_E5", off}} }
	return []fileGroup{
		{DisplayName: groupFull, AssignedLicenses: e5("SWAY")},
		{DisplayName: groupNoSharePoint, AssignedLicenses: e5("SHAREPOINTENTERPRISE", "SHAREPOINTWAC")},
		{DisplayName: groupAddOn, AssignedLicenses: []fileLicense{{SKU: "MCOMEETADV"}}, nested: groupInner}, // which gives its members nothing
		{DisplayName: groupDynamic, GroupTypes: []string{"DynamicMembership"}, MembershipRule: `user.department -eq "Case"`,
			AssignedLicenses: []fileLicense{{SKU: "VISIOCLIENT"}}},
		{DisplayName: groupSynced, Synced: true, AssignedLicenses: []fileLicense{{SKU: "EXCHANGEARCHIVE_ADDON"}}},
		{DisplayName: groupInner},
	}
}

// caseGives returns the SKUs that a group gives.
func caseGives(group string) []string {
	var parts []string
	for _, g := range caseGroups() {
		for _, l := range g.AssignedLicenses {
			if g.DisplayName == group {
				parts = append(parts, l.SKU)
			}
		}
	}
	return parts
}

// skusWithSeat returns the SKUs of which the user takes a seat.
func (c specialCase) skusWithSeat() []string {
	var parts []string
	for _, l := range c.user.AssignedLicenses {
		parts = append(parts, l.SKU)
	}
	for _, group := range c.groups {
		for _, part := range caseGives(group) {
			failed := slices.ContainsFunc(c.user.States, func(s fileState) bool { return s.SKU == part && s.AssignedByGroup == group && s.State == failedState })
			if !failed {
				parts = append(parts, part)
			}
		}
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// specialCases returns the cases that are too rare among drawn users, each in one user that
// is named after it.
func specialCases() []specialCase {
	direct := func(parts ...string) []fileLicense {
		var all []fileLicense
		for _, part := range parts {
			all = append(all, fileLicense{SKU: part})
		}
		return all
	}
	member := func(what string, licenses []fileLicense, groups ...string) specialCase {
		return specialCase{fileUser{
			UserPrincipalName: caseName(what), DisplayName: "Case: " + what, UsageLocation: "CH", Country: "Switzerland", Department: "Case", AssignedLicenses: licenses,
		}, groups}
	}
	failed := member("add-on without its base", nil, groupAddOn)
	failed.user.States = []fileState{{SKU: "MCOMEETADV", AssignedByGroup: groupAddOn, State: failedState, Error: "DependencyViolation"}}
	cases := []specialCase{
		member("directly and by two groups", []fileLicense{{"SPE_E5", []string{"MCOEV", "SWAY"}}}, groupFull, groupNoSharePoint),
		member("base and add-on from two groups", nil, groupFull, groupAddOn),
		failed,
		member("Project and Visio without SharePoint", direct("PROJECTPROFESSIONAL", "VISIOCLIENT"), groupNoSharePoint),
		member("one mailbox only", direct("EXCHANGESTANDARD")),
		member("two SKUs of one name", direct("VISIOCLIENT", "VISIO_PLAN2_DEPT")),
		member("a SKU that no table has", direct(unknownSKU)),
		member("more seats than bought", direct("MCOPSTN1")),
		member("the last seat", direct("POWER_BI_PRO")),
		member("a seat in grace", direct("EXCHANGEARCHIVE_ADDON"), groupSynced),
		member("made a member by a rule", nil, groupDynamic),
		member("nothing by a nested group", nil, groupInner),
		{user: fileUser{UserPrincipalName: "case-guest_fabrikam.example#EXT#@" + generatedInitial, DisplayName: "Case: guest with a license",
			UserType: "Guest", UsageLocation: "CH", AssignedLicenses: direct("FLOW_FREE")}},
		{user: fileUser{UserPrincipalName: "case-external_fabrikam.example#EXT#@" + generatedInitial, DisplayName: "Case: member of another organization"}},
	}
	left := member("left and still licensed", direct("SPE_E5"))
	left.user.AccountEnabled = new(bool)
	synced := member("a comma in the name", direct("SPE_E5"))
	synced.user.Synced, synced.user.Domain = true, generatedAD
	synced.user.DN = `CN=Comma\, A,OU=Research\, EMEA,OU=Staff,DC=corp,DC=contoso,DC=com`
	return append(cases, left, synced)
}
