// Package variant names the ways of answering on which sources disagree. A fault
// profile chooses some of them by name.
//
// It must not decide anything: the code that answers asks whether a variant was chosen. It
// is internal because variants are a means of the sandbox's own tests and of fault
// profiles, and no part of what the sandbox promises to Go programs.
//
// # Where to begin
//
//   - variants.go: every variant with the source that it comes from.
package variant
