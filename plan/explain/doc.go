// Package explain reports what a plan decided, to people. It works on a finished
// [plan.Plan] and its [plan.Details]: it completes the parts of a plan that only report,
// explains one user or one SKU, and compares two plans.
//
// Files, in reading order:
//
//	doc.go        this overview
//	plan.go       Plan and Undo: compute a plan and complete it; the call for all callers
//	inputs.go     what the plan was made from, and how old that is
//	sources.go    which users entered and left the selectors since the baseline
//	schedule.go   how long the steps take, and what more seats would save
//	cost.go       what the steps change in the monthly price of the seats in use
//	notes.go      what is worth knowing and changes nothing; each of the next five adds notes
//	changes.go    what each license step does to the paths of its user
//	trouble.go    licenses that are held, but with an error
//	planrules.go  service plans that Microsoft does not allow together
//	contained.go  licenses that stay beside one which contains them
//	lock.go       what Microsoft changed in SKUs since the lock file was written
//	user.go       User: everything that concerns one user
//	sku.go        SKU: everything that concerns one SKU
//	compare.go    Compare and CompareWith: two plans side by side
//
// This package must not decide anything: no step, outcome, guard or digest may depend on
// it. It must not know how text is shown, and does no I/O. Begin with [Plan].
package explain
