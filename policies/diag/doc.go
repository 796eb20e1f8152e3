// Package diag has the problems of files that people write: what is wrong, at which
// place, which rule it breaks, and what to write instead.
//
//   - problem.go: [Pos], [Problem] and [Problems], which collects them and makes the error
//   - rules.go: the rules that a problem can break
//   - quote.go: foreign text in messages, short and without what a terminal would obey
//
// The package must not know the policy language, read a file, or decide whether a
// problem stops a run. Begin with [Problems.Add] and [ProblemsIn].
package diag
