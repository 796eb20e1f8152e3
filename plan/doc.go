// Package plan decides what has to change. It is pure: policies, the users they
// match, a snapshot and a time go in, a [Plan] comes out; the same input gives the
// same plan in every byte.
//
// The way of the data, one file a stage:
//
//	people.go    every user whom a policy matches, one at a time
//	desired.go   what he should hold: mentions of a SKU, the highest priority wins;
//	             replace.go and oneof.go for swaps, opinion.go for service plans
//	diff.go      compared with the paths by which he holds it: a assignment per user and SKU
//	location.go  the usage location he should have
//	swap.go      which removals wait for which wants (the whole-swap rule)
//	filter.go    what flags and an approved plan leave out, whole steps at a time
//	seats.go     who gets the seats there are, and from whom each seat comes; the
//	             reckoning itself is package seats
//	steps.go     one call per user, in order
//	schedule.go  how long they take, and what more seats would save
//	guards.go    what a run may do at most; source_guard.go for sources that shrank,
//	             hold.go for what is held where a guard is breached
//	outcomes.go  what became of every assignment that no step serves
//
// Beside the way stand what everybody asks: effective.go (which service plans work
// for a user), losses.go, census.go, protect.go, pending.go, baseline.go, recent.go (what
// earlier runs did), live.go (what was just read of a user), container.go; and what only
// tells: because.go, sources.go, inputs.go, notes.go, trouble.go, planrules.go, contained.go,
// lock.go, cost.go, explain.go. Plans of another kind are in undo.go; compare.go lays two
// plans side by side, and base.go one of before a change of policies.
//
// What a user holds against what he should hold:
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
// A member of a licensing group whom it has not reached yet waits for it.
//
// Every assignment of a user and a managed SKU ends in exactly one [Outcome]; the counts
// add up, and a test holds them to it. Reasons explain and drive nothing.
//
// This room must never do I/O, read the clock, or know how a plan is shown, kept
// or carried out. Begin with [Compute].
package plan
