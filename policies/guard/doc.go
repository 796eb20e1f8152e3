// Package guard is the table of the guards, and data only: what each guard is called,
// how it acts, what its limit is for and counts in, which keys of the settings change
// that limit, which steps it counts, which steps `--hold` leaves out, and what overrides
// it. The settings decoder, the waivers, `--allow`, the planner, the views and the
// reference read this table. Nothing else decides by the name of a guard.
//
// To add a guard:
//
//  1. table.go: the name and the row;
//  2. plan/guards.go: the function that measures it, in the map `measures`;
//  3. plan/guards_test.go: a case at the limit and one above it, and what overrides it;
//     `go test ./policies -update` adds its name to the golden of the waivers.
//
// A row that states only its name is the strictest one: class stop, nothing overrides
// it, `--hold` leaves out nothing for it, and it is not checked where its function has no
// data.
//
//	guard.go     the columns: classes, scopes, units, settings, counts, holds, overrides
//	table.go     the names and the rows, and how a table is read
//
// This package must never import another one of ours: the functions that measure need
// the planner, and the planner reads this table. Begin with [Row] and [All].
package guard
