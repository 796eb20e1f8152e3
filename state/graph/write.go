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

// What the service was asked to do, in errors.
const (
	opLocation = "set usage location"
	opLicences = "assign licences"
)

// assignment is the body of "user: assignLicense". Both arrays are always there
// (go-json writes an empty list where encoding/json writes null): the service
// refuses a body without one.
type assignment struct {
	Add    []addLicense  `json:"addLicenses"`
	Remove []state.SKUID `json:"removeLicenses"`
}

// addLicense replaces the plans that are off: those not named are on afterwards.
type addLicense struct {
	SKU      state.SKUID    `json:"skuId"`
	Disabled []state.PlanID `json:"disabledPlans"`
}

// location is the body of the PATCH, with its only key ("Update user").
type location struct {
	UsageLocation string `json:"usageLocation"`
}

// Write implements [state.Writer]: in batches, as many requests side by side as the
// pacer lets out. Changes that the service refused for the moment (429, 409, a
// concurrent change in the tenant) are sent again for up to some minutes; whatever
// else was answered, or not answered, stands. It needs LicenseAssignment.ReadWrite.All, and
// User.ReadUpdate.All for locations.
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
		requests[i].Headers[headerPriority] = priorityLow // inside a batch only an item's own headers count
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

// writeError returns what became of a change. A throttled write has been seen to take
// effect (Microsoft Q&A 5529013); sent once more, its removal is then refused as not
// held, which only reading the user can tell from a real refusal.
func (o outcome) writeError(op string) *state.Error {
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
	return opLicences
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

// checkChanges refuses what no caller may ask for, before anything is sent.
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
	licences := len(change.Add) + len(change.Remove)
	switch {
	case change.Location != "" && licences > 0:
		return errors.New("a location and licences in one change")
	case change.Location == "" && licences == 0:
		return errors.New("an empty change")
	case change.Location != "" && !locationForm.MatchString(change.Location):
		return fmt.Errorf("location %q: want two capital letters", cut(change.Location))
	}
	touched := slices.Clone(change.Remove)
	for _, license := range change.Add {
		touched = append(touched, license.SKU)
	}
	slices.SortFunc(touched, state.SKUID.Compare)
	if len(slices.Compact(touched)) != licences { // what the service makes of it is not known
		return errors.New("a SKU stands twice in one change")
	}
	return nil
}
