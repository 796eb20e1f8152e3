// Package loopback reports whether a host is this machine.
//
// It must not ask a resolver: only the name itself counts, not the address that it resolves to.
//
// # Where to begin
//
//   - loopback.go: [Is] for a host, [HostOf] for the host of an address.
package loopback
