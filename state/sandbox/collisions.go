package sandbox

import (
	"net/http"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// collisionLayer refuses a license write that comes while another is under way.
type collisionLayer struct {
	locks  *faults.Locks
	tenant *directory.Tenant
	pause  waitFunc
}

// key returns what a write locks.
func (l collisionLayer) key(named string) string {
	if l.locks.Within == faults.CollideTenant {
		return ""
	}
	if u, ok := l.tenant.User(named); ok {
		return u.ID
	}
	return strings.ToLower(named)
}

func (r route) changesLicenses() bool { return strings.HasSuffix(r.pattern, "/{id}/assignLicense") }

// around returns the layer of collisions.
func (l collisionLayer) around(r route, c *call, next func() response) response {
	if !r.changesLicenses() {
		return next()
	}
	if !l.locks.Begin(l.key(c.params[0]), c.now()) {
		return c.concurrent(l.locks.AsBadRequest, l.locks.RetryAfter)
	}
	a := next()
	if c.exchange.parallel {
		c.exchange.delayAtLeast(l.locks.Takes)
	} else {
		_ = l.pause(c.exchange.ctx, l.locks.Takes) // a client that went away gets no answer
	}
	return a
}

// concurrent returns the refusal of a write that comes while another is under way.
func (c *call) concurrent(asBadRequest bool, after string) response {
	refused := &refusal.Error{Status: http.StatusConflict, Code: "Directory_ConcurrencyViolation",
		Message: "Error due to concurrent requests being made to the tenant. Please wait briefly and retry."}
	if asBadRequest {
		refused.Status, refused.Code = http.StatusBadRequest, refusal.CodeBadRequest
	}
	a := c.refuse(refused)
	a.set("Retry-After", after)
	return a
}
