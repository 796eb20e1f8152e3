package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

var errStop = errors.New("it was stopped")

func TestRunKeepsARecordThatIsTheNextBaseline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea")
	fresh, report := w.apply(Options{}, Approval{})
	if len(report.Outcomes) != 2 || report.Err() != nil || !slices.Contains(w.users["bea"], visio.ID) {
		t.Fatalf("report %+v", report)
	}
	record := w.record()
	if record == nil || record.Policies != fresh.Plan.PoliciesDigest || record.Settings == "" || len(record.Sources) != 1 || len(record.Sources[0].Users) != 2 {
		t.Fatalf("record %+v", record)
	}
	run, err := w.store().Read(t.Context(), record.Run)
	must(t, err)
	if run.Kind != journal.KindApply || run.Close == nil || run.Close.Counts[apply.Confirmed] != 2 || run.Close.Finished || run.Count != 2 || run.StepsDigest != fresh.Plan.StepsDigest {
		t.Errorf("journal %+v, closed %+v", run.Begin, run.Close)
	}
	in, err := w.resolved().Input(Options{})
	must(t, err)
	if in.Baseline == nil || !strings.Contains(in.Baseline.Origin, record.Run) {
		t.Errorf("the next run compares with %+v", in.Baseline)
	}
}

func TestRunKeepsNoRecordUnlessAllWasWanted(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*world){
		"filtered": func(w *world) { w.apply(Options{Only: []string{"user=anna@contoso.com"}}, Approval{}) },
		"of an approved part": func(w *world) {
			part := approved(w)
			part.Steps = part.Steps[:1]
			w.apply(Options{}, Approval{Plan: part})
		},
		"of a policy of flags": func(w *world) {
			loaded, err := w.project().Load(policies.PolicyWords{UPNs: []string{"anna@contoso.com"}, Licenses: []string{"VISIOCLIENT"}})
			must(w.t, err)
			w.applyTo(w.resolve(loaded), Options{}, Approval{})
		},
	} {
		w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea")
		run(w)
		if record := w.record(); record != nil {
			t.Errorf("%s: record %+v", name, record)
		}
		if len(w.place.things) != 1 || !slices.Contains(w.users["anna"], visio.ID) {
			t.Errorf("%s: kept %d things, want the journal; anna has %v", name, len(w.place.things), w.users["anna"])
		}
	}
}

func TestRunThatFinishedAPlanFileIsOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea")
	a := Approval{Plan: approved(w)}
	w.apply(Options{}, a)
	w.users["anna"] = nil // removed by another writer
	wantError(t, w.resolved().Accept(a), "finished it; later changes may be intended")
	must(t, w.resolved().Accept(Approval{Plan: a.Plan, Again: true}))
}

func TestUndoIsARunOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	w.apply(Options{}, Approval{})
	first := w.record().Run
	back, err := w.resolved().Undo(t.Context(), Options{}, first)
	must(t, err)
	want(t, back, "remove anna -VISIOCLIENT")
	a := Approval{Plan: back, AtTerminal: true}
	_, report := w.apply(Options{}, a)
	if len(report.Outcomes) != 1 || len(w.users["anna"]) != 0 {
		t.Fatalf("report %+v, anna has %v", report, w.users["anna"])
	}
	if record := w.record(); record.Run != first {
		t.Errorf("the baseline is of run %s: an undo is what no policy asks for", record.Run)
	}
	run, err := w.store().Read(t.Context(), journal.NewID(w.now, "abcdefgh"))
	must(t, err)
	if run.Kind != journal.KindUndo || run.Of != first {
		t.Errorf("journal %+v", run.Begin)
	}
}

func TestMayUndo(t *testing.T) {
	t.Parallel()
	tenant := state.Header{Source: state.SourceLive}
	for _, c := range []struct {
		name   string
		change func(*plan.UndoOf, *journal.Run)
		want   string
	}{
		{"as it is", func(*plan.UndoOf, *journal.Run) {}, ""},
		{"the head of the plan file", func(of *plan.UndoOf, r *journal.Run) { of.Head, r.Head = "a", "a" }, ""},
		{"a journal that changed since", func(of *plan.UndoOf, r *journal.Run) { of.Head, r.Head = "a", "b" }, "the journal now ends in b"},
		{"another tenant", func(_ *plan.UndoOf, r *journal.Run) { r.Tenant[0] = 9 }, "was on tenant"},
		{"a sandbox", func(_ *plan.UndoOf, r *journal.Run) { r.Source = state.SourceSandbox }, "was on tenant"},
		{"30 days", func(_ *plan.UndoOf, r *journal.Run) { r.At = today.Add(-undoLifetime) }, ""},
		{"older", func(_ *plan.UndoOf, r *journal.Run) { r.At = today.Add(-undoLifetime - time.Second) }, "older than 30 days"},
	} {
		of, run := &plan.UndoOf{Run: "r"}, &journal.Run{At: today, Begin: journal.Begin{Run: "r", Source: state.SourceLive}}
		c.change(of, run)
		err := mayUndo(of, run, tenant, today)
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if c.want != "" {
			wantError(t, err, c.want)
		}
	}
}

func TestMayHaveDoneCountsOpenSteps(t *testing.T) {
	t.Parallel()
	run := &journal.Run{}
	for _, result := range []apply.Result{apply.Confirmed, apply.Unknown, "", apply.Failed, apply.Conflict, apply.NotSent} {
		run.Steps = append(run.Steps, journal.Entry{Intent: journal.Intent{Step: string(result)}, Result: result})
	}
	if got := mayHaveDone(run); len(got) != 3 {
		t.Errorf("got %d steps, want those that are confirmed, unknown and open", len(got))
	}
}

func TestAcquireLockReportsTheWaitOnceAndADeadRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	store := &busyStore{Store: w.store(), busy: 3}
	waits := 0
	_, err := w.project().AcquireLock(t.Context(), w, store, journal.Holder{Run: "r"}, time.Minute, func(context.Context, time.Duration) error { waits++; return nil })
	must(t, err)
	if got := strings.Count(strings.Join(w.reports, "\n"), "waiting up to 1m0s"); got != 1 || waits != 3 {
		t.Errorf("reported %d times in %d waits", got, waits)
	}
	w.reported("warning: run dead on there ended without releasing its lock")
}

// busyStore has a tenant that another run has for a while.
type busyStore struct {
	*journal.Store
	busy int
}

func (s *busyStore) AcquireWithin(ctx context.Context, _ state.TenantID, _ journal.Holder, _ time.Duration, wait func(context.Context, time.Duration) error) (journal.Lock, error) {
	for range s.busy {
		if err := wait(ctx, time.Second); err != nil {
			return nil, err
		}
	}
	return lock{}, nil
}

func TestExecuteStopsAtTheDeadlineAndAtALostLock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	resolved := w.resolved()
	fresh, err := resolved.Fresh(t.Context(), Options{}, Approval{})
	must(t, err)
	run := w.begin(resolved, fresh.Plan, nil)
	report := run.Execute(t.Context(), Execution{Reader: w, Writer: writer{w}, Deadline: time.Nanosecond})
	if early, ok := errors.AsType[*apply.EarlyError](report.Stopped); !ok || early.Reason != "deadline" || report.Written != 0 {
		t.Errorf("stopped by %v after %d writes", report.Stopped, report.Written)
	}
	run.lock = lostLock{}
	report = run.Execute(t.Context(), Execution{Reader: w, Writer: writer{w}})
	if _, ok := errors.AsType[*journal.LostError](report.Stopped); !ok || report.Written != 0 {
		t.Errorf("stopped by %v after %d writes", report.Stopped, report.Written)
	}
}

type lostLock struct{ lock }

func (lostLock) Renew() error { return &journal.LostError{Run: "r", Why: "it was lost"} }

func TestBeginSettlesWhatAKilledRunLeftOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	resolved := w.resolved()
	fresh, err := resolved.Fresh(t.Context(), Options{}, Approval{})
	must(t, err)
	killed := w.begin(resolved, fresh.Plan, nil)
	must(t, killed.journal.RecordIntents(fresh.Plan.Steps))
	w.users["anna"] = []state.SKUID{visio.ID} // it was sent, and the run was killed
	must(t, killed.journal.Abandon())
	w.now = w.now.Add(time.Minute)
	w.apply(Options{}, Approval{})
	run, err := w.store().Read(t.Context(), w.record().Run)
	must(t, err)
	if len(run.Found) != 1 || run.Found[0].Run != killed.id || run.Found[0].Result != apply.Confirmed {
		t.Errorf("found %+v, want the step of the killed run confirmed", run.Found)
	}
}
