package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// Who may do what, from the permissions of each page of Microsoft's reference: any
// one of them is enough, as an application's or a user's own.

var (
	readUsers  = []string{"User.Read.All", "User.ReadWrite.All", "User.ReadUpdate.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	readGroups = []string{"GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All",
		"Directory.Read.All", "Directory.ReadWrite.All"}
	readSKUs = []string{"LicenseAssignment.Read.All", "Directory.Read.All", "Directory.ReadWrite.All",
		"Organization.Read.All", "Organization.ReadWrite.All"}
	readSubscriptions = []string{"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
)

// permissions has a row for each route. Least privileges changed: older copies of
// the pages still ask for User.ReadWrite.All to assign licences.
var permissions = map[string][]string{
	// User.Read shows id, displayName and verifiedDomains, says the page of
	// organization; that the wider permissions on users do is not confirmed.
	"GET organization":                           append([]string{"User.Read", "User.Read.All", "User.ReadWrite.All"}, readSubscriptions...),
	"GET organization/{id}":                      append([]string{"User.Read", "User.Read.All", "User.ReadWrite.All"}, readSubscriptions...),
	"GET subscribedSkus":                         readSKUs,
	"GET subscribedSkus/{id}":                    readSKUs,
	"GET directory/subscriptions":                readSubscriptions,
	"GET users":                                  readUsers,
	"GET users/delta":                            readUsers,
	"GET users/{id}":                             readUsers,
	"GET users/{id}/licenseDetails":              append([]string{"LicenseAssignment.Read.All"}, readUsers...),
	"GET users/{id}/memberOf":                    append([]string{"User.Read.All"}, readGroups...),
	"GET users/{id}/transitiveMemberOf":          append([]string{"User.Read.All"}, readGroups...),
	"PATCH users/{id}":                           {"User.ReadUpdate.All", "User.ReadWrite.All", "Directory.ReadWrite.All"},
	"POST users/{id}/assignLicense":              {"LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"},
	"POST users/{id}/reprocessLicenseAssignment": {"User.ReadWrite.All", "Directory.ReadWrite.All", "LicenseAssignment.ReadWrite.All"},
	"GET domains":                                {"Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	"GET groups/{id}/memberOf":                   readGroups,
	"GET groups/{id}/transitiveMemberOf":         readGroups,
	"GET groups":                                 readGroups,
	"GET groups/{id}":                            readGroups,
	"GET groups/{id}/members":                    readGroups,
	"GET groups/{id}/transitiveMembers":          readGroups,
	"GET groups/{id}/membersWithLicenseErrors":   readGroups,
	"POST groups/{id}/assignLicense":             {"LicenseAssignment.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"},
	"POST directoryObjects/getByIds":             append([]string{"User.Read.All"}, readGroups...),
	"GET auditLogs/directoryAudits":              {"AuditLog.Read.All"},
	"POST $batch":                                nil, // its items have their own
}

// allPermissions is every permission that opens a route.
func allPermissions() []string {
	out := []string{"Member.Read.Hidden"}
	for _, names := range permissions {
		out = append(out, names...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// needed are the permissions of a route. Counting what it lists, or listing one type
// of it, needs no more.
func (r route) needed() (anyOf []string, known bool) {
	name := strings.TrimSuffix(r.name(), "/$count")
	if i := strings.Index(name, "/microsoft.graph."); i >= 0 {
		name = name[:i]
	}
	anyOf, known = permissions[name]
	return anyOf, known
}

// permitted is the layer of permissions. A route without a row is for nobody
// whose token names roles.
func (f *face) permitted(r route, c *call, next func() answer) answer {
	anyOf, _ := r.needed()
	if r.pattern != "$batch" && !c.trip.caller.may(anyOf...) {
		return f.answerTo(c, &refusal{status: http.StatusForbidden, code: "Authorization_RequestDenied",
			message: "Insufficient privileges to complete the operation."})
	}
	return next()
}
