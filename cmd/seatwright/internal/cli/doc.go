// Package cli is the command line: flags, wiring, exit codes. What a call decides is
// decided in plan/session; what it shows is written by the view.
//
// Begin with [Program.Main] in main.go, which has the root command and the flags of every
// command. A command is a file: a function makes it (planCommand), its check lists the
// flags that it refuses, and another function runs it (showPlan).
//
//	plan.go show.go diff.go explain.go undo.go      plans; planflags.go, planview.go and screen.go have their flags
//	apply.go drift.go                               what may write; applyrun.go and correct.go carry it out
//	users.go seats.go snapshot.go snapredact.go catalog.go   what a tenant has
//	validate.go doctor.go doctor_records.go         checks
//	runs.go unlock.go                               records of runs
//	sandbox.go sandbox_generate.go serve.go         the embedded tenant; version.go
//
// call.go is one call on one tenant: the settings, what is open, and what a session
// reports. wire.go builds what reads a tenant, directory.go what reads its directories,
// embedded.go the sandbox inside this process, records.go the store of runs. write.go
// has the one type that builds a client that can write; permissions.go checks what its
// token allows. exit.go is the only list of exit codes.
//
// This package must not decide what a user should hold, what a run may do or whether it
// was successful.
package cli
