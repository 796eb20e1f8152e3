// Package plan decides what has to change. It is pure: policies, the users they
// match, a snapshot and a time go in, a [Plan] comes out; the same input gives the
// same plan in every byte.
//
// The way of the data, one file a stage:
//
//	desired.go   what each user should hold: mentions of a SKU, the highest priority wins
//	diff.go      compared with the paths by which he holds it: a pair per user and SKU
//	location.go  the usage location he should have
//	swap.go      which removals wait for which wants (the whole-swap rule)
//	filter.go    what flags and an approved plan leave out, whole steps at a time
//	seats.go     who gets the seats there are, and from whom each seat comes; the
//	             reckoning itself is package seats
//	steps.go     one call per user, in order
//	schedule.go  how long they take, and what more seats would save
//	guards.go    what a run may do at most
//
// What a user holds against what he should hold (design 2.4):
//
//	result             | nothing | inherited, active     | direct         | both
//	want               | add     | keep                  | keep           | keep
//	want, plans off    | add     | keep, or blocked if   | keep, or       | as inherited, or
//	                   |         | the group has them on | change plans   | change the direct path
//	absent (named)     | keep    | blocked: inherited    | remove         | remove the direct path
//	absent (implied)   | keep    | ignored               | remove         | remove the direct path
//
// Every pair of a user and a managed SKU ends in exactly one [Outcome]; the counts
// add up, and a test holds them to it. Reasons explain and drive nothing.
//
// This room must never do I/O, read the clock, or know how a plan is shown, kept
// or carried out. Begin with [Compute].
package plan
