package plan

import (
	"cmp"
	"fmt"
	"time"
)

// Class says how a guard acts on a breach.
type Class string

// The classes of guards.
const (
	ClassStop      Class = "stop"      // always stops the run
	ClassHold      Class = "hold"      // stops the run, or holds what takes something
	ClassAssertion Class = "assertion" // must never fire
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
	Name     GuardName `json:"name"`
	Class    Class     `json:"class"`
	SKU      string    `json:"sku"` // part number, or "" for the whole run
	Policy   string    `json:"policy"`
	Limit    int       `json:"limit"`
	Seen     int       `json:"seen"`
	Verdict  Verdict   `json:"verdict"`
	Override *int      `json:"override"` // the limit that --allow or a waiver gave
	Detail   string    `json:"detail"`   // what is wrong, or why it was not checked
}

// Allow is the flag that would lift the guard's limit to what it saw, or "" for
// guards that no flag opens.
func (g Guard) Allow() string {
	if !g.Name.opens() {
		return ""
	}
	return "--allow " + g.target() + "=" + g.seen()
}

// target is the guard with what it counted, as flags write it.
func (g Guard) target() string {
	if of := cmp.Or(g.SKU, g.Policy); of != "" {
		return string(g.Name) + ":" + of
	}
	return string(g.Name)
}

func (g Guard) seen() string {
	if g.Name == GuardSource {
		return fmt.Sprintf("%d%%", g.Seen)
	}
	return fmt.Sprint(g.Seen)
}

// Waiver is the entry of waivers.yaml that would do the same in the tenant for a week,
// or "". Its reason is left to whoever commits it.
func (g Guard) Waiver(tenant string, now time.Time) string {
	if !g.Name.opens() || g.Name == GuardSource && g.Policy == "" { // what protects everybody is opened by hand
		return ""
	}
	of := ""
	switch {
	case g.SKU != "":
		of = fmt.Sprintf("sku: %q, ", g.SKU)
	case g.Policy != "":
		of = fmt.Sprintf("policy: %s, ", g.Policy)
	}
	return fmt.Sprintf("- {tenant: %s, guard: %s, %slimit: %s, reason: WHY, expires: %s}", tenant, g.Name, of, g.seen(), now.UTC().AddDate(0, 0, 7).Format(time.DateOnly))
}
