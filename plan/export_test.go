package plan

import (
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

// Measure is the function that measures a guard.
type Measure = measure

// Measured returns the guards that have a function.
func Measured() map[guard.Name]bool {
	names := map[guard.Name]bool{}
	for name := range measures() {
		names[name] = true
	}
	return names
}

// ComputeBy is Compute with the guards of a table, of which some have other functions
// than the program has.
func ComputeBy(table guard.Table, others map[guard.Name]Measure, in Input) *Plan {
	p := newFacts(in)
	p.rules.table = table
	for name, measure := range others {
		p.rules.measures[name] = measure
	}
	plan, _ := compute(p)
	return plan
}

// MeasureAdditions counts the steps that give a SKU.
func MeasureAdditions(r *review, row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	given := map[state.SKUID]int{}
	for _, d := range steps {
		for _, license := range d.Adds() {
			given[license.SKU]++
		}
	}
	return r.perSKU(given, func(state.SKUID) int { return r.limit(row, guard.KeyUsers) }), true
}

// MeasureOne sees one thing too many.
func MeasureOne(*review, guard.Row, []*pendingStep) ([]Guard, bool) { return []Guard{{Seen: 1}}, true }

// MeasureNothing has no data.
func MeasureNothing(*review, guard.Row, []*pendingStep) ([]Guard, bool) { return nil, false }

// Decided returns the steps of a plan and of report mode, and the guards, when everything
// is decided and nothing is written down.
func Decided(in Input) (steps, reports []Step, guards []Guard) {
	f := newFacts(in)
	users, _ := decideUsers(f)
	a := arrange(f, users)
	bare := func(decided []*pendingStep) (steps []Step) {
		for _, d := range decided {
			steps = append(steps, d.Step)
		}
		return steps
	}
	return bare(a.steps), bare(reported(f, a.steps)), a.guards
}
