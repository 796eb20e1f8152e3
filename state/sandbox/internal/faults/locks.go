package faults

import (
	"sync"
	"time"
)

// CollisionScope names the license writes that collide with each other.
type CollisionScope string

// The scopes. Sources disagree on how wide the service's lock is.
const (
	CollideNever  CollisionScope = ""       // none
	CollideUser   CollisionScope = "user"   // those for one user
	CollideTenant CollisionScope = "tenant" // all of the tenant, according to the documentation of one integration
)

// Collisions refuse a license write that comes while another is under way, as
// several tools report of the service: Directory_ConcurrencyViolation.
type Collisions struct {
	Within CollisionScope
	// Takes is how long a write is under way. Its answer comes after that. Zero means that
	// no writes collide. The items of a parallel batch begin at once, so that in one scope
	// the first alone succeeds.
	Takes time.Duration
	// AsBadRequest refuses with 400 Request_BadRequest and the same text instead of 409.
	// That was recorded too.
	AsBadRequest bool
	// RetryAfter is the header of a refusal as it is, "" for none.
	RetryAfter string
}

// Locks holds the writes under way.
type Locks struct {
	Collisions

	mu    sync.Mutex
	until map[string]time.Time
}

// NewLocks returns the locks of a profile, nil if no writes collide.
func NewLocks(c Collisions) *Locks {
	if c.Within == CollideNever || c.Takes <= 0 {
		return nil
	}
	return &Locks{Collisions: c, until: map[string]time.Time{}}
}

// Begin starts a write, unless it collides.
func (c *Locks) Begin(key string, now time.Time) bool {
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
