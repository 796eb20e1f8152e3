package sandbox

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// refusal is an error in Graph's terms.
type refusal struct {
	status        int
	code, message string
	seats         bool           // refused for want of seats
	inner         ordered.Object // further members of innerError
	otherwise     map[Variant]string
}

// under adds what a variant says instead; "" adds nothing.
func (r *refusal) under(v Variant, message string) *refusal {
	if message != "" {
		r.otherwise = map[Variant]string{v: message}
	}
	return r
}

// worded is the refusal as the variants have it.
func (r *refusal) worded(chosen variants) *refusal {
	if r != nil {
		for _, v := range chosen {
			r.message = cmp.Or(r.otherwise[v], r.message)
		}
	}
	return r
}

const (
	codeBadRequest    = "Request_BadRequest" // of the directory
	codeGateway       = "BadRequest"         // of the gateway in front of it
	codeUnsupported   = "Request_UnsupportedQuery"
	codeNotFound      = "Request_ResourceNotFound"
	codeInternalError = "Service_InternalServerError"
	codeDenied        = "Authorization_RequestDenied"
)

func badRequest(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: codeBadRequest, message: fmt.Sprintf(format, args...)}
}

// badPayload refuses what the gateway does not even show to the directory.
func badPayload(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: codeGateway, message: fmt.Sprintf(format, args...)}
}

func unsupportedQuery(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: codeUnsupported, message: fmt.Sprintf(format, args...)}
}

func notFound(key string) *refusal {
	return &refusal{
		status: http.StatusNotFound,
		code:   codeNotFound,
		message: fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.",
			key),
	}
}
