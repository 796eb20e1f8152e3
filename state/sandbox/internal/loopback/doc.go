// Package loopback reports whether a host is this machine.
//
// It must not ask a resolver: a name means what it says, whatever it resolves to.
//
// # Where to begin
//
//   - loopback.go: [Is] for a host, [HostOf] for the host of an address.
package loopback
