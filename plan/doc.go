// Package plan decides what has to change. It is pure: policies, the users that they match,
// a snapshot and a time go in, a [Plan] and its [Details] come out. The same input gives the
// same plan, byte for byte.
//
// Terms: a mention is what one policy says about a SKU for one user; a desire is the decision
// that results for the SKU. An assignment is a user and a SKU with its disposition. A swap
// group is assignments that are changed together or not at all. A pending step is one call
// for one user, before it is written down.
//
// Files, in reading order. Each stage takes values, adds its part and hands it to the next.
// A file also has the methods of the types it makes, which later stages use. One stage looks
// ahead: replace.go asks opinion.go and diff.go what a replacement would change.
//
//	compute.go       Compute, and the stages in their order
//	input.go         everything that a plan depends on
//	facts.go         the input with what every stage looks up in it
//	protect.go       users that must not lose anything
//	container.go     the OUs of users
//	users.go         each matched user, one at a time: the stages from here to settle.go
//	location.go      the usage location that the user should have
//	unchanged.go     users for which nothing is to be done are only counted
//	desired.go       what policies want of each SKU; the highest priority wins
//	replace.go       the same, by `replace`
//	oneof.go         the same, by settings `one_of`
//	opinion.go       what policies want of the service plans of a SKU
//	diff.go          that compared with what the user holds: the disposition of an assignment
//	swap.go          which changes must be done together (the whole-swap rule)
//	settle.go        whether such a group can be done, and which seats it takes and frees
//	filter.go        all users together from here on: what flags and an approved plan leave out
//	seats.go         which groups get the free seats; the allocation itself is package seats
//	steps.go         one call for each user, in order, with the policies that decide it
//	guards.go        what a run may do at most
//	source_guard.go  sources that shrank or grew
//	baseline.go      which users the sources matched before
//	recent.go        what earlier runs did
//	hold.go          what is held if the limit of a guard is exceeded
//	verdict.go       what a guard found, and what overrides it
//	write.go         the plan: steps, outcomes, guards
//	because.go       the reasons of steps and outcomes
//	details.go       the decisions, for package explain
//
// The data that the stages make, and what it answers:
//
//	doc.go           this overview
//	losses.go        service families that a change would cost the user
//	plan.go          Plan, outcomes, reasons
//	step.go          Step
//	live.go          a step compared with a user as it was just read
//	report.go        the parts of a plan that only report; package explain completes them
//	base.go          what the policies of an earlier commit would do
//	hints.go         what an administrator can do about a reason
//	undo.go          Undo, the plan that reverts a run
//
// What a user holds against what policies want:
//
//	result              | nothing | inherited, active      | direct        | both
//	want                | add     | keep                   | keep          | keep
//	want, plans stated  | add     | keep if what is        | keep, or      | as inherited, or
//	                    |         | effective fits; add a  | change plans  | change the direct path
//	                    |         | direct path if plans   |               |
//	                    |         | lack; blocked if the   |               |
//	                    |         | group has one on that  |               |
//	                    |         | is to be off           |               |
//	unstated, plans off | ignored | ignored                | change plans  | as above
//	absent (named)      | keep    | blocked: inherited     | remove        | remove the direct path
//	absent (implied)    | keep    | ignored                | remove        | remove the direct path
//
// A member of a licensing group that has not received the license yet waits for it.
//
// Every assignment of a managed SKU ends in exactly one [Disposition]. The counts add up, and
// a test holds them to it. Filters, guards, holding and report mode go by the policies that
// decide a step. Reasons are written last and drive nothing.
//
// This package must not do I/O, read the clock, or know how a plan is shown, kept or carried
// out. Begin with [Compute].
package plan
