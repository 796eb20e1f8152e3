package journal

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/seatwright/seatwright/state"
)

// The times of a folder's lock. A holder writes a heartbeat at least every heartbeat while it
// works. A holder on another machine without a heartbeat for a Lease is considered dead.
const (
	heartbeat = 15 * time.Second
	Lease     = 5 * time.Minute
)

// folderLock is a lock of the system, which releases it when the process ends. Other
// machines that share the folder see its heartbeat.
type folderLock struct {
	mu     sync.Mutex
	folder *Folder
	file   *os.File
	name   string
	holder Holder
	took   *Holder
}

// Acquire implements [Place].
func (f *Folder) Acquire(ctx context.Context, tenant state.TenantID, who Holder) (Lock, error) {
	file, err := f.root.OpenFile(lockPrefix+tenant.String(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &Error{"lock", err}
	}
	name := LockName(tenant)
	previous, readErr := f.readHolder(ctx, name)
	if err := flock(file); err != nil {
		locked := &LockedError{Tenant: tenant}
		if readErr == nil {
			locked.Holder = previous
		}
		return nil, errors.Join(locked, file.Close())
	}
	l := &folderLock{folder: f, file: file, name: name, holder: who}
	if previous, readErr = f.readHolder(ctx, name); readErr == nil { // read again: no other process can change it now
		if !sameMachine(previous, who) && f.now().Sub(previous.Alive) < Lease {
			return nil, errors.Join(&LockedError{tenant, previous}, file.Close())
		}
		l.took = &previous
	}
	if err := l.writeHeartbeat(ctx); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

// sameMachine reports whether the system lock proves that the earlier holder is dead: on
// the same machine, flock fails while a holder is alive.
func sameMachine(a, b Holder) bool { return systemLocks && a.Host == b.Host && a.Boot == b.Boot }

// readHolder returns the run that holds the lock of a tenant, or that held it when it died.
// It returns [fs.ErrNotExist] if there is none.
func (f *Folder) readHolder(ctx context.Context, name string) (Holder, error) {
	opened, err := f.Open(ctx, name)
	if err != nil {
		return Holder{}, err
	}
	defer func() { _ = opened.Close() }() // of what was only read
	return ReadHolder(opened)
}

// TakenOverFrom implements [Lock].
func (l *folderLock) TakenOverFrom() *Holder { return l.took }

// Renew implements [Lock].
func (l *folderLock) Renew() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx := context.Background() // a disk does not wait
	found, err := l.folder.readHolder(ctx, l.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &LostError{l.holder.Run, LostByUnlock}
	case err != nil:
		return &LostError{l.holder.Run, err.Error()}
	case found.Run != l.holder.Run:
		return &LostError{l.holder.Run, LostTo(found)}
	case l.folder.now().Sub(l.holder.Alive) < heartbeat:
		return nil
	}
	if err := l.writeHeartbeat(ctx); err != nil {
		return &LostError{l.holder.Run, err.Error()}
	}
	return nil
}

// writeHeartbeat writes the heartbeat, whole or not at all.
func (l *folderLock) writeHeartbeat(ctx context.Context) error {
	l.holder.Alive = l.folder.now().UTC()
	data, err := l.holder.Encode()
	if err == nil {
		err = l.folder.Replace(ctx, l.name, data)
	}
	if err != nil {
		return &Error{"lock", err}
	}
	return nil
}

// Release implements [Lock].
func (l *folderLock) Release() error {
	var err error
	if found, unread := l.folder.readHolder(context.Background(), l.name); unread == nil && found.Run == l.holder.Run {
		err = l.folder.root.Remove(l.name)
	}
	return errors.Join(err, l.file.Close()) // which releases the lock of the system
}

// Unlock implements [Place].
func (f *Folder) Unlock(ctx context.Context, run string) (state.TenantID, Holder, error) {
	entries, err := f.List(ctx)
	if err != nil {
		return state.TenantID{}, Holder{}, err
	}
	for _, entry := range entries {
		tenant, is := LockedTenant(entry.Name)
		if !is {
			continue
		}
		holder, err := f.readHolder(ctx, entry.Name)
		if err != nil || holder.Run != run {
			continue
		}
		if err := f.root.Remove(entry.Name); err != nil {
			return tenant, holder, &Error{"unlock", err}
		}
		return tenant, holder, nil
	}
	return state.TenantID{}, Holder{}, ErrNoLock
}
