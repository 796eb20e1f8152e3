package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	kiotaauth "github.com/microsoft/kiota-abstractions-go/authentication"
	msgraphcore "github.com/microsoftgraph/msgraph-sdk-go-core"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/wire"
)

// Options select the tenant and the identity of a [Client], and whether it may write.
type Options struct {
	Cloud      state.Cloud // "" is [state.CloudPublic]
	Tenant     string      // GUID or domain of the tenant to sign in at
	Credential Credential  // not built if Sandbox is set
	Write      bool        // without it the client's own transport refuses writes

	// Sandbox is the address of a sandbox tenant, "http://127.0.0.1:PORT/v1.0", on
	// a literal loopback address. No real token is sent to it; Cloud, Tenant and
	// Credential are not used.
	Sandbox string
	// SandboxRoles are permissions that the sandbox grants to the client; with nil it
	// allows everything.
	SandboxRoles []string

	// Rate is how much of the documented quota of writes is used, in percent; 0 is
	// [DefaultRate].
	Rate int

	// Run names the run in Microsoft's logs, see [RequestID]; "" is a random name.
	Run string

	// Progress, if set, is called after each page of users with the number read so
	// far, from the goroutine that reads.
	Progress func(users int)

	// Log, if set, gets one debug line per request: method, route template, status,
	// request id.
	Log *slog.Logger
}

// Client reads a tenant through Microsoft Graph. It is safe for use by several
// goroutines.
type Client struct {
	adapter  *msgraphcore.GraphRequestAdapterBase
	root     root
	source   state.Source
	tokens   tokenSource
	write    bool
	log      *slog.Logger
	run      string
	pacer    *pacer
	clock    *serverClock
	progress func(users int)
}

var _ state.Reader = (*Client)(nil)

// New returns a client. It sends nothing: the first request signs in.
func New(o Options) (*Client, error) {
	if o.Sandbox != "" {
		return newSandboxClient(o)
	}
	e, err := o.Cloud.Endpoints()
	if err != nil {
		return nil, err
	}
	r, err := liveRoot(e)
	if err != nil {
		return nil, err
	}
	tokens, err := newTokens(e, signIn{credential: o.Credential, tenant: o.Tenant, getenv: os.Getenv})
	if err != nil {
		return nil, err
	}
	return newClient(o, state.SourceLive, chain{root: r, tokens: tokens, base: newTransport(false)})
}

func newSandboxClient(o Options) (*Client, error) {
	r, err := sandboxRoot(o.Sandbox)
	if err != nil {
		return nil, err
	}
	c := chain{root: r, base: newTransport(true)}
	if o.SandboxRoles != nil {
		if c.tokens, err = newUnsigned(o.SandboxRoles); err != nil {
			return nil, err
		}
	}
	return newClient(o, state.SourceSandbox, c)
}

// newClient is the only way to make a client; root, tokens and base of the chain are
// given.
func newClient(o Options, source state.Source, c chain) (*Client, error) {
	c.write = o.Write
	c.log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	c.run = newNumbering(o.Run)
	c.reads, c.clock = newReadLimiter(), &serverClock{}
	pacer, err := newPacer(o.Rate)
	if err != nil {
		return nil, err
	}
	adapter, err := msgraphcore.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		&kiotaauth.AnonymousAuthenticationProvider{}, // authorize signs, see chain.go
		msgraphcore.GraphClientOptions{}, nil, nil, wire.NewClient(newChain(c)))
	if err != nil {
		return nil, fmt.Errorf("make request adapter: %w", err)
	}
	progress := o.Progress
	if progress == nil {
		progress = func(int) {}
	}
	return &Client{adapter: adapter, root: c.root, source: source, tokens: c.tokens, write: o.Write, log: c.log, run: c.run.run, pacer: pacer, clock: c.clock, progress: progress}, nil
}

// Writer returns the client as a writer. It fails with [ErrReadOnly] unless the client
// was made with [Options].Write.
func (c *Client) Writer() (state.Writer, error) {
	if !c.write {
		return nil, ErrReadOnly
	}
	return writer{c}, nil
}

// get fetches the bytes of a resource.
func (c *Client) get(ctx context.Context, address *url.URL) ([]byte, error) {
	return c.send(ctx, abstractions.GET, address, nil, nil)
}

// getIndexed fetches what only the eventually consistent index has ("Advanced query
// capabilities on Microsoft Entra ID objects").
func (c *Client) getIndexed(ctx context.Context, address *url.URL) ([]byte, error) {
	return c.send(ctx, abstractions.GET, address, nil, map[string]string{"ConsistencyLevel": "eventual", "Accept": "text/plain, application/json"})
}

// post sends a JSON body and fetches the answer's bytes.
func (c *Client) post(ctx context.Context, address *url.URL, body []byte) ([]byte, error) {
	return c.send(ctx, abstractions.POST, address, body, nil)
}

func (c *Client) send(ctx context.Context, method abstractions.HttpMethod, address *url.URL, body []byte, headers map[string]string) ([]byte, error) {
	info := abstractions.NewRequestInformation()
	info.Method = method
	info.SetUri(*address)
	info.Headers.Add("Accept", "application/json")
	info.Headers.Add("User-Agent", "seatwright")
	for name, value := range headers {
		info.Headers.Remove(name)
		info.Headers.Add(name, value)
	}
	if body != nil {
		info.SetStreamContentAndContentType(body, "application/json")
	}
	answer, err := c.adapter.SendPrimitive(ctx, info, "[]byte", nil)
	if err != nil {
		return nil, err
	}
	raw, ok := answer.([]byte)
	if !ok {
		return nil, fmt.Errorf("%w: empty answer", ErrIncomplete)
	}
	return raw, nil
}

// ErrIncomplete reports that an answer lacks requested data, so that nothing may be
// concluded from it.
var ErrIncomplete = errors.New("the answer is incomplete")
