// Package refusal makes errors in Microsoft Graph's terms: a status, a code and a
// message in the words of the service.
//
// It must not write answers: the handler makes the envelope, with the ids of the
// request and the time.
//
// # Where to begin
//
//   - refusal.go: [Error], its constructors, and the messages of variants.
package refusal
