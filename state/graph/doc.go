// Package graph reads and changes a tenant through Microsoft Graph v1.0. Its
// [Client] is a [state.Reader], and a [state.Writer] where it was made for that.
//
// Words:
//
//   - The root is the one address a client talks to: scheme, host, port and
//     /v1.0 of the configured [state.Cloud], or of a sandbox on a loopback address.
//   - The chain is what every request passes, in this order (see newChain):
//     refusal (a bad status becomes an error that keeps it), logging, guard (which
//     routes may be sent at all), identify (names for Microsoft's logs), retry (what
//     has not happened, or does no harm twice), pacing (of reads), authorize (the
//     token, for the root alone), limits (an answer arrives whole, or not at all),
//     and then the transport.
//   - The pacer lets writes out, before they are put into batches: how many may be in
//     flight, and how many in a time.
//   - A shard is the users whose names begin alike; the crew reads shards side by side,
//     the walk goes through a list page by page.
//   - A batch is one POST of up to 20 requests; each has its own answer.
//   - A refusal is an answer that says no; a lost answer is none at all.
//
// Requests go out through the request adapter of msgraph-sdk-go-core, tokens come
// from its Azure authentication provider. The adapter is asked for bytes, which are
// decoded into our own structs (wire.go; users by decode.go): the SDK's models cost
// minutes of building and sixteen times the memory.
//
// The files:
//
//   - client.go, chain.go, cloud.go: the client, its chain, its address
//   - refusal.go, logging.go, guard.go, identify.go, retry.go, pacing.go, authorize.go, limits.go: the links of the chain, in their order
//   - errors.go, challenge.go, clock.go: what refusals mean, and what answers tell besides
//   - credential.go, federated.go, keyfile.go, identity.go, permissions.go: who signs in, and with which permissions
//   - read.go, list.go, users.go, shards.go, census.go, groups.go, audit.go: reads
//   - write.go, draft.go, batch.go, deliver.go, pacer.go: writes
//   - wire.go, decode.go, values.go: bytes become values
//
// This package must never send a token or a write anywhere but to the root, repeat a
// write that may have happened, return a list that is shorter than the service's,
// or know what a policy is. Begin with client.go, then read.go and write.go.
package graph
