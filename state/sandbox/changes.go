package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
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

// history is what Graph tells of past changes. The tenant's lock guards it.
type history struct {
	moves  moves
	audits []audit
}

// moves tell when a user changed last, counted in changes.
type moves struct {
	last     int
	location map[*user]int
	licences map[*user]int
}

// note remembers a decision. The caller holds the lock.
func (h *history) note(c change) {
	moved := !sameLicences(c.before.effective(), c.after.effective())
	if c.before.location != c.after.location || moved {
		h.moves.note(c, moved)
	}
	repathed := !slices.EqualFunc(c.before.direct, c.after.direct, licence.equal) ||
		!slices.EqualFunc(c.before.inherited, c.after.inherited, inherited.equal)
	if repathed || c.refused != nil {
		h.noteAudit(c)
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

func (h *history) noteAudit(c change) {
	entry := audit{number: 1, at: c.at, by: c.by, user: c.user, old: auditedLicences(c.before), new: auditedLicences(c.after)}
	if n := len(h.audits); n > 0 {
		entry.number = h.audits[n-1].number + 1
	}
	if c.refused != nil {
		entry.failure = c.refused.Message
	}
	h.audits = append(h.audits, entry)
	if len(h.audits) > maxAudits {
		h.audits = slices.Clone(h.audits[maxAudits/10:])
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
