package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// opinion is what policies decide about the service plans of one SKU for one user. Plans in
// neither set stay as they are if the user has the SKU, and are switched on if it is added.
type opinion struct {
	on, off  []state.PlanID  // sorted sets
	winners  []planStatement // the statements that decided, for the reasons
	conflict []planStatement // two statements of equal priority that contradict each other, or nil
}

// planStatement is what one policy states about one service plan, by name.
type planStatement struct {
	match
	plan state.PlanID
	on   bool
	pos  policies.Pos
}

// overlay is a `plans_off` of a policy that matches the user.
type overlay struct {
	match
	policies.PlanOff
}

// overlaysOf returns the service plans that policies switch off in every SKU. A disabled
// account keeps its plans as they are.
func overlaysOf(user state.User, matches []match) []overlay {
	var overlays []overlay
	for _, m := range matches {
		if m.inactiveFor(user) {
			continue
		}
		for _, off := range m.policy.PlansOff {
			overlays = append(overlays, overlay{m, off})
		}
	}
	slices.SortFunc(overlays, func(a, b overlay) int {
		return cmp.Or(cmp.Compare(a.policy.Name, b.policy.Name), a.Pos.Compare(b.Pos))
	})
	return overlays
}

// unstated returns the managed SKUs that the user holds directly, that no policy mentions,
// and that have a service plan of an overlay.
func (a *algebra) unstated(overlays []overlay, decided []desire) []desire {
	if len(overlays) == 0 {
		return nil
	}
	var out []desire
	for _, path := range a.user.Paths() {
		known := slices.ContainsFunc(decided, func(d desire) bool { return d.sku == path.SKU })
		if path.Direct() && !known && a.isManaged(path.SKU) && slices.ContainsFunc(overlays, func(o overlay) bool { return hasAnyPlan(a.Snapshot, path.SKU, o.IDs) }) {
			out = append(out, desire{sku: path.SKU, result: resultUnstated})
		}
	}
	return out
}

// judgePlans decides the service plans of a SKU. A plan is off if a winning policy or an
// overlay disables it, and on if a winning policy enables it by name. If both happens, the
// higher priority wins, and equal priorities are a conflict.
func (a *algebra) judgePlans(d *desire, overlays []overlay) {
	if d.result != resultWant && d.result != resultUnstated || d.inactive {
		return
	}
	statements := a.planStatements(d, overlays)
	for _, plan := range effective.UserPlans(a.Snapshot, d.sku) {
		on, off := strongest(statements, plan.ID, true), strongest(statements, plan.ID, false)
		switch {
		case on != nil && off != nil && on.policy.Priority == off.policy.Priority:
			d.result, d.plans.conflict = resultConflict, []planStatement{*on, *off}
			return
		case off != nil && (on == nil || off.policy.Priority > on.policy.Priority):
			d.plans.off, d.plans.winners = append(d.plans.off, plan.ID), append(d.plans.winners, *off)
		case on != nil:
			d.plans.on, d.plans.winners = append(d.plans.on, plan.ID), append(d.plans.winners, *on)
		case slices.ContainsFunc(d.winners, func(w mention) bool { return w.license != nil && w.license.Enable != nil }):
			d.plans.off = append(d.plans.off, plan.ID)
		case slices.ContainsFunc(d.winners, func(w mention) bool { return w.license != nil && w.license.DisableNone }):
			d.plans.on = append(d.plans.on, plan.ID)
		}
	}
}

// planStatements returns all statements about service plans of a SKU.
func (a *algebra) planStatements(d *desire, overlays []overlay) []planStatement {
	var statements []planStatement
	for _, w := range d.winners {
		if w.license == nil {
			continue
		}
		for _, plan := range w.license.Disable {
			statements = append(statements, planStatement{w.match, plan.ID, false, plan.Pos})
		}
		for _, plan := range w.license.Enable {
			statements = append(statements, planStatement{w.match, plan.ID, true, plan.Pos})
		}
	}
	for _, o := range overlays {
		for _, id := range o.IDs {
			statements = append(statements, planStatement{o.match, id, false, o.Pos})
		}
	}
	return statements
}

// strongest returns the statement of the highest priority on a plan in one direction, and
// of equal ones the first.
func strongest(statements []planStatement, plan state.PlanID, on bool) *planStatement {
	var best *planStatement
	for i, w := range statements {
		if w.plan == plan && w.on == on && (best == nil || w.policy.Priority > best.policy.Priority) {
			best = &statements[i]
		}
	}
	return best
}

// statements returns the ones that decided, or that contradict each other.
func (o opinion) statements() []planStatement {
	if o.conflict != nil {
		return o.conflict
	}
	return o.winners
}

// isUnstated reports whether no policy states anything about service plans.
func (o opinion) isUnstated() bool { return len(o.on)+len(o.off) == 0 }

// contradiction describes both sides by file and line.
func (o opinion) contradiction(name func(state.PlanID) string) string {
	on, off := o.conflict[0], o.conflict[1]
	return fmt.Sprintf("policy %s turns %s on (%s), policy %s turns it off (%s), both with priority %d",
		on.policy.Name, name(on.plan), on.pos, off.policy.Name, off.pos, on.policy.Priority)
}
