package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// addLockChanges notes what Microsoft changed in the managed SKUs since the lock file was
// written, and what the policies do with it. A service plan that is added to a SKU is on for
// all users for which no policy states it.
func (n *noteList) addLockChanges() {
	if n.Set.Lock == nil {
		return
	}
	const review = "; if that is as it should be, run `seatwright catalog lock`"
	for _, c := range n.Set.Lock.Changes(policies.LockOf(n.Set.Tenant.Name, n.Snapshot.SKUs)) {
		holders := n.details.Holders(c.SKU)
		switch {
		case !n.details.IsManaged(c.SKU) || c.Plan.IsZero() && !c.Added:
		case c.Plan.IsZero():
			n.count(holders, "%s is not in %s yet: to see when its service plans change, run `seatwright catalog lock`", c.SKUName, policies.LockFile)
		case c.Added:
			n.count(holders, "%s has a service plan since %s was written, %s: %s"+review, c.SKUName, policies.LockFile, c.PlanName, n.madeOf(c))
		default:
			n.count(holders, "%s has lost a service plan since %s was written, %s: users that had it by this SKU no longer have it"+review, c.SKUName, policies.LockFile, c.PlanName)
		}
	}
}

// madeOf describes what the policies in force do with a new service plan.
func (n *noteList) madeOf(c policies.LockChange) string {
	var words []string
	for i, policy := range n.Set.Policies {
		if n.details.IsActive(i) {
			words = append(words, statementsOn(policy, c.SKU, c.Plan)...)
		}
	}
	if len(words) == 0 {
		return "no policy mentions it, so it is on for all holders"
	}
	return strings.Join(words, ", ") + ", and it is on for all other holders"
}

// statementsOn describes how a policy turns a service plan on or off, by name or by leaving
// it out.
func statementsOn(policy policies.Policy, sku state.SKUID, plan state.PlanID) []string {
	named := func(refs []policies.PlanRef) bool {
		return slices.ContainsFunc(refs, func(ref policies.PlanRef) bool { return ref.ID == plan })
	}
	var words []string
	for _, license := range licensesOf(policy) {
		switch {
		case license.SKU.ID != sku:
		case named(license.Enable):
			words = append(words, fmt.Sprintf("policy %s turns it on", policy.Name))
		case license.Enable != nil:
			words = append(words, fmt.Sprintf("policy %s turns it off, since its `enable` leaves it out", policy.Name))
		case named(license.Disable):
			words = append(words, fmt.Sprintf("policy %s turns it off", policy.Name))
		case license.DisableNone:
			words = append(words, fmt.Sprintf("policy %s turns it on, because of `disable: none`", policy.Name))
		}
	}
	for _, off := range policy.PlansOff {
		if slices.Contains(off.IDs, plan) {
			words = append(words, fmt.Sprintf("policy %s turns it off by `plans_off`", policy.Name))
		}
	}
	return words
}

// licensesOf returns the licenses that a policy gives, in a replacement too.
func licensesOf(policy policies.Policy) []policies.License {
	licenses := slices.Clone(policy.Licenses)
	for _, replacement := range policy.Replace {
		licenses = append(licenses, replacement.To)
	}
	return licenses
}
