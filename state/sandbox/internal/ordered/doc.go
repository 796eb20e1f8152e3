// Package ordered encodes JSON as Graph does: the members of an object keep their
// order, and links keep their ampersands.
//
// It must not know what it encodes. It reads no JSON.
//
// # Where to begin
//
//   - ordered.go: [Object] and [Encode].
package ordered
