package sandbox

import (
	"fmt"
	"maps"
	"net/http"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// answer is what a request comes to, alone or as an item of a batch.
type answer struct {
	status int
	body   any               // nil for none
	allow  string            // the methods of a route that was asked with another
	cost   int               // resource units
	extra  map[string]string // further headers
}

// set adds a header, unless it is empty.
func (a *answer) set(name, value string) {
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

// refuse makes the answer of a refusal: Graph's error envelope, whose date
// has no zone.
func (c *call) refuse(r *refusal.Error) answer {
	inner := ordered.Object{
		{"date", c.now().UTC().Format("2006-01-02T15:04:05")},
		{"request-id", c.requestID},
		{"client-request-id", c.clientRequestID},
	}
	inner = append(inner, r.Inner...)
	return answer{status: r.Status, body: ordered.Object{{"error", ordered.Object{
		{"code", r.Code},
		{"message", r.Message},
		{"innerError", inner},
	}}}}
}

func ok(body ordered.Object) answer { return answer{status: http.StatusOK, body: body} }

// headers are the answer's headers as recorded ones have them.
func (a answer) headers(c *call) map[string]string {
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

func (f *face) send(w http.ResponseWriter, c *call, a answer) {
	_, _ = w.Write(f.sendHead(w, c, a)) // a client that went away is told nothing
}

// sendHead sends all but the body, which it returns.
func (f *face) sendHead(w http.ResponseWriter, c *call, a answer) []byte {
	var body []byte
	if a.body != nil {
		body = a.bytes()
	}
	if !f.memory.take(c.trip, len(body)) {
		a = c.refuse(full())
		body = a.bytes()
	}
	for name, value := range a.headers(c) {
		w.Header().Set(name, value)
	}
	w.Header().Set("Date", f.service.now().UTC().Format(http.TimeFormat))
	if a.body != nil {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	}
	w.WriteHeader(a.status)
	return body
}

// plainCount is a body in plain text: how many there are.
type plainCount int

func (a answer) plain() bool {
	_, plain := a.body.(plainCount)
	return plain
}
