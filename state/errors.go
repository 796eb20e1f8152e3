package state

import (
	"errors"
	"fmt"
	"strings"
)

// Reason says why the service refused, in terms a caller can branch on.
type Reason string

// The reasons. What the service says in words that we do not know is
// [ReasonUnknown]; it is reported with its text and never repeated blindly.
const (
	ReasonUnknown            Reason = "unknown"
	ReasonNoSeats            Reason = "no_seats"
	ReasonNoLocation         Reason = "no_usage_location"
	ReasonProhibitedLocation Reason = "prohibited_location"
	ReasonExclusive          Reason = "exclusive_plans"
	ReasonDependency         Reason = "plan_dependency"
	ReasonNotOwned           Reason = "sku_not_owned"
	ReasonNotAssignable      Reason = "sku_not_assignable"
	ReasonBadPlan            Reason = "plan_not_in_sku"
	ReasonNotHeld            Reason = "not_held"
	ReasonInherited          Reason = "inherited"
	ReasonAddressTaken       Reason = "address_taken"
	ReasonSynced             Reason = "mastered_on_premises"
	ReasonNotFound           Reason = "not_found"
	ReasonMalformed          Reason = "malformed_request"
	ReasonForbidden          Reason = "forbidden"
	ReasonUnauthorized       Reason = "unauthorized"
	ReasonConcurrency        Reason = "concurrency"
	ReasonThrottled          Reason = "throttled"
	ReasonUnavailable        Reason = "unavailable"
	ReasonLostAnswer         Reason = "lost_answer"
	ReasonBusy               Reason = "busy" // it has refused every write for minutes: nothing more should be sent
)

// Error is a refusal by the service, or the loss of its answer.
type Error struct {
	Op        string // what we were doing: "list users", "assign licences"
	Reason    Reason
	Status    int    // HTTP status; 0: no answer came
	Code      string // Graph's error code
	Message   string // Graph's words: foreign text
	RequestID string // to quote to Microsoft's support
	// Permission is the least permission that allows what was forbidden, or "".
	Permission string
	Err        error // what went wrong below, if anything
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Op, strings.ReplaceAll(string(e.Reason), "_", " "))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (%d %s)", e.Status, e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " [request %s]", e.RequestID)
	}
	return b.String()
}

// Unwrap is the cause below.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what an administrator can do about it, or "". Of what the service did not
// say there is nothing to look up.
func (e *Error) Hint() string {
	switch {
	case e.Permission != "":
		return "grant the application " + e.Permission + " (Microsoft Graph, with admin consent); seatwright doctor lists all that is needed"
	case e.Reason == ReasonUnknown && e.Status == 0:
		return ""
	}
	return hints[e.Reason]
}

// MayHaveHappened says that the write could have taken effect although no good
// answer came, so that only reading the user settles it.
func (e *Error) MayHaveHappened() bool {
	return e.Reason == ReasonLostAnswer || e.Reason == ReasonUnavailable
}

var hints = map[Reason]string{
	ReasonUnknown:            "these words are not known here, and the call is not repeated blindly; ask Microsoft's support with the request id",
	ReasonNoSeats:            "buy seats of this SKU, or free some, then plan again",
	ReasonNoLocation:         "set the user's usage location, for instance with usage_location in a policy",
	ReasonProhibitedLocation: "the service is not offered in the user's country: disable the plan in the policy, or correct the usage location",
	ReasonExclusive:          "two service plans exclude each other: disable one of them in the policy, or make the other SKU absent",
	ReasonDependency:         "a service plan needs another one that the user would not have: add the SKU that contains it, or disable the plan",
	ReasonNotOwned:           "the tenant does not own this SKU any more; take it out of the policies",
	ReasonNotAssignable:      "this SKU cannot be assigned to users; take it out of the policies",
	ReasonBadPlan:            "the service plan is not part of the SKU in this tenant; plan again",
	ReasonNotHeld:            "somebody has taken the licence meanwhile; plan again",
	ReasonInherited:          "the licence comes from a group; take the user out of the group, or the licence off it",
	ReasonAddressTaken:       "the licence would give the user a mail address that somebody else has; resolve the conflict in Exchange",
	ReasonSynced:             "the user is mastered in Active Directory; set the value there",
	ReasonNotFound:           "the user has been deleted meanwhile",
	ReasonMalformed:          "this is a defect of Seatwright: please report it with these words",
	ReasonForbidden:          "grant the application LicenseAssignment.ReadWrite.All for licences and User.ReadUpdate.All for locations (to read: User.Read.All, LicenseAssignment.Read.All)",
	ReasonUnauthorized:       "check the credential of this tenant in seatwright.yaml and sign in again",
	ReasonConcurrency:        "another program writes licences to this tenant; run again later",
	ReasonThrottled:          "the tenant's quota is used up; run again in a few minutes",
	ReasonBusy:               "another program writes to this tenant all the time, or its quota is used up: run again later, or with a lower --rate",
	ReasonUnavailable:        "the service was not available; run again, nothing is done twice",
	ReasonLostAnswer:         "run again: what has been done is seen and not repeated",
}

// ReasonOf is the reason inside an error, or "" if the service had no part in it.
func ReasonOf(err error) Reason {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal.Reason
	}
	return ""
}
