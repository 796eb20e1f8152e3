// Package wire is what clients of Microsoft's services have in common: a transport that
// always verifies TLS, and an HTTP client that never follows a redirect.
//
//   - transport.go: [NewTransport] and [NewClient]
//   - text.go: foreign text in errors
//
// The host, the audience of tokens and the routes are each client's own: the package has
// no default for them. It must not hold a token, and it must not choose an address: the
// chain of links that a client hands to [NewClient] compares the address and signs.
// Begin with [NewTransport].
package wire
