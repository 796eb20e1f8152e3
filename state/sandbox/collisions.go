package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// CollisionScope says which licence writes get in each other's way.
type CollisionScope string

// The scopes. Sources disagree on how wide the service's lock is.
const (
	CollideNever  CollisionScope = ""       // none
	CollideUser   CollisionScope = "user"   // those for one user
	CollideTenant CollisionScope = "tenant" // all of the tenant, as one integration's documentation says
)

// Collisions refuse a licence write that comes while another is under way, as
// several tools report of the service: Directory_ConcurrencyViolation.
type Collisions struct {
	Within CollisionScope
	// Takes is how long a write is under way; its answer comes after that. Zero lets
	// no writes collide. The items of a parallel batch begin at once, so that in one
	// scope the first alone succeeds.
	Takes time.Duration
	// AsBadRequest refuses with 400 Request_BadRequest and the same text, which was
	// seen too, instead of 409.
	AsBadRequest bool
	// RetryAfter is the header of a refusal as it is, "" for none.
	RetryAfter string
}

// collisions keeps what is under way.
type collisions struct {
	Collisions

	tenant *directory.Tenant
	pause  waits

	mu    sync.Mutex
	until map[string]time.Time
}

func newCollisions(c Collisions, t *directory.Tenant, pause waits) *collisions {
	if c.Within == CollideNever || c.Takes <= 0 {
		return nil
	}
	return &collisions{Collisions: c, tenant: t, pause: pause, until: map[string]time.Time{}}
}

// begin starts a write, unless it collides.
func (c *collisions) begin(key string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, until := range c.until {
		if !now.Before(until) {
			delete(c.until, k)
		}
	}
	if _, busy := c.until[key]; busy {
		return false
	}
	c.until[key] = now.Add(c.Takes)
	return true
}

// key is what a write locks.
func (c *collisions) key(named string) string {
	if c.Within == CollideTenant {
		return ""
	}
	if u, ok := c.tenant.User(named); ok {
		return u.ID
	}
	return strings.ToLower(named)
}

func (r route) changesLicences() bool { return strings.HasSuffix(r.pattern, "/{id}/assignLicense") }

// around is the layer of collisions.
func (c *collisions) around(r route, asked *call, next func() answer) answer {
	if !r.changesLicences() {
		return next()
	}
	if !c.begin(c.key(asked.params[0]), asked.now()) {
		return asked.concurrent(c.AsBadRequest, c.RetryAfter)
	}
	a := next()
	if asked.trip.parallel {
		asked.trip.owe(c.Takes)
	} else {
		_ = c.pause(asked.trip.ctx, c.Takes) // a client that went away gets no answer anyhow
	}
	return a
}

// concurrent refuses a write that comes while another is under way.
func (c *call) concurrent(asBadRequest bool, after string) answer {
	refused := &refusal.Error{Status: http.StatusConflict, Code: "Directory_ConcurrencyViolation",
		Message: "Error due to concurrent requests being made to the tenant. Please wait briefly and retry."}
	if asBadRequest {
		refused.Status, refused.Code = http.StatusBadRequest, refusal.CodeBadRequest
	}
	a := c.refuse(refused)
	a.set("Retry-After", after)
	return a
}
