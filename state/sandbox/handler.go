package sandbox

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/entra"
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/faults"
	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// Options configure how a tenant answers over HTTP. The zero value is a faithful tenant
// that forgets its changes when the process ends.
type Options struct {
	// Now is the tenant's clock, time.Now if it is nil.
	Now func() time.Time
	// Changed is called with every change that took effect, before the write is answered,
	// one call at a time. The change is a line for [Tenant.Restore], to be appended to the
	// earlier ones. If Changed fails, the write is undone and answered with 500. It must
	// not call methods of the tenant.
	Changed func(line []byte) error
	// PageSize caps every page below $top, so that small tenants have pages too. Zero sets
	// no cap.
	PageSize int
	// Seed decides the order in which parallel batches are carried out and all batches are
	// answered. It also decides the request ids and everything that happens by chance.
	Seed uint64
	// GroupDelay is how long the members of a group wait for a change of its licenses, by
	// Now. Zero means until the next request.
	GroupDelay time.Duration
	// EmptyPages puts an empty page with a nextLink before every page.
	EmptyPages bool
	// Variants choose answers on which sources disagree.
	Variants []variant.Name

	Quota      Quota
	Collisions Collisions
	Lag        Lag
	Faults     []Fault
	// Authority, if it is set, answers at the same address as Entra ID does, for clients
	// that ask for tokens.
	Authority *entra.Authority
	// StrictTokens refuses every token that the Authority did not issue. Without it any
	// token is accepted, and none too. The roles in a token are respected, with or without
	// a valid signature.
	StrictTokens bool
	// Memory bounds, in bytes, the bodies of requests and answers that are under way. 0
	// means 256 MiB. A body that does not fit is answered with 503.
	Memory int64
	// Wait waits, for slow answers and changes that take their time. If it is nil, a timer
	// does. It must go with Now, and return the context's error if the context ends first.
	Wait func(ctx context.Context, d time.Duration) error
}

// handler serves the tenant over HTTP.
type handler struct {
	service  *service
	routes   []route
	layers   []layer
	lag      *lag
	memory   *memory
	seed     uint64
	requests atomic.Uint64
	wait     waitFunc

	authority *entra.Authority
	directory entra.Directory
	strict    bool
	expired   tokenSet
	showing   sync.Mutex // the record is shown to one at a time
}

// service answers routes from one copy of the tenant: the tenant itself or a replica.
type service struct {
	tenant     *directory.Tenant
	now        func() time.Time
	pages      query.Pages
	groupDelay time.Duration
	variants   variant.Set

	// Only of the tenant itself, because replicas answer neither writes nor delta.
	writer    *directory.Writer
	locations *locations
	began     string // distinguishes this service's delta tokens from those of another
}

func newHandler(t *directory.Tenant, o Options) *handler {
	h := &handler{seed: o.Seed, wait: o.Wait, memory: newMemory(o.Memory),
		authority: o.Authority, directory: entraDirectory(t), strict: o.StrictTokens}
	if h.wait == nil {
		h.wait = sleep
	}
	h.service = newService(t, o)
	h.lag = newLag(o.Lag, o.Seed, h.service)
	h.service.writer = directory.NewWriter(t, h.lag.following(o.Changed), h.service.now, o.GroupDelay, o.Variants)
	h.routes = routes(batcher{h}.batch)
	words := throttleWords{directory: o.Quota.DirectoryWords, users: len(t.Users)}
	h.layers = []layer{permitted{}, faultLayer{faults.NewList(o.Faults, o.Seed), words, &h.expired, h.alter}}
	if m := faults.NewMeter(o.Quota, len(t.Users), o.Seed); m != nil {
		h.layers = append(h.layers, quotaLayer{m, words, t.Organization.ID})
	}
	if locks := faults.NewLocks(o.Collisions); locks != nil {
		h.layers = append(h.layers, collisionLayer{locks, t, h.wait})
	}
	return h
}

func newService(t *directory.Tenant, o Options) *service {
	svc := &service{tenant: t, now: o.Now, pages: query.Pages{Size: o.PageSize, Empty: o.EmptyPages},
		groupDelay: o.GroupDelay, variants: o.Variants}
	if svc.now == nil {
		svc.now = time.Now
	}
	svc.began = guid.Derived(t.Digest, svc.now().UTC().Format(time.RFC3339Nano))[:8]
	svc.locations = &locations{delay: o.Lag.Location, now: svc.now, since: map[string]time.Time{}}
	return svc
}

// alter changes the catalog of the tenant and of its replicas.
func (h *handler) alter(change *faults.CatalogChange) {
	h.service.tenant.Alter(directory.SKUChange(*change))
	for _, replica := range h.lag.tenants() {
		replica.Alter(directory.SKUChange(*change))
	}
}

// maxBody bounds a request body, packed and unpacked.
const maxBody = 4 << 20

// call is one request, alone or as an item of a batch.
type call struct {
	query.Request

	method          string
	body            []byte
	now             func() time.Time
	params          []string
	route           string // as in Record.Requests
	requestID       string
	clientRequestID string
	batched         bool
	exchange        *exchange
	fault           faults.Kind // that struck it
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.ownPages(w, r) || h.authority != nil && h.signIn(w, r) {
		return
	}
	c := &call{
		method:   r.Method,
		now:      h.service.now,
		Request:  query.Request{Query: r.URL.RawQuery, Header: r.Header, Base: scheme(r) + "://" + r.Host + "/v1.0"},
		exchange: newExchange(r),
	}
	h.identify(c, r.Header.Get("client-request-id"))
	c.exchange.requestID = c.requestID
	defer h.memory.release(c.exchange)
	a := h.answer(w, r, c)
	h.log(c, a)
	h.finish(w, c, a)
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request, c *call) response {
	version, path, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if !strings.EqualFold(version, "v1.0") {
		return c.refuse(refusal.BadPayload("Invalid version: %s", version))
	}
	c.Path = path
	if a, refused := h.authenticate(c); refused {
		return a
	}
	body, refused := h.readBody(w, r, c.exchange)
	if refused != nil {
		return c.refuse(refused)
	}
	c.body = body
	return h.dispatch(c)
}

// scheme returns the scheme that the client used, which a proxy in front may set in a
// header.
func scheme(r *http.Request) string {
	forwarded := strings.ToLower(r.Header.Get("X-Forwarded-Proto"))
	switch {
	case forwarded == "http" || forwarded == "https":
		return forwarded
	case r.TLS != nil:
		return "https"
	}
	return "http"
}

// identify gives a call its request id. Without an id of the client, Graph answers with the
// request id in its place.
func (h *handler) identify(c *call, clientID string) {
	number := strconv.FormatUint(h.requests.Add(1), 10)
	c.requestID = guid.Derived("request", strconv.FormatUint(h.seed, 10), number)
	c.clientRequestID = c.requestID
	if clientID != "" && len(clientID) <= 128 {
		c.clientRequestID = clientID
	}
}

// readBody reads a request's body, unpacked and within the limit.
func (h *handler) readBody(w http.ResponseWriter, r *http.Request, t *exchange) ([]byte, *refusal.Error) {
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip":
		packed, err := gzip.NewReader(body)
		if err != nil {
			return nil, bodyRefusal(err)
		}
		body = packed
	default:
		return nil, &refusal.Error{Status: http.StatusUnsupportedMediaType, Code: refusal.CodeGateway,
			Message: "The content encoding '" + encoding + "' is not supported."}
	}
	data, err := io.ReadAll(reservingReader{io.LimitReader(body, maxBody+1), h.memory, t})
	if err != nil {
		return nil, bodyRefusal(err)
	}
	if len(data) > maxBody {
		return nil, tooLarge()
	}
	return data, nil
}

func bodyRefusal(err error) *refusal.Error {
	var tooMuch *http.MaxBytesError
	switch {
	case errors.Is(err, errFull):
		return full()
	case errors.As(err, &tooMuch):
		return tooLarge()
	}
	return refusal.BadPayload("The request body could not be read; is it labeled with the content encoding it has?")
}

func tooLarge() *refusal.Error {
	return &refusal.Error{Status: http.StatusRequestEntityTooLarge, Code: refusal.CodeGateway,
		Message: "The request body is larger than 4 MB."}
}
