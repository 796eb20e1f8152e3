package sandbox

import (
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
)

var auditShape = shape[directory.Audit]{"microsoft.graph.directoryAudit", []property[directory.Audit]{
	{"id", true, func(a directory.Audit) any { return "Directory_" + guid.Derived(a.User.ID, fmt.Sprint(a.Number)) }},
	{"category", true, func(directory.Audit) any { return "UserManagement" }},
	{"correlationId", true, func(a directory.Audit) any { return guid.Derived("correlation", fmt.Sprint(a.Number)) }},
	{"result", true, func(a directory.Audit) any {
		if a.Failure != "" {
			return "failure"
		}
		return "success"
	}},
	{"resultReason", true, func(a directory.Audit) any { return a.Failure }},
	{"activityDisplayName", true, func(directory.Audit) any { return "Change user license" }},
	{"activityDateTime", true, func(a directory.Audit) any { return directory.Timestamp(a.At) }},
	{"loggedByService", true, func(directory.Audit) any { return "Core Directory" }},
	{"operationType", true, func(directory.Audit) any { return "Update" }},
	{"initiatedBy", true, func(a directory.Audit) any { return auditInitiator(a) }},
	{"targetResources", true, func(a directory.Audit) any { return []ordered.Object{auditTarget(a)} }},
	{"additionalDetails", true, func(directory.Audit) any { return []ordered.Object{} }},
}}

func auditInitiator(a directory.Audit) ordered.Object {
	return ordered.Object{{"user", nil}, {"app", ordered.Object{
		{"appId", nil}, {"displayName", orNull(a.By)}, {"servicePrincipalId", nil}, {"servicePrincipalName", nil},
	}}}
}

func auditTarget(a directory.Audit) ordered.Object {
	return ordered.Object{
		{"id", a.User.ID},
		{"displayName", a.User.Attributes["displayName"]},
		{"type", "User"},
		{"userPrincipalName", a.User.UPN},
		{"groupType", nil},
		{"modifiedProperties", []ordered.Object{{
			{"displayName", "AssignedLicense"}, {"oldValue", a.Old}, {"newValue", a.New},
		}}},
	}
}

// listAudits answers GET auditLogs/directoryAudits, which hold the changes of
// licenses since the process began, the newest first.
func (svc *service) listAudits(c *call) response {
	o, refused := query.Parse(c.Request, auditShape.typeName, auditShape.names(), "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return c.refuse(refused)
	}
	matches, refused := query.ParseFilter(auditFilters(), c.Request, o)
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	newest := slices.Clone(svc.tenant.History.Audits)
	svc.tenant.RUnlock()
	slices.Reverse(newest)
	return ok(query.Page(svc.pages, c.Request, query.Listing[directory.Audit]{
		All:     newest,
		ID:      directory.Audit.Key,
		Matches: matches,
		Render:  func(a directory.Audit) ordered.Object { return auditShape.project(a, o.Selected) },
		Context: "auditLogs/directoryAudits",
	}, o))
}
