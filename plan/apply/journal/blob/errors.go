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

// Trouble is what is the matter with a container.
type Trouble int

// The sorts of trouble.
const (
	Refused     Trouble = iota // for another reason
	SignIn                     // no token could be had, or it is not taken
	Forbidden                  // the identity may not
	Blocked                    // the account's network rules, or the identity may not
	NoContainer                // there is none of that name
	Unreachable                // no answer came, or none that helps
)

// Error is a container that cannot be used. It holds no token, and nothing of the
// answer's body.
type Error struct {
	Op      string
	Where   string
	Trouble Trouble
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %v", e.Where, e.Op, e.Err) }

// Unwrap is what the service or the network says.
func (e *Error) Unwrap() error { return e.Err }

// Credentials says that it is the identity, and not the container, that needs looking after.
func (e *Error) Credentials() bool {
	return e.Trouble == SignIn || e.Trouble == Forbidden || e.Trouble == Blocked
}

// Hint says what an administrator can do about it.
func (e *Error) Hint() string {
	const roles = "to plan it needs the role Storage Blob Data Reader on the container, to apply Storage Blob Data Contributor; a new role counts after some minutes"
	switch e.Trouble {
	case SignIn:
		return "see `credential` of the tenant in seatwright.yaml: the storage account must belong to the tenant that it signs in at"
	case Forbidden:
		return "give the identity its role: " + roles
	case Blocked:
		return "let this machine through the network rules of the storage account, or give the identity its role: " + roles
	case NoContainer:
		return "make it: az storage container create --auth-mode login --account-name ACCOUNT --name CONTAINER; or correct `records` in seatwright.yaml"
	case Unreachable:
		return "see whether this machine reaches the storage account, and whether `records` in seatwright.yaml names the right one; then run again: what has been done is seen and not repeated"
	}
	return "see `records` of the tenant in seatwright.yaml and the storage account, then run again: what has been done is seen and not repeated"
}

// statusError is an answer that refuses, in few words. Foreign text is none of them.
type statusError struct {
	status int
	code   string // of the service; "" if it gave none
}

func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("status %d %s", e.status, e.code))
}

// Is lets callers ask what is there in the words of files.
func (e *statusError) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e.code == string(bloberror.BlobNotFound)
	case fs.ErrExist:
		return e.code == string(bloberror.BlobAlreadyExists)
	}
	return false
}

// signing says of a credential's errors what they are.
type signing struct{ azcore.TokenCredential }

// GetToken implements [azcore.TokenCredential].
func (s signing) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := s.TokenCredential.GetToken(ctx, options)
	if err != nil && ctx.Err() == nil {
		err = &signInError{err}
	}
	return token, err
}

// signInError says that no token could be had.
type signInError struct{ cause error }

// Error is the first line alone: those behind it show requests and answers.
func (e *signInError) Error() string {
	line, _, _ := strings.Cut(e.cause.Error(), "\n")
	return "sign in: " + cut(line)
}

// Unwrap is what the credential says.
func (e *signInError) Unwrap() error { return e.cause }

// NonRetriable tells the SDK: the credential has tried already.
func (e *signInError) NonRetriable() {}

// failed makes an error of ours of one of the SDK's, whose text shows requests.
func (c *Container) failed(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	trouble, why := judge(err)
	if why == nil {
		why = context.Cause(ctx) // it was our own time that ran out, or a signal
	}
	if why == nil {
		why = errors.New("no answer came in time")
	}
	return &Error{Op: op, Where: c.where, Trouble: trouble, Err: why}
}

// judge says what the matter is. Without a reason the context has it.
func judge(err error) (Trouble, error) {
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
	if here, ok := errors.AsType[*refusedHere](err); ok {
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
	case momentary(refusal.StatusCode):
		return Unreachable
	}
	return Refused
}

// momentary says whether a status means "not now".
func momentary(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// The codes of the service that more than one place asks for ("Blob Storage error codes").
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

// cut keeps a foreign string short enough to stand in an error.
func cut(s string) string {
	return strings.ToValidUTF8(wire.Cut(strings.ToValidUTF8(s, "?"), 200), "")
}

// withoutAddress takes the request off an error of net/http.
func withoutAddress(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
