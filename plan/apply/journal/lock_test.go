package journal_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/state"
)

const otherID = "20261123T080001Z-zzzzzzzz"

func here(run string) journal.Holder {
	return journal.Holder{Run: run, Host: "here", Boot: "boot-1", PID: 1}
}

func acquire(t *testing.T, store *journal.Store, who journal.Holder) journal.Lock {
	t.Helper()
	lock, err := store.Acquire(t.Context(), tenant, who)
	must(t, err)
	return lock
}

func wantLocked(t *testing.T, store *journal.Store, who journal.Holder, by string) {
	t.Helper()
	lock, err := store.Acquire(t.Context(), tenant, who)
	locked, ok := errors.AsType[*journal.LockedError](err)
	if !ok || locked.Holder.Run != by || !strings.Contains(locked.Hint(), "unlock "+by) {
		t.Fatalf("got %v, %v, want a lock of %s", lock, err, by)
	}
}

func oneRun(t *testing.T, k kit) {
	store := k.store
	lock := acquire(t, store, here(runID))
	wantLocked(t, store, here(otherID), runID)
	if other, err := store.Acquire(t.Context(), state.TenantID{2}, here(otherID)); err != nil {
		t.Errorf("another tenant: %v, want it free", err)
	} else {
		must(t, other.Release())
	}
	must(t, lock.Release())
	again := acquire(t, store, here(otherID))
	if again.TakenOverFrom() != nil {
		t.Errorf("it was taken over from %v, want it free", again.TakenOverFrom())
	}
	must(t, again.Release())
}

// TestAcquireTakesOverTheLockOfADeadRun has the heartbeat of a run whose process has ended.
func TestAcquireTakesOverTheLockOfADeadRun(t *testing.T) {
	t.Parallel()
	dead := `{"run":"` + runID + `","host":"HOST","boot":"BOOT","pid":1,"since":"2026-11-23T08:00:00Z","alive":"2026-11-23T08:00:00Z"}`
	for _, c := range []struct {
		name, host, boot string
		age              time.Duration
		free             bool
	}{
		{"of this machine", "here", "boot-1", time.Second, true},
		{"of this machine before its last boot", "here", "boot-0", time.Second, false},
		{"of another machine", "there", "boot-9", journal.Lease - time.Second, false},
		{"of another machine, and long ago", "there", "boot-9", journal.Lease, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store, root, clock := newFolder(t)
			text := strings.NewReplacer("HOST", c.host, "BOOT", c.boot).Replace(dead)
			must(t, root.WriteFile("lock-"+tenant.String()+".json", []byte(text), 0o600))
			clock.at = start.Add(c.age)
			if !c.free {
				wantLocked(t, store, here(otherID), runID)
				return
			}
			lock := acquire(t, store, here(otherID))
			if lock.TakenOverFrom() == nil || lock.TakenOverFrom().Run != runID {
				t.Errorf("it was taken over from %v, want %s", lock.TakenOverFrom(), runID)
			}
			must(t, lock.Release())
		})
	}
}

func TestRenewAfterTheLockIsLost(t *testing.T) {
	t.Parallel()
	store, root, clock := newFolder(t)
	lock := acquire(t, store, here(runID))
	must(t, lock.Renew())
	clock.at = start.Add(time.Hour)
	must(t, lock.Renew())
	name := "lock-" + tenant.String() + ".json"
	kept, err := root.ReadFile(name)
	must(t, err)
	if !strings.Contains(string(kept), "2026-11-23T09:00:00Z") {
		t.Errorf("no heartbeat: %s", kept)
	}
	if _, _, err := store.Unlock(t.Context(), otherID); err == nil {
		t.Error("a run that has no lock was unlocked")
	}
	got, holder, err := store.Unlock(t.Context(), runID)
	if err != nil || got != tenant || holder.Run != runID {
		t.Errorf("Unlock gave %s, %v, %v, want the tenant and its holder", got, holder, err)
	}
	wantLost(t, lock, "was unlocked")
	must(t, root.WriteFile(name, []byte(strings.Replace(string(kept), runID, otherID, 1)), 0o600))
	wantLost(t, lock, otherID)
	must(t, root.WriteFile(name, []byte("{"), 0o600))
	wantLost(t, lock, "read the holder of the lock")
	must(t, lock.Release())
}

func renewedByMany(t *testing.T, k kit) {
	store, clock := k.store, k.clock
	lock := acquire(t, store, here(runID))
	clock.at = start.Add(time.Hour)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := lock.Renew(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	must(t, lock.Release())
}

// takenAway unlocks a run that is alive, and a run without a lock.
func takenAway(t *testing.T, k kit) {
	lock := acquire(t, k.store, here(runID))
	must(t, lock.Renew())
	if _, _, err := k.store.Unlock(t.Context(), otherID); !errors.Is(err, journal.ErrNoLock) {
		t.Errorf("a run that has no lock was unlocked: %v", err)
	}
	got, holder, err := k.store.Unlock(t.Context(), runID)
	if err != nil || got != tenant || holder.Run != runID || holder.Host != "here" || !holder.Since.Equal(start) {
		t.Errorf("Unlock gave %s, %+v, %v, want the tenant and its holder", got, holder, err)
	}
	wantLost(t, lock, journal.LostByUnlock)
	must(t, lock.Release())
	next := acquire(t, k.store, here(otherID))
	if next.TakenOverFrom() != nil {
		t.Errorf("it was taken over from %v, want it free", next.TakenOverFrom())
	}
	if _, _, err := k.store.Unlock(t.Context(), runID); !errors.Is(err, journal.ErrNoLock) {
		t.Errorf("a run was unlocked twice: %v", err)
	}
	must(t, next.Renew())
	must(t, next.Release())
}

func wantLost(t *testing.T, lock journal.Lock, why string) {
	t.Helper()
	err := lock.Renew()
	if _, lost := errors.AsType[*journal.LostError](err); !lost || !strings.Contains(err.Error(), why) {
		t.Errorf("Renew gave %v, want a LostError about %q", err, why)
	}
}

func waits(t *testing.T, k kit) {
	store, clock := k.store, k.clock
	lock := acquire(t, store, here(runID))
	waits := 0
	wait := func(context.Context, time.Duration) error {
		clock.at = clock.at.Add(time.Second)
		if waits++; waits == 30 {
			must(t, lock.Release())
		}
		return nil
	}
	if _, err := store.AcquireWithin(t.Context(), tenant, here(otherID), 10*time.Second, wait); err == nil || waits != 10 {
		t.Errorf("got it after %d waits, want a LockedError after 10", waits)
	}
	got, err := store.AcquireWithin(t.Context(), tenant, here(otherID), time.Minute, wait)
	if err != nil || waits != 30 {
		t.Fatalf("%v after %d waits, want it after 30", err, waits)
	}
	must(t, got.Release())
}
