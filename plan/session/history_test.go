package session

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/state"
)

// archive is what a test has earlier runs leave behind.
type archive struct {
	runs        []*journal.Run
	last        *journal.Record
	err         error
	from, whole time.Time // as asked for
}

func (a *archive) ReadHistory(_ context.Context, _ state.TenantID, from, whole time.Time) ([]*journal.Run, error) {
	a.from, a.whole = from, whole
	return a.runs, a.err
}
func (a *archive) LastRecord(context.Context, state.TenantID) (*journal.Record, error) {
	return a.last, a.err
}
func (a *archive) Read(context.Context, string) (*journal.Run, error) { return nil, a.err }

func TestLoadHistoryKeepsSandboxAndLiveTenantsApart(t *testing.T) {
	t.Parallel()
	for _, source := range []state.Source{state.SourceLive, state.SourceSandbox} {
		w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
		past := &archive{
			runs: []*journal.Run{{Begin: journal.Begin{Run: "live", Source: state.SourceLive}}, {Begin: journal.Begin{Run: "sandbox", Source: state.SourceSandbox}}},
			last: &journal.Record{Source: state.SourceLive},
		}
		w.source = source
		h, err := w.project().loadHistory(t.Context(), Archive{Store: past}, w.snapshot(), historyReach)
		must(t, err)
		if len(h.runs) != 1 || h.runs[0].Source != source || (h.baseline() != nil) != (source == state.SourceLive) {
			t.Errorf("%s: runs %+v, baseline %+v", source, h.runs, h.baseline())
		}
	}
}

func TestLoadHistoryStopsOnlyWhereTheArchiveIsUnreachable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	broken := errors.New("it is broken")
	from := Archive{Store: &archive{err: broken}}
	if _, err := w.project().loadHistory(t.Context(), from, w.snapshot(), historyReach); err != nil {
		t.Errorf("a broken journal stops the call: %v", err)
	}
	w.reported("warning: the record of a run cannot be read: it is broken")
	w.reported("warning: no baseline: it is broken")
	from.Unreachable = func(err error) bool { return errors.Is(err, broken) }
	if _, err := w.project().loadHistory(t.Context(), from, w.snapshot(), historyReach); !errors.Is(err, broken) {
		t.Errorf("an archive that cannot be reached: %v", err)
	}
	if h, err := w.project().loadHistory(t.Context(), Archive{}, w.snapshot(), historyReach); err != nil || h.baseline() != nil {
		t.Errorf("without an archive: %v", err)
	}
}

func TestLoadHistoryAsksForStepsOnlyAsFarAsTheyCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	past := &archive{}
	for brief, want := range map[bool]time.Duration{false: historyReach, true: journal.RemovalsFor + 24*time.Hour} {
		_, err := w.project().loadHistory(t.Context(), Archive{Store: past, Brief: brief}, w.snapshot(), historyReach)
		must(t, err)
		if today.Sub(past.from) != historyReach || today.Sub(past.whole) != want {
			t.Errorf("brief %v: from %v, whole %v", brief, today.Sub(past.from), today.Sub(past.whole))
		}
	}
}

// gaveVisio is a run that gave Visio to anna a time ago.
func gaveVisio(ago time.Duration, result apply.Result, source state.Source) *journal.Run {
	at := today.Add(-ago)
	intent := journal.Intent{Step: "s", User: userID("anna"), Kind: plan.KindAdd, After: plan.State{Licenses: []plan.License{{SKU: visio.ID, PartNumber: "VISIOCLIENT"}}}}
	return &journal.Run{At: at, Begin: journal.Begin{Run: "run-of-" + ago.String(), Source: source}, Steps: []journal.Entry{{Intent: intent, Sent: []journal.Send{{At: at}}, Result: result, Ended: at}}}
}

func TestReadLaysPendingWritesOverTheSnapshot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		ago    time.Duration
		result apply.Result
		source state.Source
		has    bool
	}{
		{"a minute ago", time.Minute, apply.Confirmed, state.SourceLive, true},
		{"before the horizon", apply.Horizon + time.Second, apply.Confirmed, state.SourceLive, false},
		{"not confirmed", time.Minute, apply.Unknown, state.SourceLive, false},
		{"a sandbox never lags", time.Minute, apply.Confirmed, state.SourceSandbox, false},
	} {
		w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
		w.source = c.source
		h := history{runs: []*journal.Run{gaveVisio(c.ago, c.result, c.source)}, source: c.source}
		user, _ := h.overlayPendingWrites(w.snapshot(), today).Find(userID("anna"))
		if got := len(user.PathsOf(visio.ID)) > 0; got != c.has {
			t.Errorf("%s: anna has Visio: %v", c.name, got)
		}
	}
}

func TestHistoryFinishedIsARunThatEndedAPlan(t *testing.T) {
	t.Parallel()
	run := func(id, digest string, closed *journal.Close) *journal.Run {
		return &journal.Run{At: today, Begin: journal.Begin{Run: id, Plan: digest}, Close: closed}
	}
	h := history{runs: []*journal.Run{
		run("killed", "sha256:a", nil), run("stopped", "sha256:a", &journal.Close{}), run("other", "sha256:b", &journal.Close{Finished: true}), run("ended", "sha256:c", &journal.Close{Finished: true}),
	}}
	for digest, want := range map[string]string{"sha256:a": "", "sha256:b": "other", "sha256:c": "ended", "sha256:d": ""} {
		if got := h.finished(digest); got != want {
			t.Errorf("%s: %q, want %q", digest, got, want)
		}
	}
	if h.began("other", today.Add(time.Hour)) != today || h.began("unknown", today.Add(time.Hour)) != today.Add(time.Hour) {
		t.Error("when a run began is that of its journal, or else the fallback")
	}
}

func TestInputCountsRemovalsOfEarlierRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	took := gaveVisio(time.Hour, apply.Confirmed, state.SourceSandbox)
	took.Steps[0].Takes = []state.SKUID{e3.ID}
	read, err := w.loaded().Read(t.Context(), Source{Tenant: w, Archive: Archive{Store: &archive{runs: []*journal.Run{took}}}})
	must(t, err)
	resolved, err := read.Resolve()
	must(t, err)
	in, err := resolved.Input(Options{Rate: 50, FirstRun: true, Hold: true, NoRemovals: true})
	must(t, err)
	if !in.Recent[e3.ID][userID("anna")] {
		t.Errorf("recent removals %v", in.Recent)
	}
	if in.Rate != plan.QuotaRate/2 || !in.FirstRun || !in.Hold || !in.Filters.NoRemovals {
		t.Errorf("options are lost: %+v", in)
	}
}

func TestInputRefusesWordsThatMeanNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Only: []string{"user=anna@contoso.com", "sku=VISIOCLIENT", "policy=visio", "kind=add"}}, ""},
		{Options{Only: []string{"user"}}, `read --only "user": it has no value`},
		{Options{Only: []string{"user="}}, "it has no value"},
		{Options{Only: []string{"user=joe@contoso.com"}}, `the tenant has no user "joe@contoso.com"`},
		{Options{Exclude: []string{"sku=VISOI"}}, `read --exclude "sku=VISOI"`},
		{Options{Exclude: []string{"policy=visoi"}}, "did you mean visio?"},
		{Options{Exclude: []string{"kind=gift"}}, "the kinds are"},
		{Options{Exclude: []string{"group=x"}}, `"group" is not a key of this flag`},
		{Options{Allow: []string{"removals=60", "removals:VISIOCLIENT=7", "source:visio=30%"}}, ""},
		{Options{Allow: []string{"removals"}}, "it has no =N"},
		{Options{Allow: []string{"removals=many"}}, `"many" is not a number`},
		{Options{Allow: []string{"removals=-1"}}, `"-1" is not a number`},
		{Options{Allow: []string{"removal=1"}}, `no flag overrides a guard "removal"`},
		{Options{Allow: []string{"read=1"}}, `no flag overrides a guard "read"`},
		{Options{Allow: []string{"replacements:VISIOCLIENT=1"}}, "counts the whole run"},
		{Options{Allow: []string{"removals:VISOI=1"}}, "VISOI"},
		{Options{Allow: []string{"source:visoi=30"}}, "there is no policy"},
		{Options{Allow: []string{"removals=1", "removals=2"}}, "has a number already"},
	} {
		_, err := w.resolved().Input(c.o)
		if c.want == "" && err != nil {
			t.Errorf("%+v: %v", c.o, err)
		} else if c.want != "" {
			wantError(t, err, c.want)
		}
	}
}

func TestWaiversCountOnlyWhileTheyAreInForce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	w.files["waivers.yaml"] = fileOf("waivers:\n" +
		"  - {guard: removals, limit: 60, reason: a move, expires: 2026-11-30}\n" +
		"  - {guard: replacements, limit: 300, reason: a move, expires: 2026-11-01}\n")
	in, err := w.resolved().Input(Options{Allow: []string{"locations=9"}})
	must(t, err)
	var texts []string
	for _, o := range in.Overrides {
		texts = append(texts, string(o.Guard)+" "+o.Text)
	}
	got := strings.Join(texts, "; ")
	if len(in.Overrides) != 2 || !strings.Contains(got, "locations --allow locations=9") || !strings.Contains(got, "until 2026-11-30: a move") {
		t.Errorf("overrides %q", got)
	}
	w.reported("the waiver for replacements is not in force")
}

func TestCheckBaselineRefusesWhatCannotBeCompared(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*state.Header)
		want   string
	}{
		{"of yesterday", func(*state.Header) {}, ""},
		{"of a file of the live tenant", func(h *state.Header) { h.Source = state.SourceFile }, ""},
		{"another tenant", func(h *state.Header) { h.Organization.ID[0] = 9 }, "it is of tenant"},
		{"a sandbox", func(h *state.Header) { h.Source = state.SourceSandbox }, "it is of tenant"},
		{"it breaks off", func(h *state.Header) { h.Complete, h.Incomplete = false, "page 3 of users" }, "the tenant was not read completely: page 3 of users"},
		{"of tomorrow", func(h *state.Header) { h.ReadAt = today.Add(time.Second) }, "which is in the future"},
	} {
		before := &state.Snapshot{Header: state.Header{Source: state.SourceLive, ReadAt: today.AddDate(0, 0, -1), Complete: true}}
		c.change(&before.Header)
		err := checkBaseline("b.snap", before, &state.Snapshot{Header: state.Header{Source: state.SourceLive}}, today)
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if c.want != "" {
			wantError(t, err, c.want)
		}
	}
}

func TestInputComparesWithASnapshotWhereOneIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea")
	w.apply(Options{}, Approval{})
	w.snapshots["before.snap"] = w.snapshot()
	in, err := w.resolved().Input(Options{Baseline: "before.snap"})
	must(t, err)
	if !strings.HasPrefix(in.Baseline.Origin, "the snapshot of 2026-11-23") || !in.Baseline.FilesUnknown || len(in.Baseline.Sources[0].Users) != 2 {
		t.Errorf("baseline %+v", in.Baseline)
	}
	if _, err := w.resolved().Input(Options{Baseline: "none.snap"}); err == nil {
		t.Error("a snapshot that is not there counts as one without users")
	}
}
