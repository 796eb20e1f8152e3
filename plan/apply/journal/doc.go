// Package journal keeps what runs do to a tenant. A journal is enough to finish a run that
// was killed, to undo a run, and to report later what it did.
//
// Terms: a journal is the file of one run, with one line of JSON for each event. Each line
// contains the digest of the line before it, so the lines are a chain; the head is the digest
// of the last line. An intent is written and synced before a change is sent, its outcome after
// the user was read back. An intent without a final outcome is open: only a read of the user
// shows what became of it. The record of a run is its summary: which users each source
// selected. The lock lets one run at a time work on a tenant.
//
// A chain without a key shows torn writes, lost and reordered lines, and careless edits. It
// does not show a file that was written anew, unless its head was noted elsewhere. It does
// not show a run that was never recorded.
//
// Journals contain object ids, SKU ids, locations and names of policies, and no names of
// users. They are kept in a [Place]: a [Folder], or a place that a package below this one
// reaches.
//
// The files:
//
//	store.go                        the journals of a tenant: start one, list and read them
//	line.go                         the lines of a journal
//	writer.go                       write the journal of one run
//	reader.go                       read a journal and check its chain
//	brief.go                        read only the beginning and the end of old journals
//	history.go                      what earlier runs mean for a new one: recent removals,
//	                                writes that may not show yet, open intents
//	record.go                       the record of a run, which is the next baseline
//	lock.go                         the lock of a tenant, for every kind of place
//	place.go                        what a place must do, and the holder of a lock
//	folder.go, folder_lock.go       a place on this machine: files, and locks with a heartbeat
//	flock_unix.go, flock_other.go   the lock of the system, where it has one
//
// This package must not decide what a user should have, and must not write outside of its
// place. Begin with [Store], then read line.go.
package journal
