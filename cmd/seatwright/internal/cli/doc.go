// Package cli is the command line: one file a command, and the few stages they
// share in load.go.
//
// A command parses its flags into a struct, whose check lists what it refuses, and
// hands it to a run function that knows no flags. wire.go is the only place that
// builds real backends, and of these only apply and drift --correct build one that can
// write. exit.go is the only list of exit codes.
//
// This room must never decide what a user should hold. Begin with [Main].
package cli
