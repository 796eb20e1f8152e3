// Package directory is the tenant behind the sandbox: its users, groups and SKUs, which
// user holds which license by which path, and how many seats that takes. It applies the rules
// of licensing as the service does, and refuses in the service's words.
//
// It must not know HTTP, tokens or fault profiles: the handler reads under
// [Tenant.RLock] and writes through a [Writer]. It touches no file; it reads bytes
// ([Parse], [Tenant.Restore]) and returns bytes ([Tenant.Overlay]). It has no clock:
// times are passed in.
//
// # Where to begin
//
//   - assign.go: (*Tenant).Assign, the rules of a change of one user's licenses; rules.go
//     has the service plans that exclude or need each other, grouprules.go what a group
//     can be given and how a user is processed again.
//   - licenses.go: what the paths of a user add up to; plans.go the service plans.
//   - inheritance.go: what members get of a group, and why not.
//   - writer.go: a change is decided, made, kept and recorded under one lock.
//   - tenant.go: the types, and the indexes that are made once; objects.go: members and
//     the groups above; attributes.go: the plain properties that a file may set.
//   - file.go and people.go: the tenant file.
//   - overlay.go: changes as JSON, and their restoration; replica.go: copies of a tenant
//     that follow it; catalog.go: a SKU changes while clients work.
//   - record.go, changes.go, invariants.go: what was asked and done, for tests, for the
//     audit log and users/delta, and the invariants that follow from it.
package directory
