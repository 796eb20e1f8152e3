package faults

import (
	"math"
	"strconv"
	"sync"
	"time"
)

// Quota limits how much clients may ask for, as Graph does (Graph: throttling
// limits of identity and access). The zero value sets no limit.
type Quota struct {
	// Scale multiplies the limits. 1 is Graph's own, 0.01 a hundredth of them, for tests
	// that must reach them soon. Zero sets none. Graph's limits for one application in one
	// tenant are 3,000 writes in 150 s and, in 10 s, 3,500 resource units below 50 users,
	// 5,000 up to 500 users, and 8,000 above. A tenant has 18,000 writes in 5 minutes.
	Scale float64
	// Fractional writes Retry-After in fractions of a second. Without it only items
	// of a batch have fractions (microsoft-graph-docs issue 3877).
	Fractional bool
	// NoRetryAfter leaves the header out. Sources disagree on whether the directory's own
	// throttling has it.
	NoRetryAfter bool
	// DirectoryWords refuses in the words recorded of the directory (jsa2/AADAppAudit
	// issue 9) instead of those of the gateway (Graph: throttling guidance).
	DirectoryWords bool
	// TakesEffect is the chance, 0 to 1, that a throttled write takes effect all the
	// same (Microsoft Q&A 5529013: seen of items of a batch).
	TakesEffect float64
}

// The scopes of x-ms-throttle-scope.
const (
	scopeApp    = "Tenant_Application"
	scopeTenant = "Tenant"
)

// ScopeOf returns the scope of the limit that was used up, as x-ms-throttle-scope has it.
func (r Reading) ScopeOf(app, tenantID string) string {
	scope := r.limit.scope + "/" + r.limit.kind
	if r.limit.scope == scopeApp {
		scope += "/" + app
	}
	return scope + "/" + tenantID
}

// Reason returns why a request is throttled, as x-ms-throttle-information has it.
func (r Reading) Reason() string { return r.limit.reason }

// limit is one of the limits: a bucket of tokens that runs full at a steady
// rate.
type limit struct {
	scope, kind, reason string // of the throttle headers
	capacity, perSecond float64

	level float64
	at    time.Time
}

func newLimit(scope, kind, reason string, amount float64, in time.Duration, scale, least float64) *limit {
	capacity := max(amount*scale, least)
	return &limit{
		scope: scope, kind: kind, reason: reason,
		capacity: capacity, perSecond: capacity / in.Seconds(), level: capacity,
	}
}

// maxOverdraft is the amount by which refused requests can draw a bucket below empty,
// because x-ms-throttle-limit-percentage ends at 1.8.
const maxOverdraft = 0.8

// take draws on the bucket. Requests made while throttled count as well. It returns the
// time to wait if there was not enough.
func (l *limit) take(n float64, now time.Time) time.Duration {
	if passed := now.Sub(l.at).Seconds(); !l.at.IsZero() && passed > 0 {
		l.level = min(l.capacity, l.level+passed*l.perSecond)
	}
	l.at = now
	enough := l.level >= n
	l.level = max(l.level-n, -maxOverdraft*l.capacity)
	if enough {
		return 0
	}
	return time.Duration(math.Ceil((n - l.level) / l.perSecond * float64(time.Second)))
}

// used returns the share that is used up, above 1 if more was requested.
func (l *limit) used() float64 { return 1 - l.level/l.capacity }

// appLimits are the limits of one application.
type appLimits struct{ units, writes *limit }

// maxApps bounds how many applications have limits of their own. All others share one.
const maxApps = 1000

// Meter keeps the limits of a tenant.
type Meter struct {
	Quota

	users int
	seed  uint64

	mu     sync.Mutex
	apps   map[string]appLimits
	tenant *limit
	count  uint64 // throttled writes
}

// NewMeter returns a meter for a tenant of so many users, nil if there is no limit.
func NewMeter(q Quota, users int, seed uint64) *Meter {
	if q.Scale <= 0 {
		return nil
	}
	return &Meter{
		Quota: q, users: users, seed: seed, apps: map[string]appLimits{},
		tenant: newLimit(scopeTenant, "Write", "WriteLimitExceeded", 18_000, 5*time.Minute, q.Scale, 1),
	}
}

// costliest is more than any one request costs, so that all pass some time.
const costliest = 8

func (m *Meter) of(app string) appLimits {
	if _, known := m.apps[app]; !known && len(m.apps) >= maxApps {
		app = ""
	}
	if l, known := m.apps[app]; known {
		return l
	}
	units := 8000.0
	switch {
	case m.users < 50:
		units = 3500
	case m.users <= 500:
		units = 5000
	}
	l := appLimits{
		units:  newLimit(scopeApp, "ReadWrite", "ResourceUnitLimitExceeded", units, 10*time.Second, m.Scale, costliest),
		writes: newLimit(scopeApp, "Write", "WriteLimitExceeded", 3000, 150*time.Second, m.Scale, 1),
	}
	m.apps[app] = l
	return l
}

// Reading is the result of one request to the meter.
type Reading struct {
	limit *limit        // the one that is used up most
	Used  float64       // its share
	Wait  time.Duration // 0 if the request passes
}

// Take draws on the limits of an application, for a request of so many resource units.
func (m *Meter) Take(app string, units int, write bool, now time.Time) Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.of(app)
	worst := Reading{limit: l.units, Wait: l.units.take(float64(units), now), Used: l.units.used()}
	if !write {
		return worst
	}
	for _, l := range []*limit{l.writes, m.tenant} {
		r := Reading{limit: l, Wait: l.take(1, now), Used: l.used()}
		if r.Wait > worst.Wait || r.Wait == worst.Wait && r.Used > worst.Used {
			worst = r
		}
	}
	return worst
}

// ThrottledTakesEffect reports whether a throttled write is carried out all the same.
func (m *Meter) ThrottledTakesEffect() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count++
	return happens(m.TakesEffect, m.seed, "throttled", m.count)
}

// Percentage returns a share as x-ms-throttle-limit-percentage has it.
func Percentage(used float64) string { return strconv.FormatFloat(min(used, 1.8), 'f', 2, 64) }

// RetryAfter returns the time rounded up, so that a client that waits this long gets
// through.
func RetryAfter(d time.Duration, fractional bool) string {
	if fractional {
		return strconv.FormatFloat(math.Ceil(d.Seconds()*1000)/1000, 'f', -1, 64)
	}
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
