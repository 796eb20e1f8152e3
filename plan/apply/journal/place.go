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

// Place is where journals, records and locks lie: a [Folder], or what several
// machines reach. Nothing in it is ever removed but locks.
type Place interface {
	// List names what lies there, in any order.
	List(ctx context.Context) ([]Item, error)
	// Open reads something from its beginning; [io/fs.ErrNotExist] if it is not there.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// End is the last bytes of something, at most so many; an error where it cannot tell
	// them from the whole.
	End(ctx context.Context, name string, most int64) ([]byte, error)
	// Create begins something that grows; [io/fs.ErrExist] if it is there already.
	Create(ctx context.Context, name string) (Appender, error)
	// Replace writes something whole or not at all. It is kept for good once this returns nil.
	Replace(ctx context.Context, name string, data []byte) error
	// Acquire gives a tenant to a run, or is a [LockedError].
	Acquire(ctx context.Context, tenant state.TenantID, who Holder) (Lock, error)
	// Unlock takes its tenant away from a run, or is [ErrNoLock].
	Unlock(ctx context.Context, run string) (state.TenantID, Holder, error)
}

// Item is one thing in a place.
type Item struct {
	Name    string
	Written time.Time // the last time that it was written to
}

// Appender is something that grows, whatever signals come: what is being done is
// kept. It is for one goroutine at a time.
type Appender interface {
	// Append puts bytes behind the others. They are there for good once it returns nil;
	// after an error it cannot be told how many are.
	Append(data []byte) error
	Close() error
}

// Lock is a tenant that a run has for itself. It is safe for use by several
// goroutines.
type Lock interface {
	// Renew says that the run lives. It is asked before every batch, and fails with a
	// [LostError] where the tenant is not the run's own any more, or it cannot say so.
	Renew() error
	// Release gives the tenant back.
	Release() error
	// Took is the dead run that the tenant was taken over from; nil: it was free.
	Took() *Holder
}

// LockName is the name of what says who has a tenant.
func LockName(tenant state.TenantID) string { return lockPrefix + tenant.String() + lockSuffix }

// LockedTenant is the tenant that such a name is about.
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

// maxHolder is far above the size of what says who has a tenant.
const maxHolder = 1 << 16

// ReadHolder reads who has a tenant, or had it when he died. Errors and hints quote it,
// and whoever may write to the place can have written it: it has to name a run.
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
		err = errors.New("it names no run")
	}
	if err != nil {
		return Holder{}, fmt.Errorf("read who has the tenant: %w", err)
	}
	holder.Host = oneLine(holder.Host)
	return holder, nil
}

// oneLine keeps of a foreign name what can stand in a line.
func oneLine(name string) string {
	const most = 255
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, name)
	return strings.ToValidUTF8(name[:min(len(name), most)], "")
}

// Encode is what [ReadHolder] reads.
func (h Holder) Encode() ([]byte, error) {
	data, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode who has the tenant: %w", err)
	}
	return data, nil
}
