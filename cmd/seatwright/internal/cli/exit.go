package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// ExitCode is how the program ends. 3 to 7 promise that nothing was written.
type ExitCode int

// The exit codes, as the README lists them.
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

// exitMeanings is the list that every --help shows.
const exitMeanings = `Exit status:
  0  done, or nothing to do
  1  error
  2  differences remain (with --detailed-exitcode, of drift, or when nothing of what was wanted could be done)
  3  wrong usage or an invalid policy
  4  credentials or permissions
  5  a guard stopped it
  6  the plan file was refused
  7  another run has the tenant
  8  some steps failed
  9  stopped early (--deadline, --max-errors, --canary, a lost lock)
  130, 143  interrupted
3 to 7 promise that nothing was written.`

// exit is an error that says how the program ends.
type exit struct {
	code   ExitCode
	reason string // one word for machines: the last line on stderr
	hint   string
	err    error // nil: nothing to tell beyond what was shown

	journal string // of the run: which, and its head
}

func (e *exit) Error() string {
	if e.err == nil {
		return e.reason
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// withJournal adds where the journal of a run ends.
func (e exit) withJournal(run, head string) exit {
	e.journal = fmt.Sprintf("journal: run %s, head %s", run, head)
	return e
}

// usage is a call that makes no sense.
func usage(hint, format string, args ...any) error {
	return &exit{code: ExitUsage, reason: "usage", hint: hint, err: fmt.Errorf(format, args...)}
}

// refused is a plan file that may not be applied.
func refused(format string, args ...any) error {
	return &planfile.RefusedError{Why: fmt.Sprintf(format, args...), Hint: "make a new one with seatwright plan -o FILE"}
}

// classify turns any error into the way the program ends.
func classify(err error) *exit {
	if err == nil {
		return &exit{code: ExitOK, reason: "ok"}
	}
	if known := knownExit(err); known != nil {
		return known
	}
	if interrupted, ok := errors.AsType[*Interrupted](err); ok {
		return &exit{code: interrupted.Code(), reason: "interrupted", err: err, hint: "nothing was written; run again"}
	}
	if problems := diag.ProblemsIn(err); len(problems) > 0 {
		return &exit{code: ExitUsage, reason: "invalid_policy", err: err}
	}
	if wrong, ok := errors.AsType[*policies.UsageError](err); ok {
		return &exit{code: ExitUsage, reason: "usage", err: wrong}
	}
	if refusal, ok := errors.AsType[*planfile.RefusedError](err); ok {
		return &exit{code: ExitRefused, reason: "plan_refused", err: refusal, hint: refusal.Hint}
	}
	if known := classifyRun(err); known != nil {
		return known
	}
	if trouble, ok := errors.AsType[*state.DirectoryError](err); ok {
		return directoryExit(trouble, err)
	}
	if refusal, ok := errors.AsType[*state.Error](err); ok {
		code, reason := ExitError, "error"
		if refusal.Reason == state.ReasonUnauthorized || refusal.Reason == state.ReasonForbidden {
			code, reason = ExitCredentials, "credentials"
		}
		return &exit{code: code, reason: reason, err: err, hint: refusal.Hint()}
	}
	return &exit{code: ExitError, reason: "error", err: err}
}

// knownExit returns the way the program ends that an error names itself, or nil.
func knownExit(err error) *exit {
	if known, ok := errors.AsType[*exit](err); ok {
		return known
	}
	if wrong, ok := errors.AsType[*checkout.UsageError](err); ok {
		return &exit{code: ExitUsage, reason: "usage", hint: wrong.Fix, err: wrong}
	}
	if wrong, ok := errors.AsType[*session.Error](err); ok {
		if wrong.Class == session.Guard {
			return &exit{code: ExitGuard, reason: "guard", hint: wrong.Fix, err: wrong}
		}
		return &exit{code: ExitUsage, reason: "usage", hint: wrong.Fix, err: wrong}
	}
	if stopped, ok := errors.AsType[*session.BreachedError](err); ok {
		return breached(stopped.Plan)
	}
	return nil
}

// classifyRun is about what keeps a run from beginning, or from going on. Nothing was
// written: what was speaks for itself.
func classifyRun(err error) *exit {
	if locked, ok := errors.AsType[*journal.LockedError](err); ok {
		return &exit{code: ExitLocked, reason: "locked", err: locked, hint: locked.Hint()}
	}
	if lost, ok := errors.AsType[*journal.LostError](err); ok {
		return &exit{code: ExitLocked, reason: "lock_lost", err: lost, hint: "see who has the tenant now, then run again"}
	}
	if trouble, ok := errors.AsType[*blob.Error](err); ok {
		end := &exit{code: ExitError, reason: "journal", err: err, hint: trouble.Hint()}
		if trouble.Credentials() {
			end.code, end.reason = ExitCredentials, "credentials"
		}
		return end
	}
	if broken, ok := errors.AsType[*journal.Error](err); ok {
		return &exit{code: ExitError, reason: "journal", err: broken, hint: broken.Hint()}
	}
	return nil
}

// directoryExit is how trouble with a directory ends the program.
func directoryExit(trouble *state.DirectoryError, err error) *exit {
	end := &exit{code: ExitError, reason: "directory", err: err, hint: trouble.Hint()}
	switch {
	case trouble.Credentials():
		end.code = ExitCredentials
	case trouble.Settings():
		end.code = ExitUsage
	}
	return end
}

// Interrupted is the cause of a context that a signal cancelled.
type Interrupted struct {
	Signal os.Signal
}

func (e *Interrupted) Error() string { return "stopped by a signal (" + e.Signal.String() + ")" }

// Code is the exit code that the signal asks for.
func (e *Interrupted) Code() ExitCode {
	if e.Signal == syscall.SIGTERM {
		return ExitTerminated
	}
	return ExitInterrupted
}

// Obey cancels at the first signal, so that what is in hand is finished, and returns
// at the second: then the process is to end at once.
func (p Program) Obey(signals <-chan os.Signal, cancel context.CancelCauseFunc) ExitCode {
	cancel(&Interrupted{Signal: <-signals})
	_ = view.Remark(p.Err, "stopping: what is in flight is finished first; a second signal ends it at once")
	now := &Interrupted{Signal: <-signals}
	_ = view.ExitReason(p.Err, "interrupted", int(now.Code()))
	return now.Code()
}

// cause is the signal behind an error, if there is one and the error does not speak
// for itself: apply knows better what was written by then.
func cause(ctx context.Context, err error) error {
	if knownExit(err) != nil {
		return err
	}
	if interrupted, ok := errors.AsType[*Interrupted](context.Cause(ctx)); ok && err != nil {
		return interrupted
	}
	return err
}
