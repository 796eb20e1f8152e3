package session

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/guard"
)

// parseOverrides reads --allow GUARD[:SKU|POLICY]=N.
func parseOverrides(flags []string, c *catalog.Catalog, set *policies.Set) ([]plan.Override, error) {
	var overrides []plan.Override
	for _, flag := range flags {
		override, err := parseOverride(flag, c, guard.All())
		if err == nil && override.Policy != "" && !hasPolicy(set, override.Policy) {
			err = noPolicy(set, override.Policy) // it would allow nothing, silently
		}
		if err != nil {
			return nil, usage("write it as the plan prints it, for example --allow removals:SPE_E3=12", "read --allow %q: %w", flag, err)
		}
		same := func(o plan.Override) bool {
			return o.Guard == override.Guard && o.SKU == override.SKU && o.Policy == override.Policy
		}
		if slices.ContainsFunc(overrides, same) {
			return nil, usage("give each guard one number", "--allow %q: the guard has a number already", flag)
		}
		overrides = append(overrides, override)
	}
	return overrides, nil
}

func parseOverride(flag string, c *catalog.Catalog, guards guard.Table) (plan.Override, error) {
	target, number, found := strings.Cut(flag, "=")
	if !found {
		return plan.Override{}, fmt.Errorf("it has no =N")
	}
	name, of, named := strings.Cut(target, ":")
	override := plan.Override{Guard: guard.Name(name), Text: "--allow " + flag}
	row, _ := guards.Lookup(override.Guard)
	if row.Unit == guard.Percent {
		number = strings.TrimSuffix(number, "%")
	}
	limit, err := strconv.Atoi(number)
	if err != nil || limit < 0 {
		return plan.Override{}, fmt.Errorf("%q is not a number", number)
	}
	override.Limit = limit
	switch {
	case !row.Overridable():
		return plan.Override{}, fmt.Errorf("no flag overrides a guard %q", name)
	case named && row.Scope == guard.ScopeRun:
		return plan.Override{}, fmt.Errorf("the guard %s counts the whole run", name)
	case named && row.Scope == guard.ScopePolicy:
		override.Policy = of
	case named:
		override.SKU, err = c.SKU(of)
	}
	return override, err
}

// waiverOverrides returns the waivers among the settings that are in force. The others
// allow nothing, which is reported.
func (r *Resolved) waiverOverrides() []plan.Override {
	var overrides []plan.Override
	for _, w := range r.set.Waivers {
		if ok, why := w.InForce(r.read.now()); !ok {
			r.read.loaded.project.warn("%s: the waiver for %s is not in force: %s", w.Pos, w.Guard, why)
			continue
		}
		overrides = append(overrides, plan.Override{
			Guard: w.Guard, SKU: w.SKU.ID, Policy: w.Policy, Limit: w.Limit,
			Text: fmt.Sprintf("%s: until %s: %s", w.Pos, w.Expires.AddDate(0, 0, -1).Format("2006-01-02"), w.Reason),
		})
	}
	return overrides
}
