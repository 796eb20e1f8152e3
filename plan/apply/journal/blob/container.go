package blob

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/wire"
)

// Access is what a [Container] may be used for. Its own transport refuses the rest.
type Access int

// The kinds of access, each with what those before it have.
const (
	Reading Access = iota
	Asking         // whether it could write
	Writing
)

// Options say which container, and as whom.
type Options struct {
	Account    string
	Container  string
	Cloud      state.Cloud // the host follows from it
	Credential azcore.TokenCredential
	Access     Access

	// Emulator is the address of Azurite with its published account, on a literal
	// loopback address: "http://127.0.0.1:10000/devstoreaccount1". No real credential
	// is sent to it; Account, Cloud and Credential are not used.
	Emulator string

	// Log, if set, gets one debug line a request.
	Log *slog.Logger
}

// Container is the place of one container. It is safe for use by several goroutines.
type Container struct {
	client    *container.Client
	where     string // for people
	maxBlocks int    // of one append blob
}

var _ journal.Place = (*Container)(nil)

// scope is what a token is asked for, in every cloud ("Authorize access to blobs using
// Microsoft Entra ID").
const scope = "https://storage.azure.com/.default"

// The limits of the service ("Scalability and performance targets for Blob storage").
const (
	maxBlock  = 4 << 20
	maxBlocks = 50_000
)

// New makes a container's place. It sends nothing: the first request signs in.
func New(o Options) (*Container, error) {
	if o.Emulator != "" {
		return newEmulated(o)
	}
	r, err := liveRoot(o)
	if err != nil {
		return nil, err
	}
	return newSigned(o, r, newTransport(false))
}

// newSigned signs requests with tokens. The SDK's own way would let the service's
// answer say what the next token is for.
func newSigned(o Options, r root, base http.RoundTripper) (*Container, error) {
	if o.Credential == nil {
		return nil, errors.New("container: no credential")
	}
	options := clientOptions(o, r, base)
	options.PerRetryPolicies = []policy.Policy{runtime.NewBearerTokenPolicy(signing{o.Credential}, []string{scope}, nil)}
	client, err := container.NewClientWithNoCredential(r.url.String(), options)
	return made(o, client, err)
}

// newEmulated signs requests with the key that everybody knows.
func newEmulated(o Options) (*Container, error) {
	r, err := emulatorRoot(o)
	if err != nil {
		return nil, err
	}
	key, err := container.NewSharedKeyCredential(EmulatorAccount, emulatorKey)
	if err != nil {
		return nil, fmt.Errorf("sign for the emulator: %w", err)
	}
	client, err := container.NewClientWithSharedKeyCredential(r.url.String(), key, clientOptions(o, r, newTransport(true)))
	return made(o, client, err)
}

func made(o Options, client *container.Client, err error) (*Container, error) {
	if err != nil {
		return nil, fmt.Errorf("make client of container %s: %w", o.Container, err)
	}
	account := o.Account
	if o.Emulator != "" {
		account = o.Emulator
	}
	return &Container{client: client, where: "container " + o.Container + " of " + account, maxBlocks: maxBlocks}, nil
}

// clientOptions are those of the SDK: its pipeline repeats what was refused for the
// moment, and nothing takes longer than its context lets it.
func clientOptions(o Options, r root, base http.RoundTripper) *container.ClientOptions {
	return &container.ClientOptions{ClientOptions: policy.ClientOptions{
		Transport: wire.NewClient(guard{next: base, root: r, access: o.Access, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler))}),
		Retry:     tries(),
		Telemetry: policy.TelemetryOptions{ApplicationID: "seatwright"},
	}}
}

// tries is how the SDK repeats what is refused for the moment.
func tries() policy.RetryOptions {
	return policy.RetryOptions{MaxRetries: 4, TryTimeout: 30 * time.Second, RetryDelay: 500 * time.Millisecond, MaxRetryDelay: 10 * time.Second}
}

// String names the container for people.
func (c *Container) String() string { return c.where }

// List implements [journal.Place].
func (c *Container) List(ctx context.Context) ([]journal.Item, error) { return c.list(ctx, "", 0) }

// list names what begins with a prefix: all, or so many at most.
func (c *Container) list(ctx context.Context, prefix string, most int32) ([]journal.Item, error) {
	options := &container.ListBlobsFlatOptions{Prefix: &prefix}
	if most > 0 {
		options.MaxResults = &most
	}
	var items []journal.Item
	pager := c.client.NewListBlobsFlatPager(options)
	for pages := 1; pager.More(); pages++ {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, c.failed(ctx, "list", err)
		}
		if page.Segment == nil {
			break
		}
		items = append(items, itemsOf(page.Segment.BlobItems)...)
		switch {
		case most > 0:
			return items, nil
		case pages == maxPages || len(items) > maxItems:
			return nil, c.failed(ctx, "list", &refusedHere{errEndless})
		}
	}
	return items, nil
}

// The longest list that is read: far more than the runs of a tenant's life. The service
// puts up to 5,000 names on a page, and fewer where it likes ("List Blobs").
const (
	maxPages = 1_000
	maxItems = 1_000_000
)

func itemsOf(found []*container.BlobItem) []journal.Item {
	var items []journal.Item
	for _, one := range found {
		if one.Name == nil {
			continue
		}
		item := journal.Item{Name: *one.Name}
		if one.Properties != nil && one.Properties.LastModified != nil {
			item.Written = *one.Properties.LastModified
		}
		items = append(items, item)
	}
	return items
}

// Replace implements [journal.Place]. What is large goes in blocks, and is there once
// all of them are.
func (c *Container) Replace(ctx context.Context, name string, data []byte) error {
	_, err := c.client.NewBlockBlobClient(name).UploadStream(ctx, bytes.NewReader(data), &blockblob.UploadStreamOptions{BlockSize: maxBlock, Concurrency: 2})
	return c.failed(ctx, "write "+name, err)
}

// MayRead says why the container cannot be read; nil: it can.
func (c *Container) MayRead(ctx context.Context) error {
	_, err := c.list(ctx, "", 1)
	return err
}

// MayWrite says why nothing can be written to the container; nil: it can. It asks for
// a change of something that is not there, which is answered by whether it is allowed.
func (c *Container) MayWrite(ctx context.Context) error {
	err := c.renew(ctx, c.lease(probe, probeLease))
	if isCode(err, blobNotThere) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%s is there, which nobody makes", probe)
	}
	return c.failed(ctx, "ask whether it may be written to", err)
}

// body is bytes as the SDK wants to send them.
func body(data []byte) io.ReadSeekCloser { return streaming.NopCloser(bytes.NewReader(data)) }
