package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seatwright/seatwright/state"
)

var (
	// ErrReadOnly reports a write on a client that was made for reading.
	ErrReadOnly = errors.New("this client is read-only")
	// ErrNotAllowed reports a request that is not on the list of requests that clients
	// may send.
	ErrNotAllowed = errors.New("the request is not on the list of requests that a client may send")
)

// guard allows the requests of this list and no others:
//
//	GET   anything under the root
//	POST  /$batch of GET /users/{guid or name} and /groups/{guid}, at most with $select
//	POST  /$batch of POST /users/{guid}/assignLicense and PATCH /users/{guid} with
//	      the single key usageLocation, for clients that may write
//
// It reads the bodies itself and trusts no link before it in the chain.
type guard struct {
	next  http.RoundTripper
	root  root
	write bool
}

// RoundTrip implements [http.RoundTripper].
func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := takeBody(req)
	if err != nil {
		return nil, err
	}
	effect, err := g.judge(req, body)
	if err != nil {
		return nil, err
	}
	req = req.Clone(context.WithValue(req.Context(), effectKey{}, effect))
	if body != nil {
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		req.Body, _ = req.GetBody()
		req.ContentLength = int64(len(body))
	}
	return g.next.RoundTrip(req)
}

// takeBody reads the request's body, which this package made, and closes it.
func takeBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(req.Body, maxBatch+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read request body: %w", err)
	case len(body) > maxBatch:
		return nil, fmt.Errorf("%w: a body above %d bytes", ErrNotAllowed, maxBatch)
	}
	return body, nil
}

// maxBatch is the size of a batch that Graph accepts, commonly 4 MiB.
const maxBatch = 4 << 20

// effect is what a request does to the tenant.
type effect int

const (
	writes effect = iota
	reads
)

type effectKey struct{}

// onlyReads reports whether the guard found that the request changes nothing. A request
// that did not pass the guard counts as a write.
func onlyReads(ctx context.Context) bool {
	e, _ := ctx.Value(effectKey{}).(effect)
	return e == reads
}

func (g guard) judge(req *http.Request, body []byte) (effect, error) {
	switch {
	case !g.root.contains(req.URL) || (req.Host != "" && req.Host != req.URL.Host):
		return writes, fmt.Errorf("%w: host %q", ErrForeignAddress, cut(req.URL.Host))
	case req.Method == http.MethodGet && body == nil:
		return reads, nil
	case req.Method == http.MethodPost && req.URL.Path == g.root.url.Path+batchPath && req.URL.RawQuery == "":
		return g.judgeBatch(body)
	case !g.write:
		return writes, fmt.Errorf("%w: %s", ErrReadOnly, cut(req.Method))
	}
	return writes, fmt.Errorf("%w: %s", ErrNotAllowed, cut(req.Method))
}

// judgeBatch checks every item. A batch either reads or writes, because a mixed one could
// neither be repeated nor be left alone.
func (g guard) judgeBatch(body []byte) (effect, error) {
	var batch struct {
		Requests []guardedItem `json:"requests"`
	}
	if err := json.Unmarshal(body, &batch, json.RejectUnknownMembers(true)); err != nil {
		return writes, fmt.Errorf("%w: a batch that is not understood: %w", ErrNotAllowed, err)
	}
	reading := 0
	for _, item := range batch.Requests {
		if item.reads() {
			reading++
			continue
		}
		if err := g.judgeWrite(item); err != nil {
			return writes, err
		}
	}
	switch reading {
	case 0:
		return writes, nil
	case len(batch.Requests):
		return reads, nil
	}
	return writes, fmt.Errorf("%w: a batch that reads and writes", ErrNotAllowed)
}

func (g guard) judgeWrite(item guardedItem) error {
	switch {
	case item.Method == http.MethodGet:
		return fmt.Errorf("%w: reading %q in a batch", ErrNotAllowed, cut(item.URL))
	case !g.write:
		return fmt.Errorf("%w: %s in a batch", ErrReadOnly, cut(item.Method))
	case !item.assignsLicense() && !item.setsLocation():
		return fmt.Errorf("%w: %s %q in a batch", ErrNotAllowed, cut(item.Method), cut(item.URL))
	}
	return nil
}

// guardedItem is one request of a batch as it will be sent.
type guardedItem struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    jsontext.Value    `json:"body"`
}

// onlySelects matches the one query option that an item may have. It compares the text as
// it is sent. A parser here could find the end of $select at another place than Graph
// does, and miss a $filter after it.
var onlySelects = regexp.MustCompile(`^\$select=[A-Za-z]+(?:,[A-Za-z]+)*$`)

var writeRoute = regexp.MustCompile(`^/users/([^/?#]+)(/assignLicense)?$`)

func (i guardedItem) reads() bool {
	if i.Method != http.MethodGet || i.Body != nil {
		return false
	}
	path, query, asks := strings.Cut(i.URL, "?")
	if asks && !onlySelects.MatchString(query) {
		return false
	}
	if user, isUser := strings.CutPrefix(path, "/users/"); isUser {
		return state.IsGUID(user) || isEscapedUPN(user)
	}
	group, isGroup := strings.CutPrefix(path, "/groups/")
	return isGroup && state.IsGUID(group)
}

var escapedUPN = regexp.MustCompile(`^(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+$`)

// isEscapedUPN reports whether a segment is a user principal name that cannot be taken
// for anything else, however it is unescaped.
func isEscapedUPN(segment string) bool {
	upn, err := url.PathUnescape(segment)
	return err == nil && escapedUPN.MatchString(segment) && strings.Contains(segment, "%40") &&
		!strings.ContainsAny(upn, `/\`) && !strings.ContainsFunc(upn, unicode.IsControl)
}

func (i guardedItem) assignsLicense() bool {
	route := writeRoute.FindStringSubmatch(i.URL)
	return i.Method == http.MethodPost && route != nil && state.IsGUID(route[1]) && route[2] != "" &&
		slices.Equal(i.keys(), []string{"addLicenses", "removeLicenses"})
}

func (i guardedItem) setsLocation() bool {
	route := writeRoute.FindStringSubmatch(i.URL)
	return i.Method == http.MethodPatch && route != nil && state.IsGUID(route[1]) && route[2] == "" &&
		slices.Equal(i.keys(), []string{"usageLocation"})
}

// keys returns the names in the item's body, sorted; nil if it is not an object.
func (i guardedItem) keys() []string {
	var object map[string]jsontext.Value
	if err := json.Unmarshal(i.Body, &object); err != nil {
		return nil
	}
	var names []string
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
