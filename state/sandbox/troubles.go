package sandbox

import (
	"fmt"
	"net"
	"net/http"

	"github.com/seatwright/seatwright/state/sandbox/entra"
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// failureMode is what becomes of an answer on the wire.
type failureMode int

const (
	notFailed failureMode = iota
	truncated
	reset
	dropped
)

// htmlPage is a body in HTML. In an item of a batch it stands as base64, as bodies do
// that are no JSON.
type htmlPage []byte

func isHTML(body any) bool {
	_, ok := body.(htmlPage)
	return ok
}

// serviceError is the page; what the service shows is not documented.
const serviceError = `<!DOCTYPE html>
<html><head><title>Service Error</title></head>
<body><h1>Our services aren't available right now</h1><p>We're working to restore all services as soon as possible.</p></body></html>
`

// faultLayer lets faults strike.
type faultLayer struct {
	faults  *faults.List
	words   throttleWords
	expired *tokenSet
	alter   func(*faults.CatalogChange)
}

func (f faultLayer) around(r route, c *call, next func() response) response {
	fault := f.faults.Next(r.method, r.pattern)
	if fault == nil {
		return next()
	}
	c.fault = fault.Do
	c.exchange.owe(fault.Delay)
	switch fault.Do {
	case faults.Slow:
		return next()
	case faults.Truncate:
		c.exchange.failure = max(c.exchange.failure, truncated)
		return next()
	case faults.Catalog:
		f.alter(fault.Change)
		return next()
	}
	if fault.TookEffect {
		next()
	}
	return f.replaced(c, fault)
}

// replaced is what a client gets in place of an answer.
func (f faultLayer) replaced(c *call, fault *faults.Fault) response {
	refused := &refusal.Error{Status: fault.AnswerStatus()}
	switch fault.Do {
	case faults.Throttle:
		a := f.words.tooMany(c, c.exchange.app(), fault.RetryAfter)
		a.status = refused.Status
		return a
	case faults.Conflict:
		a := c.concurrent(refused.Status == http.StatusBadRequest, fault.RetryAfter)
		a.status = refused.Status
		return a
	case faults.Unavailable, faults.Timeout:
		refused.Code, refused.Message = "serviceNotAvailable", "The service is temporarily unavailable. Please try again later."
		if fault.Do == faults.Timeout {
			refused.Code, refused.Message = "UnknownError", ""
		}
		a := c.refuse(refused)
		a.set("Retry-After", fault.RetryAfter)
		return a
	case faults.HTML:
		return response{status: refused.Status, body: htmlPage(serviceError)}
	case faults.Empty:
		return response{status: refused.Status, body: ordered.Object{}}
	case faults.Redirect:
		a := response{status: refused.Status}
		a.set("Location", fault.To+c.target())
		return a
	case faults.ExpireToken:
		f.expired.add(c.exchange.token)
		return c.unauthorized(entra.TokenExpired)
	}
	return cutOff(c, fault)
}

// cutOff is trouble that an item brings on its whole batch, whose connection it
// is. Nobody sees the answer.
func cutOff(c *call, fault *faults.Fault) response {
	how := dropped
	if fault.Do == faults.Reset {
		how = reset
	}
	c.exchange.failure = max(c.exchange.failure, how)
	return c.refuse(&refusal.Error{Status: http.StatusGatewayTimeout, Code: "UnknownError"})
}

// target is what a call asked for, as a request names it.
func (c *call) target() string {
	if c.Query == "" {
		return "/v1.0/" + c.Path
	}
	return "/v1.0/" + c.Path + "?" + c.Query
}

// hangUp ends the connection without an answer: by a TCP reset, or as if all
// were said. HTTP/2 streams, which share a connection, are reset alone.
func hangUp(w http.ResponseWriter, how failureMode) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = secure.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok && how == reset {
		_ = tcp.SetLinger(0) // without it the reset is a plain end
	}
	_ = raw.Close() // nobody is told
}

// sendHalf sends half of a body whose length was promised.
func (h *handler) sendHalf(w http.ResponseWriter, c *call, a response) {
	if a.body == nil {
		hangUp(w, dropped)
		return
	}
	body := h.sendHead(w, c, a)
	_, _ = w.Write(body[:len(body)/2]) //nolint:gosec // JSON; a client that went away is told nothing
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// bytes is the body as it is sent.
func (a response) bytes() []byte {
	if p, ok := a.body.(htmlPage); ok {
		return p
	}
	return ordered.Encode(a.body)
}

// checkFaults says what is wrong with the faults of some options.
func checkFaults(t *directory.Tenant, o Options) error {
	for i, fault := range o.Faults {
		err := fault.Check(routeNames())
		if err == nil && fault.Change != nil && t.FindSKU(fault.Change.SKU) == nil {
			err = fmt.Errorf("change: the tenant has no subscribedSku %s", strict.Quoted(fault.Change.SKU))
		}
		if err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	return nil
}
