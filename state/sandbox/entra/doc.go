// Package entra emulates Microsoft Entra ID as far as applications sign in to it:
// instance discovery, OpenID configuration, keys, and the token endpoint for client
// credentials. The sandbox answers with it below the address of its Graph.
//
// It must not know the sandbox: a [Directory] and an [Exchange] are all that it gets of
// the tenant and of a request. It asks no other host, so it checks the claims of a federated
// token and not its signature. Its keys live in memory alone, what it was sent
// is in no log and in no error, and [CA] can sign for loopback only: none of it
// protects anything.
//
// # Where to begin
//
//   - authority.go: [Authority], its routes, and how tokens are issued and verified.
//   - grants.go: the token endpoint, from the form to the token or the AADSTS error.
//   - claims.go: what is read from a token, and the permissions of its [Caller].
//   - apps.go: the file of app registrations ([ParseApps]).
//   - certificate.go: [CA], for a sandbox that is served over TLS.
package entra
