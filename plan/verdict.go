package plan

import (
	"cmp"
	"fmt"
	"time"

	"github.com/seatwright/seatwright/policies/guard"
)

// Verdict is what a guard found.
type Verdict string

// The verdicts of guards.
const (
	VerdictOK         Verdict = "ok"
	VerdictBreached   Verdict = "breached"
	VerdictHeld       Verdict = "held"
	VerdictOverridden Verdict = "overridden"
	VerdictNotChecked Verdict = "not_checked"
)

// Guard is one limit and what was seen of it.
type Guard struct {
	Name     guard.Name  `json:"name"`
	Class    guard.Class `json:"class"`
	SKU      string      `json:"sku"` // part number, or "" for the whole run
	Policy   string      `json:"policy"`
	Limit    int         `json:"limit"`
	Seen     int         `json:"seen"`
	Verdict  Verdict     `json:"verdict"`
	Override *int        `json:"override"` // the limit that --allow or a waiver gave
	Detail   string      `json:"detail"`   // what is wrong, or why it was not checked
}

// Allow returns the flag that would raise the guard's limit to what it saw, or "" if no
// flag does.
func (g Guard) Allow(row guard.Row) string {
	if !row.Overridable() {
		return ""
	}
	return "--allow " + g.formatTarget() + "=" + g.formatSeen(row)
}

// formatTarget returns the guard with what it counted, as flags write it.
func (g Guard) formatTarget() string {
	if of := cmp.Or(g.SKU, g.Policy); of != "" {
		return string(g.Name) + ":" + of
	}
	return string(g.Name)
}

func (g Guard) formatSeen(row guard.Row) string {
	if row.Unit == guard.Percent {
		return fmt.Sprintf("%d%%", g.Seen)
	}
	return fmt.Sprint(g.Seen)
}

// Shared reports whether the entry is for no SKU and no policy although the guard has
// limits for these alone: it is about all of them, such as protection that shrank.
func (g Guard) Shared(row guard.Row) bool {
	return row.NeedsTarget() && g.SKU == "" && g.Policy == ""
}

// Waiver returns the entry of waivers.yaml that would do the same in the tenant for a
// week, or "". The reason is left to the person that commits it.
func (g Guard) Waiver(row guard.Row, tenant string, now time.Time) string {
	if !row.Overridable() || g.Shared(row) { // what is about all policies is overridden by a flag alone
		return ""
	}
	of := ""
	switch {
	case g.SKU != "":
		of = fmt.Sprintf("sku: %q, ", g.SKU)
	case g.Policy != "":
		of = fmt.Sprintf("policy: %s, ", g.Policy)
	}
	return fmt.Sprintf("- {tenant: %s, guard: %s, %slimit: %s, reason: WHY, expires: %s}", tenant, g.Name, of, g.formatSeen(row), now.UTC().AddDate(0, 0, 7).Format(time.DateOnly))
}

// MayCountAs reports whether a guard that counts such steps counts this one, as far as the
// step shows it. Views use it to point at the policies behind a guard.
func (s Step) MayCountAs(counts guard.Counts) bool {
	switch counts {
	case guard.CountsAll:
		return true
	case guard.CountsTaking:
		return s.Kind != KindAdd
	case guard.CountsRemovals:
		return s.Kind == KindRemove || s.Kind == KindPlans
	case guard.CountsReplacements:
		return s.Kind == KindReplace
	case guard.CountsAdditions:
		return s.Kind == KindAdd
	case guard.CountsLosses:
		return len(s.Loses) > 0
	case guard.CountsOverwrites:
		return s.Kind == KindLocation
	}
	return false
}
