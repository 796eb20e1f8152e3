// Package wire is what clients of Microsoft's services have in common: a transport that
// always verifies TLS, and an HTTP client that never follows a redirect.
//
//   - transport.go: [NewTransport] and [NewClient]
//   - text.go: foreign text in errors
//
// Each client has its own host, audience of tokens and routes: the package has no default
// for them. It must not hold a token, and it must not choose an address. The chain of
// links that a client passes to [NewClient] compares the address and signs. Start reading
// at [NewTransport].
package wire
