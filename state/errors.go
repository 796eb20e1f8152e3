package state

import (
	"errors"
	"fmt"
	"strings"
)

// Reason classifies why the service refused, so that callers can branch on it.
type Reason string

// The reasons. An answer that Seatwright does not recognize is [ReasonUnknown]: it is
// reported with its text and never repeated blindly.
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
	ReasonBusy               Reason = "busy" // it has refused every write for minutes: stop sending
)

// Error is a refusal by the service, or the loss of its answer.
type Error struct {
	Op        string // what was being done: "list users", "assign licenses"
	Reason    Reason
	Status    int    // HTTP status; 0: no answer came
	Code      string // Graph's error code
	Message   string // Graph's text: foreign text
	RequestID string // for Microsoft's support
	// Permission is the least permission that allows what was forbidden, or "".
	Permission string
	Err        error // the underlying error, if any
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

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns what an administrator can do about it, or "". An answer without an error
// code has no hint of its own.
func (e *Error) Hint() string {
	switch {
	case e.Permission != "":
		return "grant the application " + e.Permission + " (Microsoft Graph, with admin consent); seatwright doctor lists all required permissions"
	case e.Reason == ReasonUnknown && e.Status == 0:
		return ""
	}
	return hints[e.Reason]
}

// MayHaveHappened reports whether the write could have taken effect although no usable
// answer arrived. Then only reading the user settles it.
func (e *Error) MayHaveHappened() bool {
	return e.Reason == ReasonLostAnswer || e.Reason == ReasonUnavailable
}

var hints = map[Reason]string{
	ReasonUnknown:            "Seatwright does not know this answer and does not repeat the call; contact Microsoft support with the request id",
	ReasonNoSeats:            "buy seats of this SKU, or free some, then plan again",
	ReasonNoLocation:         "set the user's usage location, for instance with usage_location in a policy",
	ReasonProhibitedLocation: "the service is not offered in the user's country: disable the plan in the policy, or correct the usage location",
	ReasonExclusive:          "two service plans exclude each other: disable one of them in the policy, or make the other SKU absent",
	ReasonDependency:         "a service plan needs another one that the user would not have: add the SKU that contains it, or disable the plan",
	ReasonNotOwned:           "the tenant does not own this SKU any more; remove it from the policies",
	ReasonNotAssignable:      "this SKU cannot be assigned to users; remove it from the policies",
	ReasonBadPlan:            "the service plan is not part of the SKU in this tenant; plan again",
	ReasonNotHeld:            "the license was removed in the meantime; plan again",
	ReasonInherited:          "the license comes from a group; remove the user from the group, or the license from the group",
	ReasonAddressTaken:       "the license would create a mail address that another user has; resolve the conflict in Exchange",
	ReasonSynced:             "the user is mastered in Active Directory; set the value there",
	ReasonNotFound:           "the user was deleted in the meantime; plan again",
	ReasonMalformed:          "this is a defect of Seatwright: please report it with this message",
	ReasonForbidden:          "grant the application LicenseAssignment.ReadWrite.All for licenses and User.ReadUpdate.All for locations (to read: User.Read.All, LicenseAssignment.Read.All)",
	ReasonUnauthorized:       "check the credential of this tenant in seatwright.yaml and sign in again",
	ReasonConcurrency:        "another program changes licenses in this tenant; run again later",
	ReasonThrottled:          "the tenant's quota is used up; run again in a few minutes",
	ReasonBusy:               "another program keeps writing to this tenant, or its quota is used up: run again later, or with a lower --rate",
	ReasonUnavailable:        "the service was not available; run again, nothing is done twice",
	ReasonLostAnswer:         "run again: finished changes are detected and not repeated",
}

// ReasonOf returns the reason inside an error, or "" if the error is not from the
// service.
func ReasonOf(err error) Reason {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal.Reason
	}
	return ""
}
