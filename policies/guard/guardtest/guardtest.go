// Package guardtest has one made-up guard more than package guard, for tests alone: each
// package that reads the table shows with it that a new row needs no other change there.
// Begin with [Table].
package guardtest

import "github.com/seatwright/seatwright/policies/guard"

// MadeUp is the guard that no program has. It counts and holds steps that take nothing.
const MadeUp guard.Name = "made_up"

// Forgotten is a guard of which nothing but the name was stated.
const Forgotten guard.Name = "forgotten"

// Table returns the guards of the program, MadeUp and Forgotten.
func Table() guard.Table {
	return guard.New(append(guard.All().Rows(),
		guard.Row{Name: MadeUp, Class: guard.Hold, Scope: guard.ScopeSKU, Settings: []guard.Setting{{Key: guard.KeyUsers, Default: 3}},
			Counts: guard.CountsAdditions, Holds: guard.HoldsCounted, Override: guard.OverrideFlagAndWaiver, Summary: "users that get a SKU"},
		guard.Row{Name: Forgotten})...)
}
