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
// identifiers. Whether somebody is missing all the same, [state.Join] looks into.
//
// This room must never write, send a password outside of TLS, try a wrong one twice, or
// know what a policy is. Begin with [Read] and [Reader].
package ad
