package journal_test

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/state"
)

var (
	start  = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	tenant = state.TenantID{1}
	e3     = state.SKUID{3}
	e5     = state.SKUID{5}
)

const runID = "20261123T080000Z-abcdefgh"

// clock is a clock that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// kit is a store in a place, with its clock.
type kit struct {
	store *journal.Store
	place journal.Place
	clock *clock
}

func newKit(place journal.Place, c *clock) kit { return kit{journal.NewStore(place, c.now), place, c} }

func inFolder(t testing.TB) kit {
	t.Helper()
	store, root, c := newFolder(t)
	return kit{store, journal.NewFolder(root, c.now), c}
}

func newFolder(t testing.TB) (*journal.Store, *os.Root, *clock) {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	c := &clock{start}
	return journal.NewStore(journal.NewFolder(root, c.now), c.now), root, c
}

// raw returns the bytes of an item of the place.
func (k kit) raw(t testing.TB, name string) []byte {
	t.Helper()
	opened, err := k.place.Open(t.Context(), name)
	must(t, err)
	data, err := io.ReadAll(opened)
	must(t, errors.Join(err, opened.Close()))
	return data
}

func begin(id string) journal.Begin {
	return journal.Begin{Run: id, Kind: journal.KindApply, Tenant: tenant, Source: state.SourceLive, Tool: "test", Host: "here", Policies: "sha256:aa"}
}

// swap returns a step that replaces E3 by E5 for a user.
func swap(user byte) plan.Step {
	s := plan.Step{User: plan.UserRef{ID: state.UserID{user}, UserPrincipalName: "hunter2@contoso.com", DisplayName: "Hunter Two"}, Kind: plan.KindReplace,
		Before:  plan.State{Licenses: []plan.License{{SKU: e3, PartNumber: "SPE_E3", DisabledPlans: []state.PlanID{}}}, Inherited: []plan.Inherited{}},
		After:   plan.State{Licenses: []plan.License{{SKU: e5, PartNumber: "SPE_E5", DisabledPlans: []state.PlanID{}}}},
		Because: []plan.Because{{Policy: "staff"}, {Policy: "staff"}, {Policy: "engineers"}},
	}
	s.ID = plan.StepID(s)
	return s
}

// take returns a step that removes E3 from a user.
func take(user byte) plan.Step {
	s := swap(user)
	s.Kind, s.After = plan.KindRemove, plan.State{Licenses: []plan.License{}}
	s.ID = plan.StepID(s)
	return s
}

func outcome(s plan.Step, result apply.Result) apply.Outcome {
	return apply.Outcome{Step: s, Result: result, Detail: "hunter2@contoso.com is in the text of the service"}
}

// keep writes a journal in which the steps are sent and then get the given results.
func keep(t testing.TB, store *journal.Store, id string, results map[byte]apply.Result, of func(byte) plan.Step) {
	t.Helper()
	w := started(t, store, id)
	for user := range byte(200) {
		result, is := results[user]
		if !is {
			continue
		}
		must(t, w.RecordIntents([]plan.Step{of(user)}))
		if result != "" {
			must(t, w.RecordOutcomes([]apply.Outcome{outcome(of(user), result)}))
		}
	}
	if _, err := w.Close(journal.Close{Reason: "ok"}); err != nil {
		t.Fatal(err)
	}
}

func started(t testing.TB, store *journal.Store, id string) *journal.Writer {
	t.Helper()
	w, err := store.Start(t.Context(), begin(id))
	must(t, err)
	return w
}

func read(t testing.TB, store *journal.Store, id string) *journal.Run {
	t.Helper()
	run, err := store.Read(t.Context(), id)
	must(t, err)
	return run
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
