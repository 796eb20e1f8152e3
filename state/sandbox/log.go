package sandbox

import (
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// log records a call with its answer.
func (h *handler) log(c *call, a response) {
	r := directory.Request{
		At: h.service.now().UTC(), Method: directory.Clip(c.method), Path: directory.Clip(c.Path), Query: directory.Clip(c.Query), Route: c.route,
		Status: a.status, Code: a.code(), RequestID: c.requestID, ClientRequestID: directory.Clip(c.clientRequestID),
		App: c.exchange.app(), Fault: string(c.fault),
	}
	if c.batched {
		r.Batch = c.exchange.requestID
	}
	if c.fault == faults.Reset || c.fault == faults.Drop || !c.batched && c.exchange.failure >= reset {
		r.Status, r.Code = 0, ""
	}
	h.service.tenant.LogRequest(r)
}

// code returns the code of an error's envelope.
func (a response) code() string {
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
