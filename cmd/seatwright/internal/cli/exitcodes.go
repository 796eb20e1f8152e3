package cli

// ExitCode is how the program ends. The codes 3 to 7 promise that nothing was written.
type ExitCode int

// The exit codes. [exitCodes] has their meanings.
const (
	ExitOK          ExitCode = 0
	ExitError       ExitCode = 1
	ExitDifferences ExitCode = 2
	ExitUsage       ExitCode = 3
	ExitCredentials ExitCode = 4
	ExitGuard       ExitCode = 5
	ExitRefused     ExitCode = 6
	ExitLocked      ExitCode = 7
	ExitSteps       ExitCode = 8
	ExitEarly       ExitCode = 9
	ExitInterrupted ExitCode = 130
	ExitTerminated  ExitCode = 143
)

// codeRow is one exit code of the reference.
type codeRow struct {
	code          ExitCode
	name, meaning string
}

// exitCodes is the only list of exit codes and their meanings.
var exitCodes = []codeRow{
	{ExitOK, "ok", "done, or nothing to do"},
	{ExitError, "error", "an error that has no code of its own"},
	{ExitDifferences, "differences", "differences remain"},
	{ExitUsage, "usage", "wrong usage, or an invalid policy"},
	{ExitCredentials, "credentials", "the sign-in failed, or a permission is missing"},
	{ExitGuard, "guard", "a guard stopped it"},
	{ExitRefused, "plan refused", "the plan file was refused"},
	{ExitLocked, "locked", "another run is working on this tenant"},
	{ExitSteps, "steps failed", "some steps failed"},
	{ExitEarly, "stopped early", "the run stopped early: `--deadline`, `--max-errors`, `--canary`, a service that refuses every change, or a lost lock"},
	{ExitInterrupted, "interrupted", "the program was interrupted (Ctrl-C)"},
	{ExitTerminated, "terminated", "the program was terminated (SIGTERM)"},
}

// exitReason is the word of the last line on stderr. Scripts read it.
type exitReason string

// The exit reasons. [exitReasons] has their codes and meanings.
const (
	reasonOK              exitReason = "ok"
	reasonNoChanges       exitReason = "no_changes"
	reasonNoDrift         exitReason = "no_drift"
	reasonError           exitReason = "error"
	reasonCrashed         exitReason = "crashed"
	reasonNotApproved     exitReason = "not_approved"
	reasonJournal         exitReason = "journal"
	reasonDirectory       exitReason = "directory"
	reasonUnwell          exitReason = "unwell"
	reasonChanges         exitReason = "changes"
	reasonDrift           exitReason = "drift"
	reasonDifferences     exitReason = "differences_remain"
	reasonNothingPossible exitReason = "nothing_possible"
	reasonGuardHeld       exitReason = "guard_held"
	reasonUsage           exitReason = "usage"
	reasonInvalidPolicy   exitReason = "invalid_policy"
	reasonSnapshotRefused exitReason = "snapshot_refused"
	reasonSandbox         exitReason = "sandbox"
	reasonCredentials     exitReason = "credentials"
	reasonGuard           exitReason = "guard"
	reasonPlanRefused     exitReason = "plan_refused"
	reasonLocked          exitReason = "locked"
	reasonLockLost        exitReason = "lock_lost"
	reasonStepsFailed     exitReason = "steps_failed"
	reasonInterrupted     exitReason = "interrupted"
)

// reasonRow is one exit reason of the reference.
type reasonRow struct {
	reason       exitReason
	codes        []ExitCode // the first is the usual one
	meaning, fix string
}

// exitReasons is the only list of exit reasons. An [exit] takes its code from it.
var exitReasons = []reasonRow{
	{reasonOK, []ExitCode{ExitOK}, "the command did what it was asked to do", ""},
	{reasonNoChanges, []ExitCode{ExitOK}, "there is nothing to change", ""},
	{reasonNoDrift, []ExitCode{ExitOK}, "nothing new has drifted", ""},
	{reasonError, []ExitCode{ExitError}, "something failed that has no reason of its own", "read the message"},
	{reasonCrashed, []ExitCode{ExitError}, "a defect of Seatwright", "run again, and report it with the lines above"},
	{reasonNotApproved, []ExitCode{ExitError}, "the answer was not the number of steps", "run again, and type the number"},
	{reasonJournal, []ExitCode{ExitError, ExitSteps}, "the record of a run cannot be read or written; 8 if steps were already carried out", "read the hint; `seatwright doctor` checks where runs are kept"},
	{reasonDirectory, []ExitCode{ExitError, ExitUsage, ExitCredentials}, "Active Directory cannot be read; 3 if the settings are wrong, 4 if the sign-in failed", "`seatwright doctor` checks every server"},
	{reasonUnwell, []ExitCode{ExitError, ExitUsage, ExitCredentials, ExitGuard}, "`doctor` found problems; the code is that of the first one", "follow the fix beside each problem"},
	{reasonChanges, []ExitCode{ExitDifferences}, "there are changes, and `--detailed-exitcode` or `--check` was given", "review them"},
	{reasonDrift, []ExitCode{ExitDifferences}, "the tenant drifted, or drift cannot be decided", "`seatwright help drift`"},
	{reasonDifferences, []ExitCode{ExitDifferences}, "something wanted was not done, and `--detailed-exitcode` was given", "read what is blocked or waiting"},
	{reasonNothingPossible, []ExitCode{ExitDifferences}, "there was no step to do, but something is blocked or waiting", "read what is blocked or waiting"},
	{reasonGuardHeld, []ExitCode{ExitDifferences}, "`--hold` left out steps that a guard stops", "review them, then allow them: `seatwright help guards`"},
	{reasonUsage, []ExitCode{ExitUsage}, "the command line, or the files it names, are wrong", "read the hint, or `--help`"},
	{reasonInvalidPolicy, []ExitCode{ExitUsage}, "settings, policies or a file they name are wrong", "correct the lines that the message names; `seatwright validate` lists all of them"},
	{reasonSnapshotRefused, []ExitCode{ExitUsage}, "the snapshot file is damaged, or of another version", "take a new one: `seatwright snapshot -o FILE`"},
	{reasonSandbox, []ExitCode{ExitUsage}, "the changes that the sandbox keeps cannot be read", "`seatwright sandbox reset`"},
	{reasonCredentials, []ExitCode{ExitCredentials}, "the sign-in failed, or a permission is missing", "`seatwright doctor` lists what is missing"},
	{reasonGuard, []ExitCode{ExitGuard}, "a guard stopped the plan, or this is the wrong tenant", "check the source that the guard names; `seatwright help guards`"},
	{reasonPlanRefused, []ExitCode{ExitRefused}, "the plan file is changed, expired, done, or for another tenant", "make a new one: `seatwright plan -o FILE`"},
	{reasonLocked, []ExitCode{ExitLocked}, "another run is working on this tenant", "wait, or use `--lock-timeout`; for a dead run, `seatwright unlock RUN`"},
	{reasonLockLost, []ExitCode{ExitLocked, ExitEarly}, "the run lost its lock; 9 if it had written by then", "find out which run has the lock, then run again"},
	{reasonStepsFailed, []ExitCode{ExitSteps}, "some steps failed", "read why, then run again: steps that are done are not repeated"},
	{"deadline", []ExitCode{ExitEarly}, "the time of `--deadline` was over", "run again"},
	{"max_errors", []ExitCode{ExitEarly}, "as many steps failed as `--max-errors` allows", "read why they failed, then run again"},
	{"canary", []ExitCode{ExitEarly}, "not all users of `--canary` were confirmed", "look at these users, then run again"},
	{"service", []ExitCode{ExitEarly}, "the service refused many changes in a row", "wait, then run again"},
	{reasonInterrupted, []ExitCode{ExitInterrupted, ExitTerminated}, "a signal stopped the program; 143 for SIGTERM", "run again: steps that are done are not repeated"},
}

// code returns the usual exit code of a reason. A reason that is not in the table is a
// defect, which a test finds; it ends the program as an error.
func (r exitReason) code() ExitCode {
	for _, row := range exitReasons {
		if row.reason == r {
			return row.codes[0]
		}
	}
	return ExitError
}
