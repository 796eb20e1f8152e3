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

// Trouble is what a [Fault] does.
type Trouble string

// The troubles. Where nothing else is said, the request is not carried out and
// the rest of its batch is.
const (
	Throttle    Trouble = "throttle"     // 429 with RetryAfter
	Unavailable Trouble = "unavailable"  // 503 with RetryAfter
	Timeout     Trouble = "timeout"      // 504
	HTML        Trouble = "html"         // 500 with a page in HTML for a body
	Empty       Trouble = "empty"        // 500 with {} for a body
	Conflict    Trouble = "conflict"     // 409, as with Collisions
	ExpireToken Trouble = "expire-token" // 401, from now on for this token; of a batch as a whole
	Redirect    Trouble = "redirect"     // 302 to the same path below To; of a batch as a whole
	Reset       Trouble = "reset"        // the connection is reset (TCP RST); the whole batch's
	Drop        Trouble = "drop"         // the connection ends without an answer; the whole batch's
	Truncate    Trouble = "truncate"     // carried out; half of the answer's body is sent
	Slow        Trouble = "slow"         // carried out; nothing but the Delay
	Catalogue   Trouble = "catalogue"    // carried out, after a SKU has changed as Change says
)

// AnswerStatus is the status of the answer to a request that a fault struck.
func (f Fault) AnswerStatus() int {
	if f.Status != 0 {
		return f.Status
	}
	return troubles[f.Do].status
}

// troubles is what each one may be told.
var troubles = map[Trouble]struct {
	status int  // of its answer, 0 where it has none of its own
	effect bool // may take effect
	later  bool // may say Retry-After
}{
	Throttle: {http.StatusTooManyRequests, true, true}, Unavailable: {http.StatusServiceUnavailable, true, true},
	Timeout: {http.StatusGatewayTimeout, true, true}, Conflict: {http.StatusConflict, true, true},
	HTML: {http.StatusInternalServerError, true, false}, Empty: {http.StatusInternalServerError, true, false},
	ExpireToken: {http.StatusUnauthorized, false, false}, Redirect: {http.StatusFound, false, false},
	Reset: {0, true, false}, Drop: {0, true, false},
	Truncate: {}, Slow: {}, Catalogue: {},
}

// Fault is one thing that goes wrong, for certain calls by their number or by
// chance. [ParseWeather] reads a list of them from a file.
type Fault struct {
	// On is the route, as in [Record.Requests]: "POST users/{id}/assignLicense", or a
	// method alone, or "" for every request. Items of a batch are calls of their own;
	// the batch is one of "POST $batch".
	On string
	// Calls are the calls that it strikes, counted from 1 among those that On means;
	// none are all.
	Calls []Span
	// Chance, where it is not 0, strikes those calls with this probability, by the
	// seed.
	Chance float64
	Do     Trouble
	// TookEffect carries the request out before its answer is lost or replaced. With
	// Drop that is an answer lost after the write took effect.
	TookEffect bool
	Delay      time.Duration    // before the answer, whatever it is
	Status     int              // in place of the trouble's own, 0 for that
	RetryAfter string           // the header of Throttle, Unavailable, Timeout and Conflict as it is; "" for none
	To         string           // of Redirect: scheme and host
	Change     *CatalogueChange // of Catalogue
}

// Span is a range of calls, both ends included; a Last of 0 has no end.
type Span struct{ First, Last int }

// means tells whether a fault is about a route.
func (f Fault) means(method, pattern string) bool {
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

// NewFaults returns the faults of a list before their first call.
func NewFaults(list []Fault, seed uint64) *List {
	return &List{list: list, seed: seed, calls: make([]uint64, len(list))}
}

// Next counts a call and returns the first fault that strikes it, nil for none.
func (f *List) Next(method, pattern string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var struck *Fault
	for i := range f.list {
		if !f.list[i].means(method, pattern) {
			continue
		}
		f.calls[i]++
		if struck == nil && f.list[i].strikes(i, f.calls[i], f.seed) {
			struck = &f.list[i]
		}
	}
	return struck
}

// Check says what is wrong with a fault. Routes are written as "GET users/{id}".
func (f Fault) Check(routes []string) error {
	kind, known := troubles[f.Do]
	switch {
	case !known:
		return fmt.Errorf("do %s is no trouble%s", strict.Quoted(string(f.Do)), strict.DidYouMean(string(f.Do), troubleNames()))
	case f.TookEffect && !kind.effect:
		return fmt.Errorf("%s is carried out anyhow, or never: leave tookEffect out", f.Do)
	case !(f.Chance >= 0 && f.Chance <= 1):
		return fmt.Errorf("chance must be from 0 to 1, not %v", f.Chance)
	case f.Delay < 0 || f.Do == Slow && f.Delay == 0:
		return fmt.Errorf("%s needs a delay above 0", f.Do)
	case f.Status != 0 && kind.status == 0:
		return fmt.Errorf("%s has no status of its own", f.Do)
	case f.Status != 0 && (f.Status < 300 || f.Status > 599):
		return fmt.Errorf("status must be from 300 to 599, not %d", f.Status)
	case f.RetryAfter != "" && !kind.later:
		return fmt.Errorf("%s says no retryAfter", f.Do)
	case !headerText(f.RetryAfter):
		return fmt.Errorf("retryAfter %s is no header", strict.Quoted(f.RetryAfter))
	}
	return errors.Join(f.checkOwn(), f.checkCalls(routes))
}

// checkOwn checks what belongs to one trouble alone.
func (f Fault) checkOwn() error {
	switch {
	case f.Do == Redirect && f.To == "":
		return errors.New("redirect needs to")
	case f.Do != Redirect && f.To != "":
		return errors.New("to belongs to redirect alone")
	case f.To != "" && !origin(f.To):
		return fmt.Errorf("to must be scheme and host, such as https://graph.example.com, not %s", strict.Quoted(f.To))
	case f.Do == Catalogue && f.Change == nil:
		return errors.New("catalogue needs change")
	case f.Do != Catalogue && f.Change != nil:
		return errors.New("change belongs to catalogue alone")
	}
	return nil
}

// origin tells whether an address is a scheme and a host and nothing else.
func origin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && s == u.Scheme+"://"+u.Host
}

func troubleNames() []string {
	var out []string
	for name := range troubles {
		out = append(out, string(name))
	}
	slices.Sort(out)
	return out
}

func (f Fault) checkCalls(routes []string) error {
	for _, s := range f.Calls {
		if s.First < 1 || s.Last != 0 && s.Last < s.First {
			return fmt.Errorf("calls %d-%d: calls are counted from 1, and a range goes upwards", s.First, s.Last)
		}
	}
	means := func(route string) bool {
		method, pattern, _ := strings.Cut(route, " ")
		return f.means(method, pattern)
	}
	if !slices.ContainsFunc(routes, means) {
		return fmt.Errorf("on %s is no route%s", strict.Quoted(f.On), strict.DidYouMean(f.On, routes))
	}
	return nil
}

func headerText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// CatalogueChange is what happens to a SKU while clients work: Microsoft adds
// service plans to products, subscriptions grow, shrink and lapse. It is not kept:
// the tenant file is what the next process begins with.
type CatalogueChange struct {
	SKU              string // skuId or skuPartNumber
	AddPlanID        string // a service plan that is new in the product, on for everybody who holds it
	AddPlanName      string
	Enabled          *int   // prepaidUnits.enabled from now on
	CapabilityStatus string // from now on, "" for as it is
}
