// Package graph reads and changes a tenant through Microsoft Graph v1.0. Its [Client] is
// a [state.Reader], and a [state.Writer] if it was made for writing.
//
// Words:
//
//   - The root is the only address that a client uses: scheme, host, port and
//     /v1.0 of the configured [state.Cloud], or of a sandbox on a loopback address.
//   - The chain is what every request passes, in this order (see newChain):
//     refusal (a bad status becomes an error that keeps it), logging, guard (which
//     routes may be sent at all), identify (names for Microsoft's logs), retry (what
//     has not happened, or can be repeated safely), pacing (of reads), authorize (the
//     token, for the root only), limits (an answer arrives completely, or not at all),
//     and then the transport.
//   - The pacer releases writes before they are put into batches. It decides how many
//     may be in flight, and how many in a time.
//   - A shard is the users whose names begin with the same characters. Workers read
//     shards in parallel; the walk reads a list page by page.
//   - A batch is one POST of up to 20 requests; each has its own answer.
//   - A refusal is a negative answer; a lost answer is none at all.
//
// Requests are sent through the request adapter of msgraph-sdk-go-core, tokens come from
// its Azure authentication provider. The adapter returns bytes, which are decoded into
// our own structs (wire.go; users by decode.go). The SDK's models would take minutes of
// build time and sixteen times the memory.
//
// The files:
//
//   - client.go, chain.go, cloud.go: the client, its chain, its address
//   - refusal.go, logging.go, guard.go, identify.go, retry.go, pacing.go, authorize.go, limits.go: the links of the chain, in their order
//   - errors.go, challenge.go, clock.go: what refusals mean, and other facts from answers
//   - credential.go, federated.go, keyfile.go, identity.go, permissions.go: identities and their permissions
//   - read.go, list.go, users.go, shards.go, census.go, groups.go, audit.go: reads
//   - write.go, batch.go, deliver.go, pacer.go: writes
//   - wire.go, decode.go, draft.go, values.go: bytes become values
//
// This package must never send a token or a write to any address but the root. It must
// never repeat a write that may have happened, return a list that is shorter than the
// service's, or know what a policy is. Start reading at client.go, then read.go and
// write.go.
package graph
