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

// exit is an error that knows how the program ends. [ends] makes one.
type exit struct {
	code   ExitCode
	reason exitReason
	hint   string
	err    error // nil: there is nothing to add to what was shown

	journal string // of the run: its name, and its head
}

// ends returns how the program ends for a reason, with the usual code of that reason.
func ends(reason exitReason, err error, hint string) *exit {
	return &exit{code: reason.code(), reason: reason, hint: hint, err: err}
}

// as returns the same end with another code, which the row of the reason must list.
func (e *exit) as(code ExitCode) *exit {
	other := *e
	other.code = code
	return &other
}

func (e *exit) Error() string {
	if e.err == nil {
		return string(e.reason)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// withJournal adds where the journal of a run ends.
func (e exit) withJournal(run, head string) exit {
	e.journal = fmt.Sprintf("journal: run %s, head %s", run, head)
	return e
}

// usage returns the error for a command line that cannot be carried out.
func usage(hint, format string, args ...any) error {
	return ends(reasonUsage, fmt.Errorf(format, args...), hint)
}

// refused returns the error for a plan file that may not be applied.
func refused(format string, args ...any) error {
	return &planfile.RefusedError{Why: fmt.Sprintf(format, args...), Hint: "make a new one with seatwright plan -o FILE"}
}

// classify returns how the program ends for any error.
func classify(err error) *exit {
	if err == nil {
		return ends(reasonOK, nil, "")
	}
	if known := knownExit(err); known != nil {
		return known
	}
	if interrupted, ok := errors.AsType[*Interrupted](err); ok {
		return ends(reasonInterrupted, err, "nothing was written; run again").as(interrupted.Code())
	}
	if problems := diag.ProblemsIn(err); len(problems) > 0 {
		return ends(reasonInvalidPolicy, err, "")
	}
	if wrong, ok := errors.AsType[*policies.UsageError](err); ok {
		return ends(reasonUsage, wrong, "")
	}
	if refusal, ok := errors.AsType[*planfile.RefusedError](err); ok {
		return ends(reasonPlanRefused, refusal, refusal.Hint)
	}
	if known := classifyRun(err); known != nil {
		return known
	}
	if failed, ok := errors.AsType[*state.DirectoryError](err); ok {
		return directoryExit(failed, err)
	}
	if refusal, ok := errors.AsType[*state.Error](err); ok {
		reason := reasonError
		if refusal.Reason == state.ReasonUnauthorized || refusal.Reason == state.ReasonForbidden {
			reason = reasonCredentials
		}
		return ends(reason, err, refusal.Hint())
	}
	return ends(reasonError, err, "")
}

// knownExit returns how the program ends for an error that decides it alone, or nil.
func knownExit(err error) *exit {
	if known, ok := errors.AsType[*exit](err); ok {
		return known
	}
	if wrong, ok := errors.AsType[*checkout.UsageError](err); ok {
		return ends(reasonUsage, wrong, wrong.Fix)
	}
	if wrong, ok := errors.AsType[*session.Error](err); ok {
		if wrong.Class == session.Guard {
			return ends(reasonGuard, wrong, wrong.Fix)
		}
		return ends(reasonUsage, wrong, wrong.Fix)
	}
	if stopped, ok := errors.AsType[*session.BreachedError](err); ok {
		return breached(stopped.Plan)
	}
	return nil
}

// classifyRun returns how the program ends for an error that keeps a run from beginning or
// going on, or nil. Nothing was written: a run that wrote ends through [applyExit].
func classifyRun(err error) *exit {
	if locked, ok := errors.AsType[*journal.LockedError](err); ok {
		return ends(reasonLocked, locked, locked.Hint())
	}
	if lost, ok := errors.AsType[*journal.LostError](err); ok {
		return ends(reasonLockLost, lost, "find out which run has the lock now (seatwright runs), then run again")
	}
	if failed, ok := errors.AsType[*blob.Error](err); ok {
		reason := reasonJournal
		if failed.Credentials() {
			reason = reasonCredentials
		}
		return ends(reason, err, failed.Hint())
	}
	if broken, ok := errors.AsType[*journal.Error](err); ok {
		return ends(reasonJournal, broken, broken.Hint())
	}
	return nil
}

// directoryExit returns how the program ends for an error of a directory.
func directoryExit(failed *state.DirectoryError, err error) *exit {
	end := ends(reasonDirectory, err, failed.Hint())
	switch {
	case failed.Credentials():
		return end.as(ExitCredentials)
	case failed.Settings():
		return end.as(ExitUsage)
	}
	return end
}

// Interrupted is the cause of a context that a signal canceled.
type Interrupted struct {
	Signal os.Signal
}

func (e *Interrupted) Error() string { return "stopped by a signal (" + e.Signal.String() + ")" }

// Code returns the exit code of the signal.
func (e *Interrupted) Code() ExitCode {
	if e.Signal == syscall.SIGTERM {
		return ExitTerminated
	}
	return ExitInterrupted
}

// Obey cancels at the first signal, so that requests under way are finished, and returns
// at the second: then the process must end at once.
func (p Program) Obey(signals <-chan os.Signal, cancel context.CancelCauseFunc) ExitCode {
	cancel(&Interrupted{Signal: <-signals})
	_ = view.Remark(p.Err, "stopping: requests under way are finished first; a second signal ends the program at once")
	now := &Interrupted{Signal: <-signals}
	_ = view.ExitReason(p.Err, string(reasonInterrupted), int(now.Code()))
	return now.Code()
}

// cause returns the signal behind an error, if there is one. An error that decides alone
// how the program ends goes first: apply knows what was written by then.
func cause(ctx context.Context, err error) error {
	if knownExit(err) != nil {
		return err
	}
	if interrupted, ok := errors.AsType[*Interrupted](context.Cause(ctx)); ok && err != nil {
		return interrupted
	}
	return err
}
