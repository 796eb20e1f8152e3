package sandbox

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// The permissions of each route, from the pages of Microsoft's reference. Any one of them
// is enough, as a permission of the application or of a user.

var (
	readUsers  = []string{"User.Read.All", "User.ReadWrite.All", "User.ReadUpdate.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	readGroups = []string{"GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All",
		"Directory.Read.All", "Directory.ReadWrite.All"}
	readSKUs = []string{"LicenseAssignment.Read.All", "Directory.Read.All", "Directory.ReadWrite.All",
		"Organization.Read.All", "Organization.ReadWrite.All"}
	readSubscriptions = []string{"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
)

// permissions has a row for each route. Counts and types of the objects that belong to an
// object need the same as these objects. Least privileges changed: older copies of the
// pages still require User.ReadWrite.All to assign licenses.
var permissions = map[string][]string{
	// User.Read shows id, displayName and verifiedDomains, according to the page of
	// organization. That the wider permissions on users show them too is not confirmed.
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

// allPermissions returns every permission that opens a route.
func allPermissions() []string {
	out := []string{"Member.Read.Hidden"}
	for _, names := range permissions {
		out = append(out, names...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// permissions returns those of the route's row. "groups/{id}/members/$count" and
// "groups/{id}/members/microsoft.graph.user" have those of "groups/{id}/members".
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

// permitted is the layer of permissions. A route without a row refuses every token that
// names roles.
type permitted struct{}

func (permitted) around(r route, c *call, next func() response) response {
	if r.pattern != "$batch" && !c.exchange.caller.May(r.permissions()...) {
		return c.refuse(refusal.Denied())
	}
	return next()
}
