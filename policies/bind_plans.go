package policies

import (
	"slices"

	"github.com/seatwright/seatwright/policies/diag"
)

// bindPlans binds the service plans of a license. If the SKU was not found, they stay unbound.
func (b *binder) bindPlans(license *License) {
	license.Disable, license.Enable = slices.Clone(license.Disable), slices.Clone(license.Enable)
	if license.SKU.ID.IsZero() && !b.offline {
		return
	}
	for i := range license.Disable {
		b.bindPlan(license.SKU, &license.Disable[i], "cannot be switched off for users")
	}
	for i := range license.Enable {
		b.bindPlan(license.SKU, &license.Enable[i], "is on without being named")
	}
	reportTwicePlans(&b.problems, "disable", license.Disable, PlanRef.byID)
	reportTwicePlans(&b.problems, "enable", license.Enable, PlanRef.byID)
}

// bindPlan binds one service plan. A policy cannot switch plans that work for the whole
// tenant; reason completes the message about one.
func (b *binder) bindPlan(sku SKURef, ref *PlanRef, reason string) {
	id, err := b.catalog.Plan(sku.ID, ref.Name)
	if err != nil {
		b.report(err, ref.Pos, diag.RulePlan)
		return
	}
	if b.catalog.TenantWide(sku.ID, id) {
		b.problems.Add(ref.Pos, diag.RulePlan, "remove it", "service plan %s works for the whole tenant and %s", diag.Quote(ref.Name), reason)
	}
	ref.ID = id
}

// bindPlanOff binds a service plan that must be off in every SKU: one name can mean another
// plan in each.
func (b *binder) bindPlanOff(off *PlanOff) {
	ids, err := b.catalog.PlansNamed(off.Name)
	off.IDs = ids
	b.report(err, off.Pos, diag.RulePlan)
}
