// Package blobtest is for tests of package blob: a service with rules and faults, whose clock
// the tests control, and the start of Azurite, the emulator that Microsoft publishes.
//
// The files:
//
//	service.go  an account of blobs, in this process, with the faults that a test asks for
//	lease.go    its leases
//	azurite.go  start Azurite, with and without HTTPS
//
// A service is one account. It refuses what journals, records and locks do not need. This
// package must not become part of the program, and must not share code with the client that
// it tests. Begin with [Service].
package blobtest
