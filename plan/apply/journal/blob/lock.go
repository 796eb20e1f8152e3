package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"

	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/state"
)

// The times of a lock: the service ends the lease so long after the last renewal, by
// its own clock ("Lease Blob": 15 to 60 seconds); it is renewed in the background, for
// what takes long between two batches; and no renewal takes longer than its time.
const (
	leaseSeconds = 60
	heartbeat    = 15 * time.Second
	renewTime    = 20 * time.Second
)

// held is a tenant that a run has, by a lease.
type held struct {
	container *Container
	lease     *lease.BlobClient
	name      string
	run       string
	took      *journal.Holder

	stop func() // ends the heartbeat

	turn chan struct{} // to renew: one at a time
	lost error         // for good
}

// lease is the client of one lease on one blob.
func (c *Container) lease(name, id string) *lease.BlobClient {
	client, err := lease.NewBlobClient(c.client.NewBlobClient(name), &lease.BlobClientOptions{LeaseID: &id})
	if err != nil {
		panic(err) // only for want of chance, and the id is given
	}
	return client
}

// renew renews a lease, in short tries.
func (c *Container) renew(ctx context.Context, l *lease.BlobClient) error {
	ctx = policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: 5, TryTimeout: 6 * time.Second, RetryDelay: 300 * time.Millisecond, MaxRetryDelay: 5 * time.Second})
	_, err := l.RenewLease(ctx, nil)
	return err
}

// newLeaseID is a GUID of chance, as leases have.
func newLeaseID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Acquire implements [journal.Place]. The lease comes first: nobody else changes who
// has the tenant from then on.
func (c *Container) Acquire(ctx context.Context, tenant state.TenantID, who journal.Holder) (journal.Lock, error) {
	name, id := journal.LockName(tenant), newLeaseID()
	l := &held{container: c, name: name, run: who.Run, lease: c.lease(name, id), stop: func() {}, turn: make(chan struct{}, 1)}
	if err := c.take(ctx, l.lease, tenant, name); err != nil {
		return nil, err
	}
	if err := l.sign(ctx, who, id); err != nil {
		_ = l.giveBack(context.WithoutCancel(ctx)) // it runs out by itself
		return nil, err
	}
	l.keepAlive(context.WithoutCancel(ctx)) // until it is released: a signal ends no batch that is under way
	return l, nil
}

// take leases a lock's blob, and makes it where it is missing.
func (c *Container) take(ctx context.Context, l *lease.BlobClient, tenant state.TenantID, name string) error {
	_, err := l.AcquireLease(ctx, leaseSeconds, nil)
	if isCode(err, blobNotThere) {
		_, err = c.client.NewBlockBlobClient(name).Upload(ctx, body(nil), &blockblob.UploadOptions{AccessConditions: onlyNew()})
		if err == nil || isCode(err, blobIsThere) {
			_, err = l.AcquireLease(ctx, leaseSeconds, nil)
		}
	}
	if isCode(err, leased) {
		locked := &journal.LockedError{Tenant: tenant}
		locked.Holder, _, _ = c.holder(ctx, name) // nobody, where it cannot be told
		return locked
	}
	return c.failed(ctx, "lock", err)
}

// sign writes who has the tenant now.
func (l *held) sign(ctx context.Context, who journal.Holder, id string) error {
	previous, _, err := l.container.holder(ctx, l.name)
	if err == nil && previous.Run != "" {
		l.took = &previous
	}
	data, err := who.Encode()
	if err != nil {
		return err
	}
	_, err = l.container.client.NewBlockBlobClient(l.name).Upload(ctx, body(data), &blockblob.UploadOptions{AccessConditions: under(id)})
	return l.container.failed(ctx, "lock", err)
}

// under lets a request change a blob while it has this lease.
func under(id string) *blob.AccessConditions {
	return &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: &id}}
}

// holder is who has a tenant, or had it when he died; the zero Holder if nobody. It
// comes with the version that it was read from.
func (c *Container) holder(ctx context.Context, name string) (journal.Holder, azcore.ETag, error) {
	answer, err := c.client.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return journal.Holder{}, "", c.failed(ctx, "read "+name, err)
	}
	data, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // of what was only read
	if err != nil || answer.ETag == nil || len(data) == 0 {
		return journal.Holder{}, "", c.failed(ctx, "read "+name, err)
	}
	who, err := journal.ReadHolder(bytes.NewReader(data))
	return who, *answer.ETag, err
}

// keepAlive renews the lease in the background. What goes wrong is for Renew to say.
func (l *held) keepAlive(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	l.stop = func() { cancel(); <-ended }
	go func() {
		defer close(ended)
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				_ = l.renew(ctx)
			}
		}
	}()
}

// Took implements [journal.Lock].
func (l *held) Took() *journal.Holder { return l.took }

// Renew implements [journal.Lock]: it asks the service every time, so that a run whose
// lock was taken away, or whose machine has slept, sends nothing more.
func (l *held) Renew() error { return l.renew(context.Background()) }

func (l *held) renew(ctx context.Context) error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	if l.lost != nil {
		return l.lost
	}
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	err := l.container.renew(ctx, l.lease)
	switch {
	case err == nil:
		return nil
	case isCode(err, notOurs):
		l.lost = &journal.LostError{Run: l.run, Why: l.why(ctx)}
		return l.lost
	}
	return &journal.LostError{Run: l.run, Why: l.container.failed(ctx, "renew the lock", err).Error()}
}

// why says who has taken the tenant away.
func (l *held) why(ctx context.Context) string {
	if now, _, err := l.container.holder(ctx, l.name); err == nil && now.Run != "" && now.Run != l.run {
		return journal.TakenBy(now)
	}
	return journal.Unlocked
}

// Release implements [journal.Lock]. A lock that is not the run's any more is left alone.
func (l *held) Release() error {
	l.stop()
	return l.giveBack(context.Background())
}

func (l *held) giveBack(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	_, err := l.container.client.NewBlobClient(l.name).Delete(ctx, &blob.DeleteOptions{AccessConditions: under(*l.lease.LeaseID())})
	if isCode(err, notOurs) {
		return nil
	}
	return l.container.failed(ctx, "give the lock back, which otherwise ends in a minute", err)
}

// Unlock implements [journal.Place]. It takes the lock from that run alone: whoever has
// the tenant since then keeps it.
func (c *Container) Unlock(ctx context.Context, run string) (state.TenantID, journal.Holder, error) {
	items, err := c.list(ctx, "lock-", 0)
	if err != nil {
		return state.TenantID{}, journal.Holder{}, err
	}
	for _, item := range items {
		tenant, is := journal.LockedTenant(item.Name)
		if !is {
			continue
		}
		who, version, err := c.holder(ctx, item.Name)
		if err == nil && who.Run == run {
			return tenant, who, c.takeAway(ctx, item.Name, version)
		}
		if _, unusable := errors.AsType[*Error](err); unusable && !isCode(err, blobNotThere) {
			return state.TenantID{}, journal.Holder{}, err
		}
	}
	return state.TenantID{}, journal.Holder{}, journal.ErrNoLock
}

// takeAway breaks the lease on a lock, and removes it, if it is as it was read.
func (c *Container) takeAway(ctx context.Context, name string, version azcore.ETag) error {
	now := int32(0)
	same := &blob.ModifiedAccessConditions{IfMatch: &version}
	_, err := c.lease(name, newLeaseID()).BreakLease(ctx, &lease.BlobBreakOptions{BreakPeriod: &now, ModifiedAccessConditions: same})
	if err == nil || bloberror.HasCode(err, bloberror.LeaseNotPresentWithLeaseOperation) {
		_, err = c.client.NewBlobClient(name).Delete(ctx, &blob.DeleteOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: same}})
	}
	if bloberror.HasCode(err, bloberror.BlobNotFound, bloberror.ConditionNotMet, bloberror.LeaseIDMissing) {
		return nil // it was given back, or is somebody else's by now
	}
	return c.failed(ctx, "unlock", err)
}
