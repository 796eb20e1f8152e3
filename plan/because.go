package plan

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
)

// because traces one assignment to every policy that decided it. Several service plans
// that one line names are one reason.
func because(f *facts, y assignment) []Because {
	effects := map[result]Effect{resultWant: EffectWant, resultAbsent: EffectAbsent, resultImplied: EffectImplied}
	reasons := []Because{}
	for _, w := range y.winners {
		effect := effects[y.result]
		if y.result == resultConflict {
			effect = EffectAbsent
			if w.want {
				effect = EffectWant
			}
		}
		if !w.instead.IsZero() {
			effect = EffectOneOf
		}
		reasons = append(reasons, reason(w.match, f.part(y.sku), effect, w.pos))
	}
	for _, w := range y.plans.statements() {
		effect := EffectPlansOff
		if w.on {
			effect = EffectPlansOn
		}
		reasons = append(reasons, reason(w.match, f.part(y.sku), effect, w.pos))
	}
	slices.SortFunc(reasons, compareBecause)
	return slices.Compact(reasons)
}

// becauseStep traces a step to every policy that decides it.
func becauseStep(f *facts, d *pendingStep) []Because {
	if d.Kind == KindLocation {
		return becauseLocation(d.userPlan)
	}
	var reasons []Because
	for _, u := range d.groups {
		for _, i := range u.assignments {
			if y := u.userPlan.assignments[i]; y.disposition.changes() {
				reasons = append(reasons, because(f, y)...)
			}
		}
	}
	slices.SortFunc(reasons, compareBecause)
	return reasons
}

// overruled traces what a higher priority overruled.
func overruled(f *facts, y assignment) []Because {
	reasons := []Because{}
	for _, m := range y.losers {
		effect := EffectAbsent
		if m.want {
			effect = EffectWant
		}
		reasons = append(reasons, reason(m.match, f.part(y.sku), effect, m.pos))
	}
	slices.SortFunc(reasons, compareBecause)
	return reasons
}

func becauseLocation(x *userPlan) []Because {
	reasons := []Because{}
	for _, w := range x.location.winners {
		r := reason(w.match, "", EffectLocation, w.pos)
		if w.row != nil {
			r.Row = w.row.Number
		}
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, compareBecause)
	return reasons
}

// reason names the place in the policy and the selector that picked the user; of
// several selectors the first.
func reason(m match, part string, effect Effect, pos policies.Pos) Because {
	b := Because{PartNumber: part, Effect: effect, Policy: m.policy.Name, File: pos.File, Line: pos.Line, Column: pos.Col}
	b.Selector, b.Row = picked(m.policy, m.hits[0])
	return b
}

func picked(policy *policies.Policy, hit selector.Hit) (text string, row int) {
	s := policy.Users[hit.Selector]
	if hit.Row >= 0 {
		row = s.Rows[hit.Row].Number
	}
	return s.String(), row
}

func compareBecause(a, b Because) int {
	return cmp.Or(cmp.Compare(a.PartNumber, b.PartNumber), cmp.Compare(a.Effect, b.Effect), cmp.Compare(a.Policy, b.Policy),
		cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Row, b.Row))
}
