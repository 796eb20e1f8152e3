package sandbox

import (
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// Limits of what a long-lived sandbox remembers.
const (
	maxRequests    = 100_000
	maxRecordBytes = 256 << 20
	maxLogged      = 512 // bytes of one text
)

// Request is one request that was answered, alone or as an item of a batch. It
// holds nothing of the Authorization header or the body.
type Request struct {
	At              time.Time `json:"at"`
	Method          string    `json:"method"`
	Path            string    `json:"path"` // as it was asked for, cut at 512 bytes like all texts here
	Query           string    `json:"query,omitempty"`
	Route           string    `json:"route,omitempty"` // as "POST users/{id}/assignLicense"; "" where there is none
	Batch           string    `json:"batch,omitempty"` // of an item: the request id of its batch, which stands behind it
	Status          int       `json:"status"`          // 0 where the client got no answer
	Code            string    `json:"code,omitempty"`  // of an error
	RequestID       string    `json:"requestId"`
	ClientRequestID string    `json:"clientRequestId"`
	App             string    `json:"app,omitempty"`   // the appid of its token
	Fault           Trouble   `json:"fault,omitempty"` // that struck it
}

// log records a call with its answer.
func (f *face) log(c *call, a answer) {
	r := Request{
		At: f.now().UTC(), Method: clip(c.method), Path: clip(c.Path), Query: clip(c.Query), Route: c.route,
		Status: a.status, Code: a.code(), RequestID: c.requestID, ClientRequestID: clip(c.clientRequestID),
		App: c.trip.app(), Fault: c.fault,
	}
	if c.batched {
		r.Batch = c.trip.requestID
	}
	if c.fault == Reset || c.fault == Drop || !c.batched && c.trip.ending >= endReset {
		r.Status, r.Code = 0, ""
	}
	t := f.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.record.Log) >= maxRequests || !t.affords(len(r.Path)+len(r.Query)) {
		t.record.LogOmitted++
		return
	}
	t.record.Log = append(t.record.Log, r)
}

// affords takes memory for a record of so many bytes of text, and tells whether
// there is any. The caller holds the lock.
func (t *Tenant) affords(text int) bool {
	const fixed = 400
	if t.recorded+text+fixed > maxRecordBytes {
		return false
	}
	t.recorded += text + fixed
	return true
}

// clip cuts a text that a client made long, and keeps nothing of what it was a
// part of.
func clip(s string) string { return strings.Clone(s[:min(len(s), maxLogged)]) }

// code is the code of an error's envelope.
func (a answer) code() string {
	envelope, _ := a.body.(ordered.Object)
	if len(envelope) == 0 || envelope[0].Name != "error" {
		return ""
	}
	inside, _ := envelope[0].Value.(ordered.Object)
	if len(inside) == 0 {
		return ""
	}
	code, _ := inside[0].Value.(string)
	return code
}

// size is how many bytes of text a write holds.
func (w Write) size() int {
	n := len(w.User) + len(w.Message)
	for _, a := range w.Add {
		n += len(a.SKUID) + 64
		for _, p := range a.DisabledPlans {
			n += len(p) + 16
		}
	}
	for _, r := range w.Remove {
		n += len(r) + 16
	}
	return n
}
