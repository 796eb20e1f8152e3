package sandbox

import (
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
)

var auditShape = shape[audit]{"microsoft.graph.directoryAudit", []property[audit]{
	{"id", true, func(a audit) any { return "Directory_" + guid.Derived(a.user.id, fmt.Sprint(a.number)) }},
	{"category", true, func(audit) any { return "UserManagement" }},
	{"correlationId", true, func(a audit) any { return guid.Derived("correlation", fmt.Sprint(a.number)) }},
	{"result", true, func(a audit) any {
		if a.failure != "" {
			return "failure"
		}
		return "success"
	}},
	{"resultReason", true, func(a audit) any { return a.failure }},
	{"activityDisplayName", true, func(audit) any { return "Change user license" }},
	{"activityDateTime", true, func(a audit) any { return timestamp(a.at) }},
	{"loggedByService", true, func(audit) any { return "Core Directory" }},
	{"operationType", true, func(audit) any { return "Update" }},
	{"initiatedBy", true, func(a audit) any { return auditInitiator(a) }},
	{"targetResources", true, func(a audit) any { return []ordered.Object{auditTarget(a)} }},
	{"additionalDetails", true, func(audit) any { return []ordered.Object{} }},
}}

func auditInitiator(a audit) ordered.Object {
	return ordered.Object{{"user", nil}, {"app", ordered.Object{
		{"appId", nil}, {"displayName", orNull(a.by)}, {"servicePrincipalId", nil}, {"servicePrincipalName", nil},
	}}}
}

func auditTarget(a audit) ordered.Object {
	return ordered.Object{
		{"id", a.user.id},
		{"displayName", a.user.attributes["displayName"]},
		{"type", "User"},
		{"userPrincipalName", a.user.upn},
		{"groupType", nil},
		{"modifiedProperties", []ordered.Object{{
			{"displayName", "AssignedLicense"}, {"oldValue", a.old}, {"newValue", a.new},
		}}},
	}
}

// listAudits answers GET auditLogs/directoryAudits, which hold the changes of
// licences since the process began, the newest first.
func (f *face) listAudits(c *call) answer {
	o, refused := query.Parse(c.Request, auditShape.typeName, auditShape.names(), "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	matches, refused := query.ParseFilter(f.auditFilters(), c.Request, o)
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	newest := slices.Clone(f.tenant.history.audits)
	f.tenant.RUnlock()
	slices.Reverse(newest)
	return ok(query.Page(f.pages, c.Request, query.Listing[audit]{
		All:     newest,
		ID:      audit.key,
		Matches: matches,
		Render:  func(a audit) ordered.Object { return auditShape.project(a, o.Selected) },
		Context: "auditLogs/directoryAudits",
	}, o))
}
