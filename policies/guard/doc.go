// Package guard is the table of the guards, and data only: what each guard is called,
// how it acts, what its limit is for and counts in, which keys of the settings change
// that limit, which steps it counts, which steps `--hold` leaves out, and what overrides
// it. The settings decoder, the waivers, `--allow`, the planner, the views and the
// reference read this table. Nothing else decides by the name of a guard.
//
// To add a guard:
//
//  1. add its row to [All], in table.go;
//  2. add the function that measures it to `measures`, in plan/guards.go;
//  3. add a case to the tests of plan, and the name to the golden of the waivers if
//     waivers override it (policies/testdata/err/waivers-values.out).
//
// A row that states only its name is the strictest one: class stop, nothing overrides
// it, `--hold` leaves out nothing for it, and it is not checked where its function has no
// data.
//
//	guard.go     the columns: names, classes, scopes, units, counts, holds, overrides
//	table.go     the rows, and how a table is read
//
// This package must never import another one of ours: the functions that measure need
// the planner, and the planner reads this table. Begin with [Row] and [All].
package guard
