package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/seatwright/seatwright/state"
)

// writer is a client that may write.
type writer struct{ client *Client }

var _ state.Writer = writer{}

// The writes, as errors name them.
const (
	opLocation = "set usage location"
	opLicenses = "assign licenses"
)

// assignment is the body of "user: assignLicense". Both arrays are always present
// (go-json writes an empty list where encoding/json writes null), because the service
// refuses a body without one.
type assignment struct {
	Add    []addLicense  `json:"addLicenses"`
	Remove []state.SKUID `json:"removeLicenses"`
}

// addLicense replaces the set of disabled plans: plans that are not named are on
// afterwards.
type addLicense struct {
	SKU      state.SKUID    `json:"skuId"`
	Disabled []state.PlanID `json:"disabledPlans"`
}

// location is the body of the PATCH, with its only key ("Update user").
type location struct {
	UsageLocation string `json:"usageLocation"`
}

// Write implements [state.Writer]. It sends batches, with as many requests in parallel as
// the pacer allows. Changes that the service refused temporarily (429, 409, a concurrent
// change in the tenant) are sent again for some minutes. Any other answer, or no answer,
// is final. It needs LicenseAssignment.ReadWrite.All, and User.ReadUpdate.All for
// locations.
func (w writer) Write(ctx context.Context, changes []state.Change) []error {
	errs := make([]error, len(changes))
	if len(changes) == 0 {
		return errs
	}
	if err := errors.Join(checkChanges(changes), ctx.Err()); err != nil {
		for i, change := range changes {
			errs[i] = &state.Error{Op: operation(change), Reason: state.ReasonUnknown, Err: fmt.Errorf("nothing was sent: %w", err)}
		}
		return errs
	}
	requests := make([]batchRequest, len(changes))
	for i, change := range changes {
		requests[i] = requestFor(change)
		requests[i].ID = strconv.Itoa(i)
		requests[i].Headers[headerPriority] = priorityLow // inside a batch, only the headers of an item count
		if change.Step != "" {
			requests[i].Headers[headerRequestID] = RequestID(w.client.run, change.Step)
		}
	}
	for i, o := range w.client.deliver(bulk(ctx), requests) {
		if err := o.writeError(operation(changes[i])); err != nil {
			errs[i] = err
		}
	}
	return errs
}

// writeError returns the error of a change. A throttled write can take effect (Microsoft
// Q&A 5529013). When it is sent once more, its removal is refused as not held. Only
// reading the user can distinguish that from a real refusal.
func (o batchResult) writeError(op string) *state.Error {
	if o.err == nil {
		return nil
	}
	err := writeFailure(op, o.err)
	if o.tries > 1 && err.Reason == state.ReasonNotHeld {
		err.Reason = state.ReasonLostAnswer
	}
	return err
}

func operation(change state.Change) string {
	if change.Location != "" {
		return opLocation
	}
	return opLicenses
}

func requestFor(change state.Change) batchRequest {
	request := batchRequest{Headers: map[string]string{"Content-Type": "application/json"}}
	if change.Location != "" {
		request.Method, request.URL = http.MethodPatch, "/users/"+change.User.String()
		request.Body = location{change.Location}
		return request
	}
	body := assignment{Remove: change.Remove}
	for _, license := range change.Add {
		body.Add = append(body.Add, addLicense(license))
	}
	request.Method, request.URL = http.MethodPost, "/users/"+change.User.String()+"/assignLicense"
	request.Body = body
	return request
}

var locationForm = regexp.MustCompile(`^[A-Z]{2}$`)

// checkChanges refuses invalid changes before anything is sent.
func checkChanges(changes []state.Change) error {
	if len(changes) > state.MaxWrites {
		return fmt.Errorf("%d changes, the most is %d", len(changes), state.MaxWrites)
	}
	users := map[state.UserID]bool{}
	for _, change := range changes {
		if change.User.IsZero() || users[change.User] {
			return fmt.Errorf("user %s: no id, or two changes", change.User)
		}
		users[change.User] = true
		if err := checkChange(change); err != nil {
			return fmt.Errorf("user %s: %w", change.User, err)
		}
	}
	return nil
}

func checkChange(change state.Change) error {
	licenses := len(change.Add) + len(change.Remove)
	switch {
	case change.Location != "" && licenses > 0:
		return errors.New("a location and licenses in one change")
	case change.Location == "" && licenses == 0:
		return errors.New("an empty change")
	case change.Location != "" && !locationForm.MatchString(change.Location):
		return fmt.Errorf("location %q: want two capital letters", cut(change.Location))
	}
	touched := slices.Clone(change.Remove)
	for _, license := range change.Add {
		touched = append(touched, license.SKU)
	}
	slices.SortFunc(touched, state.SKUID.Compare)
	if len(slices.Compact(touched)) != licenses { // the service's reaction to it is not known
		return errors.New("a SKU is listed twice in one change")
	}
	return nil
}
