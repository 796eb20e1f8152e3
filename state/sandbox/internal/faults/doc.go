// Package faults decides what goes wrong between a client and the directory: quotas, colliding
// writes, replicas that lag, and single faults. A fault profile is a file of them.
//
// It must not make answers or know the tenant: it reports whether something strikes a
// call, and the handler's layers answer. What happens by chance depends on the seed and
// the number of the call alone, so a run can be repeated.
//
// # Where to begin
//
//   - profile.go: [Profile] and the file ([ParseProfile]).
//   - faults.go: [Fault], what it can do, and which calls it strikes ([List]).
//   - limits.go: [Quota], and the buckets of each application ([Meter]).
//   - locks.go: [Collisions], and the writes under way ([Locks]).
//   - chance.go: chance that can be repeated.
package faults
