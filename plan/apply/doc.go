// Package apply carries a plan out: each step as soon as the steps that it needs are
// done, up to 20 writes at a time and one per user.
//
// Before every write the user is read again. If he is as the step found him, it is
// written; if he has what it gives already, there is nothing to do; anything else is
// a conflict, which is skipped and reported. After it he is read back: the service's
// answer alone confirms nothing.
//
// The words: an attempt reads the users of some steps and writes those that are as
// planned; a look reads users back; an [Outcome] says what became of one step; a
// failure is an outcome that leaves the step undone without saying it need not be
// done; an orphan is a step without the seat, or the step, that it was to have. Reads
// lag behind writes, by less than the [Horizon]: until then a read that does not show
// a write proves nothing. Trouble with one user stops nobody else; trouble with the
// whole (credentials, journal, too many errors) stops the run.
//
// This room must never decide what a user should hold, and never writes what the
// plan does not say. Begin with [Executor]; loop.go is what happens when, attempt.go
// and look.go are what is asked of the service, trouble.go is when to stop.
package apply
