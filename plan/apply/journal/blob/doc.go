// Package blob keeps journals, records and locks in a container of Azure Blob Storage. So
// runners without a common disk have common records, and only one of them at a time works on
// a tenant.
//
// Terms: a journal is an append blob. Each append names the position where it must land, so
// neither a second writer nor a repeated request can put a line in the wrong place. A lock is
// a blob that names its holder, under a lease. The clock of the service ends the lease one
// minute after the last renewal.
//
// The files:
//
//	container.go  a container as a place of journals: options, names, records, permission checks
//	append.go     append blobs, which journals are
//	read.go       read blobs, range by range
//	lock.go       locks with leases
//	transport.go  the way to the service: address, headers, and the guard that checks the host
//	              and the access of every request
//	errors.go     the problems of a container, and what an administrator can do
//
// Only this package knows the storage SDK. It must not send a token to any host but that of
// its account. It must not write under names that package journal did not make, and not at all
// without [Access] to write. It must not treat a change as done before the service has
// confirmed it. Begin with [Container], then read append.go.
package blob
