// Package join finds out which users of a tenant the users of Active Directory are.
//
//   - join.go: [Join], by anchor and security identifier, and by name as the last resort
//   - unverified.go: users whom a removal could hit wrongly, and reads that cannot be right
//
// Reads of directories and the joined [state.Directory] are vocabulary and lie in state,
// since a snapshot carries the directory. The package must not talk to a directory, know
// a policy, or choose between two objects that claim to be one user: it reports a dispute.
// Begin with [Join].
package join
