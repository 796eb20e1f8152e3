package journal_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/state"
)

func readBack(t *testing.T, k kit) {
	store, c := k.store, k.clock
	w := started(t, store, runID)
	must(t, w.Intend([]plan.Step{swap(1), swap(2), take(3)}))
	c.at = c.at.Add(time.Minute)
	must(t, w.Settle([]apply.Outcome{outcome(swap(1), apply.Confirmed), outcome(swap(2), apply.Unknown)}))
	must(t, w.Intend([]plan.Step{swap(2)}))
	head, err := w.Close(journal.Close{Reason: "steps_failed", Counts: map[apply.Result]int{apply.Confirmed: 1}})
	must(t, err)
	run := read(t, store, runID)
	if run.Head != head || run.Close == nil || run.Torn || run.Lines != 8 {
		t.Errorf("head %s, close %v, torn %t, %d lines; want %s, an end, 8 lines", run.Head, run.Close, run.Torn, run.Lines, head)
	}
	var got []string
	for _, entry := range run.Steps {
		got = append(got, entry.Step().String()+" "+string(entry.Result)+" "+strings.Join(entry.Policies, "+"))
	}
	want := []string{"replace : +SPE_E5 -SPE_E3 confirmed staff+engineers", "replace : +SPE_E5 -SPE_E3  staff+engineers", "remove : -SPE_E3  staff+engineers"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if sent := run.Steps[1].Sent; len(sent) != 2 || !run.Steps[1].Open() || run.Steps[0].Open() {
		t.Errorf("the second step was sent %v, want twice, and open again", sent)
	}
	data := k.raw(t, runID+".ndjson")
	if bytes.Contains(bytes.ToLower(data), []byte("hunter")) {
		t.Errorf("the journal names a person:\n%s", data)
	}
}

// brokenChain changes a journal in every way that is no kill.
func brokenChain(t *testing.T, k kit) {
	keep(t, k.store, runID, map[byte]apply.Result{1: apply.Confirmed, 2: apply.Failed}, swap)
	data := k.raw(t, runID+".ndjson")
	lines := strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
	lines[len(lines)-1] += "\n"
	without := func(i int) string {
		return strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "")
	}
	for name, text := range map[string]string{
		"no beginning": without(0), "a line is missing": without(2), "two lines change places": lines[0] + lines[2] + lines[1] + strings.Join(lines[3:], ""),
		"a word is changed":      strings.Replace(string(data), `"failed"`, `"confirmed"`, 1),
		"a step is changed":      strings.Replace(string(data), `SPE_E5`, `SPE_E6`, 1),
		"it goes on":             string(data) + lines[1],
		"a second beginning":     string(data) + lines[0],
		"a member that is not":   strings.Replace(string(data), `{"n":2`, `{"x":1,"n":2`, 1),
		"something else":         "hello\n",
		"another format version": strings.Replace(string(data), `"format_version":1`, `"format_version":2`, 1),
		"a line without end":     lines[0] + strings.Repeat("x", 2<<20),
	} {
		if run, err := journal.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s: read %d lines, want an error", name, run.Lines)
		} else if _, broken := errors.AsType[*journal.BrokenError](err); !broken {
			t.Errorf("%s: %v is no BrokenError", name, err)
		}
	}
}

// anyByte cuts the file everywhere behind its first line.
func anyByte(t *testing.T, k kit) {
	keep(t, k.store, runID, map[byte]apply.Result{1: apply.Confirmed, 2: ""}, swap)
	data := k.raw(t, runID+".ndjson")
	for n := bytes.IndexByte(data, '\n') + 1; n < len(data); n++ {
		run, err := journal.Read(bytes.NewReader(data[:n]))
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if run.Torn != (data[n-1] != '\n') || run.Close != nil {
			t.Fatalf("cut at %d: torn %t, close %v", n, run.Torn, run.Close)
		}
	}
}

func notBegun(t *testing.T, k kit) {
	must(t, started(t, k.store, runID).Abandon())
	_, err := k.store.Start(t.Context(), begin(runID))
	if _, known := errors.AsType[*journal.Error](err); !known || !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v, want a journal.Error: the file is there already", err)
	}
}

func removals(t *testing.T, k kit) {
	store, c := k.store, k.clock
	keep(t, store, "20261110T080000Z-aaaaaaaa", map[byte]apply.Result{9: apply.Confirmed}, func(u byte) plan.Step { c.at = start.AddDate(0, 0, -13); return take(u) })
	c.at = start.AddDate(0, 0, -3)
	keep(t, store, "20261120T080000Z-aaaaaaaa", map[byte]apply.Result{1: apply.Confirmed, 2: apply.Unknown, 3: apply.Failed, 4: apply.Conflict, 5: ""}, take)
	keep(t, store, "20261120T080001Z-aaaaaaaa", map[byte]apply.Result{6: apply.Confirmed}, swap) // takes nothing in the end
	allowed := begin("20261120T080002Z-aaaaaaaa")
	allowed.RemovalsAllowed = true
	w, err := store.Start(t.Context(), allowed)
	must(t, err)
	must(t, w.Intend([]plan.Step{take(7)}))
	must(t, w.Abandon())
	c.at = start
	runs, err := store.Remember(t.Context(), tenant, start.AddDate(0, 0, -30), start.AddDate(0, 0, -30))
	must(t, err)
	want := plan.Recent{e3: {state.UserID{1}: true, state.UserID{2}: true, state.UserID{5}: true}}
	if diff := cmp.Diff(want, journal.Removals(runs, start.Add(-journal.RemovalsFor))); diff != "" {
		t.Errorf("removals (-want +got):\n%s", diff)
	}
	if other, err := store.Remember(t.Context(), state.TenantID{2}, start.AddDate(0, 0, -30), start.AddDate(0, 0, -30)); err != nil || len(other) > 0 {
		t.Errorf("another tenant has %d runs, %v; want none", len(other), err)
	}
}

// snapshot has users who hold these SKUs directly.
func snapshot(t testing.TB, holds map[byte]state.SKUID) *state.Snapshot {
	t.Helper()
	b := state.NewBuilder()
	for user, sku := range holds {
		must(t, b.Add(state.Record{ID: state.UserID{user}, UserPrincipalName: string(rune('a'+user)) + "@contoso.com", Paths: []state.Path{{SKU: sku, State: state.PathActive}}}))
	}
	s, err := b.Snapshot(state.Header{Complete: true})
	must(t, err)
	return s
}

func openIntents(t *testing.T, k kit) {
	store, c := k.store, k.clock
	keep(t, store, runID, map[byte]apply.Result{1: "", 2: "", 3: "", 4: "", 5: apply.Confirmed, 6: apply.Unknown}, swap)
	users := snapshot(t, map[byte]state.SKUID{1: e5, 2: e3, 3: {9}, 5: e3, 6: e5})
	settled := func(after time.Duration) map[string]apply.Result {
		c.at = start.Add(after)
		runs, err := store.Remember(t.Context(), tenant, start.AddDate(0, 0, -1), start.AddDate(0, 0, -1))
		must(t, err)
		got := map[string]apply.Result{}
		for _, found := range journal.Settle(runs, users, c.at) {
			got[found.Step] = found.Result
		}
		return got
	}
	soon := map[string]apply.Result{swap(1).ID: apply.Confirmed, swap(4).ID: apply.Gone, swap(6).ID: apply.Confirmed}
	if diff := cmp.Diff(soon, settled(time.Minute)); diff != "" {
		t.Errorf("while reads may lag (-want +got):\n%s", diff)
	}
	late := map[string]apply.Result{swap(1).ID: apply.Confirmed, swap(2).ID: apply.NotSent, swap(3).ID: apply.Conflict, swap(4).ID: apply.Gone, swap(6).ID: apply.Confirmed}
	if diff := cmp.Diff(late, settled(apply.Horizon)); diff != "" {
		t.Errorf("after the horizon (-want +got):\n%s", diff)
	}
	w := started(t, store, "20261123T081000Z-aaaaaaaa")
	must(t, w.Found([]journal.Found{{Run: runID, Step: swap(1).ID, Result: apply.Confirmed}}))
	must(t, w.Abandon())
	if again := settled(time.Hour); again[swap(1).ID] != "" || len(again) != 4 {
		t.Errorf("what a run has found is found again: %v", again)
	}
}

func lastRecord(t *testing.T, k kit) {
	store := k.store
	if last, err := store.Last(t.Context(), tenant); last != nil || err != nil {
		t.Errorf("got %v, %v, want none", last, err)
	}
	was := &plan.Baseline{Sources: []plan.SourceRecord{{Policy: "staff", Selector: "all: true", Users: []state.UserID{{1}, {2}}}, {Protects: true, Selector: "ids: 1 listed", Users: []state.UserID{}}}}
	keep(t, store, runID, nil, swap)
	must(t, store.Keep(t.Context(), journal.Record{Run: runID, Tenant: tenant, Source: state.SourceLive, At: start, Commit: "abc", Committed: "sha256:1", Settings: "sha256:2", Left: []string{"a:location"}}, was))
	keep(t, store, "20261123T090000Z-aaaaaaaa", nil, swap) // which left no record
	last, err := store.Last(t.Context(), tenant)
	must(t, err)
	want := *was
	want.Origin = "run " + runID + " of 2026-11-23 08:00 UTC"
	if diff := cmp.Diff(&want, last.Baseline()); diff != "" {
		t.Errorf("baseline (-want +got):\n%s", diff)
	}
	if last.Commit != "abc" || last.Committed != "sha256:1" || last.Settings != "sha256:2" || !slices.Equal(last.Left, []string{"a:location"}) {
		t.Errorf("record %+v", last)
	}
	if other, err := store.Last(t.Context(), state.TenantID{2}); other != nil || err != nil {
		t.Errorf("another tenant: %v, %v, want none", other, err)
	}
}

func FuzzRead(f *testing.F) {
	k := inFolder(f)
	keep(f, k.store, runID, map[byte]apply.Result{1: apply.Confirmed, 2: ""}, swap)
	data := k.raw(f, runID+".ndjson")
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := journal.Read(bytes.NewReader(data))
		if err != nil {
			_, broken := errors.AsType[*journal.BrokenError](err)
			unbegun := errors.Is(err, journal.ErrUnbegun) && !bytes.Contains(data, []byte{'\n'})
			if !broken && !unbegun {
				t.Errorf("%v is no BrokenError", err)
			}
			return
		}
		for _, entry := range run.Steps {
			if plan.StepID(entry.Step()) != entry.Intent.Step || len(entry.Sent) == 0 {
				t.Errorf("a step does not fit its id: %+v", entry)
			}
		}
	})
}
