package refusal

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// Error is an error in Graph's terms.
type Error struct {
	Status        int
	Code, Message string
	Seats         bool           // refused for want of seats
	Inner         ordered.Object // further members of innerError
	otherwise     map[variant.Name]string
}

// Under adds what a variant says instead; "" adds nothing.
func (r *Error) Under(v variant.Name, message string) *Error {
	if message != "" {
		r.otherwise = map[variant.Name]string{v: message}
	}
	return r
}

// Worded is the refusal as the variants have it.
func (r *Error) Worded(chosen variant.Set) *Error {
	if r != nil {
		for _, v := range chosen {
			r.Message = cmp.Or(r.otherwise[v], r.Message)
		}
	}
	return r
}

// The codes of errors.
const (
	CodeBadRequest    = "Request_BadRequest" // of the directory
	CodeGateway       = "BadRequest"         // of the gateway in front of it
	codeUnsupported   = "Request_UnsupportedQuery"
	codeNotFound      = "Request_ResourceNotFound"
	codeInternalError = "Service_InternalServerError"
	codeDenied        = "Authorization_RequestDenied"
)

// BadRequest refuses what the directory cannot do.
func BadRequest(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: fmt.Sprintf(format, args...)}
}

// BadPayload refuses what the gateway does not even show to the directory.
func BadPayload(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: CodeGateway, Message: fmt.Sprintf(format, args...)}
}

// UnsupportedQuery refuses a query that the directory does not support.
func UnsupportedQuery(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeUnsupported, Message: fmt.Sprintf(format, args...)}
}

// NotFound refuses an object that does not exist, by the key in the request.
func NotFound(key string) *Error {
	return &Error{
		Status: http.StatusNotFound,
		Code:   codeNotFound,
		Message: fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.",
			key),
	}
}

// Denied refuses what the caller may not do.
func Denied() *Error {
	return &Error{Status: http.StatusForbidden, Code: codeDenied, Message: "Insufficient privileges to complete the operation."}
}

// Internal refuses what failed in the sandbox itself.
func Internal(format string, args ...any) *Error {
	return &Error{Status: http.StatusInternalServerError, Code: codeInternalError, Message: fmt.Sprintf(format, args...)}
}
