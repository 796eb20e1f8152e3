// Package statetest is one conformance suite for every [state.Reader] and
// [state.Writer], so that whoever calls them may rely on the same things whatever
// stands behind.
//
// A backend brings the little tenant that tenant.yaml describes (a sandbox tenant
// file; [Snapshot] is the same in the vocabulary of state) and runs [RunReader],
// and [RunWriter] if it writes. Each case opens a tenant of its own.
//
// The files:
//
//   - tenant.go, generate.go: the little tenant, and a large one
//   - fixture.go: what a backend brings
//   - reader.go, writer.go, view.go: the cases, and how users are compared
//
// The suite must never know which backend it tests: no sleeps, no transports, no
// texts of errors. Begin with tenant.go.
package statetest
