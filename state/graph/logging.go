package graph

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// logging writes one line a request: method, route template, status, request id.
// Never headers, bodies, queries or ids of users.
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
		line.DebugContext(req.Context(), "graph request failed", "reason", failureWord(err))
		return answer, err
	}
	line.DebugContext(req.Context(), "graph request", "status", answer.StatusCode, "request_id", cut(answer.Header.Get("request-id")))
	return answer, nil
}

// failureWord returns a word of ours for an error, whose own text may hold an address.
func failureWord(err error) string {
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

// words are the path segments that may be shown as they are.
var words = map[string]bool{"organization": true, "subscribedSkus": true, "users": true, "groups": true, "$batch": true, "assignLicense": true, "$count": true, "members": true, "transitiveMembers": true, "auditLogs": true, "directoryAudits": true}

// template returns the route of a path: "/users/{id}".
func (l logging) template(path string) string {
	path, under := strings.CutPrefix(path, l.root.url.Path+"/")
	if !under {
		return "{elsewhere}"
	}
	var b strings.Builder
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case words[segment]:
			b.WriteString("/" + segment)
		case state.IsGUID(segment):
			b.WriteString("/{id}")
		default:
			b.WriteString("/{other}")
		}
	}
	return b.String()
}
