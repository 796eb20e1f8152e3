// Package state is the vocabulary of a tenant: which users exist, which SKUs were bought,
// and by which paths each user has them. It does no I/O.
//
// Words, as the field uses them:
//
//   - A SKU is a product that is bought in units ("SPE_E5", Microsoft 365 E5);
//     it contains service plans ("EXCHANGE_S_ENTERPRISE").
//   - A seat is one unit of a SKU. A user takes one seat of a SKU, by however many
//     paths the SKU is assigned.
//   - An assignment path is how a user has a SKU: directly, or inherited
//     from one group (Graph: licenseAssignmentStates). Service plans can be
//     disabled on each path; what is effective is the union over the paths.
//   - A [Snapshot] is a tenant as it was read; a [Reader] reads one, and a
//     [Writer] changes users.
//
// The canonical forms are made here and asserted by the backends. Ids are 16 bytes and
// print as lower-case GUIDs. Lists of plans are sorted sets. Users are sorted by id.
// Distinguished names compare by RFC 4514.
//
// The files:
//
//   - id.go, dn.go, anchor.go, secret.go: identifiers and secrets
//   - sku.go, path.go: SKUs and assignment paths
//   - snapshot.go, builder.go, columns.go, upnindex.go, overlay.go: a tenant as it was read
//   - directory.go, joined.go: Active Directory as it was read and joined
//   - backend.go, audit.go, errors.go: what a backend does, and how it fails
//   - cloud.go, credential.go: national clouds and ways to sign in
//
// This package must never access a service, read a file or the clock, or know what a
// policy is. Start reading at [Snapshot] and [Path].
package state
