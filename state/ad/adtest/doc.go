// Package adtest is Active Directory for tests: an emulation in this process, and a real
// Samba domain controller, behind one interface.
//
// [Server] speaks LDAP to readers as a domain controller does. It has its limits (1,000
// entries at once, cookies that belong to their connection), its refusals with their
// codes and texts, StartTLS, and hidden entries. Tests can make it fail ([Fault]). Samba
// proves that the emulation is right, but has none of AD's limits itself. One table of
// tests runs against both, through [Lab].
//
// The files:
//
//   - lab.go, samba.go: the two servers behind one interface
//   - server.go, bind.go, search.go, filter.go: the emulation
//   - tree.go: its content
//   - certificate.go: its certificate
//
// This package must share no code with the reader that it tests, and only tests may
// import it. Start reading at [Fake] and [Samba].
package adtest
