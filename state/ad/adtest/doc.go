// Package adtest is Active Directory for tests: an in-process look-alike, and a real
// Samba domain controller behind the same face.
//
// [Server] speaks LDAP as a domain controller does to those who only read: its limits
// (1,000 entries at once, cookies that live in their connection), its refusals with
// their codes and texts, StartTLS, what it hides. And it fails where it is told to
// ([Fault]). Samba proves that the look-alike is not a dream; it has none of AD's limits
// itself. One table of tests runs against both, by way of [Lab].
//
// The files:
//
//   - lab.go, samba.go: the two servers behind one interface
//   - server.go, bind.go, search.go, filter.go: the look-alike
//   - tree.go: what it holds
//   - certificate.go: its certificate
//
// This package must share no code with the reader that it tests, and nothing but tests
// may import it. Begin with [Fake] and [Samba].
package adtest
