package sandbox

import (
	"fmt"
	"maps"
	"net/http"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// response is the result of a request, alone or as an item of a batch.
type response struct {
	status int
	body   any               // nil for none
	allow  string            // the methods of a route, if the request had another
	cost   int               // resource units
	extra  map[string]string // further headers
}

// set adds a header, unless it is empty.
func (a *response) set(name, value string) {
	if value == "" {
		return
	}
	if a.extra == nil {
		a.extra = map[string]string{}
	}
	a.extra[name] = value
}

const (
	contentTypeSuccess = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
	contentTypeError   = "application/json"
)

// refuse returns the answer of a refusal: Graph's error envelope, whose date has no zone.
func (c *call) refuse(r *refusal.Error) response {
	inner := ordered.Object{
		{"date", c.now().UTC().Format("2006-01-02T15:04:05")},
		{"request-id", c.requestID},
		{"client-request-id", c.clientRequestID},
	}
	inner = append(inner, r.Inner...)
	return response{status: r.Status, body: ordered.Object{{"error", ordered.Object{
		{"code", r.Code},
		{"message", r.Message},
		{"innerError", inner},
	}}}}
}

func ok(body ordered.Object) response { return response{status: http.StatusOK, body: body} }

// headers returns the answer's headers as recorded ones have them.
func (a response) headers(c *call) map[string]string {
	h := map[string]string{
		"Cache-Control":       "no-cache",
		"request-id":          c.requestID,
		"client-request-id":   c.clientRequestID,
		"x-ms-resource-unit":  fmt.Sprint(max(a.cost, 1)),
		"x-ms-ags-diagnostic": `{"ServerInfo":{"DataCenter":"Seatwright sandbox"}}`,
	}
	if a.allow != "" {
		h["Allow"] = a.allow
	}
	maps.Copy(h, a.extra)
	switch {
	case a.body == nil:
	case isHTML(a.body):
		h["Content-Type"] = "text/html"
	case a.plain():
		h["Content-Type"] = "text/plain"
		h["OData-Version"] = "4.0"
	case a.status < 300:
		h["Content-Type"] = contentTypeSuccess
		h["OData-Version"] = "4.0"
	default:
		h["Content-Type"] = contentTypeError
	}
	return h
}

func (h *handler) send(w http.ResponseWriter, c *call, a response) {
	_, _ = w.Write(h.sendHead(w, c, a)) //nolint:gosec // JSON; a client that went away gets nothing
}

// sendHead sends the status and the headers, and returns the body.
func (h *handler) sendHead(w http.ResponseWriter, c *call, a response) []byte {
	var body []byte
	if a.body != nil {
		body = a.bytes()
	}
	if !h.memory.reserve(c.exchange, len(body)) {
		a = c.refuse(full())
		body = a.bytes()
	}
	for name, value := range a.headers(c) {
		w.Header().Set(name, value)
	}
	w.Header().Set("Date", h.service.now().UTC().Format(http.TimeFormat))
	if a.body != nil {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	}
	w.WriteHeader(a.status)
	return body
}

// plainCount is a body in plain text: a count.
type plainCount int

func (a response) plain() bool {
	_, plain := a.body.(plainCount)
	return plain
}
