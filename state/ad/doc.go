// Package ad reads users from Active Directory. It does nothing else: the connection that
// it holds can only search and be closed.
//
// Words:
//
//   - A place is a part of the tree whose users are requested: an OU or another
//     container, by name or by objectGUID, or a whole domain ([state.Place]).
//   - A session is one connection to one server: TLS first and always, then a simple
//     bind, then searches. Cookies of pages belong to a session, so a read that loses
//     its session starts again at the next server.
//
// AD hides what the account may not read and reports success, limits answers, and refers
// clients to other servers. go-ldap takes some of that for the end of a list. So a read
// returns all of a place or an error ([state.DirectoryError]), and never less. Every page
// must have the paging control, and every entry must be a user below the place, with its
// identifiers. Package state/join checks whether users are still missing.
//
// The files:
//
//   - reader.go, places.go: readers, and the places that they read
//   - session.go, pages.go: one connection, and its pages
//   - entry.go: an entry becomes a user
//   - check.go: the check of `doctor`
//   - faults.go: what went wrong
//
// This package must never write, send a password outside of TLS, try a wrong password
// twice, or know what a policy is. Start reading at [Read] and [Reader].
package ad
