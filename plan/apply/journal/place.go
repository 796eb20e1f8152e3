package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/state"
)

// Place is where journals, records and locks are kept: a [Folder], or a place that several
// machines can reach. Only locks are ever removed from it.
type Place interface {
	// List returns the items of the place, in any order.
	List(ctx context.Context) ([]Item, error)
	// Open reads an item from its beginning, or returns [io/fs.ErrNotExist].
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// ReadEnd returns the last bytes of an item, at most the given number. It returns an error
	// if it cannot read them alone.
	ReadEnd(ctx context.Context, name string, most int64) ([]byte, error)
	// Create creates an item that grows, or returns [io/fs.ErrExist].
	Create(ctx context.Context, name string) (Appender, error)
	// Replace writes an item whole or not at all. It is durable once Replace returns nil.
	Replace(ctx context.Context, name string, data []byte) error
	// Acquire locks a tenant for a run, or returns a [LockedError].
	Acquire(ctx context.Context, tenant state.TenantID, who Holder) (Lock, error)
	// Unlock removes the lock of a run, or returns [ErrNoLock].
	Unlock(ctx context.Context, run string) (state.TenantID, Holder, error)
}

// Item is a journal, a record or a lock in a place.
type Item struct {
	Name    string
	Written time.Time // time of the last write
}

// Appender is an item that grows. A signal does not interrupt an append. Only one goroutine
// may use it at a time.
type Appender interface {
	// Append adds bytes at the end. They are durable once it returns nil. After an error it
	// is unknown how many of them were written.
	Append(data []byte) error
	Close() error
}

// Lock is the lock of a tenant. It is safe for use by several goroutines.
type Lock interface {
	// Renew shows that the run is alive. It is called before every batch. It returns a
	// [LostError] if the run no longer holds the lock, or cannot check it.
	Renew() error
	// Release releases the lock.
	Release() error
	// TakenOverFrom returns the dead run that held the lock before; nil: the tenant was not locked.
	TakenOverFrom() *Holder
}

// LockName returns the name of the item that has the holder of a tenant's lock.
func LockName(tenant state.TenantID) string { return lockPrefix + tenant.String() + lockSuffix }

// LockedTenant returns the tenant of such a name, and reports whether it is one.
func LockedTenant(name string) (state.TenantID, bool) {
	if len(name) < len(lockPrefix)+len(lockSuffix) || name[:len(lockPrefix)] != lockPrefix || name[len(name)-len(lockSuffix):] != lockSuffix {
		return state.TenantID{}, false
	}
	tenant, err := state.ParseID[state.Organization](name[len(lockPrefix) : len(name)-len(lockSuffix)])
	return tenant, err == nil && LockName(tenant) == name
}

const (
	lockPrefix = "lock-"
	lockSuffix = ".json"
)

// maxHolder is far above the size of a holder.
const maxHolder = 1 << 16

// ReadHolder reads the holder of a lock, which may have died. Errors and hints quote the
// holder, and anyone who may write to the place can have written it. So it must have the id
// of a run.
func ReadHolder(r io.Reader) (Holder, error) {
	var holder Holder
	data, err := io.ReadAll(io.LimitReader(r, maxHolder+1))
	if err == nil && len(data) > maxHolder {
		err = fmt.Errorf("it is larger than %d bytes", maxHolder)
	}
	if err == nil {
		err = json.Unmarshal(data, &holder, json.RejectUnknownMembers(true))
	}
	if err == nil && !IsID(holder.Run) {
		err = errors.New("it has no id of a run")
	}
	if err != nil {
		return Holder{}, fmt.Errorf("read the holder of the lock: %w", err)
	}
	holder.Host = sanitizeName(holder.Host)
	return holder, nil
}

// sanitizeName returns a name from outside in a form that is safe in a line.
func sanitizeName(name string) string {
	const most = 255
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, name)
	return strings.ToValidUTF8(name[:min(len(name), most)], "")
}

// Encode returns the bytes that [ReadHolder] reads.
func (h Holder) Encode() ([]byte, error) {
	data, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode the holder of the lock: %w", err)
	}
	return data, nil
}
