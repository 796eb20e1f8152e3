package apply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// memory is a tenant in memory whose reads never lag. SKUs are ignored.
type memory struct {
	mu      sync.Mutex
	users   map[state.UserID]state.Record
	freeing func() int // returns the free seats when the SKUs are read

	writing func([]state.Change) // called before a batch is written, without the lock
	answer  func(state.Change) error
	writes  []state.UserID
}

func newMemory(steps []plan.Step) *memory {
	m := &memory{users: map[state.UserID]state.Record{}}
	for _, step := range steps {
		m.users[step.User.ID] = state.Record{ID: step.User.ID, UserPrincipalName: step.User.UserPrincipalName}
	}
	return m
}

func (m *memory) Read(_ context.Context, q state.Query) (*state.Snapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := state.NewBuilder()
	for _, id := range q.Users {
		if err := b.Add(m.users[id]); err != nil {
			return nil, err
		}
	}
	header := state.Header{Complete: true}
	if q.SKUs && m.freeing != nil {
		header.SKUs = []state.SKU{{ID: e3, PartNumber: "SPE_E3", Enabled: m.freeing()}}
	}
	return b.Snapshot(header)
}

func (m *memory) Write(_ context.Context, changes []state.Change) []error {
	if m.writing != nil {
		m.writing(changes)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	errs := make([]error, len(changes))
	for i, c := range changes {
		if m.answer != nil {
			errs[i] = m.answer(c)
		}
		if errs[i] != nil {
			continue
		}
		m.writes = append(m.writes, c.User)
		record := m.users[c.User]
		if c.Location != "" {
			record.UsageLocation = c.Location
		}
		for _, add := range c.Add {
			record.Paths = append(record.Paths, state.Path{SKU: add.SKU, State: state.PathActive})
		}
		if len(c.Remove) > 0 {
			record.Paths = nil
		}
		m.users[c.User] = record
	}
	return errs
}

var e3 = state.MustParseID[state.SKU](ids["SPE_E3"])

// adds returns steps that assign E3 to the given number of users.
func adds(n int) []plan.Step {
	steps := make([]plan.Step, n)
	for i := range steps {
		name := fmt.Sprintf("u%03d", i)
		steps[i] = plan.Step{ID: name, User: plan.UserRef{ID: userID(name), UserPrincipalName: name + "@contoso.com"}, Kind: plan.KindAdd,
			After: plan.State{Licenses: []plan.License{{SKU: e3, PartNumber: "SPE_E3"}}}}
	}
	return steps
}

// execute carries out steps in memory, with waits that take no time.
func (m *memory) execute(t testing.TB, steps []plan.Step, with func(*apply.Executor)) *apply.Report {
	t.Helper()
	empty, err := state.NewBuilder().Snapshot(state.Header{})
	if err != nil {
		t.Fatal(err)
	}
	e := apply.Executor{
		Reader: m, Writer: m, Catalog: catalog.Builtin(), Snapshot: empty,
		Now: func() time.Time { return today }, Wait: func(context.Context, time.Duration) error { return nil },
	}
	if with != nil {
		with(&e)
	}
	return e.Run(t.Context(), &plan.Plan{Steps: steps})
}

func counts(r *apply.Report) string {
	var b strings.Builder
	for _, result := range []apply.Result{apply.Confirmed, apply.Unchanged, apply.Gone, apply.Conflict, apply.Failed, apply.Unknown, apply.NotSent} {
		if n := r.Count(result); n > 0 {
			fmt.Fprintf(&b, " %d %s", n, result)
		}
	}
	return strings.TrimSpace(b.String())
}

// TestRunSendsBatchesInParallel checks that four batches are in flight at a time, and never
// two writes of one user.
func TestRunSendsBatchesInParallel(t *testing.T) {
	t.Parallel()
	steps := adds(100)
	m := newMemory(steps)
	var mu sync.Mutex
	inFlight := map[state.UserID]bool{}
	batches, arrived := 0, make(chan struct{})
	m.writing = func(changes []state.Change) {
		mu.Lock()
		for _, c := range changes {
			if inFlight[c.User] {
				t.Errorf("user %s has two writes in flight", c.User)
			}
			inFlight[c.User] = true
		}
		if batches++; batches == 4 {
			close(arrived)
		}
		mu.Unlock()
		<-arrived // no batch is answered until four are in flight
		mu.Lock()
		defer mu.Unlock()
		for _, c := range changes {
			delete(inFlight, c.User)
		}
	}
	if got := counts(m.execute(t, steps, nil)); got != "100 confirmed" {
		t.Errorf("got %s, want 100 confirmed", got)
	}
}

// TestRunSendsAStepAsSoonAsItsNeedsAreDone delays one batch. Meanwhile an independent chain
// of steps must run to its end.
func TestRunSendsAStepAsSoonAsItsNeedsAreDone(t *testing.T) {
	t.Parallel()
	steps := adds(30)
	for i := 21; i < 30; i++ {
		steps[i].Needs = []string{steps[i-1].ID}
	}
	m := newMemory(steps)
	last := make(chan struct{})
	m.writing = func(changes []state.Change) {
		switch changes[0].User {
		case steps[0].User.ID:
			<-last
		case steps[29].User.ID:
			close(last)
		}
	}
	if got := counts(m.execute(t, steps, nil)); got != "30 confirmed" {
		t.Errorf("got %s, want 30 confirmed", got)
	}
}

// TestRunDoesNotRepeatAWriteOfAnEarlierRunWhileReadsLag has a write of an earlier run that
// reads do not show.
func TestRunDoesNotRepeatAWriteOfAnEarlierRunWhileReadsLag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		age     time.Duration
		shows   time.Duration // after this time; 0: never
		waited  time.Duration
		writes  int
		results string
	}{
		{"it shows in the end", 2 * time.Minute, 7 * time.Second, 7 * time.Second, 0, "1 unchanged"},
		{"it was never made", 2 * time.Minute, 0, 3 * time.Minute, 1, "1 confirmed"},
		{"it is too long ago", 5 * time.Minute, 0, 0, 1, "1 confirmed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			steps := adds(1)
			m := newMemory(steps)
			waited := time.Duration(0)
			r := m.execute(t, steps, func(e *apply.Executor) {
				e.Earlier = []apply.Write{{Step: steps[0], At: today.Add(-c.age)}}
				e.Wait = func(_ context.Context, d time.Duration) error {
					waited += d
					if c.shows > 0 && waited >= c.shows {
						m.users[userID("u000")] = state.Record{ID: userID("u000"), UserPrincipalName: "u000@contoso.com", Paths: []state.Path{{SKU: e3, State: state.PathActive}}}
					}
					return nil
				}
			})
			if got := counts(r); got != c.results || waited != c.waited || len(m.writes) != c.writes {
				t.Errorf("%s after %s and %d writes, want %s after %s and %d", got, waited, len(m.writes), c.results, c.waited, c.writes)
			}
		})
	}
}

func TestRunCanaryFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, results, stopped string
		fails                  int
	}{
		{"all others follow if it is confirmed", "50 confirmed", "", -1},
		{"no others follow if it is not", "4 confirmed 1 failed 45 not_sent", "canary", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			steps := adds(50)
			m := newMemory(steps)
			m.answer = func(change state.Change) error {
				if c.fails >= 0 && change.User == steps[c.fails].User.ID {
					return refusal(state.ReasonProhibitedLocation)
				}
				return nil
			}
			first := 0
			m.writing = func(changes []state.Change) {
				if first == 0 {
					first = len(changes)
				}
			}
			r := m.execute(t, steps, func(e *apply.Executor) { e.Canary, e.Parallel = 5, 1 })
			if got := counts(r); got != c.results || first != 5 || early(r.Stopped) != c.stopped {
				t.Errorf("%s, first batch %d, stopped %q; want %s, 5, %q", got, first, early(r.Stopped), c.results, c.stopped)
			}
		})
	}
}

func early(err error) string {
	if e, ok := errors.AsType[*apply.EarlyError](err); ok {
		return e.Reason
	}
	return ""
}

func TestRunStopsAfterTooManyFailures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, results, stopped string
		reason                 state.Reason
		most                   int
	}{
		{"as many errors as are allowed", "20 failed 180 not_sent", "max_errors", state.ReasonProhibitedLocation, 15},
		{"refusals that concern neither users nor licenses", "60 failed 140 not_sent", "service", state.ReasonConcurrency, 0},
		{"but not refusals of users", "200 failed", "", state.ReasonProhibitedLocation, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			steps := adds(200)
			m := newMemory(steps)
			m.answer = func(state.Change) error { return refusal(c.reason) }
			r := m.execute(t, steps, func(e *apply.Executor) { e.MaxErrors, e.Parallel = c.most, 1 })
			if got := counts(r); got != c.results || early(r.Stopped) != c.stopped {
				t.Errorf("%s, stopped %q; want %s, %q", got, early(r.Stopped), c.results, c.stopped)
			}
		})
	}
}

// TestRunStopsTakingSeatsOfASKUWithoutSeats checks that after a refusal for want of a seat
// no step takes a seat of that SKU until the SKUs are read again at the end. The other
// steps of that batch have been sent already.
func TestRunStopsTakingSeatsOfASKUWithoutSeats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, results string
		freed         int
	}{
		{"no seat is freed", "10 confirmed 10 failed 20 not_sent", 0},
		{"another writer frees three", "13 confirmed 10 failed 17 not_sent", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			steps := adds(40)
			m := newMemory(steps)
			left := 10
			m.freeing = func() int {
				left = c.freed
				return left
			}
			m.answer = func(state.Change) error {
				if left--; left < 0 {
					return refusal(state.ReasonNoSeats)
				}
				return nil
			}
			if got := counts(m.execute(t, steps, func(e *apply.Executor) { e.Parallel = 1 })); got != c.results {
				t.Errorf("%s, want %s", got, c.results)
			}
		})
	}
}

// TestRunSendsNothingThatIsNotInTheJournal uses a journal that fails.
func TestRunSendsNothingThatIsNotInTheJournal(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for _, c := range []struct {
		name    string
		journal *failing
		results string
		writes  int
	}{
		{"before the first write", &failing{intends: 0, settles: 100, err: full}, "60 not_sent", 0},
		{"before the second", &failing{intends: 1, settles: 100, err: full}, "20 confirmed 40 not_sent", 20},
		{"after the first", &failing{intends: 100, settles: 0, err: full}, "20 confirmed 40 not_sent", 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			steps := adds(60)
			m := newMemory(steps)
			r := m.execute(t, steps, func(e *apply.Executor) { e.Journal, e.Parallel = c.journal, 1 })
			if got := counts(r); got != c.results || len(m.writes) != c.writes || !errors.Is(r.Stopped, full) {
				t.Errorf("%s, %d writes, stopped %v; want %s, %d, %v", got, len(m.writes), r.Stopped, c.results, c.writes, full)
			}
		})
	}
}

// failing is a journal that fails after some calls.
type failing struct {
	intends, settles int
	err              error
}

func (f *failing) RecordIntents([]plan.Step) error {
	if f.intends--; f.intends < 0 {
		return f.err
	}
	return nil
}

func (f *failing) RecordOutcomes([]apply.Outcome) error {
	if f.settles--; f.settles < 0 {
		return f.err
	}
	return nil
}

// TestRunStopsWhenTheLockIsLost checks that no batch is sent after the lock is lost.
func TestRunStopsWhenTheLockIsLost(t *testing.T) {
	t.Parallel()
	lost := errors.New("the lock is lost")
	steps := adds(60)
	m := newMemory(steps)
	asked := 0
	r := m.execute(t, steps, func(e *apply.Executor) {
		e.Parallel = 1
		e.CheckLock = func() error {
			if asked++; asked > 2 {
				return lost
			}
			return nil
		}
	})
	if got := counts(r); got != "40 confirmed 20 not_sent" || !errors.Is(r.Stopped, lost) {
		t.Errorf("%s, stopped %v, want 40 confirmed, 20 not sent, %v", got, r.Stopped, lost)
	}
}
