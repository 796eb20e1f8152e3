// Package blob keeps journals, records and locks in a container of Azure Blob
// Storage, so that runners that share no disk share a record, and only one of them
// has a tenant at a time.
//
// The words: a journal is an append blob, and each append says at which position it
// has to land, so that neither a second writer nor a repeated request can put a line
// where it does not belong. A lock is a blob that names its holder, under a lease that
// the service's clock ends a minute after the last sign of life.
//
// This room alone knows the storage SDK. It must never send a token anywhere but to
// the account it was made for, write under names that are none of [journal]'s, write
// at all unless it was made for that, or take a change for made that the service has
// not confirmed. Begin with [Container].
package blob
