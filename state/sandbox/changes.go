package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// change is a decision about one user: what Graph tells of it afterwards, in
// users/delta and in the audit log.
type change struct {
	at            time.Time
	by            string // the application, "" for the client
	user          *user
	before, after userState
	refused       *refusal.Error
}

// byGroups is who licenses the members of groups (Entra: resolve group license
// assignment problems).
const byGroups = "Microsoft Entra ID Group-Based Licensing"

// moves tell when a user changed last, counted in changes.
type moves struct {
	last     int
	location map[*user]int
	licences map[*user]int
}

// noteChange remembers a decision. The caller holds the lock.
func (t *Tenant) noteChange(c change) {
	moved := !sameLicences(c.before.effective(), c.after.effective())
	if c.before.location != c.after.location || moved {
		t.moves.note(c, moved)
	}
	repathed := !slices.EqualFunc(c.before.direct, c.after.direct, licence.equal) ||
		!slices.EqualFunc(c.before.inherited, c.after.inherited, inherited.equal)
	if repathed || c.refused != nil {
		t.noteAudit(c)
	}
}

func sameLicences(a, b []licence) bool {
	return slices.EqualFunc(a, b, func(x, y licence) bool { return x.sku == y.sku && slices.Equal(x.off, y.off) })
}

func (m *moves) note(c change, licences bool) {
	if m.location == nil {
		m.location, m.licences = map[*user]int{}, map[*user]int{}
	}
	m.last++
	if licences {
		m.licences[c.user] = m.last
	}
	if c.before.location != c.after.location {
		m.location[c.user] = m.last
	}
}

// maxAudits bounds the audit log. The oldest entries go, as they do in Graph
// after 30 days.
const maxAudits = 10_000

// audit is one entry of the audit log.
type audit struct {
	number   int // counted from 1
	at       time.Time
	by       string
	user     *user
	old, new string // of the property AssignedLicense
	failure  string // "" for success
}

func (t *Tenant) noteAudit(c change) {
	entry := audit{number: 1, at: c.at, by: c.by, user: c.user, old: auditedLicences(c.before), new: auditedLicences(c.after)}
	if n := len(t.audits); n > 0 {
		entry.number = t.audits[n-1].number + 1
	}
	if c.refused != nil {
		entry.failure = c.refused.Message
	}
	t.audits = append(t.audits, entry)
	if len(t.audits) > maxAudits {
		t.audits = slices.Clone(t.audits[maxAudits/10:])
	}
}

// auditedLicences is what the audit log shows of a user's licences: a JSON list of
// texts.
func auditedLicences(s userState) string {
	texts := []string{}
	for _, l := range s.effective() {
		texts = append(texts, fmt.Sprintf("[SkuName=%s, AccountId=%s, SkuId=%s, DisabledPlans=[%s]]",
			l.sku.partNumber, l.sku.organizationID, l.sku.id, strings.Join(l.off, ", ")))
	}
	return string(ordered.Encode(texts))
}

// key sorts the newest entry first.
func (a audit) key() string { return fmt.Sprintf("%012d", 1_000_000_000_000-a.number) }

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
	{"initiatedBy", true, func(a audit) any { return a.initiator() }},
	{"targetResources", true, func(a audit) any { return []ordered.Object{a.target()} }},
	{"additionalDetails", true, func(audit) any { return []ordered.Object{} }},
}}

func (a audit) initiator() ordered.Object {
	return ordered.Object{{"user", nil}, {"app", ordered.Object{
		{"appId", nil}, {"displayName", orNull(a.by)}, {"servicePrincipalId", nil}, {"servicePrincipalName", nil},
	}}}
}

func (a audit) target() ordered.Object {
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
	f.tenant.mu.RLock()
	newest := slices.Clone(f.tenant.audits)
	f.tenant.mu.RUnlock()
	slices.Reverse(newest)
	return ok(query.Page(f.pages, c.Request, query.Listing[audit]{
		All:     newest,
		ID:      audit.key,
		Matches: matches,
		Render:  func(a audit) ordered.Object { return auditShape.project(a, o.Selected) },
		Context: "auditLogs/directoryAudits",
	}, o))
}
