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

// The kinds of access. Each includes those before it.
const (
	Reading Access = iota
	Asking         // may check whether it could write
	Writing
)

// Options name a container and the identity that uses it.
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

	// Log, if set, gets one debug line for each request.
	Log *slog.Logger
}

// Container is a container as a place of journals. It is safe for use by several
// goroutines.
type Container struct {
	client    *container.Client
	where     string // for messages
	maxBlocks int    // of one append blob
}

var _ journal.Place = (*Container)(nil)

// scope is what a token is requested for, in every cloud ("Authorize access to blobs using
// Microsoft Entra ID").
const scope = "https://storage.azure.com/.default"

// The limits of the service ("Scalability and performance targets for Blob storage").
const (
	maxBlock  = 4 << 20
	maxBlocks = 50_000
)

// New returns the place of a container. It sends nothing: the first request signs in.
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

// newSigned signs requests with tokens. The SDK's own policy would let an answer of the
// service decide what the next token is for.
func newSigned(o Options, r root, base http.RoundTripper) (*Container, error) {
	if o.Credential == nil {
		return nil, errors.New("container: no credential")
	}
	options := clientOptions(o, r, base)
	options.PerRetryPolicies = []policy.Policy{runtime.NewBearerTokenPolicy(signInCredential{o.Credential}, []string{scope}, nil)}
	client, err := container.NewClientWithNoCredential(r.url.String(), options)
	return newContainer(o, client, err)
}

// newEmulated signs requests with the published key.
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
	return newContainer(o, client, err)
}

func newContainer(o Options, client *container.Client, err error) (*Container, error) {
	if err != nil {
		return nil, fmt.Errorf("make client of container %s: %w", o.Container, err)
	}
	account := o.Account
	if o.Emulator != "" {
		account = o.Emulator
	}
	return &Container{client: client, where: "container " + o.Container + " of " + account, maxBlocks: maxBlocks}, nil
}

// clientOptions returns the options of the SDK. Its pipeline repeats what was refused
// temporarily. The context limits the time of everything.
func clientOptions(o Options, r root, base http.RoundTripper) *container.ClientOptions {
	return &container.ClientOptions{ClientOptions: policy.ClientOptions{
		Transport: wire.NewClient(guard{next: base, root: r, access: o.Access, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler))}),
		Retry:     retryOptions(),
		Telemetry: policy.TelemetryOptions{ApplicationID: "seatwright"},
	}}
}

// retryOptions returns how the SDK repeats what is refused temporarily.
func retryOptions() policy.RetryOptions {
	return policy.RetryOptions{MaxRetries: 4, TryTimeout: 30 * time.Second, RetryDelay: 500 * time.Millisecond, MaxRetryDelay: 10 * time.Second}
}

// String returns the name of the container for messages.
func (c *Container) String() string { return c.where }

// List implements [journal.Place].
func (c *Container) List(ctx context.Context) ([]journal.Item, error) { return c.list(ctx, "", 0) }

// list returns the items whose names begin with a prefix: all of them, or at most the given
// number.
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
			return nil, c.wrapError(ctx, "list", err)
		}
		if page.Segment == nil {
			break
		}
		items = append(items, itemsOf(page.Segment.BlobItems)...)
		switch {
		case most > 0:
			return items, nil
		case pages == maxPages || len(items) > maxItems:
			return nil, c.wrapError(ctx, "list", &localRefusal{errEndless})
		}
	}
	return items, nil
}

// The longest list that is read: far more than all runs of a tenant. The service puts up to
// 5,000 names on a page, and may put fewer ("List Blobs").
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

// Replace implements [journal.Place]. Large data is sent in blocks, and appears once all of
// them are sent.
func (c *Container) Replace(ctx context.Context, name string, data []byte) error {
	_, err := c.client.NewBlockBlobClient(name).UploadStream(ctx, bytes.NewReader(data), &blockblob.UploadStreamOptions{BlockSize: maxBlock, Concurrency: 2})
	return c.wrapError(ctx, "write "+name, err)
}

// MayRead returns why the container cannot be read, or nil.
func (c *Container) MayRead(ctx context.Context) error {
	_, err := c.list(ctx, "", 1)
	return err
}

// MayWrite returns why nothing can be written to the container, or nil. It requests a
// change of a blob that does not exist. The answer shows whether the change is allowed.
func (c *Container) MayWrite(ctx context.Context) error {
	err := c.renew(ctx, c.lease(probe, probeLease))
	if isCode(err, blobNotThere) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("the blob %s exists, which must never be created: delete it", probe)
	}
	return c.wrapError(ctx, "check the permission to write", err)
}

// body returns data in the form that the SDK sends.
func body(data []byte) io.ReadSeekCloser { return streaming.NopCloser(bytes.NewReader(data)) }
