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
	Seats         bool           // refused because no seat is free
	Inner         ordered.Object // further members of innerError
	otherwise     map[variant.Name]string
}

// WithVariant adds the message of a variant. An empty message adds nothing.
func (r *Error) WithVariant(v variant.Name, message string) *Error {
	if message != "" {
		r.otherwise = map[variant.Name]string{v: message}
	}
	return r
}

// ForVariants returns the refusal with the message of the chosen variants.
func (r *Error) ForVariants(chosen variant.Set) *Error {
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

// BadRequest returns the refusal of a request that the directory cannot carry out.
func BadRequest(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: fmt.Sprintf(format, args...)}
}

// BadPayload returns the refusal of a request that the gateway does not pass to the
// directory.
func BadPayload(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: CodeGateway, Message: fmt.Sprintf(format, args...)}
}

// UnsupportedQuery returns the refusal of a query that the directory does not support.
func UnsupportedQuery(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: codeUnsupported, Message: fmt.Sprintf(format, args...)}
}

// NotFound returns the refusal of an object that does not exist, with the key in the
// request.
func NotFound(key string) *Error {
	return &Error{
		Status: http.StatusNotFound,
		Code:   codeNotFound,
		Message: fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.",
			key),
	}
}

// Denied returns the refusal of a request for which the caller lacks a permission.
func Denied() *Error {
	return &Error{Status: http.StatusForbidden, Code: codeDenied, Message: "Insufficient privileges to complete the operation."}
}

// Internal returns the refusal of a request that failed in the sandbox itself.
func Internal(format string, args ...any) *Error {
	return &Error{Status: http.StatusInternalServerError, Code: codeInternalError, Message: fmt.Sprintf(format, args...)}
}
