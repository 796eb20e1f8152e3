package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/state"
)

// The times of a lock: a holder says that it lives at least every Heartbeat while it
// works, and one on another machine that has not for a Lease is taken for dead.
const (
	Heartbeat = 15 * time.Second
	Lease     = 5 * time.Minute
)

// Holder is the run that has a tenant.
type Holder struct {
	Run   string    `json:"run"`
	Host  string    `json:"host"`
	Boot  string    `json:"boot"` // id of the machine's boot, or ""
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
	Alive time.Time `json:"alive"` // the last heartbeat
}

// LockedError says who has the tenant.
type LockedError struct {
	Tenant state.TenantID
	Holder Holder // zero: it cannot be told
}

func (e *LockedError) Error() string {
	if e.Holder.Run == "" {
		return fmt.Sprintf("tenant %s is locked by another run on this machine", e.Tenant)
	}
	return fmt.Sprintf("tenant %s is locked by run %s on %s (process %d) since %s, which was alive at %s", e.Tenant, e.Holder.Run, e.Holder.Host,
		e.Holder.PID, e.Holder.Since.UTC().Format(time.RFC3339), e.Holder.Alive.UTC().Format(time.RFC3339))
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

// Lock is a tenant that this run has for itself. On one machine the system holds it
// and lets it go with the process; machines that share the folder see its heartbeat.
type Lock struct {
	mu     sync.Mutex
	root   *os.Root
	file   *os.File
	name   string
	now    func() time.Time
	holder Holder
	Took   *Holder // the dead run that it was taken over from; nil: it was free
}

// Acquire locks a tenant, or is a [LockedError]. Run, Host, Boot and PID of the
// holder are the caller's to fill in.
func (s *Store) Acquire(tenant state.TenantID, who Holder) (*Lock, error) {
	name := "lock-" + tenant.String()
	file, err := s.root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &Error{"lock", err}
	}
	previous, readErr := s.holder(tenant)
	if err := flock(file); err != nil {
		locked := &LockedError{Tenant: tenant}
		if readErr == nil {
			locked.Holder = previous
		}
		return nil, errors.Join(locked, file.Close())
	}
	l := &Lock{root: s.root, file: file, name: name + ".json", now: s.now, holder: who}
	if previous, readErr = s.holder(tenant); readErr == nil { // again: it is nobody else's to change now
		if !sameMachine(previous, who) && s.now().Sub(previous.Alive) < Lease {
			return nil, errors.Join(&LockedError{tenant, previous}, file.Close())
		}
		l.Took = &previous
	}
	l.holder.Since = s.now().UTC()
	if err := l.beat(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

// sameMachine says that the system would not have given the lock out, did the holder live.
func sameMachine(a, b Holder) bool { return systemLocks && a.Host == b.Host && a.Boot == b.Boot }

// AcquireWithin tries for a while, every second.
func (s *Store) AcquireWithin(ctx context.Context, tenant state.TenantID, who Holder, patience time.Duration, wait func(context.Context, time.Duration) error) (*Lock, error) {
	end := s.now().Add(patience)
	for {
		lock, err := s.Acquire(tenant, who)
		if _, locked := errors.AsType[*LockedError](err); !locked || !s.now().Before(end) {
			return lock, err
		}
		if stopped := wait(ctx, time.Second); stopped != nil {
			return nil, stopped
		}
	}
}

// holder is who has a tenant, or had it when he died; [fs.ErrNotExist] if nobody.
func (s *Store) holder(tenant state.TenantID) (Holder, error) {
	return readHolder(s.root, "lock-"+tenant.String()+".json")
}

func readHolder(root *os.Root, name string) (Holder, error) {
	var holder Holder
	info, err := root.Lstat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > 1<<16) {
		err = errors.New("it is no regular file of a sensible size")
	}
	var data []byte
	if err == nil {
		data, err = root.ReadFile(name)
	}
	if err == nil {
		err = json.Unmarshal(data, &holder, json.RejectUnknownMembers(true))
	}
	if err != nil {
		return Holder{}, fmt.Errorf("read %s: %w", name, err)
	}
	return holder, nil
}

// Renew says that the run lives, and fails with a [LostError] where the tenant is not
// its own any more, or it cannot say so. It is asked before every batch, by several
// goroutines.
func (l *Lock) Renew() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, err := readHolder(l.root, l.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &LostError{l.holder.Run, "somebody has unlocked the tenant"}
	case err != nil:
		return &LostError{l.holder.Run, err.Error()}
	case found.Run != l.holder.Run:
		return &LostError{l.holder.Run, "run " + found.Run + " has the tenant now"}
	case l.now().Sub(l.holder.Alive) < Heartbeat:
		return nil
	}
	if err := l.beat(); err != nil {
		return &LostError{l.holder.Run, err.Error()}
	}
	return nil
}

// beat writes the heartbeat, whole or not at all.
func (l *Lock) beat() error {
	l.holder.Alive = l.now().UTC()
	data, err := json.Marshal(l.holder)
	if err == nil {
		err = l.root.WriteFile(l.name+".tmp", data, 0o600)
	}
	if err == nil {
		err = l.root.Rename(l.name+".tmp", l.name)
	}
	if err != nil {
		return &Error{"lock", err}
	}
	return nil
}

// Release gives the tenant back.
func (l *Lock) Release() error {
	var err error
	if found, unread := readHolder(l.root, l.name); unread == nil && found.Run == l.holder.Run {
		err = l.root.Remove(l.name)
	}
	return errors.Join(err, l.file.Close()) // which lets the system's lock go
}

// Unlock takes the lock away from a run: of the tenant that it has, which it returns.
// The run, if it lives after all, stops before its next batch.
func (s *Store) Unlock(run string) (state.TenantID, Holder, error) {
	entries, err := fs.Glob(s.root.FS(), "lock-*.json")
	if err != nil {
		return state.TenantID{}, Holder{}, fmt.Errorf("list locks: %w", err)
	}
	for _, name := range entries {
		tenant, err := state.ParseID[state.Organization](name[len("lock-") : len(name)-len(".json")])
		if err != nil {
			continue
		}
		holder, err := s.holder(tenant)
		if err != nil || holder.Run != run {
			continue
		}
		if err := s.root.Remove(name); err != nil {
			return tenant, holder, &Error{"unlock", err}
		}
		return tenant, holder, nil
	}
	return state.TenantID{}, Holder{}, fmt.Errorf("run %s has no lock: there is nothing to unlock", run)
}
