package policies

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/guard"
)

// WaiversFile is the name of the optional file of waivers, beside the settings.
const WaiversFile = "waivers.yaml"

// longestWaiver is how many days ahead the last day of a waiver may lie.
const longestWaiver = 30

// InForce reports whether the waiver counts at the moment, and if not, why. One that ends
// too far ahead does not count yet: a permanent exception belongs in the limits of the
// settings.
func (w Waiver) InForce(now time.Time) (ok bool, why string) {
	return inForce(w.Expires, now, longestWaiver)
}

// inForce reports whether an exception that ends at a midnight counts at the moment, if its
// last day may lie so many days ahead, and if not, why.
func inForce(expires, now time.Time, longest int) (ok bool, why string) {
	last := expires.AddDate(0, 0, -1)
	latest := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, longest)
	switch {
	case !now.Before(expires):
		return false, fmt.Sprintf("it expired on %s", last.Format(time.DateOnly))
	case last.After(latest):
		return false, fmt.Sprintf("it expires on %s, more than %d days from now: %s is the latest",
			last.Format(time.DateOnly), longest, latest.Format(time.DateOnly))
	}
	return true, ""
}

// readWaivers reads the waivers of the tenant, if there is a file of them.
func (l *loader) readWaivers(t Tenant) []Waiver {
	if _, err := fs.Lstat(l.settings, WaiversFile); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	data, ok := readFile(l.settings, WaiversFile, maxYAMLBytes, Pos{File: WaiversFile}, &l.problems)
	if !ok {
		return nil
	}
	var waivers []Waiver
	entries := 0
	if root, ok := parseYAML(WaiversFile, data, &l.problems); ok {
		waivers, entries = decodeWaivers(root, t, l.guards)
	}
	l.addInput(WaiversFile, InputWaivers, entries, data)
	return waivers
}

// decodeWaivers reads the root of the file: the waivers of one tenant, and how many
// there are of all.
func decodeWaivers(root value, t Tenant, guards guard.Table) (waivers []Waiver, entries int) {
	written := root.fields(waiversFileMapping, keys{
		"waivers": func(v value) {
			if v.isList() && len(v.node.Content) == 0 {
				return // all of them were removed again
			}
			for _, item := range v.items("a list of waivers", "") {
				entries++
				if waiver, ours := decodeWaiver(item, t, guards); ours {
					waivers = append(waivers, waiver)
				}
			}
		},
	})
	root.complete(waiversFileMapping, root.pos(), written)
	return waivers, entries
}

// decodeWaiver reads one waiver and reports whether it is for the tenant.
func decodeWaiver(v value, t Tenant, guards guard.Table) (waiver Waiver, ours bool) {
	waiver, ours = Waiver{Pos: v.pos()}, true
	percent := false
	written := v.fields(waiverMapping(guards), keys{
		"guard":   func(v value) { waiver.Guard = decodeWaived(v, guards) },
		"sku":     func(v value) { waiver.SKU, _ = decodeSKU(v) },
		"policy":  func(v value) { waiver.Policy, _ = v.word() },
		"limit":   func(v value) { waiver.Limit, percent = decodeWaiverLimit(v) },
		"reason":  func(v value) { waiver.Reason = decodeReason(v, "the waiver") },
		"expires": func(v value) { waiver.Expires = decodeDate(v).AddDate(0, 0, 1) },
		"tenant":  func(v value) { ours = decodeWaiverTenant(v, t) },
	})
	v.complete(waiverMapping(guards), v.pos(), written)
	if len(t.Among) > 1 {
		v.required(v.pos(), waiverMapping(guards).Subject, written, "tenant")
	}
	if row, known := guards.Lookup(waiver.Guard); known {
		checkWaiver(v, row, written)
		if percent && row.Unit != guard.Percent {
			v.doc.problems.Add(written["limit"], diag.RuleValue, "write a number of users, such as limit: 12", "the limit of the guard %s is not in percent", waiver.Guard)
		}
	}
	return waiver, ours
}

// decodeWaived reads the guard of a waiver: one that a waiver can override.
func decodeWaived(v value, guards guard.Table) guard.Name {
	name, _ := v.choice(waivableGuards(guards)...)
	return guard.Name(name)
}

// checkWaiver reports a SKU or policy that the guard has no limit for: such a waiver would
// never override anything.
func checkWaiver(v value, row guard.Row, written map[string]Pos) {
	if row.NeedsTarget() {
		v.required(v.pos(), "a waiver of "+string(row.Name), written, string(row.Scope))
	}
	for _, scope := range []guard.Scope{guard.ScopeSKU, guard.ScopePolicy} {
		if pos, found := written[string(scope)]; found && scope != row.Scope {
			v.doc.problems.Add(pos, diag.RuleConflict, "remove it", "the guard %s has no limit per %s", row.Name, scope)
		}
	}
}

// decodeWaiverLimit reads a number: of users, or of percent, with the sign or without.
func decodeWaiverLimit(v value) (limit int, percent bool) {
	text, ok := v.word()
	if !ok {
		return 0, false
	}
	number, percent := strings.CutSuffix(text, "%")
	limit, err := strconv.Atoi(number)
	if err != nil || limit < 0 || limit > math.MaxInt32 || strconv.Itoa(limit) != number {
		v.problem(diag.RuleValue, "", "expected a number from 0 to %d, got %s", math.MaxInt32, diag.Quote(text))
	}
	return limit, percent
}

// decodeReason reads a reason. It refuses the placeholder of the entries that a plan prints.
func decodeReason(v value, what string) string {
	reason, ok := v.word()
	if ok && reason == "WHY" {
		v.problem(diag.RuleValue, "replace WHY: write who wants it and what for", "%s has no reason", what)
	}
	return reason
}

// decodeWaiverTenant reports whether a waiver is for the tenant.
func decodeWaiverTenant(v value, t Tenant) bool {
	name, ok := v.word()
	if ok && name != t.Name && !slices.Contains(t.Among, name) {
		v.problem(diag.RuleValue, catalog.DidYouMean(name, append([]string{t.Name}, t.Among...)), "there is no tenant named %s in the settings", diag.Quote(name))
	}
	return ok && name == t.Name
}

// checkWaivers refuses waivers of policies that do not exist.
func (l *loader) checkWaivers(waivers []Waiver, policies []Policy) {
	known := map[string]bool{"": true} // the waiver is for no policy
	var names []string
	for _, policy := range policies {
		known[policy.Name] = true
		names = append(names, policy.Name)
	}
	for _, waiver := range waivers {
		if known[waiver.Policy] {
			continue
		}
		hint := ""
		if l.problems.Len() < diag.MaxProblems {
			hint = catalog.DidYouMean(waiver.Policy, names)
		}
		l.problems.Add(waiver.Pos, diag.RuleName, hint, "there is no policy named %s", diag.Quote(waiver.Policy))
	}
}
