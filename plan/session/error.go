package session

import (
	"errors"
	"fmt"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/policies/diag"
)

// Class is what kind of reason an [Error] is.
type Class int

// The classes of errors.
const (
	Usage Class = iota // the call cannot be carried out on these files and this tenant
	Guard              // going on could change the wrong tenant
)

// Error is why a session cannot go on, and what to do about it.
type Error struct {
	Class Class
	Fix   string // what to do; "" for nothing
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns what to do about it.
func (e *Error) Hint() string { return e.Fix }

func usage(fix, format string, args ...any) error {
	return &Error{Usage, fix, fmt.Errorf(format, args...)}
}

// BreachedError is a plan that a guard stops.
type BreachedError struct {
	Plan *plan.Plan
}

func (e *BreachedError) Error() string { return "a guard stops this plan; nothing was changed" }

// refused returns the error for a plan file that may not be applied.
func refused(format string, args ...any) error {
	return &planfile.RefusedError{Why: fmt.Sprintf(format, args...), Hint: "make a new one with seatwright plan -o FILE"}
}

// hinted is an error with a hint.
type hinted interface {
	error
	Hint() string
}

// hintOf returns the hint of an error, or "".
func hintOf(err error) string {
	if known, ok := errors.AsType[hinted](err); ok {
		return known.Hint()
	}
	return ""
}

// firstProblem returns one line for an error that may be a list of problems.
func firstProblem(err error) string {
	if problems := diag.ProblemsIn(err); len(problems) > 0 {
		return fmt.Sprintf("problems: %d, the first: %v", len(problems), problems[0])
	}
	return err.Error()
}
