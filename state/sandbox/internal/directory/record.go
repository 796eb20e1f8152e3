package directory

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// maxWrites bounds what a long-lived sandbox remembers.
const maxWrites = 100_000

// Record holds all requests since the tenant was parsed. Tests assert on it, and no client
// can see it.
type Record struct {
	Writes        []Write        // in the order they were decided, at most 100,000
	WritesOmitted int            // writes beyond that
	SeatRefusals  int            // writes refused because no seat was free
	MinFree       map[string]int // by skuId: the fewest free seats there have been, negative if overused
	Requests      map[string]int // by route, as "POST users/{id}/assignLicense"; batch items count too

	Log          []Request            // in the order they were answered, at most 100,000; items before their batch
	LogOmitted   int                  // requests beyond that
	Plans        map[string][]PlansAt // by user id, of those whose plans changed
	PlansOmitted int                  // changes beyond 100,000
}

// Write is one request to change a user, whether or not it took effect.
type Write struct {
	At                time.Time    `json:"at"`
	Method            string       `json:"method"`
	Route             string       `json:"route"`  // as "users/{id}/assignLicense"
	User              string       `json:"user"`   // as the URL names them, or the group that was changed
	UserID            string       `json:"userId"` // "" if there is no such user, and of a group
	UserPrincipalName string       `json:"userPrincipalName"`
	Add               []AddLicense `json:"addLicenses"`             // as requested; nil if the body could not be read
	Remove            []string     `json:"removeLicenses"`          // skuIds, likewise
	UsageLocation     string       `json:"usageLocation,omitempty"` // of a PATCH
	Status            int          `json:"status"`                  // of the answer
	Code              string       `json:"code,omitempty"`          // of a refusal
	Message           string       `json:"message,omitempty"`
	TookEffect        bool         `json:"tookEffect"` // false also for a write that changed nothing
}

// AddLicense is one element of addLicenses.
type AddLicense struct {
	SKUID         string   `json:"skuId"`
	DisabledPlans []string `json:"disabledPlans"` // ids of service plans
}

// recorder keeps the record within its limits. The tenant's lock guards it.
type recorder struct {
	Record

	bytes      int // that the record takes
	plansNoted int // entries of Plans
}

// Record returns a copy of the record.
func (t *Tenant) Record() Record {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r := t.record.Record
	r.Writes = slices.Clone(r.Writes)
	r.Requests = maps.Clone(r.Requests)
	r.Log = slices.Clone(r.Log)
	r.Plans = maps.Clone(r.Plans) // histories only grow
	r.MinFree = map[string]int{}
	for _, s := range t.SKUs {
		r.MinFree[s.ID] = s.minFree
	}
	return r
}

// CountRequest counts a request of a route.
func (t *Tenant) CountRequest(route string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.record.countRequest(route)
}

// LogRequest records a request that was answered.
func (t *Tenant) LogRequest(r Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.record.log(r)
}

func (r *recorder) countRequest(route string) {
	if r.Requests == nil {
		r.Requests = map[string]int{}
	}
	r.Requests[route]++
}

func (r *recorder) log(answered Request) {
	if len(r.Log) >= maxRequests || !r.reserve(len(answered.Path)+len(answered.Query)) {
		r.LogOmitted++
		return
	}
	r.Log = append(r.Log, answered)
}

// note records a write with its outcome. The caller holds the lock.
func (r *recorder) note(w Write, refused *refusal.Error) {
	if refused != nil {
		w.Status, w.Code, w.Message = refused.Status, refused.Code, Clip(refused.Message)
		if refused.Seats {
			r.SeatRefusals++
		}
	}
	w.User = Clip(w.User)
	if len(r.Writes) >= maxWrites || !r.reserve(w.size()) {
		r.WritesOmitted++
		return
	}
	r.Writes = append(r.Writes, w)
}

// noteSeats keeps the fewest free seats of each SKU. The caller holds the lock.
func (t *Tenant) noteSeats() {
	for _, s := range t.SKUs {
		s.minFree = min(s.minFree, s.Free())
	}
}

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
	Route           string    `json:"route,omitempty"` // as "POST users/{id}/assignLicense"; "" if there is none
	Batch           string    `json:"batch,omitempty"` // of an item: the request id of its batch, which comes after it
	Status          int       `json:"status"`          // 0 if the client got no answer
	Code            string    `json:"code,omitempty"`  // of an error
	RequestID       string    `json:"requestId"`
	ClientRequestID string    `json:"clientRequestId"`
	App             string    `json:"app,omitempty"`   // the appid of its token
	Fault           string    `json:"fault,omitempty"` // that struck it
}

// reserve takes memory for a record of so many bytes of text, and reports whether there is
// any.
func (r *recorder) reserve(text int) bool {
	const fixed = 400
	if r.bytes+text+fixed > maxRecordBytes {
		return false
	}
	r.bytes += text + fixed
	return true
}

// Clip returns a text of a client, cut at maxLogged bytes. It keeps nothing of the memory
// that the text was a part of.
func Clip(s string) string { return strings.Clone(s[:min(len(s), maxLogged)]) }

// size returns how many bytes of text a write holds.
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
