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

// The times of a lock. The service ends the lease this long after the last renewal, by its
// own clock ("Lease Blob": 15 to 60 seconds). The lease is renewed in the background, since
// much time can pass between two batches. Each renewal has a time limit.
const (
	leaseSeconds = 60
	heartbeat    = 15 * time.Second
	renewTime    = 20 * time.Second
)

// leaseLock is the lock of a tenant, held by a lease.
type leaseLock struct {
	container *Container
	lease     *lease.BlobClient
	name      string
	run       string
	took      *journal.Holder

	stop func() // ends the heartbeat

	renewing chan struct{} // one renewal at a time
	lost     error         // once lost, always lost
}

// lease returns the client of one lease on one blob.
func (c *Container) lease(name, id string) *lease.BlobClient {
	client, err := lease.NewBlobClient(c.client.NewBlobClient(name), &lease.BlobClientOptions{LeaseID: &id})
	if err != nil {
		panic(err) // only fails to generate an id, and the id is given
	}
	return client
}

// renew renews a lease, with short tries.
func (c *Container) renew(ctx context.Context, l *lease.BlobClient) error {
	ctx = policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: 5, TryTimeout: 6 * time.Second, RetryDelay: 300 * time.Millisecond, MaxRetryDelay: 5 * time.Second})
	_, err := l.RenewLease(ctx, nil)
	return err
}

// newLeaseID returns a random GUID, as leases have.
func newLeaseID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Acquire implements [journal.Place]. It acquires the lease first: from then on no other
// run can change the holder.
func (c *Container) Acquire(ctx context.Context, tenant state.TenantID, who journal.Holder) (journal.Lock, error) {
	name, id := journal.LockName(tenant), newLeaseID()
	l := &leaseLock{container: c, name: name, run: who.Run, lease: c.lease(name, id), stop: func() {}, renewing: make(chan struct{}, 1)}
	if err := c.acquireLease(ctx, l.lease, tenant, name); err != nil {
		return nil, err
	}
	if err := l.writeHolder(ctx, who, id); err != nil {
		_ = l.deleteLock(context.WithoutCancel(ctx)) // it expires on its own
		return nil, err
	}
	l.keepAlive(context.WithoutCancel(ctx)) // until it is released: a signal does not end a batch in flight
	return l, nil
}

// acquireLease leases the blob of a lock, and creates the blob if it is missing.
func (c *Container) acquireLease(ctx context.Context, l *lease.BlobClient, tenant state.TenantID, name string) error {
	_, err := l.AcquireLease(ctx, leaseSeconds, nil)
	if isCode(err, blobNotThere) {
		_, err = c.client.NewBlockBlobClient(name).Upload(ctx, body(nil), &blockblob.UploadOptions{AccessConditions: onlyNew()})
		if err == nil || isCode(err, blobIsThere) {
			_, err = l.AcquireLease(ctx, leaseSeconds, nil)
		}
	}
	if isCode(err, leased) {
		locked := &journal.LockedError{Tenant: tenant}
		locked.Holder, _, _ = c.holder(ctx, name) // zero if it cannot be read
		return locked
	}
	return c.wrapError(ctx, "lock", err)
}

// writeHolder writes the new holder of the lock.
func (l *leaseLock) writeHolder(ctx context.Context, who journal.Holder, id string) error {
	previous, _, err := l.container.holder(ctx, l.name)
	if err == nil && previous.Run != "" {
		l.took = &previous
	}
	data, err := who.Encode()
	if err != nil {
		return err
	}
	_, err = l.container.client.NewBlockBlobClient(l.name).Upload(ctx, body(data), &blockblob.UploadOptions{AccessConditions: withLease(id)})
	return l.container.wrapError(ctx, "lock", err)
}

// withLease lets a request change a blob only while this lease is active.
func withLease(id string) *blob.AccessConditions {
	return &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: &id}}
}

// holder returns the run that holds a lock, or that held it when it died, and the version
// of the blob. It returns the zero Holder if there is none.
func (c *Container) holder(ctx context.Context, name string) (journal.Holder, azcore.ETag, error) {
	answer, err := c.client.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return journal.Holder{}, "", c.wrapError(ctx, "read "+name, err)
	}
	data, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // it was only read
	if err != nil || answer.ETag == nil || len(data) == 0 {
		return journal.Holder{}, "", c.wrapError(ctx, "read "+name, err)
	}
	who, err := journal.ReadHolder(bytes.NewReader(data))
	return who, *answer.ETag, err
}

// keepAlive renews the lease in the background. Renew reports what goes wrong.
func (l *leaseLock) keepAlive(ctx context.Context) {
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

// TakenOverFrom implements [journal.Lock].
func (l *leaseLock) TakenOverFrom() *journal.Holder { return l.took }

// Renew implements [journal.Lock]. It asks the service every time. So a run sends nothing
// more if its lock was removed, or if its machine was asleep.
func (l *leaseLock) Renew() error { return l.renew(context.Background()) }

func (l *leaseLock) renew(ctx context.Context) error {
	l.renewing <- struct{}{}
	defer func() { <-l.renewing }()
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
		l.lost = &journal.LostError{Run: l.run, Why: l.lostReason(ctx)}
		return l.lost
	}
	return &journal.LostError{Run: l.run, Why: l.container.wrapError(ctx, "renew the lock", err).Error()}
}

// lostReason returns why the lock is lost.
func (l *leaseLock) lostReason(ctx context.Context) string {
	if now, _, err := l.container.holder(ctx, l.name); err == nil && now.Run != "" && now.Run != l.run {
		return journal.LostTo(now)
	}
	return journal.LostByUnlock
}

// Release implements [journal.Lock]. It leaves a lock alone that this run no longer holds.
func (l *leaseLock) Release() error {
	l.stop()
	return l.deleteLock(context.Background())
}

func (l *leaseLock) deleteLock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	_, err := l.container.client.NewBlobClient(l.name).Delete(ctx, &blob.DeleteOptions{AccessConditions: withLease(*l.lease.LeaseID())})
	if isCode(err, notOurs) {
		return nil
	}
	return l.container.wrapError(ctx, "release the lock, which otherwise ends in a minute", err)
}

// Unlock implements [journal.Place]. It removes the lock of that run only: a run that has
// locked the tenant since then keeps its lock.
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
			return tenant, who, c.breakLease(ctx, item.Name, version)
		}
		if _, unusable := errors.AsType[*Error](err); unusable && !isCode(err, blobNotThere) {
			return state.TenantID{}, journal.Holder{}, err
		}
	}
	return state.TenantID{}, journal.Holder{}, journal.ErrNoLock
}

// breakLease breaks the lease on a lock and removes the lock, unless it has changed since
// it was read.
func (c *Container) breakLease(ctx context.Context, name string, version azcore.ETag) error {
	now := int32(0)
	same := &blob.ModifiedAccessConditions{IfMatch: &version}
	_, err := c.lease(name, newLeaseID()).BreakLease(ctx, &lease.BlobBreakOptions{BreakPeriod: &now, ModifiedAccessConditions: same})
	if err == nil || bloberror.HasCode(err, bloberror.LeaseNotPresentWithLeaseOperation) {
		_, err = c.client.NewBlobClient(name).Delete(ctx, &blob.DeleteOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: same}})
	}
	if bloberror.HasCode(err, bloberror.BlobNotFound, bloberror.ConditionNotMet, bloberror.LeaseIDMissing) {
		return nil // it was released, or another run has it by now
	}
	return c.wrapError(ctx, "unlock", err)
}
