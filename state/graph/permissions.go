package graph

import (
	"slices"
	"strings"
)

// Permission is the least of Graph's permissions that allows something, as an application
// permission or one that a user delegates.
type Permission string

// The permissions that the client needs. Reading needs no permission to write.
const (
	ReadUsers    Permission = "User.Read.All"
	ReadLicenses Permission = "LicenseAssignment.Read.All" // the tenant's SKUs
	ReadGroups   Permission = "GroupMember.Read.All"
	ReadHidden   Permission = "Member.Read.Hidden" // members of groups that hide them
	ReadAudits   Permission = "AuditLog.Read.All"  // who made which change; optional
	Assign       Permission = "LicenseAssignment.ReadWrite.All"
	Locate       Permission = "User.ReadUpdate.All" // usageLocation
)

// wider has the permissions that allow the same and more, by the reference pages "List
// users", "List subscribedSkus", "List group members", "user: assignLicense" and "Update
// user". They are accepted, but not requested.
var wider = map[Permission][]string{
	ReadUsers:    {"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	ReadLicenses: {"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	ReadGroups:   {"GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	Assign:       {"User.ReadWrite.All", "Directory.ReadWrite.All"},
	Locate:       {"User.ReadWrite.All", "Directory.ReadWrite.All"},
}

// Allows reports whether the identity has the permission, or a wider one.
func (i Identity) Allows(p Permission) bool {
	return slices.Contains(i.Permissions, string(p)) ||
		slices.ContainsFunc(wider[p], func(w string) bool { return slices.Contains(i.Permissions, w) })
}

// Lacks returns those of some permissions that the identity does not have.
func (i Identity) Lacks(needed []Permission) []Permission {
	return slices.DeleteFunc(slices.Clone(needed), i.Allows)
}

// Excess returns the permissions of the identity that are not needed. They could cause
// damage by mistake, or in the wrong hands.
func (i Identity) Excess(needed []Permission) []string {
	return slices.DeleteFunc(slices.Clone(i.Permissions), func(p string) bool {
		return slices.Contains(needed, Permission(p)) || slices.Contains(signInScopes, p)
	})
}

// signInScopes are scopes that every sign-in of a user has.
var signInScopes = []string{"openid", "profile", "email", "offline_access", "User.Read"}

// permissionFor returns the permission that an operation needs.
func permissionFor(op string) Permission {
	switch op {
	case opListUsers, opReadUser, opOrganization:
		return ReadUsers
	case opListSKUs:
		return ReadLicenses
	case opAudit:
		return ReadAudits
	case opLicenses:
		return Assign
	case opLocation:
		return Locate
	}
	if strings.Contains(op, "group") {
		return ReadGroups
	}
	return ""
}

// The operations, as errors name them. Operations on groups have the group in their text.
const (
	opOrganization = "read organization"
	opListUsers    = "list users"
	opReadUser     = "read user"
	opListSKUs     = "list subscribed SKUs"
	opAudit        = "read audit log"
)
