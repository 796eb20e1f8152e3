package faults

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// Kind is what a [Fault] does.
type Kind string

// The kinds of faults. Unless a comment has an exception, the request is not carried out
// and the rest of its batch is.
const (
	Throttle    Kind = "throttle"     // 429 with RetryAfter
	Unavailable Kind = "unavailable"  // 503 with RetryAfter
	Timeout     Kind = "timeout"      // 504
	HTML        Kind = "html"         // 500 with a page in HTML for a body
	Empty       Kind = "empty"        // 500 with {} for a body
	Conflict    Kind = "conflict"     // 409, as with Collisions
	ExpireToken Kind = "expire-token" // 401, from now on for this token; of a batch as a whole
	Redirect    Kind = "redirect"     // 302 to the same path below To; of a batch as a whole
	Reset       Kind = "reset"        // the connection is reset (TCP RST); the whole batch's
	Drop        Kind = "drop"         // the connection ends without an answer; the whole batch's
	Truncate    Kind = "truncate"     // carried out; half of the answer's body is sent
	Slow        Kind = "slow"         // carried out; nothing but the Delay
	Catalog     Kind = "catalog"      // carried out after the Change of a SKU
)

// AnswerStatus returns the status of the answer to a request that a fault struck.
func (f Fault) AnswerStatus() int {
	if f.Status != 0 {
		return f.Status
	}
	return kinds[f.Do].status
}

// kinds holds the properties that a fault of each kind may have.
var kinds = map[Kind]struct {
	status int  // of its answer, 0 if it has none of its own
	effect bool // may take effect
	later  bool // may have Retry-After
}{
	Throttle: {http.StatusTooManyRequests, true, true}, Unavailable: {http.StatusServiceUnavailable, true, true},
	Timeout: {http.StatusGatewayTimeout, true, true}, Conflict: {http.StatusConflict, true, true},
	HTML: {http.StatusInternalServerError, true, false}, Empty: {http.StatusInternalServerError, true, false},
	ExpireToken: {http.StatusUnauthorized, false, false}, Redirect: {http.StatusFound, false, false},
	Reset: {0, true, false}, Drop: {0, true, false},
	Truncate: {}, Slow: {}, Catalog: {},
}

// Fault is one thing that goes wrong, for certain calls by their number or by chance.
// [ParseProfile] reads a list of them from a file.
type Fault struct {
	// On is the route, as in the record of a tenant: "POST users/{id}/assignLicense", a method
	// alone, or "" for every request. Items of a batch are calls of their own. The batch is
	// one of "POST $batch".
	On string
	// Calls are the calls that it strikes, counted from 1 among those that On selects. An
	// empty list means all.
	Calls []Span
	// Chance, if it is not 0, strikes those calls with this probability. It depends on the
	// seed.
	Chance float64
	Do     Kind
	// TookEffect carries the request out before its answer is lost or replaced. With
	// Drop that is an answer lost after the write took effect.
	TookEffect bool
	Delay      time.Duration  // before any answer
	Status     int            // instead of the status of the kind, 0 for that status
	RetryAfter string         // the header of Throttle, Unavailable, Timeout and Conflict as it is; "" for none
	To         string         // of Redirect: scheme and host
	Change     *CatalogChange // of Catalog
}

// Span is a range of calls, both ends included; a Last of 0 has no end.
type Span struct{ First, Last int }

// matches reports whether a fault is about a route.
func (f Fault) matches(method, pattern string) bool {
	on, path, named := strings.Cut(f.On, " ")
	return f.On == "" || strings.EqualFold(on, method) && (!named || strings.EqualFold(path, pattern))
}

func (f Fault) strikes(i int, n uint64, seed uint64) bool {
	spanned := func(s Span) bool { return n >= uint64(max(s.First, 0)) && (s.Last == 0 || n <= uint64(s.Last)) }
	if len(f.Calls) > 0 && !slices.ContainsFunc(f.Calls, spanned) {
		return false
	}
	return f.Chance == 0 || happens(f.Chance, seed, "fault "+strconv.Itoa(i), n)
}

// List counts the calls of each fault.
type List struct {
	list []Fault
	seed uint64

	mu    sync.Mutex
	calls []uint64 // by fault
}

// NewList returns the faults of a list before their first call.
func NewList(list []Fault, seed uint64) *List {
	return &List{list: list, seed: seed, calls: make([]uint64, len(list))}
}

// Next counts a call and returns the first fault that strikes it, nil for none.
func (f *List) Next(method, pattern string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var struck *Fault
	for i := range f.list {
		if !f.list[i].matches(method, pattern) {
			continue
		}
		f.calls[i]++
		if struck == nil && f.list[i].strikes(i, f.calls[i], f.seed) {
			struck = &f.list[i]
		}
	}
	return struck
}

// Check returns what is wrong with a fault. Routes are written as "GET users/{id}".
func (f Fault) Check(routes []string) error {
	kind, known := kinds[f.Do]
	switch {
	case !known:
		return fmt.Errorf("do %s is not a fault%s", strict.Quoted(string(f.Do)), strict.DidYouMean(string(f.Do), kindNames()))
	case f.TookEffect && !kind.effect:
		return fmt.Errorf("%s takes no tookEffect: remove it", f.Do)
	case !(f.Chance >= 0 && f.Chance <= 1):
		return fmt.Errorf("chance must be from 0 to 1, not %v", f.Chance)
	case f.Delay < 0 || f.Do == Slow && f.Delay == 0:
		return fmt.Errorf("%s needs a delay above 0", f.Do)
	case f.Status != 0 && kind.status == 0:
		return fmt.Errorf("%s takes no status: remove it", f.Do)
	case f.Status != 0 && (f.Status < 300 || f.Status > 599):
		return fmt.Errorf("status must be from 300 to 599, not %d", f.Status)
	case f.RetryAfter != "" && !kind.later:
		return fmt.Errorf("%s takes no retryAfter: remove it", f.Do)
	case !headerText(f.RetryAfter):
		return fmt.Errorf("retryAfter %s cannot be sent in a header", strict.Quoted(f.RetryAfter))
	}
	return errors.Join(f.checkKindFields(), f.checkCalls(routes))
}

// checkKindFields checks the fields that belong to one kind only.
func (f Fault) checkKindFields() error {
	switch {
	case f.Do == Redirect && f.To == "":
		return errors.New("redirect needs to, such as https://graph.example.com")
	case f.Do != Redirect && f.To != "":
		return errors.New("to is for redirect only")
	case f.To != "" && !origin(f.To):
		return fmt.Errorf("to must be scheme and host, such as https://graph.example.com, not %s", strict.Quoted(f.To))
	case f.Do == Catalog && f.Change == nil:
		return errors.New("catalog needs change, such as {sku: SPE_E3, enabled: 10}")
	case f.Do != Catalog && f.Change != nil:
		return errors.New("change is for catalog only")
	}
	return nil
}

// origin reports whether an address is a scheme and a host and nothing else.
func origin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && s == u.Scheme+"://"+u.Host
}

func kindNames() []string {
	var out []string
	for name := range kinds {
		out = append(out, string(name))
	}
	slices.Sort(out)
	return out
}

func (f Fault) checkCalls(routes []string) error {
	for _, s := range f.Calls {
		if s.First < 1 || s.Last != 0 && s.Last < s.First {
			return fmt.Errorf("calls %d-%d: calls are counted from 1, and a range must not end before it begins", s.First, s.Last)
		}
	}
	means := func(route string) bool {
		method, pattern, _ := strings.Cut(route, " ")
		return f.matches(method, pattern)
	}
	if !slices.ContainsFunc(routes, means) {
		return fmt.Errorf("on %s is not a route%s", strict.Quoted(f.On), strict.DidYouMean(f.On, routes))
	}
	return nil
}

func headerText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// CatalogChange is a change of a SKU while clients work. Microsoft adds service plans to
// products, and subscriptions grow, shrink and lapse. The change is not kept: the next
// process begins with the tenant file again.
type CatalogChange struct {
	SKU              string // skuId or skuPartNumber
	AddPlanID        string // a service plan that is new in the product, on for all users who hold it
	AddPlanName      string
	Enabled          *int   // prepaidUnits.enabled from now on
	CapabilityStatus string // from now on, "" for no change
}
