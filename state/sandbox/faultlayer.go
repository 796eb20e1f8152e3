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

// failureMode is how the sending of an answer fails.
type failureMode int

const (
	notFailed failureMode = iota
	truncated
	reset
	dropped
)

// htmlPage is a body in HTML. In an item of a batch it is base64, like all bodies that are
// no JSON.
type htmlPage []byte

func isHTML(body any) bool {
	_, ok := body.(htmlPage)
	return ok
}

// serviceError is the page. Microsoft does not document what the service shows.
const serviceError = `<!DOCTYPE html>
<html><head><title>Service Error</title></head>
<body><h1>Our services aren't available right now</h1><p>We're working to restore all services as soon as possible.</p></body></html>
`

// faultLayer applies the faults of a profile.
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
	c.exchange.delayAtLeast(fault.Delay)
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

// replaced returns the answer that a client gets instead of the route's.
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

// cutOff lets a fault of an item end the connection of its whole batch. The client does not
// see the returned answer.
func cutOff(c *call, fault *faults.Fault) response {
	how := dropped
	if fault.Do == faults.Reset {
		how = reset
	}
	c.exchange.failure = max(c.exchange.failure, how)
	return c.refuse(&refusal.Error{Status: http.StatusGatewayTimeout, Code: "UnknownError"})
}

// target returns the path and query of a call, as a request has them.
func (c *call) target() string {
	if c.Query == "" {
		return "/v1.0/" + c.Path
	}
	return "/v1.0/" + c.Path + "?" + c.Query
}

// hangUp ends the connection without an answer: by a TCP reset, or as if the answer was
// complete. HTTP/2 streams, which share a connection, are reset alone.
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
	_ = raw.Close() // there is no client left to answer
}

// sendHalf sends half of a body after a header with the full length.
func (h *handler) sendHalf(w http.ResponseWriter, c *call, a response) {
	if a.body == nil {
		hangUp(w, dropped)
		return
	}
	body := h.sendHead(w, c, a)
	_, _ = w.Write(body[:len(body)/2]) // a client that went away gets nothing
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// bytes returns the body as it is sent.
func (a response) bytes() []byte {
	if p, ok := a.body.(htmlPage); ok {
		return p
	}
	return ordered.Encode(a.body)
}

// checkFaults returns what is wrong with the faults of some options.
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
