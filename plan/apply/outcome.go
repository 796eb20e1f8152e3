package apply

import (
	"fmt"

	"github.com/hashicorp/go-multierror"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// Result is what became of a step.
type Result string

// The results. The last four are failures.
const (
	Confirmed Result = "confirmed" // written, and read back
	Unchanged Result = "unchanged" // somebody had done it already
	Gone      Result = "gone"      // the user has been deleted
	Conflict  Result = "conflict"  // the user is no longer as the plan found him
	Failed    Result = "failed"    // the service refused
	Unknown   Result = "unknown"   // written, but it does not show, or the answer was lost
	NotSent   Result = "not_sent"  // a step it needs did not succeed, or the run stopped
)

// Failure says whether the step is left undone and should not be.
func (r Result) Failure() bool {
	return r == Conflict || r == Failed || r == Unknown || r == NotSent
}

// settled says that the step's effect is there, so that dependants may go.
func (r Result) settled() bool { return r == Confirmed || r == Unchanged }

// Outcome is what became of one step, and why.
type Outcome struct {
	Step   plan.Step
	Result Result
	Reason state.Reason // of a refusal by the service
	Detail string       // foreign text may be in it
	Hint   string
}

// Error is the outcome as a failure, in one line.
func (o Outcome) Error() string {
	return fmt.Sprintf("%s: %s: %s", o.Step, o.Result, o.Detail)
}

// Report is what a run did. Outcomes are in the plan's order.
type Report struct {
	Outcomes []Outcome
	Written  int   // writes that the service accepted, or may have made
	Stopped  error // why the run ended early, if it did
}

// Count is the number of outcomes with a result.
func (r *Report) Count(result Result) int {
	n := 0
	for _, outcome := range r.Outcomes {
		if outcome.Result == result {
			n++
		}
	}
	return n
}

// Err collects the failures, each an [Outcome]; nil if there are none.
func (r *Report) Err() error {
	var failures *multierror.Error
	for _, outcome := range r.Outcomes {
		if outcome.Result.Failure() {
			failures = multierror.Append(failures, outcome)
		}
	}
	return failures.ErrorOrNil()
}
