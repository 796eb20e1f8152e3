package graph

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// logging writes one line per request: method, route template, status, request id. It
// never writes headers, bodies, queries or ids of users.
type logging struct {
	next http.RoundTripper
	log  *slog.Logger
	root root
}

// RoundTrip implements [http.RoundTripper].
func (l logging) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := l.next.RoundTrip(req)
	line := l.log.With("method", req.Method, "route", l.template(req.URL.Path))
	if err != nil {
		line.DebugContext(req.Context(), "graph request failed", "reason", failureReason(err))
		return answer, err
	}
	line.DebugContext(req.Context(), "graph request", "status", answer.StatusCode, "request_id", cut(answer.Header.Get("request-id")))
	return answer, nil
}

// failureReason returns a fixed text for an error, whose own text may hold an address.
func failureReason(err error) string {
	for _, known := range []error{ErrReadOnly, ErrNotAllowed, ErrForeignAddress, ErrTooLarge} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if _, ok := errors.AsType[*signInError](err); ok {
		return "sign-in failed"
	}
	return "no answer"
}

// knownSegments has the path segments that may be shown unchanged.
var knownSegments = map[string]bool{"organization": true, "subscribedSkus": true, "users": true, "groups": true, "$batch": true, "assignLicense": true, "$count": true, "members": true, "transitiveMembers": true, "auditLogs": true, "directoryAudits": true}

// template returns the route of a path: "/users/{id}".
func (l logging) template(path string) string {
	path, under := strings.CutPrefix(path, l.root.url.Path+"/")
	if !under {
		return "{elsewhere}"
	}
	var b strings.Builder
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case knownSegments[segment]:
			b.WriteString("/" + segment)
		case state.IsGUID(segment):
			b.WriteString("/{id}")
		default:
			b.WriteString("/{other}")
		}
	}
	return b.String()
}
