package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/seatwright/seatwright/state/wire"
)

// Trouble is the kind of problem with a container.
type Trouble int

// The kinds of problems.
const (
	Refused     Trouble = iota // refused for another reason
	SignIn                     // there is no token, or it is not accepted
	Forbidden                  // the identity lacks a role
	Blocked                    // by network rules of the account, or the identity lacks a role
	NoContainer                // there is no container of that name
	Unreachable                // no answer, or a temporary failure
)

// Error is returned if a container cannot be used. It has no token, and nothing of the body
// of an answer.
type Error struct {
	Op      string
	Where   string
	Trouble Trouble
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %v", e.Where, e.Op, e.Err) }

// Unwrap returns the error of the service or the network.
func (e *Error) Unwrap() error { return e.Err }

// Credentials reports whether the identity is the problem, and not the container.
func (e *Error) Credentials() bool {
	return e.Trouble == SignIn || e.Trouble == Forbidden || e.Trouble == Blocked
}

// Hint returns what an administrator can do.
func (e *Error) Hint() string {
	const roles = "to plan it needs the role Storage Blob Data Reader on the container, to apply Storage Blob Data Contributor; a new role takes effect after some minutes"
	switch e.Trouble {
	case SignIn:
		return "check `credential` of the tenant in seatwright.yaml: the storage account must belong to the tenant where it signs in"
	case Forbidden:
		return "give the identity its role: " + roles
	case Blocked:
		return "allow this machine in the network rules of the storage account, or give the identity its role: " + roles
	case NoContainer:
		return "create it: az storage container create --auth-mode login --account-name ACCOUNT --name CONTAINER; or correct `records` in seatwright.yaml"
	case Unreachable:
		return "check that this machine reaches the storage account and that `records` in seatwright.yaml names the right account, then run again: changes that are already made are not repeated"
	}
	return "check `records` of the tenant in seatwright.yaml and the storage account, then run again: changes that are already made are not repeated"
}

// statusError is an answer that refuses. It has no text of the service.
type statusError struct {
	status int
	code   string // of the service; "" if it gave none
}

func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("status %d %s", e.status, e.code))
}

// Is lets callers check for the errors of package fs.
func (e *statusError) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e.code == string(bloberror.BlobNotFound)
	case fs.ErrExist:
		return e.code == string(bloberror.BlobAlreadyExists)
	}
	return false
}

// signInCredential marks the errors of a credential as errors of the sign-in.
type signInCredential struct{ azcore.TokenCredential }

// GetToken implements [azcore.TokenCredential].
func (s signInCredential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := s.TokenCredential.GetToken(ctx, options)
	if err != nil && ctx.Err() == nil {
		err = &signInError{err}
	}
	return token, err
}

// signInError is returned if there is no token.
type signInError struct{ cause error }

// Error returns only the first line: later lines show requests and answers.
func (e *signInError) Error() string {
	line, _, _ := strings.Cut(e.cause.Error(), "\n")
	return "sign in: " + cut(line)
}

// Unwrap returns the error of the credential.
func (e *signInError) Unwrap() error { return e.cause }

// NonRetriable keeps the SDK from trying again: the credential has already done so.
func (e *signInError) NonRetriable() {}

// wrapError returns an [Error] for an error of the SDK, whose text can show requests.
func (c *Container) wrapError(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	trouble, why := classify(err)
	if why == nil {
		why = context.Cause(ctx) // our own time limit, or a signal
	}
	if why == nil {
		why = errors.New("no answer came in time")
	}
	return &Error{Op: op, Where: c.where, Trouble: trouble, Err: why}
}

// classify returns the kind of problem and the reason. If there is no reason, the context
// has it.
func classify(err error) (Trouble, error) {
	if already, ok := errors.AsType[*Error](err); ok {
		return already.Trouble, already.Err
	}
	if known, ok := errors.AsType[*statusError](err); ok {
		return Refused, known
	}
	if refusal, ok := errors.AsType[*azcore.ResponseError](err); ok {
		why := &statusError{refusal.StatusCode, cut(refusal.ErrorCode)}
		return troubleOf(refusal), why
	}
	if sign, ok := errors.AsType[*signInError](err); ok {
		return SignIn, sign
	}
	if here, ok := errors.AsType[*localRefusal](err); ok {
		return Refused, here
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Unreachable, nil
	}
	return Unreachable, withoutAddress(err)
}

func troubleOf(refusal *azcore.ResponseError) Trouble {
	switch {
	case refusal.StatusCode == http.StatusUnauthorized || bloberror.HasCode(refusal, bloberror.AuthenticationFailed):
		return SignIn
	case bloberror.HasCode(refusal, bloberror.AuthorizationFailure):
		return Blocked
	case refusal.StatusCode == http.StatusForbidden:
		return Forbidden
	case bloberror.HasCode(refusal, bloberror.ContainerNotFound):
		return NoContainer
	case isTemporary(refusal.StatusCode):
		return Unreachable
	}
	return Refused
}

// isTemporary reports whether a status is temporary, so that the request may be repeated.
func isTemporary(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// The codes of the service that are checked in several functions ("Blob Storage error codes").
var (
	blobNotThere = []bloberror.Code{bloberror.BlobNotFound}
	blobIsThere  = []bloberror.Code{bloberror.BlobAlreadyExists, bloberror.ConditionNotMet, bloberror.LeaseIDMissing}
	leased       = []bloberror.Code{bloberror.LeaseAlreadyPresent, bloberror.LeaseIsBreakingAndCannotBeAcquired}
	notOurs      = []bloberror.Code{bloberror.BlobNotFound, bloberror.LeaseIDMismatchWithLeaseOperation, bloberror.LeaseIDMismatchWithBlobOperation,
		bloberror.LeaseNotPresentWithLeaseOperation, bloberror.LeaseNotPresentWithBlobOperation, bloberror.LeaseIsBrokenAndCannotBeRenewed, bloberror.LeaseLost}
)

func isCode(err error, codes []bloberror.Code) bool {
	if ours, ok := errors.AsType[*statusError](err); ok {
		return slices.Contains(codes, bloberror.Code(ours.code))
	}
	return bloberror.HasCode(err, codes...)
}

// cut shortens a string from outside for an error.
func cut(s string) string {
	return strings.ToValidUTF8(wire.Cut(strings.ToValidUTF8(s, "?"), 200), "")
}

// withoutAddress removes the request from an error of net/http.
func withoutAddress(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
