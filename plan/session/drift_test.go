package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/drift"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

func fileOf(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// drifted is a world in which a run gave Visio to anna and bea, and anna has lost it.
func drifted(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea", "carl")
	w.apply(Options{}, Approval{})
	w.users["anna"] = nil
	w.now = w.now.Add(time.Hour)
	return w
}

func (w *world) resolvedTwice() *ResolvedTwice {
	w.t.Helper()
	resolved, err := w.loaded().ReadTwice(w.t.Context(), w.from())
	must(w.t, err)
	return resolved
}

func (w *world) drift(accepted ...policies.Acceptance) (*ResolvedTwice, *Drift) {
	w.t.Helper()
	resolved := w.resolvedTwice()
	d, err := resolved.Drift(w.t.Context(), Options{}, accepted)
	must(w.t, err)
	return resolved, d
}

func classes(r *drift.Report) string {
	var all []string
	for _, item := range r.Items {
		all = append(all, fmt.Sprint(item.User.DisplayName, " ", item.Class))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestDriftSeparatesChangesFromPendingOnes(t *testing.T) {
	t.Parallel()
	w := drifted(t)
	_, d := w.drift()
	if got := classes(d.Report); got != "anna drift" || d.Report.AttentionCount() != 1 || d.Report.Last.Run != w.record().Run {
		t.Fatalf("items %q, new %d, last run %+v", got, d.Report.AttentionCount(), d.Report.Last)
	}
	then := fstest.MapFS{policies.SettingsFile: fileOf(settings), "p.yaml": w.files["p.yaml"]}
	w.files["p.yaml"] = fileOf(wantVisio("anna@contoso.com", "bea@contoso.com", "carl@contoso.com"))
	if _, d := w.drift(); d.Report.Undecided == "" {
		t.Error("the policies of the last run are not at hand, and drift is separated from pending")
	}
	// In git they are found again.
	w = drifted(t)
	w.git.head, w.git.commits, w.git.tracked = "c0ffee", map[string]fstest.MapFS{"c0ffee": then}, map[string]bool{"p.yaml": true, policies.SettingsFile: true}
	w.users["anna"] = nil
	w.apply(Options{}, Approval{})
	w.users["anna"] = nil
	w.files["p.yaml"] = fileOf(wantVisio("anna@contoso.com", "bea@contoso.com", "carl@contoso.com"))
	if _, d := w.drift(); d.Report.Undecided != "" || classes(d.Report) != "anna drift, carl pending" {
		t.Errorf("items %q; undecided: %s", classes(d.Report), d.Report.Undecided)
	}
}

func TestCorrectionsPutBackWhatDriftedAndRenewTheRecord(t *testing.T) {
	t.Parallel()
	w := drifted(t)
	first := *w.record()
	resolved, d := w.drift()
	fresh, err := d.Corrections(drift.All, Options{})
	must(t, err)
	want(t, fresh, "add anna +VISIOCLIENT")
	run := w.begin(resolved.Now(), fresh, nil)
	report := run.Execute(t.Context(), Execution{Reader: w, Writer: writer{w}})
	d.Settle(report)
	_, err = run.CloseCorrections(t.Context(), d, report, "ok")
	must(t, err)
	if !slices.Contains(w.users["anna"], visio.ID) || d.Report.AttentionCount() != 0 {
		t.Errorf("anna has %v, new %d", w.users["anna"], d.Report.AttentionCount())
	}
	record := w.record()
	if record.Run == first.Run || record.Policies != first.Policies || len(record.Sources) != len(first.Sources) {
		t.Errorf("record %+v, want the first one of a new run", record)
	}
	journaled, err := w.store().Read(t.Context(), record.Run)
	must(t, err)
	if journaled.Kind != journal.KindCorrect {
		t.Errorf("journal %+v", journaled.Begin)
	}
}

// correct carries out what corrects the drift of a world.
func (w *world) correct(how drift.Correction) *Drift {
	w.t.Helper()
	resolved, d := w.drift()
	fresh, err := d.Corrections(how, Options{})
	must(w.t, err)
	run := w.begin(resolved.Now(), fresh, nil)
	report := run.Execute(w.t.Context(), Execution{Reader: w, Writer: writer{w}})
	d.Settle(report)
	_, err = run.CloseCorrections(w.t.Context(), d, report, "ok")
	must(w.t, err)
	return d
}

func TestCorrectionsKeepNoRecordWhereDriftIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com")+"  - {name: none, users: {upns: [bea@contoso.com]}, absent: [VISIOCLIENT]}\n", "anna", "bea")
	w.apply(Options{}, Approval{})
	first := w.record().Run
	w.users["anna"], w.users["bea"] = nil, []state.SKUID{visio.ID}
	w.now = w.now.Add(time.Hour)
	w.correct(drift.Additive)
	if got := w.record().Run; len(w.users["anna"]) != 1 || len(w.users["bea"]) != 1 || got != first {
		t.Errorf("anna has %v, bea %v; the record is of run %s", w.users["anna"], w.users["bea"], got)
	}
	w.now = w.now.Add(time.Hour)
	w.correct(drift.All)
	if got := w.record().Run; len(w.users["bea"]) != 0 || got == first {
		t.Errorf("bea has %v; the record is of run %s", w.users["bea"], got)
	}
}

func TestCorrectionsRenewTheRecordWithThePoliciesOfTheLastRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna", "carl")
	w.git = fakeGit{head: "c0ffee", tracked: map[string]bool{"p.yaml": true, policies.SettingsFile: true}}
	w.git.commits = map[string]fstest.MapFS{"c0ffee": {policies.SettingsFile: fileOf(settings), "p.yaml": w.files["p.yaml"]}}
	w.apply(Options{}, Approval{})
	first := *w.record()
	w.users["anna"] = nil
	w.files["p.yaml"] = fileOf(wantVisio("anna@contoso.com", "carl@contoso.com"))
	w.git.head = "fade"
	w.now = w.now.Add(time.Hour)
	w.correct(drift.All)
	if r := w.record(); r.Run == first.Run || r.Policies != first.Policies || r.Commit != "c0ffee" || len(w.users["carl"]) != 0 {
		t.Errorf("record %+v; carl has %v, which is pending", r, w.users["carl"])
	}
	// Where the policies at hand want nothing more, they are those of the record.
	w.users["carl"] = []state.SKUID{visio.ID}
	w.now = w.now.Add(time.Hour)
	w.correct(drift.All)
	if r := w.record(); r.Policies == first.Policies || r.Commit != "fade" {
		t.Errorf("record %+v", r)
	}
}

// manyUsers is a world in which a run gave Visio to 60 users.
func manyUsers(t *testing.T) *world {
	t.Helper()
	var upns, users []string
	for i := range 60 {
		upns, users = append(upns, fmt.Sprintf("u%02d@contoso.com", i)), append(users, fmt.Sprintf("u%02d", i))
	}
	w := newWorld(t, wantVisio(upns...), users...)
	w.apply(Options{}, Approval{})
	w.now = w.now.Add(time.Hour)
	return w
}

func TestCorrectionsStopAtAGuard(t *testing.T) {
	t.Parallel()
	w := manyUsers(t)
	for name := range w.users {
		w.users[name] = nil
	}
	_, d := w.drift()
	_, err := d.Corrections(drift.All, Options{})
	stopped, ok := errors.AsType[*BreachedError](err)
	if !ok || len(stopped.Plan.Breached()) == 0 {
		t.Errorf("60 corrections: %v", err)
	}
}

func TestDriftHoldsNothingAndNeedsAWholeRead(t *testing.T) {
	t.Parallel()
	w := manyUsers(t)
	w.files["p.yaml"].Data = []byte(strings.ReplaceAll(string(w.files["p.yaml"].Data), "licenses:", "absent:"))
	d, err := w.resolvedTwice().Drift(t.Context(), Options{Hold: true}, nil)
	must(t, err)
	for _, item := range d.Report.Items {
		if item.Sort == drift.Held {
			t.Fatalf("%s is held in a report", item.User.DisplayName)
		}
	}
	w.incomplete = true
	_, err = w.resolvedTwice().Drift(t.Context(), Options{}, nil)
	if _, ok := errors.AsType[*BreachedError](err); !ok {
		t.Errorf("a tenant that was not read to the end: %v", err)
	}
}

func TestCorrectionsNeedToKnowWhatDrifted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	_, d := w.drift()
	_, err := d.Corrections(drift.All, Options{})
	wantError(t, err, "nothing can be corrected")
	if !strings.Contains(hintOf(err), "seatwright apply") {
		t.Errorf("hint %q", hintOf(err))
	}
}

func TestFindLastRunKnowsPoliciesByTheirDigest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	loaded := w.loaded()
	record := func(change func(*journal.Record)) *journal.Record {
		r := &journal.Record{Run: "r", Settings: loaded.project.digest, Policies: loaded.set.Digest}
		change(r)
		return r
	}
	other := fstest.MapFS{policies.SettingsFile: fileOf(settings), "p.yaml": fileOf(wantVisio("bea@contoso.com"))}
	same := fstest.MapFS{policies.SettingsFile: fileOf(settings), "p.yaml": w.files["p.yaml"]}
	commits := map[string]fstest.MapFS{"then": other, "broken": {policies.SettingsFile: fileOf(settings)}, "same": same}
	for _, c := range []struct {
		name   string
		record *journal.Record
		git    bool
		why    string // "": it is known
	}{
		{"none", nil, true, "no record of a successful run"},
		{"at hand", record(func(*journal.Record) {}), false, ""},
		{"no checkout", record(func(r *journal.Record) { r.Policies = "sha256:0" }), false, "this is not a git checkout"},
		{"no commit", record(func(r *journal.Record) { r.Policies = "sha256:0" }), true, "was not made in a git checkout"},
		{"a commit that git does not have", record(func(r *journal.Record) { r.Policies, r.Commit = "sha256:0", "gone" }), true, "there is no revision"},
		{"a commit with other policies", record(func(r *journal.Record) { r.Policies, r.Commit = "sha256:0", "then" }), true, "they are not those of commit then"},
		{"a commit without policies", record(func(r *journal.Record) { r.Policies, r.Commit = "sha256:0", "broken" }), true, "cannot be read: problems"},
		{"other settings than the commit has", record(func(r *journal.Record) { r.Settings, r.Commit = "sha256:0", "same" }), true, "the settings are not those"},
	} {
		w.git = fakeGit{commits: commits}
		if c.git {
			w.git.head = "now"
		}
		last := w.loaded().findLastRun(t.Context(), c.record)
		if c.why == "" && (last.set == nil || last.why != "") || c.why != "" && (last.set != nil || !strings.Contains(last.why, c.why)) {
			t.Errorf("%s: set %v, why %q", c.name, last.set != nil, last.why)
		}
	}
}

func TestFindLastRunTakesSettingsOfTheRunForWhatIsWanted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	then := w.project()
	w.git.head, w.git.commits = "now", map[string]fstest.MapFS{"then": {policies.SettingsFile: fileOf(settings), "p.yaml": w.files["p.yaml"]}}
	w.files[policies.SettingsFile] = fileOf(strings.ReplaceAll(settings, "[SPE_E3, VISIOCLIENT]", "[VISIOCLIENT]"))
	revision, err := w.git.Revision(t.Context(), "then")
	must(t, err)
	tenant, err := w.project().tenantThen(revision, then.digest)
	must(t, err)
	if len(tenant.Manage.SKUs) != 2 || len(w.project().tenant.Manage.SKUs) != 1 {
		t.Errorf("manages %d SKUs, want the 2 of then", len(tenant.Manage.SKUs))
	}
}

func TestDigestOfTrackedNeedsEveryFileThatDecides(t *testing.T) {
	t.Parallel()
	set := &policies.Set{Inputs: []policies.Input{{Path: "p.yaml", Kind: policies.InputPolicies}, {Path: "export.csv", Kind: policies.InputCSV}, {Path: "names.txt", Kind: policies.InputList}}}
	for _, c := range []struct {
		tracked []string
		known   bool
	}{
		{[]string{"p.yaml"}, true},
		{[]string{"p.yaml", "export.csv", "names.txt"}, true},
		{[]string{"export.csv", "names.txt"}, false},
	} {
		tracked := map[string]bool{}
		for _, name := range c.tracked {
			tracked[name] = true
		}
		if got := digestOfTracked(set, tracked); (got != "") != c.known {
			t.Errorf("%v: digest %q", c.tracked, got)
		}
	}
}

func TestSkipMissingLeavesTheOriginalAlone(t *testing.T) {
	t.Parallel()
	set := &policies.Set{Policies: []policies.Policy{{Users: []policies.Selector{{Missing: policies.MissingError}}}}}
	lenient := skipMissing(set)
	if lenient.Policies[0].Users[0].Missing != policies.MissingSkip || set.Policies[0].Users[0].Missing != policies.MissingError {
		t.Errorf("lenient %v, original %v", lenient.Policies[0].Users[0].Missing, set.Policies[0].Users[0].Missing)
	}
}

func TestMarkAcceptedNotesEntriesThatAcceptNothing(t *testing.T) {
	t.Parallel()
	w := drifted(t)
	_, d := w.drift()
	key := d.Report.Items[0].Key
	pos := func(line int) policies.Pos { return policies.Pos{File: "accept.yaml", Line: line, Col: 1} }
	day := func(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }
	_, d = w.drift(
		policies.Acceptance{Pos: pos(4), Key: "gone-b", Reason: "x", Expires: day(30)}, policies.Acceptance{Pos: pos(2), Key: key, Reason: "a test", Expires: day(30)},
		policies.Acceptance{Pos: pos(3), Key: "gone-a", Reason: "x", Expires: day(30)}, policies.Acceptance{Pos: pos(1), Key: key, Reason: "x", Expires: day(1)},
	)
	if a := d.Report.Items[0].Accepted; a == nil || a.Reason != "a test" || a.Expires != "2026-11-29" || d.Report.AttentionCount() != 0 {
		t.Errorf("accepted %+v, new %d", a, d.Report.AttentionCount())
	}
	if len(d.Report.Notes) != 3 || !strings.HasPrefix(d.Report.Notes[0], "accept.yaml:1:1: it accepts nothing") ||
		!strings.HasPrefix(d.Report.Notes[1], "accept.yaml:3:1: nothing has this key") || !strings.HasPrefix(d.Report.Notes[2], "accept.yaml:4:1") {
		t.Errorf("notes %q", d.Report.Notes)
	}
	w.reported("warning: accept.yaml:3:1: nothing has this key any more")
}

// The actors of the log.
var (
	joe  = state.Actor{User: userID("joe"), Name: "joe@contoso.com"}
	ours = state.Actor{App: "0a5b1c1e-0000-4000-8000-000000000001", Name: "Seatwright"}
)

// entry is an entry of the log: an actor assigns Visio to anna, or removes it.
func entry(day int, by state.Actor, gives bool) state.AuditEvent {
	with, without := []state.AuditedLicense{{SKU: visio.ID}}, []state.AuditedLicense{}
	e := state.AuditEvent{ID: "x", At: time.Date(2026, 11, day, 10, 0, 0, 0, time.UTC), User: userID("anna"), By: by, Licenses: &state.AuditedLicenses{Before: with, After: without}}
	if gives {
		e.Licenses.Before, e.Licenses.After = without, with
	}
	return e
}

// traced is a report of one item, that anna lacks Visio, with what the log has of it and
// the days on which runs assigned it.
func traced(t *testing.T, w *world, gave ...int) *drift.Report {
	t.Helper()
	step := plan.Step{User: plan.UserRef{ID: userID("anna"), DisplayName: "anna"}, Kind: plan.KindAdd, After: plan.State{Licenses: []plan.License{{SKU: visio.ID, PartNumber: "VISIOCLIENT"}}}}
	report := drift.Compare(&plan.Plan{Steps: []plan.Step{step}}, &plan.Plan{Steps: []plan.Step{step}})
	report.Last.At = today.AddDate(0, 0, -5)
	project := w.project()
	project.tenant.Write.ClientID = strings.ToUpper(ours.App)
	var h history
	for i, day := range gave {
		at := time.Date(2026, 11, day, 10, 1, 0, 0, time.UTC)
		run := gaveVisio(today.Sub(at), apply.Confirmed, state.SourceLive)
		run.Run = fmt.Sprint("r", i+1)
		h.runs = append(h.runs, run)
	}
	read := &Read{loaded: &Loaded{project: project}, source: Source{Tenant: w}, observed: observation(w.snapshot()), history: h}
	d := &Drift{Report: &report, from: &ResolvedTwice{now: &Resolved{read: read}}}
	must(t, d.trace(t.Context()))
	return &report
}

func TestTraceNamesWhoChangedItAndWhen(t *testing.T) {
	t.Parallel()
	flapping := []state.AuditEvent{entry(19, ours, true), entry(20, joe, false), entry(21, ours, true), entry(22, joe, false)}
	for _, c := range []struct {
		name   string
		events []state.AuditEvent
		gave   []int
		by     string // of the newest change; "": it is not known
		ours   bool
		times  int // that it was turned back
	}{
		{"a user took it", []state.AuditEvent{entry(22, joe, false)}, nil, "joe@contoso.com", false, 0},
		{"it was before the last run", []state.AuditEvent{entry(10, joe, false)}, nil, "", false, 0},
		{"our own application", []state.AuditEvent{entry(22, ours, false)}, nil, "Seatwright", true, 0},
		{"turned back twice, by the log", flapping, nil, "joe@contoso.com", false, 2},
		{"the same with journals counts once", flapping, []int{19, 21}, "joe@contoso.com", false, 2},
	} {
		w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
		w.events = c.events
		item := traced(t, w, c.gave...).Items[0]
		by, known := drift.Change{}, len(item.Changed) > 0
		if known {
			by = item.Changed[0]
		}
		if by.By.Name != c.by || by.Ours != c.ours {
			t.Errorf("%s: changed by %+v, want %q", c.name, by, c.by)
		}
		times := 0
		if item.Flapping != nil {
			times = item.Flapping.Times
		}
		if times != c.times {
			t.Errorf("%s: turned back %d times, want %d", c.name, times, c.times)
		}
	}
}

func TestTraceGoesOnWithoutTheLog(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, hint string
		err        error
	}{
		{"the permission is missing", "grant the application AuditLog.Read.All", &state.Error{Op: "read audit log", Reason: state.ReasonForbidden, Permission: "AuditLog.Read.All"}},
		{"the tenant has no log to read", "Microsoft Entra ID P1 or P2", &state.Error{Op: "read audit log", Reason: state.ReasonForbidden, Code: "Authentication_RequestFromNonPremiumTenantOrB2CTenant"}},
		{"the log is not understood", "please report it", errors.New("the answer is incomplete")},
	} {
		w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
		w.audit = c.err
		report := traced(t, w)
		if report.Audit.Read || report.Audit.Why != c.err.Error() || !strings.Contains(report.Audit.Hint, c.hint) || len(report.Items[0].Changed) != 0 {
			t.Errorf("%s: %+v", c.name, report.Audit)
		}
		w.reported("warning: it is not known who made changes")
		if !w.asked.Since.Equal(today.Add(-auditReach)) {
			t.Errorf("asked since %v", w.asked.Since)
		}
	}
}
