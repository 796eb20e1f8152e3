// Package ad reads users out of Active Directory, and does nothing else to it: what
// it holds of a connection can search and be closed.
//
// Words:
//
//   - A place is a part of the tree whose users are asked for: an OU or another
//     container, by name or by objectGUID, or a whole domain ([state.Place]).
//   - A session is one connection to one server: TLS first and always, then a simple
//     bind, then searches. Cookies of pages live in it, so that a read which loses its
//     session begins anew at the next server.
//
// AD hides what may not be read and calls that a success, cuts answers off, and sends
// people elsewhere; go-ldap takes some of that for the end of a list. So a read brings
// all of a place or an error ([state.DirectoryError]), and never less: every page must
// carry the paging control, every entry must be a user below the place, with its
// identifiers. Whether somebody is missing all the same, package state/join looks into.
//
// The files:
//
//   - reader.go, places.go: readers, and the places that they are asked for
//   - session.go, pages.go: one connection, and its pages
//   - entry.go: an entry becomes a user
//   - check.go: what `doctor` asks
//   - faults.go: what went wrong
//
// This package must never write, send a password outside of TLS, try a wrong one twice, or
// know what a policy is. Begin with [Read] and [Reader].
package ad
