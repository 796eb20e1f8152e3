// Package cli is the command line: flags, wiring, help and exit codes. What a run may do is
// decided in plan/session. What is shown is written by package view.
//
// Begin with [Program.Main] in main.go, which has the root command and the flags of every
// command. A command is a file: one function makes it (planCommand), its check refuses
// flags that contradict each other, and another function runs it (showPlan).
//
//	plan.go show.go diff.go explain.go undo.go      plans; planflags.go, planview.go and screen.go have their flags
//	apply.go drift.go                               commands that can write; applyrun.go and correct.go carry out plans
//	users.go seats.go snapshot.go snapredact.go catalog.go   the contents of a tenant
//	validate.go doctor.go doctor_records.go         checks
//	runs.go unlock.go                               records of runs
//	sandbox.go sandbox_generate.go serve.go         the embedded tenant
//	help.go version.go                              help, topics of the reference, and the version
//
// call.go is one call on one tenant: the settings, what is open, and what a session
// reports. wire.go builds what reads a tenant, directory.go what reads its directories,
// embedded.go the sandbox inside this process, records.go the store of runs. write.go
// has the one type that builds a client that can write.
//
// Three files have tables that code and reference share. exitcodes.go has the exit codes
// and reasons, from which exit.go makes every end of the program. permissions.go has the
// permissions that each credential needs. reference.go has the formats, and returns all
// these tables for the pages of the reference.
//
// This package must not decide what a user should have, what a run may do or whether a run
// was successful.
package cli
