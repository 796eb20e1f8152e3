// Package effective returns what assignment paths mean for users: which service plans work,
// which tiers of a service they give, and what is left after a change.
//
// Files, in reading order:
//
//	doc.go        this overview
//	effective.go  service plans that are on, and paths before and after a change
//	holding.go    how a user holds one SKU: directly, by groups, or by a path that failed
//	tiers.go      the best tier of every service that a set of plans gives
//	pending.go    group members to which the license of their group has not come yet
//	census.go     how many users hold each SKU, or wait for it
//
// This package must not know policies, steps, or why something changes. Begin with [Plans].
package effective
