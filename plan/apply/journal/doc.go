// Package journal keeps what runs do to a tenant: enough to finish a run that was
// killed, to take it back, and to tell later what it did.
//
// The words: a journal is the file of one run, a line of JSON for everything that
// happens; each line holds the digest of the line before it, so that the lines make a
// chain, whose head is the digest of the last one. An intent is written and synced
// before a change is sent, its outcome after the tenant was read back; an intent
// without an outcome that settles it is open: only reading the user tells. The record
// of a run is who matched which source then; the lock lets one run at a time have a
// tenant.
//
// A chain without a key shows torn writes, lost and reordered lines and careless
// edits. It does not show a file that somebody wrote anew, unless its head was noted
// elsewhere, nor a run that was never recorded.
//
// Journals hold object ids, SKU ids, locations and names of policies, and no names of
// people. They lie in a [Place]: a folder, or what a room below this one reaches. This
// room must never decide what a user should hold, nor write outside of its place. Begin
// with [Store].
package journal
