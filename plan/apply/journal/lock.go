package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seatwright/seatwright/state"
)

// Holder is the run that has a tenant.
type Holder struct {
	Run   string    `json:"run"`
	Host  string    `json:"host"`
	Boot  string    `json:"boot"` // id of the machine's boot, or ""
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
	Alive time.Time `json:"alive,omitzero"` // the last heartbeat; zero where the place itself knows
}

// LockedError says who has the tenant.
type LockedError struct {
	Tenant state.TenantID
	Holder Holder // zero: it cannot be told
}

func (e *LockedError) Error() string {
	if e.Holder.Run == "" {
		return fmt.Sprintf("tenant %s is locked by another run", e.Tenant)
	}
	text := fmt.Sprintf("tenant %s is locked by run %s on %s (process %d) since %s", e.Tenant, e.Holder.Run, e.Holder.Host,
		e.Holder.PID, e.Holder.Since.UTC().Format(time.RFC3339))
	if !e.Holder.Alive.IsZero() {
		text += ", which was alive at " + e.Holder.Alive.UTC().Format(time.RFC3339)
	}
	return text
}

// Hint says what to do about it.
func (e *LockedError) Hint() string {
	if e.Holder.Run == "" {
		return "wait for it, or give --lock-timeout"
	}
	return "wait for it (--lock-timeout 10m); if it is dead for certain: seatwright unlock " + e.Holder.Run
}

// LostError says that a run does not have its tenant any more, or cannot tell.
type LostError struct {
	Run string
	Why string
}

func (e *LostError) Error() string { return fmt.Sprintf("run %s lost its lock: %s", e.Run, e.Why) }

// Unlocked is why a run has lost a tenant that nobody has.
const Unlocked = "somebody has unlocked the tenant"

// TakenBy is why a run has lost a tenant that another one has.
func TakenBy(other Holder) string { return "run " + other.Run + " has the tenant now" }

// ErrNoLock says that a run has no tenant that could be taken away from it.
var ErrNoLock = errors.New("it has no lock: there is nothing to unlock")

// Acquire locks a tenant, or is a [LockedError]. Run, Host, Boot and PID of the
// holder are the caller's to fill in.
func (s *Store) Acquire(ctx context.Context, tenant state.TenantID, who Holder) (Lock, error) {
	who.Since = s.now().UTC()
	return s.place.Acquire(ctx, tenant, who)
}

// AcquireWithin tries for a while, every second.
func (s *Store) AcquireWithin(ctx context.Context, tenant state.TenantID, who Holder, patience time.Duration, wait func(context.Context, time.Duration) error) (Lock, error) {
	end := s.now().Add(patience)
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

// Unlock takes the lock away from a run: of the tenant that it has, which it returns.
// The run, if it lives after all, stops before its next batch.
func (s *Store) Unlock(ctx context.Context, run string) (state.TenantID, Holder, error) {
	tenant, holder, err := s.place.Unlock(ctx, run)
	if err != nil {
		return tenant, holder, fmt.Errorf("unlock run %s: %w", run, err)
	}
	return tenant, holder, nil
}
