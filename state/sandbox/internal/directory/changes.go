package directory

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
	user          *User
	before, after UserState
	refused       *refusal.Error
}

// byGroups is who licenses the members of groups (Entra: resolve group license
// assignment problems).
const byGroups = "Microsoft Entra ID Group-Based Licensing"

// history is what Graph tells of past changes. The tenant's lock guards it.
type history struct {
	Moves  moves
	Audits []Audit
}

// moves tell when a user changed last, counted in changes.
type moves struct {
	Last     int
	Location map[*User]int
	Licenses map[*User]int
}

// note remembers a decision. The caller holds the lock.
func (h *history) note(c change) {
	moved := !sameLicences(c.before.Effective(), c.after.Effective())
	if c.before.Location != c.after.Location || moved {
		h.Moves.note(c, moved)
	}
	repathed := !slices.EqualFunc(c.before.Direct, c.after.Direct, License.equal) ||
		!slices.EqualFunc(c.before.Inherited, c.after.Inherited, Inherited.equal)
	if repathed || c.refused != nil {
		h.noteAudit(c)
	}
}

func sameLicences(a, b []License) bool {
	return slices.EqualFunc(a, b, func(x, y License) bool { return x.SKU == y.SKU && slices.Equal(x.Off, y.Off) })
}

func (m *moves) note(c change, licences bool) {
	if m.Location == nil {
		m.Location, m.Licenses = map[*User]int{}, map[*User]int{}
	}
	m.Last++
	if licences {
		m.Licenses[c.user] = m.Last
	}
	if c.before.Location != c.after.Location {
		m.Location[c.user] = m.Last
	}
}

// maxAudits bounds the audit log. The oldest entries go, as they do in Graph
// after 30 days.
const maxAudits = 10_000

// Audit is one entry of the audit log.
type Audit struct {
	Number   int // counted from 1
	At       time.Time
	By       string
	User     *User
	Old, New string // of the property AssignedLicense
	Failure  string // "" for success
}

func (h *history) noteAudit(c change) {
	entry := Audit{Number: 1, At: c.at, By: c.by, User: c.user, Old: auditedLicences(c.before), New: auditedLicences(c.after)}
	if n := len(h.Audits); n > 0 {
		entry.Number = h.Audits[n-1].Number + 1
	}
	if c.refused != nil {
		entry.Failure = c.refused.Message
	}
	h.Audits = append(h.Audits, entry)
	if len(h.Audits) > maxAudits {
		h.Audits = slices.Clone(h.Audits[maxAudits/10:])
	}
}

// auditedLicences is what the audit log shows of a user's licences: a JSON list of
// texts.
func auditedLicences(s UserState) string {
	texts := []string{}
	for _, l := range s.Effective() {
		texts = append(texts, fmt.Sprintf("[SkuName=%s, AccountId=%s, SkuId=%s, DisabledPlans=[%s]]",
			l.SKU.PartNumber, l.SKU.OrganizationID, l.SKU.ID, strings.Join(l.Off, ", ")))
	}
	return string(ordered.Encode(texts))
}

// Key sorts the newest entry first.
func (a Audit) Key() string { return fmt.Sprintf("%012d", 1_000_000_000_000-a.Number) }
