// Package selector resolves selectors into the users of a tenant.
//
// A selector has one source (an OU, a CSV file, a group ...) and filters that
// narrow it. The selectors of one policy are united, and the users of `except` are left
// out. The result, [Matches], has the users of each policy with their selector and row, so
// that every decision can be traced.
//
// The source `unmatched` has the users that no other source of any policy has. It does not
// matter whether the policy is in force, or excepts the user. So a policy that ends, or an
// exception, never makes a user unmatched.
//
// The files:
//
//   - resolve.go, matches.go: selectors become users
//   - group.go, places.go: members of groups, users of OUs and domains
//   - leftover.go: the source `unmatched`
//   - near.go: which policy a user almost matches
//
// Selectors read neither licenses nor anything else that a plan changes, so that
// applying a plan cannot change which users match. A listed user who does not exist is a
// problem and never a smaller set. Begin with [Resolve].
package selector
