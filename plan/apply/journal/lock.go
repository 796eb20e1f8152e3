package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seatwright/seatwright/state"
)

// Holder is the run that holds the lock of a tenant.
type Holder struct {
	Run   string    `json:"run"`
	Host  string    `json:"host"`
	Boot  string    `json:"boot"` // id of the machine's boot, or ""
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
	Alive time.Time `json:"alive,omitzero"` // the last heartbeat; zero if the place has leases
}

// LockedError is returned if another run holds the lock of the tenant.
type LockedError struct {
	Tenant state.TenantID
	Holder Holder // zero: unknown
}

func (e *LockedError) Error() string {
	if e.Holder.Run == "" {
		return fmt.Sprintf("tenant %s is locked by another run", e.Tenant)
	}
	text := fmt.Sprintf("tenant %s is locked by run %s on %s (process %d) since %s", e.Tenant, e.Holder.Run, e.Holder.Host,
		e.Holder.PID, e.Holder.Since.UTC().Format(time.RFC3339))
	if !e.Holder.Alive.IsZero() {
		text += ", last heartbeat at " + e.Holder.Alive.UTC().Format(time.RFC3339)
	}
	return text
}

// Hint returns what to do next.
func (e *LockedError) Hint() string {
	if e.Holder.Run == "" {
		return "wait for that run to end, for example with --lock-timeout 10m"
	}
	return "wait for it to end (--lock-timeout 10m); if it has certainly died: seatwright unlock " + e.Holder.Run
}

// LostError is returned if a run no longer holds the lock of its tenant, or cannot check
// it.
type LostError struct {
	Run string
	Why string
}

func (e *LostError) Error() string { return fmt.Sprintf("run %s lost its lock: %s", e.Run, e.Why) }

// LostByUnlock is the reason if a run has lost its lock and no other run has it.
const LostByUnlock = "the tenant was unlocked meanwhile"

// LostTo returns the reason if a run has lost its lock to another run.
func LostTo(other Holder) string { return "run " + other.Run + " holds the lock of the tenant now" }

// ErrNoLock is returned if there is no lock of that run to remove.
var ErrNoLock = errors.New("it has no lock: there is nothing to unlock")

// Acquire locks a tenant, or returns a [LockedError]. The caller sets Run, Host, Boot and
// PID of the holder.
func (s *Store) Acquire(ctx context.Context, tenant state.TenantID, who Holder) (Lock, error) {
	who.Since = s.now().UTC()
	return s.place.Acquire(ctx, tenant, who)
}

// AcquireWithin tries every second until the timeout.
func (s *Store) AcquireWithin(ctx context.Context, tenant state.TenantID, who Holder, timeout time.Duration, wait func(context.Context, time.Duration) error) (Lock, error) {
	end := s.now().Add(timeout)
	for {
		lock, err := s.Acquire(ctx, tenant, who)
		if _, locked := errors.AsType[*LockedError](err); !locked || !s.now().Before(end) {
			return lock, err
		}
		if stopped := wait(ctx, time.Second); stopped != nil {
			return nil, stopped
		}
	}
}

// Unlock removes the lock of a run, and returns its tenant and holder. If the run is still
// alive, it stops before its next batch.
func (s *Store) Unlock(ctx context.Context, run string) (state.TenantID, Holder, error) {
	tenant, holder, err := s.place.Unlock(ctx, run)
	if err != nil {
		return tenant, holder, fmt.Errorf("unlock run %s: %w", run, err)
	}
	return tenant, holder, nil
}
