package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
)

// parseOverrides reads --allow GUARD[:SKU]=N.
func parseOverrides(flags []string, c *catalog.Catalog) ([]plan.Override, error) {
	var overrides []plan.Override
	for _, flag := range flags {
		override, err := parseOverride(flag, c)
		if err != nil {
			return nil, usage("write it as the plan prints it, for instance --allow removals:SPE_E3=12", "read --allow %q: %w", flag, err)
		}
		if slices.ContainsFunc(overrides, func(o plan.Override) bool { return o.Guard == override.Guard && o.SKU == override.SKU }) {
			return nil, usage("give each guard one number", "--allow %q: the guard was given a number before", flag)
		}
		overrides = append(overrides, override)
	}
	return overrides, nil
}

func parseOverride(flag string, c *catalog.Catalog) (plan.Override, error) {
	target, number, found := strings.Cut(flag, "=")
	if !found {
		return plan.Override{}, fmt.Errorf("it has no =N")
	}
	limit, err := strconv.Atoi(number)
	if err != nil || limit < 0 {
		return plan.Override{}, fmt.Errorf("%q is not a number of users", number)
	}
	name, sku, perSKU := strings.Cut(target, ":")
	override := plan.Override{Guard: plan.GuardName(name), Limit: limit, Text: flag}
	known, bySKU := plan.Allowable(override.Guard)
	switch {
	case !known:
		return plan.Override{}, fmt.Errorf("no flag opens a guard %q", name)
	case perSKU && !bySKU:
		return plan.Override{}, fmt.Errorf("the guard %s counts the whole run, not a SKU", name)
	case perSKU:
		override.SKU, err = c.SKU(sku)
	}
	return override, err
}
