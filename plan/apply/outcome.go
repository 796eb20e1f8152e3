package apply

import (
	"fmt"

	"github.com/hashicorp/go-multierror"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// Result is the kind of outcome of a step.
type Result string

// The results. The last four are failures.
const (
	Confirmed Result = "confirmed" // written and read back
	Unchanged Result = "unchanged" // already as the step wants: another writer did it
	Gone      Result = "gone"      // the user has been deleted
	Conflict  Result = "conflict"  // the user is no longer as the plan expects
	Failed    Result = "failed"    // the service refused
	Unknown   Result = "unknown"   // written, but the effect does not show, or the answer was lost
	NotSent   Result = "not_sent"  // a step it needs did not succeed, or the run stopped
)

// Failure reports whether the step is left undone and should be done.
func (r Result) Failure() bool {
	return r == Conflict || r == Failed || r == Unknown || r == NotSent
}

// hasEffect reports whether the effect of the step is there, so that steps that need it may
// run.
func (r Result) hasEffect() bool { return r == Confirmed || r == Unchanged }

// Outcome is the result of one step and the reason for it.
type Outcome struct {
	Step   plan.Step
	Result Result
	Reason state.Reason // reason of a refusal by the service
	Detail string       // may contain text from outside
	Hint   string
}

// Error returns the failure in one line.
func (o Outcome) Error() string {
	return fmt.Sprintf("%s: %s: %s", o.Step, o.Result, o.Detail)
}

// Report is the result of a run. Outcomes are in the order of the plan.
type Report struct {
	Outcomes []Outcome
	Written  int   // writes that the service accepted, or may have made
	Stopped  error // why the run ended early, if it did
}

// Count returns the number of outcomes with a result.
func (r *Report) Count(result Result) int {
	n := 0
	for _, outcome := range r.Outcomes {
		if outcome.Result == result {
			n++
		}
	}
	return n
}

// Err returns the failures, each an [Outcome]; nil if there are none.
func (r *Report) Err() error {
	var failures *multierror.Error
	for _, outcome := range r.Outcomes {
		if outcome.Result.Failure() {
			failures = multierror.Append(failures, outcome)
		}
	}
	return failures.ErrorOrNil()
}
