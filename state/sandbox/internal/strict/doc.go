// Package strict reads the sandbox's YAML and JSON files: tenants, app registrations
// and fault profiles. Every key is known and written once, every value has its type,
// and all problems are reported together, each with its line.
//
// It must not know the content of a file: its callers name the keys.
//
// # Where to begin
//
//   - nodes.go: [Reader] and its methods, one for each kind of value.
//   - tree.go: [ReadTree], from bytes to nodes with lines.
//   - problems.go: [ParseError], its limit, and hints for misspelled words.
package strict
