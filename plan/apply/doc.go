// Package apply carries out a plan. It writes each step as soon as the steps that it needs
// are done, up to 20 writes in a batch and one per user at a time.
//
// Before every write the user is read again. If the user is as the step expects, the step is
// written. If the user already has what the step gives, nothing is written. Any other state is
// a conflict, which is skipped and reported. After the write the user is read back, because
// the answer of the service alone confirms nothing.
//
// Terms: an attempt reads the users of some steps and writes those that are as planned. A look
// reads users back. An [Outcome] is what became of one step. A failure is an outcome that
// leaves a step undone that should be done. A step is set aside if it
// did not get the seat, or the earlier step, that it needs. Reads lag behind writes by less than the [Horizon]: until
// then, a read that does not show a write proves nothing. A problem with one user does not
// stop the others. A problem with the whole run does: credentials, journal, too many errors.
//
// The files:
//
//	executor.go  what a run is made from, its state, and the first users (canary)
//	loop.go      what happens when: what is sent, waits, needs that are done, the second round
//	attempt.go   read the users of a batch, check them, write, and handle the answers;
//	             a user who was written to is not written to again before the [Horizon]
//	look.go      read users back until the write shows, or until the [Horizon]
//	trouble.go   when the run, or all steps that need one permission, stop
//	outcome.go   the outcomes and the report
//
// This package must not decide what a user should have, and must not write anything that the
// plan does not contain. Begin with [Executor], then read loop.go.
package apply
