package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// change is a decision about one user. Graph shows it afterwards in users/delta and in the
// audit log.
type change struct {
	at            time.Time
	by            string // the application, "" for the client
	user          *User
	before, after UserState
	refused       *refusal.Error
}

// byGroups is the application that licenses the members of groups (Entra: resolve group
// license assignment problems).
const byGroups = "Microsoft Entra ID Group-Based Licensing"

// history keeps the past changes that Graph shows. The lock of the tenant guards it.
type history struct {
	LastChanges lastChanges
	Audits      []Audit
}

// lastChanges keeps the number of the last change of each user. Changes are counted from 1.
type lastChanges struct {
	Last     int
	Location map[*User]int
	Licenses map[*User]int
}

// note records a decision. The caller holds the lock.
func (h *history) note(c change) {
	moved := !sameLicenses(c.before.Effective(), c.after.Effective())
	if c.before.Location != c.after.Location || moved {
		h.LastChanges.note(c, moved)
	}
	repathed := !slices.EqualFunc(c.before.Direct, c.after.Direct, License.equal) ||
		!slices.EqualFunc(c.before.Inherited, c.after.Inherited, Inherited.equal)
	if repathed || c.refused != nil {
		h.noteAudit(c)
	}
}

func sameLicenses(a, b []License) bool {
	return slices.EqualFunc(a, b, func(x, y License) bool { return x.SKU == y.SKU && slices.Equal(x.Off, y.Off) })
}

func (m *lastChanges) note(c change, licenses bool) {
	if m.Location == nil {
		m.Location, m.Licenses = map[*User]int{}, map[*User]int{}
	}
	m.Last++
	if licenses {
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
	entry := Audit{Number: 1, At: c.at, By: c.by, User: c.user, Old: auditedLicenses(c.before), New: auditedLicenses(c.after)}
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

// auditedLicenses returns a user's licenses as the audit log shows them: a JSON list of
// texts.
func auditedLicenses(s UserState) string {
	texts := []string{}
	for _, l := range s.Effective() {
		texts = append(texts, fmt.Sprintf("[SkuName=%s, AccountId=%s, SkuId=%s, DisabledPlans=[%s]]",
			l.SKU.PartNumber, l.SKU.OrganizationID, l.SKU.ID, strings.Join(l.Off, ", ")))
	}
	return string(ordered.Encode(texts))
}

// Key returns a sort key by which the newest entry comes first.
func (a Audit) Key() string { return fmt.Sprintf("%012d", 1_000_000_000_000-a.Number) }
