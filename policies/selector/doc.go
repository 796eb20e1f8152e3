// Package selector turns the words that pick users into users.
//
// A selector has one source (an OU, a CSV file, a group ...) and filters that
// narrow it; several selectors of one policy are united; whoever `except` names is
// taken out. The result, [Matches], says for each policy which users it picks, by
// which selector and which row, so that every decision can be traced.
//
// The source `unmatched` is whoever is left over: the users whom no other source of
// any policy has, whether the policy is in force or not, and whether it excepts them
// or not. So a policy that ends, or an exception, never makes somebody a leftover.
//
// The files:
//
//   - resolve.go, matches.go: selectors become users
//   - group.go, places.go: members of groups, users of OUs and domains
//   - leftover.go: the source `unmatched`
//   - near.go: which policy a user almost matches
//
// Selectors read neither licenses nor anything else that a plan changes, so that
// applying a plan cannot change who matches. A name that finds nobody is a problem
// and never a smaller set. Begin with [Resolve].
package selector
