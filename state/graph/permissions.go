package graph

import (
	"slices"
	"strings"
)

// Permission is the least one of Graph's permissions that allows something, as an
// application's own or one that a user delegates.
type Permission string

// What the client does takes these. Reading needs no permission to write.
const (
	ReadUsers    Permission = "User.Read.All"
	ReadLicenses Permission = "LicenseAssignment.Read.All" // the tenant's SKUs
	ReadGroups   Permission = "GroupMember.Read.All"
	ReadHidden   Permission = "Member.Read.Hidden" // members of groups that hide them
	ReadAudits   Permission = "AuditLog.Read.All"  // who changed whom; nothing stands and falls with it
	Assign       Permission = "LicenseAssignment.ReadWrite.All"
	Locate       Permission = "User.ReadUpdate.All" // usageLocation
)

// wider are the permissions that allow the same and more, by the reference pages
// "List users", "List subscribedSkus", "List group members", "user: assignLicense"
// and "Update user". They are taken, and not asked for.
var wider = map[Permission][]string{
	ReadUsers:    {"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	ReadLicenses: {"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	ReadGroups:   {"GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	Assign:       {"User.ReadWrite.All", "Directory.ReadWrite.All"},
	Locate:       {"User.ReadWrite.All", "Directory.ReadWrite.All"},
}

// Allows says whether the identity has the permission, or a wider one.
func (i Identity) Allows(p Permission) bool {
	return slices.Contains(i.Permissions, string(p)) ||
		slices.ContainsFunc(wider[p], func(w string) bool { return slices.Contains(i.Permissions, w) })
}

// Lacks are those of some permissions that the identity does not have.
func (i Identity) Lacks(needed []Permission) []Permission {
	return slices.DeleteFunc(slices.Clone(needed), i.Allows)
}

// Excess are the permissions of the identity that are not among those needed: what
// it could do by mistake, or in the wrong hands.
func (i Identity) Excess(needed []Permission) []string {
	return slices.DeleteFunc(slices.Clone(i.Permissions), func(p string) bool {
		return slices.Contains(needed, Permission(p)) || slices.Contains(harmless, p)
	})
}

// harmless are scopes that every sign-in of a user brings.
var harmless = []string{"openid", "profile", "email", "offline_access", "User.Read"}

// permissionFor is what an operation takes.
func permissionFor(op string) Permission {
	switch op {
	case opListUsers, opReadUser, opOrganization:
		return ReadUsers
	case opListSKUs:
		return ReadLicenses
	case opAudit:
		return ReadAudits
	case opLicences:
		return Assign
	case opLocation:
		return Locate
	}
	if strings.Contains(op, "group") {
		return ReadGroups
	}
	return ""
}

// What the service is asked for, in errors. Those about groups name them so.
const (
	opOrganization = "read organization"
	opListUsers    = "list users"
	opReadUser     = "read user"
	opListSKUs     = "list subscribed SKUs"
	opAudit        = "read audit log"
)
