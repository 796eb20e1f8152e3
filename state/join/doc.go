// Package join finds the user of a tenant for each user of Active Directory.
//
//   - join.go: [Join], by anchor and security identifier, and by name as the last resort
//   - unverified.go: users that a removal could hit wrongly, and reads that cannot be right
//
// The reads of directories and the joined [state.Directory] are types of package state,
// since a snapshot carries the directory. The package must not access a directory or know
// a policy. It must not choose between two objects that match the same user: it reports a
// conflict. Start reading at [Join].
package join
