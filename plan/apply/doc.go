// Package apply carries a plan out, one user at a time and in the plan's order.
//
// Before every write the user is read again. If he is as the step found him, it is
// written; if he has what it gives already, there is nothing to do; anything else is
// a conflict, which is skipped and reported. After each round every user written to
// is read back: the service's answer alone confirms nothing.
//
// A step whose needs did not succeed is not sent: a broken chain stops those behind it
// and nobody else. When all chains have ended, the SKUs are read once more, and those
// who find a seat after all are served.
//
// The words: a pass is all steps of one sort, usage locations first, then licences;
// a round is the steps of a pass none of which needs another; an [Outcome] says what
// became of one step; a failure is an outcome that leaves the step undone without
// saying it need not be done. Trouble with one user stops nobody else; a pass ends
// where its writes are not permitted at all; trouble with the whole (credentials,
// say) stops the run.
//
// This room must never decide what a user should hold, and never writes what the
// plan does not say. Begin with [Executor]; batch.go is what happens to the steps of
// a round, secondlook.go to those of broken chains.
package apply
