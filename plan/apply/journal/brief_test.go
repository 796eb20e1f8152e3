package journal_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
)

// TestReadHistoryReadsOldRunsInBrief checks that only the ends of an old run are read, unless
// it left something open: then its steps still have to be settled.
func TestReadHistoryReadsOldRunsInBrief(t *testing.T) {
	t.Parallel()
	const long, recent = "20261101T080000Z-abcdefgh", "20261122T080000Z-abcdefgh"
	many := map[byte]apply.Result{}
	for user := range byte(150) {
		many[user] = apply.Confirmed
	}
	tear := func(data string) string { return data[:len(data)-1] }
	for _, c := range []struct {
		name, id string
		results  map[byte]apply.Result
		change   func(string) string
		brief    bool
		steps    int
	}{
		{name: "it ended well", id: long, results: many, brief: true},
		{name: "it had nothing to do", id: long, brief: true},
		{name: "it ended recently", id: recent, results: many, steps: 150},
		{name: "it does not know what became of a step", id: long, results: map[byte]apply.Result{1: apply.Confirmed, 2: apply.Unknown}, steps: 2},
		{name: "it was killed before its end", id: long, results: map[byte]apply.Result{1: apply.Confirmed}, steps: 1,
			change: func(data string) string { return data[:strings.LastIndex(strings.TrimSuffix(data, "\n"), "\n")+1] }},
		{name: "it was killed in its last line", id: long, results: map[byte]apply.Result{1: apply.Confirmed}, steps: 1, change: tear},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store, root, _ := newFolder(t)
			w := started(t, store, c.id)
			must(t, w.RecordFindings([]journal.Found{{Run: "another", Step: "sha256:aa", Result: apply.Confirmed}}))
			counts := map[apply.Result]int{}
			for user, result := range c.results {
				must(t, w.RecordIntents([]plan.Step{take(user)}))
				must(t, w.RecordOutcomes([]apply.Outcome{outcome(take(user), result)}))
				counts[result]++
			}
			head, err := w.Close(journal.Close{Reason: "ok", Counts: counts, Finished: true})
			must(t, err)
			if c.change != nil {
				data, err := root.ReadFile(c.id + ".ndjson")
				must(t, err)
				must(t, root.WriteFile(c.id+".ndjson", []byte(c.change(string(data))), 0o600))
			}
			runs, err := store.ReadHistory(t.Context(), tenant, start.AddDate(0, 0, -30), start.AddDate(0, 0, -8))
			must(t, err)
			if len(runs) != 1 || runs[0].Brief != c.brief || len(runs[0].Steps) != c.steps || len(runs[0].Found) != 1 {
				t.Fatalf("read %d runs, %+v", len(runs), runs)
			}
			if !c.brief {
				return
			}
			whole := read(t, store, c.id)
			if diff := cmp.Diff(whole.Close, runs[0].Close); diff != "" || runs[0].Head != head || runs[0].Lines != whole.Lines || runs[0].Tenant != tenant {
				t.Errorf("its end (-whole +brief):\n%s", diff)
			}
		})
	}
}

func TestReadHistoryReportsOldFilesThatAreNotJournals(t *testing.T) {
	t.Parallel()
	store, root, _ := newFolder(t)
	for id, text := range map[string]string{"20261101T080000Z-abcdefgh": "hello\n", "20261102T080000Z-abcdefgh": "hello again\n"} {
		must(t, root.WriteFile(id+".ndjson", []byte(text), 0o600))
	}
	keep(t, store, "20261103T080000Z-abcdefgh", map[byte]apply.Result{1: apply.Confirmed}, swap)
	runs, err := store.ReadHistory(t.Context(), tenant, start.AddDate(0, 0, -30), start.AddDate(0, 0, -8))
	if len(runs) != 1 || err == nil || strings.Count(err.Error(), "read journal") != 2 {
		t.Errorf("read %d runs: %v", len(runs), err)
	}
	if again, err := store.ReadHistory(t.Context(), tenant, start, start.Add(time.Hour)); len(again) > 0 || err != nil {
		t.Errorf("of a later time: %d runs, %v", len(again), err)
	}
}

// TestReadHistorySkipsRunsThatNeverBegan has runs that were killed before their first line was
// durable. Nothing is sent before that.
func TestReadHistorySkipsRunsThatNeverBegan(t *testing.T) {
	t.Parallel()
	store, root, _ := newFolder(t)
	for id, text := range map[string]string{"20261101T080000Z-abcdefgh": "", "20261123T080000Z-abcdefgh": "", "20261123T080001Z-abcdefgh": `{"n":1,"at":"20`} {
		must(t, root.WriteFile(id+".ndjson", []byte(text), 0o600))
		if _, err := store.Read(t.Context(), id); !errors.Is(err, journal.ErrNotBegun) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if runs, err := store.ReadHistory(t.Context(), tenant, start.AddDate(0, 0, -30), start.AddDate(0, 0, -30)); len(runs) > 0 || err != nil {
		t.Errorf("read %d runs, %v", len(runs), err)
	}
}
