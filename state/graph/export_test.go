package graph

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"golang.org/x/time/rate"

	"github.com/seatwright/seatwright/state"
)

// TokenSource is the source of tokens.
type TokenSource = tokenSource

// NewAt returns a client of any root, with any source of tokens, over any transport.
// Production code can have these only for a sandbox, or for Microsoft.
func NewAt(o Options, address string, tokens TokenSource, base http.RoundTripper) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if base == nil {
		base = newTransport(true)
	}
	return newClient(o, state.SourceLive, chain{root: root{*u}, tokens: tokens, base: base})
}

// NewChainAt returns the chain alone, without a request adapter.
func NewChainAt(address string, write bool, tokens TokenSource, base http.RoundTripper) (http.RoundTripper, error) {
	c, err := NewAt(Options{Write: write}, address, tokens, base)
	if err != nil {
		return nil, err
	}
	return newChain(chain{root: c.root, tokens: tokens, write: write, log: slog.New(slog.DiscardHandler), run: newNumbering("test"), reads: newReadLimiter(), clock: &serverClock{}, base: base}), nil
}

// ReasonOfAnswer returns the reason for an answer that is not a success.
func ReasonOfAnswer(status int, body string) *state.Error {
	return answered("test", newRefusal(status, http.Header{}.Get, []byte(body)))
}

// CredentialFrom builds a credential with an environment of its own.
func CredentialFrom(c state.Cloud, tenant string, credential Credential, env map[string]string) error {
	e, err := c.Endpoints()
	if err != nil {
		return err
	}
	_, err = newTokens(e, signIn{credential: credential, tenant: tenant, getenv: func(name string) string { return env[name] }})
	return err
}

// Addresses returns the addresses of a cloud's authority and its Graph, and its scope.
func Addresses(c state.Cloud) (authority, graph, scope string, err error) {
	e, err := c.Endpoints()
	return e.Authority, e.Graph, scopeOf(e), err
}

// RetryAfter reads a header.
func RetryAfter(header string) time.Duration { return retryAfter(header) }

// DecodeBatch reads a batch's answer and returns the result of one of its requests.
func DecodeBatch(raw []byte, id string) ([]byte, error) {
	answers, err := decodeBatch(raw)
	if err != nil {
		return nil, err
	}
	return answers[id].result()
}

// DecodePage reads a page of users, and returns what is wrong with some of them.
func DecodePage(raw []byte) (records []state.Record, flaws []error, err error) {
	records = make([]state.Record, 0, pageSize)
	_, err = new(userReader).readPage(raw, func(r state.Record, flaw error) {
		if flaw != nil {
			flaws = append(flaws, flaw)
			return
		}
		records = append(records, r)
	})
	return records, flaws, err
}

// The limits that tests compare with.
const (
	MaxPage       = maxPage
	MaxEmptyPages = maxEmptyPages
	MaxAttempts   = maxAttempts
	MaxRechecks   = maxRechecks
	UserSelect    = userSelect
)

// Follow resolves a link to the next page of the users.
func Follow(address, link string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return root{*u}.follow(link, u.Path+"/users")
}

// Signing returns the link of the chain that adds the token, alone.
func Signing(address string, tokens TokenSource, base http.RoundTripper) (http.RoundTripper, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return authorize{next: base, root: root{*u}, tokens: tokens}, nil
}

// Guarding returns the guard of a reader alone.
func Guarding(address string, base http.RoundTripper) (http.RoundTripper, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return guard{next: base, root: root{*u}}, nil
}

// ChainOrder returns the names of the links of the chain, the outermost first.
func ChainOrder() []string {
	var names []string
	for link := newChain(chain{}); link != nil; {
		names = append(names, fmt.Sprintf("%T", link))
		switch l := link.(type) {
		case refusing:
			link = l.next
		case logging:
			link = l.next
		case guard:
			link = l.next
		case identify:
			link = l.next
		case retry:
			link = l.next
		case pacing:
			link = l.next
		case authorize:
			link = l.next
		case limits:
			link = l.next
		default:
			return names
		}
	}
	return names
}

// RouteOf returns the route of a path as the log shows it.
func RouteOf(address, path string) string {
	u, err := url.Parse(address)
	if err != nil {
		return err.Error()
	}
	return logging{root: root{*u}}.template(path)
}

// EscapeUPN returns a name as a segment of a path.
func EscapeUPN(upn string) (string, bool) { return escapeUPN(upn) }

// GuardReads reports whether the guard takes a path for a read inside a batch.
func GuardReads(path string) bool { return guardedItem{Method: http.MethodGet, URL: path}.reads() }

// ShardFilter returns the filter of a shard.
func ShardFilter(prefixes ...string) string { return shard(prefixes).filter() }

// ScaleQuota makes a client use a quota that is larger by this factor.
func ScaleQuota(c *Client, scale int) {
	c.pacer.full *= rate.Limit(scale)
	c.pacer.limiter = rate.NewLimiter(c.pacer.full, batchSize)
}

// NewThrough returns a client that signs in at an authority of the test with an
// environment of its own, and reads at that address.
func NewThrough(o Options, address, authority string, env map[string]string, transport http.RoundTripper) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	e, err := o.Cloud.Endpoints()
	if err != nil {
		return nil, err
	}
	e.Authority, e.Graph = authority, u.Scheme+"://"+u.Host
	tokens, err := newTokens(e, signIn{
		credential: o.Credential, tenant: o.Tenant, private: true,
		options: policy.ClientOptions{Transport: authorityClient(transport)},
		getenv:  func(name string) string { return env[name] },
	})
	if err != nil {
		return nil, err
	}
	return newClient(o, state.SourceLive, chain{root: root{*u}, tokens: tokens, base: transport})
}

// Challenged returns the claims that a 401 with this header requests.
func Challenged(header string) string {
	return challenged(&http.Response{Header: http.Header{"Www-Authenticate": {header}}})
}
