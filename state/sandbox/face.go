package sandbox

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Options say how a tenant shows itself over HTTP. The zero value is a faithful
// tenant that forgets its changes when the process ends.
type Options struct {
	// Now is the tenant's clock, time.Now where it is nil.
	Now func() time.Time
	// Changed is given every change that took effect, before the write is answered,
	// one call at a time: a line for [Tenant.Restore], to be put behind the others.
	// If it fails, the write is undone and answered 500. It must not call methods of
	// the tenant.
	Changed func(line []byte) error
	// PageSize caps every page below $top, so that small tenants page too. Zero
	// does not.
	PageSize int
	// Seed chooses the order in which parallel batches are carried out and all
	// batches are answered, and the request ids.
	Seed uint64
	// GroupDelay is how long the members of a group wait for what it was given, by
	// Now. Zero: until the next request.
	GroupDelay time.Duration
	// EmptyPages puts an empty page with a nextLink before every page.
	EmptyPages bool
	// Variants choose where sources disagree about what the service does.
	Variants []Variant
}

// face is the Graph face of a tenant.
type face struct {
	tenant   *Tenant
	now      func() time.Time
	changed  func(line []byte) error
	pageSize int
	seed     uint64
	requests atomic.Uint64

	groupDelay time.Duration
	emptyPages bool
	variants   variants
	routes     []route
	began      string // tells this face's delta tokens from those of another
}

// Handler returns the tenant's Graph face: everything below /v1.0/. It is safe
// for parallel use. It asks for no token and never looks at one, so serve it on
// loopback alone ([Listen]).
func (t *Tenant) Handler(o Options) http.Handler {
	f := &face{tenant: t, now: o.Now, changed: o.Changed, pageSize: o.PageSize, seed: o.Seed,
		groupDelay: o.GroupDelay, emptyPages: o.EmptyPages, variants: o.Variants}
	if f.now == nil {
		f.now = time.Now
	}
	f.routes = routes()
	f.began = derivedID(t.digest, f.now().UTC().Format(time.RFC3339Nano))[:8]
	return f
}

// maxBody bounds a request body, packed and unpacked.
const maxBody = 4 << 20

// call is one request, alone or as an item of a batch.
type call struct {
	method          string
	path            string // below the version, escaped, without the leading slash
	query           string // raw
	header          http.Header
	body            []byte
	base            string // "http://host/v1.0", where links begin
	params          []string
	requestID       string
	clientRequestID string
	batched         bool
}

// ServeHTTP answers one request.
func (f *face) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{
		method: r.Method,
		query:  r.URL.RawQuery,
		header: r.Header,
		base:   scheme(r) + "://" + r.Host + "/v1.0",
	}
	f.identify(c, r.Header.Get("client-request-id"))
	f.send(w, c, f.answer(w, r, c))
}

func (f *face) answer(w http.ResponseWriter, r *http.Request, c *call) answer {
	version, path, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if !strings.EqualFold(version, "v1.0") {
		return f.answerTo(c, badPayload("Invalid version: %s", version))
	}
	c.path = path
	body, refused := readBody(w, r)
	if refused != nil {
		return f.answerTo(c, refused)
	}
	c.body = body
	return f.dispatch(c)
}

// scheme is the one that the client used, which a proxy in front may tell.
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

// identify gives a call its request id. Without a client's own id Graph answers
// with the request id in its place.
func (f *face) identify(c *call, clientID string) {
	number := strconv.FormatUint(f.requests.Add(1), 10)
	c.requestID = derivedID("request", strconv.FormatUint(f.seed, 10), number)
	c.clientRequestID = c.requestID
	if clientID != "" && len(clientID) <= 128 {
		c.clientRequestID = clientID
	}
}

// readBody reads a request's body, unpacked and within the limit.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
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
		return nil, &refusal{status: http.StatusUnsupportedMediaType, code: codeGateway,
			message: "The content encoding '" + encoding + "' is not supported."}
	}
	data, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err != nil {
		return nil, bodyRefusal(err)
	}
	if len(data) > maxBody {
		return nil, tooLarge()
	}
	return data, nil
}

func bodyRefusal(err error) *refusal {
	var tooMuch *http.MaxBytesError
	if errors.As(err, &tooMuch) {
		return tooLarge()
	}
	return badPayload("The request body could not be read; is it labelled with the content encoding it has?")
}

func tooLarge() *refusal {
	return &refusal{status: http.StatusRequestEntityTooLarge, code: codeGateway,
		message: "The request body is larger than 4 MB."}
}
