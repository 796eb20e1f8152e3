package graph_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// locations returns changes of the users from first on.
func locations(first, n int) []state.Change {
	changes := make([]state.Change, n)
	for i := range changes {
		changes[i] = state.Change{User: userID(first + i), Location: "CH"}
	}
	return changes
}

// sizes returns how many requests were in each batch.
func sizes(t testing.TB, f *fake) []int {
	var all []int
	for _, r := range f.requests() {
		all = append(all, len(items(t, r.Body)))
	}
	return all
}

const accepted = `"status":204`

func TestPacerWidthGrowsHalvesAndGrowsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refuse := 0
		f := &fake{}
		f.answer = func(_ int, r sent) (*scripted, error) {
			return answerItems(t, r, func(item) string {
				if refuse > 0 {
					refuse--
					return concurrent
				}
				return accepted
			}), nil
		}
		w := writerOf(t, f)
		write := func(first, n int) {
			if err := errors.Join(w.Write(t.Context(), locations(first, n))...); err != nil {
				t.Errorf("Write: %v", err)
			}
		}
		write(1, 20)
		write(21, 20)
		before := len(f.requests())
		refuse = 3 // of one batch: that halves the width once, not three times
		write(41, 20)
		write(61, 20)
		write(81, 20)
		got := sizes(t, f)
		if diff := cmp.Diff([]int{2, 4, 8, 6, 20}, got[:before]); diff != "" {
			t.Errorf("sizes of batches until the first refusal (-want +got):\n%s", diff)
		}
		if after := got[before:]; after[0] != 20 || slices.Max(after[1:]) != 20 || after[1] > 3 {
			t.Errorf("sizes of batches from the refusal on are %v, want 20, those refused, and 20 at most", after)
		}
	})
}

func TestPacerWidthIsAtLeastOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := map[string]int{}
		f := &fake{}
		f.answer = func(_ int, r sent) (*scripted, error) {
			return answerItems(t, r, func(i item) string {
				if attempts[i.URL]++; attempts[i.URL] <= 2 {
					return concurrent
				}
				return accepted
			}), nil
		}
		if err := errors.Join(writerOf(t, f).Write(t.Context(), locations(1, 6))...); err != nil {
			t.Fatalf("Write: %v", err)
		}
		if diff := cmp.Diff([]int{2, 1, 1, 1, 1, 1}, sizes(t, f)[:6]); diff != "" {
			t.Errorf("sizes of batches (-want +got):\n%s", diff)
		}
	})
}

// spread writes n changes, twenty per call, from several callers, and returns the time of
// each item.
func spread(t *testing.T, percent, n int, answer func(item) string) (times []time.Time, failures int) {
	t.Helper()
	var mu sync.Mutex
	f := &fake{}
	f.answer = func(_ int, r sent) (*scripted, error) {
		later(300 * time.Millisecond) // inside the bubble
		mu.Lock()
		defer mu.Unlock()
		return answerItems(t, r, func(i item) string {
			times = append(times, now())
			return answer(i)
		}), nil
	}
	w, err := client(t, f, graph.Options{Write: true, Rate: percent}).Writer()
	if err != nil {
		t.Fatalf("Writer: %v", err)
	}
	var callers sync.WaitGroup
	for caller := range 2 {
		callers.Go(func() {
			for first := caller * 20; first < n; first += 40 {
				errs := w.Write(t.Context(), locations(first+1, 20))
				mu.Lock()
				failures += len(slices.DeleteFunc(errs, func(err error) bool { return err == nil }))
				mu.Unlock()
			}
		})
	}
	callers.Wait()
	return times, failures
}

// most returns the largest number of times within one window.
func most(times []time.Time, window time.Duration) int {
	most, first := 0, 0
	for last := range times {
		for times[last].Sub(times[first]) >= window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

func TestPacerStaysBelowTheQuotaInEveryWindow(t *testing.T) {
	t.Parallel()
	for percent, quota := range map[int]int{0: 2400, 10: 300, 50: 1500, 100: 3000} {
		t.Run(fmt.Sprintf("rate %d", percent), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				times, failures := spread(t, percent, 2*quota, func(item) string { return accepted })
				got := most(times, 150*time.Second)
				if got > quota || got < quota*95/100 || failures > 0 {
					t.Errorf("%d writes in 150 s, %d failures; want %d to %d, none", got, failures, quota*95/100, quota)
				}
			})
		})
	}
}

func TestPacerSlowsDownWhenOthersUseTheQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		times, _ := spread(t, 80, 4000, func(item) string {
			return `"status":204,"headers":{"X-MS-Throttle-Limit-Percentage":"1.6"}`
		})
		if got := most(times, 150*time.Second); got > 1250 { // half of 2400, and the first burst
			t.Errorf("%d writes in 150 s, want half the share of the quota", got)
		}
	})
}

func TestPacerWaitsForTheTimeOfA429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var refusedAt time.Time
		f := &fake{}
		f.answer = func(_ int, r sent) (*scripted, error) {
			return answerItems(t, r, func(item) string {
				if refusedAt.IsZero() {
					refusedAt = now()
					return throttled // 7.5 s
				}
				if since := now().Sub(refusedAt); since > 0 && since < 7500*time.Millisecond {
					t.Errorf("a write was sent %v after the refusal", since)
				}
				return accepted
			}), nil
		}
		w := writerOf(t, f)
		var callers sync.WaitGroup
		for caller := range 4 {
			callers.Go(func() {
				if err := errors.Join(w.Write(t.Context(), locations(1+20*caller, 20))...); err != nil {
					t.Errorf("Write: %v", err)
				}
			})
		}
		callers.Wait()
	})
}

func TestPacerStopsAfterMinutesOfRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answer = func(_ int, r sent) (*scripted, error) {
			return answerItems(t, r, func(item) string { return concurrent }), nil
		}
		w := writerOf(t, f)
		began := now()
		var last *state.Error
		for first := 1; first < 200; first += 20 {
			for _, err := range w.Write(t.Context(), locations(first, 20)) {
				last = refusalOf(t, err)
				if last.MayHaveHappened() {
					t.Fatalf("Write = %v, which leaves open whether it happened", last)
				}
			}
		}
		if last.Reason != state.ReasonBusy || !strings.Contains(last.Hint(), "--rate") {
			t.Errorf("the last refusal is %v (%s), want reason %q", last, last.Hint(), state.ReasonBusy)
		}
		if took := now().Sub(began); took > 12*time.Minute {
			t.Errorf("200 writes were tried for %v", took)
		}
	})
}

func TestWriteCanceledWhileWaitingWasNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.answer = func(_ int, r sent) (*scripted, error) {
			later(time.Minute)
			return answerItems(t, r, func(item) string { return accepted }), nil
		}
		w := writerOf(t, f)
		go w.Write(t.Context(), locations(1, 2)) // takes the whole width
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		errs := w.Write(ctx, locations(3, 1))
		if refusal := refusalOf(t, errs[0]); refusal.MayHaveHappened() || !strings.Contains(refusal.Error(), "nothing was sent") {
			t.Errorf("Write = %v, want that nothing was sent", refusal)
		}
		if n := len(f.requests()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
		later(2 * time.Minute)
	})
}

func TestNewRefusesInvalidRates(t *testing.T) {
	t.Parallel()
	for _, percent := range []int{-1, 101, 1000} {
		if _, err := graph.NewAt(graph.Options{Rate: percent}, address, nil, &fake{}); err == nil || !strings.Contains(err.Error(), "1 to 100 percent") {
			t.Errorf("rate %d: %v", percent, err)
		}
	}
}

func TestPacingStopsReadsAfterARefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var refusedAt time.Time
		f := &fake{}
		f.answer = func(n int, _ sent) (*scripted, error) {
			if n == 1 {
				refusedAt = now()
				return reply(429, `{}`, "Retry-After", "9.5"), nil
			}
			if since := now().Sub(refusedAt); since > 0 && since < 9500*time.Millisecond {
				t.Errorf("a read was sent %v after the refusal", since)
			}
			return reply(200, `{"value":[]}`), nil
		}
		c := client(t, f, graph.Options{})
		var readers sync.WaitGroup
		for i := range 5 {
			readers.Go(func() {
				later(time.Duration(i) * time.Second)
				if _, err := c.Read(t.Context(), state.Query{SKUs: true}); err != nil {
					t.Errorf("Read: %v", err)
				}
			})
		}
		readers.Wait()
	})
}
