package sandbox

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
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

// permissions has a row for each route; counts and types of what belongs to an
// object are read as that is. Least privileges changed: older copies of
// the pages still ask for User.ReadWrite.All to assign licenses.
var permissions = map[string][]string{
	// User.Read shows id, displayName and verifiedDomains, says the page of
	// organization; that the wider permissions on users do is not confirmed.
	"GET organization":                           append([]string{"User.Read", "User.Read.All", "User.ReadWrite.All"}, readSubscriptions...),
	"GET organization/{id}":                      append([]string{"User.Read", "User.Read.All", "User.ReadWrite.All"}, readSubscriptions...),
	"GET subscribedSkus":                         readSKUs,
	"GET subscribedSkus/{id}":                    readSKUs,
	"GET directory/subscriptions":                readSubscriptions,
	"GET domains":                                {"Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	"GET users":                                  readUsers,
	"GET users/$count":                           readUsers,
	"GET users/delta":                            readUsers,
	"GET users/{id}":                             readUsers,
	"GET users/{id}/licenseDetails":              append([]string{"LicenseAssignment.Read.All"}, readUsers...),
	"GET users/{id}/memberOf":                    append([]string{"User.Read.All"}, readGroups...),
	"GET users/{id}/transitiveMemberOf":          append([]string{"User.Read.All"}, readGroups...),
	"PATCH users/{id}":                           {"User.ReadUpdate.All", "User.ReadWrite.All", "Directory.ReadWrite.All"},
	"POST users/{id}/assignLicense":              {"LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"},
	"POST users/{id}/reprocessLicenseAssignment": {"User.ReadWrite.All", "Directory.ReadWrite.All", "LicenseAssignment.ReadWrite.All"},
	"GET groups":                                 readGroups,
	"GET groups/{id}":                            readGroups,
	"GET groups/$count":                          readGroups,
	"GET groups/{id}/members":                    readGroups,
	"GET groups/{id}/transitiveMembers":          readGroups,
	"GET groups/{id}/membersWithLicenseErrors":   readGroups,
	"GET groups/{id}/memberOf":                   readGroups,
	"GET groups/{id}/transitiveMemberOf":         readGroups,
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

// permissions are those of the route's row. "groups/{id}/members/$count" and
// "groups/{id}/members/microsoft.graph.user" have that of "groups/{id}/members".
func (r route) permissions() []string {
	name := r.name()
	if row, has := permissions[name]; has {
		return row
	}
	name = strings.TrimSuffix(name, "/$count")
	if before, _, typed := strings.Cut(name, "/microsoft.graph."); typed {
		name = before
	}
	return permissions[name]
}

// permitted is the layer of permissions. A route without a row is closed to every
// token that names roles.
type permitted struct{}

func (permitted) around(r route, c *call, next func() response) response {
	if r.pattern != "$batch" && !c.exchange.caller.May(r.permissions()...) {
		return c.refuse(refusal.Denied())
	}
	return next()
}
