// Package session makes one call on one tenant, from the settings to the record of a run. It
// decides what a plan is made from, what an approved plan allows, when a run was successful,
// and what the next run compares with.
//
// It is a chain of types. Each has what the one before it has, and can do more:
//
//	Project   the settings of a tenant            Open, in project.go; settings.go
//	Loaded    its policies too                    Project.Load, in loaded.go; base.go
//	Read      the tenant and past runs too        Loaded.Read, in read.go; history.go
//	Resolved  the users of each policy too        Read.Resolve, in resolved.go
//	Run       may write: store, lock, journal     Resolved.Begin, in run.go
//
// Something that is used too early does not compile: a Resolved computes plans, a Loaded
// cannot. Only a Run has a store and a lock, and only Run.Execute takes a writer. The
// types before it reach nothing that writes, so that a command that does not write
// cannot, by type.
//
// What a Resolved decides: terms.go reads --only and --exclude, overrides.go reads
// --allow and the waivers, baseline.go reads --baseline; approval.go holds a fresh plan
// to an approved one; undo.go plans the way back from a run. lastrun.go, drift.go,
// audit.go and correct.go compare the tenant with what the last run left, and correct it.
// result.go decides how a run ended, and whether it becomes the baseline.
//
// ports.go lists what comes in from outside: files, git, clock, the tenant's reader, the
// store of runs, and a Reporter for warnings. error.go has the errors. This package must
// not touch files, network, environment or clock itself, print anything, or know flags,
// exit codes and views. Begin with [Open].
package session
