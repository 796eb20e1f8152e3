package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// codes has Graph's error codes that are sufficient alone, in lower case.
var codes = map[string]state.Reason{
	"directory_concurrencyviolation": state.ReasonConcurrency,
	"authorization_requestdenied":    state.ReasonForbidden,
	"invalidauthenticationtoken":     state.ReasonUnauthorized,
	"request_resourcenotfound":       state.ReasonNotFound,
	"request_unsupportedquery":       state.ReasonMalformed,
	"toomanyrequests":                state.ReasonThrottled,
	"request_throttledtemporarily":   state.ReasonThrottled,
}

// phrases distinguishes license refusals, which share the code Request_BadRequest. They
// are stable parts of texts, in lower case, that "user: assignLicense" and "Resolve group
// licensing problems" document or that clients have recorded. The first that matches
// decides.
var phrases = []struct {
	part   string
	reason state.Reason
}{
	{"does not have any available licenses", state.ReasonNoSeats},
	{"invalid usage location", state.ReasonNoLocation},
	{"prohibitedinusagelocation", state.ReasonProhibitedLocation},
	{"are mutually exclusive", state.ReasonExclusive},
	{"depends on the service plan", state.ReasonDependency},
	{"does not correspond to a valid company license", state.ReasonNotOwned},
	{"cannot be assigned to a user", state.ReasonNotAssignable},
	{"does not belong to", state.ReasonBadPlan}, // "service plan does not belong to ...": azure-docs#81269
	{"does not have a corresponding license", state.ReasonNotHeld},
	{"license is inherited from a group membership", state.ReasonInherited},
	{"same value for property proxyaddresses already exists", state.ReasonAddressTaken},
	{"proxy address is already being used", state.ReasonAddressTaken},
	{"on-premises mastered directory sync objects", state.ReasonSynced},
	{"concurrent requests being made to the tenant", state.ReasonConcurrency},
	{"does not exist or one of its queried reference-property objects", state.ReasonNotFound},
	{"insufficient privileges", state.ReasonForbidden},
	{"are missing from the request payload", state.ReasonMalformed},
	{"no license changes provided", state.ReasonMalformed},
	{"too many child clauses specified in search filter", state.ReasonMalformed},
	{"invalid page size specified", state.ReasonMalformed},
}

// reason classifies a refusal. A server error comes first, since it leaves open whether
// anything was done, whatever its text. A 404 without Graph's code comes from a proxy,
// and reports nothing about the user.
func (r *refusal) reason() state.Reason {
	switch {
	case r.status >= 500:
		return state.ReasonUnavailable
	case r.status == http.StatusTooManyRequests:
		return state.ReasonThrottled
	case r.status == http.StatusUnauthorized:
		return state.ReasonUnauthorized
	}
	if reason, known := codes[strings.ToLower(r.code)]; known {
		return reason
	}
	message := strings.ToLower(r.message)
	for _, phrase := range phrases {
		if strings.Contains(message, phrase.part) {
			return phrase.reason
		}
	}
	switch r.status {
	case http.StatusForbidden:
		return state.ReasonForbidden
	case http.StatusConflict:
		return state.ReasonConcurrency
	}
	return state.ReasonUnknown
}

// refusedForNow reports whether nothing was done and a repetition may help.
func (r *refusal) refusedForNow() bool {
	reason := r.reason()
	return reason == state.ReasonThrottled || reason == state.ReasonConcurrency
}

// readFailure returns the error for the caller of a read. This is the service's refusal
// or the loss of its answer, as a [*state.Error], or the context's error if that ended
// the read.
func readFailure(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, ctx.Err())
	}
	err = withoutAddress(err)
	if known := answered(op, err); known != nil {
		return known
	}
	_, lost := errors.AsType[*lostError](err)
	if _, unsent := errors.AsType[*unsentError](err); lost || unsent {
		return &state.Error{Op: op, Reason: state.ReasonUnavailable, Err: err}
	}
	return fmt.Errorf("%s: %w", op, err)
}

// writeFailure returns the error for the caller of a write. Unless the request is known
// to have stopped before it was sent, the error leaves open whether the change was made.
func writeFailure(op string, err error) *state.Error {
	err = withoutAddress(err)
	if known := answered(op, err); known != nil {
		return known
	}
	if errors.Is(err, errBusy) {
		return &state.Error{Op: op, Reason: state.ReasonBusy, Err: err}
	}
	if notSent(err) {
		return &state.Error{Op: op, Reason: state.ReasonUnknown, Err: err}
	}
	return &state.Error{Op: op, Reason: state.ReasonLostAnswer, Err: err}
}

// answered returns the error if there was an answer: a refusal of the service, or an
// authority that returned no token. Otherwise it returns nil.
func answered(op string, err error) *state.Error {
	if no, ok := errors.AsType[*refusal](err); ok {
		known := &state.Error{Op: op, Reason: no.reason(), Status: no.status, Code: no.code, Message: no.message, RequestID: no.requestID}
		if known.Reason == state.ReasonForbidden {
			known.Permission = string(permissionFor(op))
		}
		return known
	}
	if _, ok := errors.AsType[*signInError](err); ok {
		return &state.Error{Op: op, Reason: state.ReasonUnauthorized, Err: err}
	}
	return nil
}

// notSent reports whether an error happened in this process, before anything was sent.
func notSent(err error) bool {
	if _, lost := errors.AsType[*lostError](err); lost {
		return false
	}
	if _, unsent := errors.AsType[*unsentError](err); unsent {
		return true
	}
	if _, withheld := errors.AsType[*withheldError](err); withheld {
		return true
	}
	return slices.ContainsFunc([]error{ErrReadOnly, ErrNotAllowed, ErrForeignAddress, context.Canceled, context.DeadlineExceeded},
		func(known error) bool { return errors.Is(err, known) })
}

// withoutAddress removes the wrapping of net/http, which quotes the whole address with
// its query.
func withoutAddress(err error) error {
	// Only the outermost one: a failed sign-in can hold another.
	if wrapped, ok := err.(*url.Error); ok { //nolint:errorlint // see above
		return wrapped.Err
	}
	return err
}
