package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// opinion is what policies say of the service plans of one SKU for one user. Plans
// in neither set stay as they are on a SKU that is held, and are on on one that is
// added.
type opinion struct {
	on, off  []state.PlanID // sorted sets
	words    []planWord     // that decided, for the reasons
	conflict []planWord     // two words of equal weight that contradict each other, or nil
}

// planWord is one policy's word about one service plan, by name.
type planWord struct {
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

// overlaysOf are the plans that policies switch off wherever they occur. A disabled
// account keeps what it holds as it is.
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

// unstated are the managed SKUs that the user holds directly, nobody speaks of, and
// an overlay reaches into.
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

// judgePlans works out what is said of the service plans of a SKU: a plan is off if
// a winning policy or an overlay disables it, on if a winning policy enables it by
// name. Named both ways, the higher priority wins, and equal ones are a conflict.
func (a *algebra) judgePlans(d *desire, overlays []overlay) {
	if d.result != resultWant && d.result != resultUnstated || d.inactive {
		return
	}
	words := a.planWords(d, overlays)
	for _, plan := range effective.UserPlans(a.Snapshot, d.sku) {
		on, off := strongest(words, plan.ID, true), strongest(words, plan.ID, false)
		switch {
		case on != nil && off != nil && on.policy.Priority == off.policy.Priority:
			d.result, d.plans.conflict = resultConflict, []planWord{*on, *off}
			return
		case off != nil && (on == nil || off.policy.Priority > on.policy.Priority):
			d.plans.off, d.plans.words = append(d.plans.off, plan.ID), append(d.plans.words, *off)
		case on != nil:
			d.plans.on, d.plans.words = append(d.plans.on, plan.ID), append(d.plans.words, *on)
		case slices.ContainsFunc(d.winners, func(w mention) bool { return w.license != nil && w.license.Enable != nil }):
			d.plans.off = append(d.plans.off, plan.ID)
		case slices.ContainsFunc(d.winners, func(w mention) bool { return w.license != nil && w.license.DisableNone }):
			d.plans.on = append(d.plans.on, plan.ID)
		}
	}
}

// planWords are all plans that are named for a SKU.
func (a *algebra) planWords(d *desire, overlays []overlay) []planWord {
	var words []planWord
	for _, w := range d.winners {
		if w.license == nil {
			continue
		}
		for _, plan := range w.license.Disable {
			words = append(words, planWord{w.match, plan.ID, false, plan.Pos})
		}
		for _, plan := range w.license.Enable {
			words = append(words, planWord{w.match, plan.ID, true, plan.Pos})
		}
	}
	for _, o := range overlays {
		for _, id := range o.IDs {
			words = append(words, planWord{o.match, id, false, o.Pos})
		}
	}
	return words
}

// strongest is the word of the highest priority on a plan, in one direction; of
// equal ones the first.
func strongest(words []planWord, plan state.PlanID, on bool) *planWord {
	var best *planWord
	for i, w := range words {
		if w.plan == plan && w.on == on && (best == nil || w.policy.Priority > best.policy.Priority) {
			best = &words[i]
		}
	}
	return best
}

// said are the words that decided, or that contradict each other.
func (o opinion) said() []planWord {
	if o.conflict != nil {
		return o.conflict
	}
	return o.words
}

// isUnstated reports whether no policy states anything about service plans.
func (o opinion) isUnstated() bool { return len(o.on)+len(o.off) == 0 }

// contradiction names both sides by file and line.
func (o opinion) contradiction(name func(state.PlanID) string) string {
	on, off := o.conflict[0], o.conflict[1]
	return fmt.Sprintf("policy %s turns %s on (%s), policy %s turns it off (%s), both with priority %d",
		on.policy.Name, name(on.plan), on.pos, off.policy.Name, off.pos, on.policy.Priority)
}
