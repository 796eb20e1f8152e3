// Package statetest is one conformance suite for every [state.Reader] and [state.Writer],
// so that callers may rely on the same behavior of every backend.
//
// A backend provides the little tenant that tenant.yaml describes (a sandbox tenant file;
// [Snapshot] has the same tenant as a snapshot). It runs [RunReader], and [RunWriter] if
// it writes. Each case opens a tenant of its own.
//
// The files:
//
//   - tenant.go, generate.go: the little tenant, and a large one
//   - fixture.go: what a backend provides
//   - reader.go, writer.go, view.go: the cases, and how users are compared
//
// The suite must never know which backend it tests: no sleeps, no transports, no texts of
// errors. Start reading at tenant.go.
package statetest
