package sandbox

import (
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
)

// What a fault profile consists of. Package faults has the fields and what they mean;
// here are the names for programs that make a profile without a file.
type (
	// Quota limits how much clients may ask for, as Graph does.
	Quota = faults.Quota
	// Collisions refuse a license write that comes while another is under way.
	Collisions = faults.Collisions
	// Lag makes the tenant eventually consistent.
	Lag = faults.Lag
	// Fault is one thing that goes wrong, for certain calls by their number or by chance.
	Fault = faults.Fault
)

// CollideTenant lets all license writes of a tenant collide.
const CollideTenant = faults.CollideTenant

// The kinds of a [Fault]. Files can use a few more.
const (
	Throttle    = faults.Throttle
	Unavailable = faults.Unavailable
	Timeout     = faults.Timeout
	HTML        = faults.HTML
	Empty       = faults.Empty
	Conflict    = faults.Conflict
	Reset       = faults.Reset
	Drop        = faults.Drop
	Truncate    = faults.Truncate
	Slow        = faults.Slow
)

// ParseFaultProfile reads a fault profile, YAML or JSON, as strictly as a tenant file; the
// name is used in messages only. ParseFaultProfile sets Seed, PageSize,
// EmptyPages, GroupDelay, Variants, Quota, Collisions, Lag and Faults, whose fields
// are the keys. All may be left out; the
// quotas are Graph's own if the file has no scale.
//
//	seed: 7
//	pageSize: 20                           # the most a page has, also with a larger $top
//	emptyPages: true                       # an empty one before every page
//	groupDelay: 5m                         # until members have what their group was given
//	variants: [error-null]                 # see package variant
//	quota:
//	  scale: 0.01                          # 1 is Graph's own, 0 sets no limit
//	  fractional: true                     # Retry-After in fractions of a second
//	  noRetryAfter: false
//	  directoryWords: false
//	  takesEffect: 0.2                     # the chance that a throttled write is done
//	collisions:
//	  within: tenant                       # or user
//	  takes: 2s
//	  asBadRequest: false                  # 400 in place of 409
//	  retryAfter: 1.5
//	lag:
//	  replicas: [0s, 5s, 30s]              # how far each is behind
//	  location: 10s                        # until a first usageLocation counts
//	faults:
//	  - on: POST users/{id}/assignLicense  # or a method alone; left out, every request
//	    calls: [2, 5-7, 20-]               # counted from 1 among those; left out, all
//	    chance: 0.1                        # of those; by the seed
//	    do: throttle
//	    retryAfter: 2.128
//	  - on: GET users
//	    calls: 3
//	    do: html
//	    status: 502
//	    delay: 5s
//	  - on: POST users/{id}/assignLicense
//	    calls: 9
//	    do: drop
//	    tookEffect: true                   # the write is done, its answer is lost
//	  - on: GET subscribedSkus
//	    calls: 2
//	    do: catalog
//	    change: {sku: SPE_E3, addPlan: {servicePlanId: 0f9b09cb-62d1-4ff4-9129-43f4996f83f4, servicePlanName: NEW_PLAN}}
//	  - do: redirect
//	    calls: 40-
//	    to: https://graph.example.com
//
// Each fault counts the calls that it is about. If several strike one call, the
// first in the file applies. faults.Kind lists what faults can do.
func ParseFaultProfile(name string, data []byte) (Options, error) {
	p, err := faults.ParseProfile(name, data, routeNames())
	if err != nil {
		return Options{}, err
	}
	return Options{
		Seed: p.Seed, PageSize: p.PageSize, EmptyPages: p.EmptyPages, GroupDelay: p.GroupDelay, Variants: p.Variants,
		Quota: p.Quota, Collisions: p.Collisions, Lag: p.Lag, Faults: p.Faults,
	}, nil
}
