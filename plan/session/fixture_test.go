package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// Everything that comes into a session from outside is in memory here: files, git, the
// tenant, the store of runs. Tests start no process and open no file.

var today = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// The SKUs of the tests, with real ids.
var (
	e3    = state.SKU{ID: state.MustParseID[state.SKU]("05e9a617-0261-4cee-bb44-138d3ef5d965"), PartNumber: "SPE_E3", Capability: "Enabled", AppliesTo: state.ScopeUser, Enabled: 100}
	visio = state.SKU{ID: state.MustParseID[state.SKU]("c5928f49-12ba-48f7-ada3-0d743a3601d5"), PartNumber: "VISIOCLIENT", Capability: "Enabled", AppliesTo: state.ScopeUser, Enabled: 100}
)

const settings = "version: 1\ntenants: {test: {sandbox: tenant.yaml, policies: [p.yaml], manage: [SPE_E3, VISIOCLIENT]}}\n"

// wantVisio is a policy file: some users must have Visio, and others must not.
func wantVisio(users ...string) string {
	return "policies:\n  - {name: visio, users: {upns: [" + strings.Join(users, ", ") + "]}, licenses: [VISIOCLIENT]}\n"
}

// world is everything that is outside of a session.
type world struct {
	t          testing.TB
	files      fstest.MapFS
	mu         sync.Mutex               // guards users while a run reads and writes them side by side
	users      map[string][]state.SKUID // directly assigned
	source     state.Source
	seats      map[state.SKUID]int
	incomplete bool // the tenant cannot be read to the end
	events     []state.AuditEvent
	audit      error // of the log
	asked      state.AuditQuery
	git        fakeGit
	place      *place
	now        time.Time
	reports    []string // what the session reported
	snapshots  map[string]*state.Snapshot
}

func newWorld(t testing.TB, policy string, users ...string) *world {
	t.Helper()
	w := &world{t: t, users: map[string][]state.SKUID{}, source: state.SourceSandbox, place: &place{things: map[string]*bytes.Buffer{}}, now: today, snapshots: map[string]*state.Snapshot{}}
	w.files = fstest.MapFS{policies.SettingsFile: {Data: []byte(settings)}, "p.yaml": {Data: []byte(policy)}}
	for _, line := range users {
		words := strings.Fields(line)
		w.users[words[0]] = nil
		for _, word := range words[1:] {
			w.users[words[0]] = append(w.users[words[0]], map[string]state.SKUID{"SPE_E3": e3.ID, "VISIOCLIENT": visio.ID}[word])
		}
	}
	return w
}

func userID(name string) (id state.UserID) {
	copy(id[:], name)
	return id
}

func (w *world) snapshot() *state.Snapshot {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	builder, consumed := state.NewBuilder(), map[state.SKUID]int{}
	for _, name := range slices.Sorted(maps.Keys(w.users)) {
		record := state.Record{ID: userID(name), UserPrincipalName: name + "@contoso.com", DisplayName: name, UsageLocation: "CH"}
		for _, sku := range w.users[name] {
			record.Paths = append(record.Paths, state.Path{SKU: sku, State: state.PathActive})
			consumed[sku]++
		}
		must(w.t, builder.Add(record))
	}
	header := state.Header{Source: w.source, ReadAt: w.now, Complete: !w.incomplete, SKUs: []state.SKU{e3, visio}}
	header.Organization.ID[0] = 1
	for i := range header.SKUs {
		header.SKUs[i].Consumed = consumed[header.SKUs[i].ID]
		if seats, scarce := w.seats[header.SKUs[i].ID]; scarce {
			header.SKUs[i].Enabled = seats
		}
	}
	snapshot, err := builder.Snapshot(header)
	must(w.t, err)
	return snapshot
}

// Read implements [state.Reader].
func (w *world) Read(context.Context, state.Query) (*state.Snapshot, error) { return w.snapshot(), nil }

// ReadAudit implements [state.AuditReader].
func (w *world) ReadAudit(_ context.Context, q state.AuditQuery) ([]state.AuditEvent, error) {
	w.asked = q
	return w.events, w.audit
}

// writer changes the users of a world.
type writer struct{ w *world }

func (x writer) Write(_ context.Context, changes []state.Change) []error {
	x.w.mu.Lock()
	defer x.w.mu.Unlock()
	for _, change := range changes {
		for name, skus := range x.w.users {
			if userID(name) != change.User {
				continue
			}
			skus = slices.DeleteFunc(slices.Clone(skus), func(sku state.SKUID) bool { return slices.Contains(change.Remove, sku) })
			for _, license := range change.Add {
				skus = append(skus, license.SKU)
			}
			x.w.users[name] = skus
		}
	}
	return make([]error, len(changes))
}

// The reporter of a world keeps its texts.
func (w *world) Warning(text string)     { w.reports = append(w.reports, "warning: "+text) }
func (w *world) Remark(text string)      { w.reports = append(w.reports, text) }
func (w *world) AdHocPolicy(text string) { w.reports = append(w.reports, "policy: "+text) }
func (w *world) Problems(problems []policies.Problem) {
	for _, problem := range problems {
		w.reports = append(w.reports, "problem: "+problem.Error())
	}
}

func (w *world) reported(want string) {
	w.t.Helper()
	if !strings.Contains(strings.Join(w.reports, "\n"), want) {
		w.t.Errorf("no report of %q in %q", want, w.reports)
	}
}

func (w *world) env() Env {
	return Env{
		Files: w.files, Git: &w.git, Now: func() time.Time { return w.now }, Reporter: w, Version: "test",
		Snapshot: func(name string) (*state.Snapshot, error) {
			if s := w.snapshots[name]; s != nil {
				return s, nil
			}
			return nil, fs.ErrNotExist
		},
		Directory: func(context.Context, fs.FS, policies.Tenant, *state.Snapshot, []state.Place) (*state.Directory, error) {
			return nil, errors.New("there is no directory")
		},
	}
}

func (w *world) project() *Project {
	w.t.Helper()
	p, err := Open(w.t.Context(), w.env(), "", "")
	must(w.t, err)
	return p
}

func (w *world) loaded() *Loaded {
	w.t.Helper()
	loaded, err := w.project().Load(policies.PolicyWords{})
	must(w.t, err)
	return loaded
}

func (w *world) store() *journal.Store {
	return journal.NewStore(w.place, func() time.Time { return w.now })
}

func (w *world) from() Source { return Source{Tenant: w, Archive: Archive{Store: w.store()}} }

func (w *world) resolved() *Resolved {
	w.t.Helper()
	return w.resolve(w.loaded())
}

func (w *world) resolve(loaded *Loaded) *Resolved {
	w.t.Helper()
	read, err := loaded.Read(w.t.Context(), w.from())
	must(w.t, err)
	resolved, err := read.Resolve()
	must(w.t, err)
	return resolved
}

func (w *world) plan(o Options) *plan.Plan {
	w.t.Helper()
	fresh, err := w.resolved().Compute(o)
	must(w.t, err)
	return fresh
}

// apply carries out what the policies want, a minute after the last run.
func (w *world) apply(o Options, a Approval) (*Fresh, *apply.Report) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	return w.applyTo(w.resolved(), o, a)
}

func (w *world) applyTo(resolved *Resolved, o Options, a Approval) (*Fresh, *apply.Report) {
	w.t.Helper()
	fresh, err := resolved.Fresh(w.t.Context(), o, a)
	must(w.t, err)
	run := w.begin(resolved, fresh.Plan, a.Plan)
	report := run.Execute(w.t.Context(), Execution{Reader: w, Writer: writer{w}})
	_, err = run.Close(w.t.Context(), fresh, report, "ok")
	must(w.t, err)
	return fresh, report
}

func (w *world) begin(resolved *Resolved, fresh, approved *plan.Plan) *Run {
	w.t.Helper()
	parts := RunParts{ID: journal.NewID(w.now, "abcdefgh"), Host: "here", Store: w.store(), Lock: lock{}, Clock: func() time.Time { return w.now }}
	run, err := resolved.Begin(w.t.Context(), parts, fresh, approved)
	must(w.t, err)
	return run
}

func (w *world) record() *journal.Record {
	w.t.Helper()
	record, err := w.store().LastRecord(w.t.Context(), w.snapshot().Organization.ID)
	must(w.t, err)
	return record
}

// lock is one that is never lost.
type lock struct{}

func (lock) Renew() error                   { return nil }
func (lock) Release() error                 { return nil }
func (lock) TakenOverFrom() *journal.Holder { return &journal.Holder{Run: "dead", Host: "there"} }

// place keeps runs in memory.
type place struct{ things map[string]*bytes.Buffer }

func (p *place) List(context.Context) ([]journal.Item, error) {
	var items []journal.Item
	for name := range p.things {
		items = append(items, journal.Item{Name: name})
	}
	return items, nil
}

func (p *place) Open(_ context.Context, name string) (io.ReadCloser, error) {
	thing := p.things[name]
	if thing == nil {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(thing.Bytes())), nil
}

func (p *place) ReadEnd(_ context.Context, name string, most int64) ([]byte, error) {
	data := p.things[name].Bytes()
	return data[max(0, len(data)-int(most)):], nil
}

func (p *place) Create(_ context.Context, name string) (journal.Appender, error) {
	p.things[name] = &bytes.Buffer{}
	return appender{p.things[name]}, nil
}

func (p *place) Replace(_ context.Context, name string, data []byte) error {
	p.things[name] = bytes.NewBuffer(data)
	return nil
}

func (p *place) Acquire(context.Context, state.TenantID, journal.Holder) (journal.Lock, error) {
	return lock{}, nil
}

func (p *place) Unlock(context.Context, string) (state.TenantID, journal.Holder, error) {
	return state.TenantID{}, journal.Holder{}, journal.ErrNoLock
}

type appender struct{ *bytes.Buffer }

func (a appender) Append(data []byte) error {
	_, err := a.Write(data)
	return err
}
func (a appender) Close() error { return nil }

// fakeGit is a repository in memory; the zero one is none.
type fakeGit struct {
	head      string
	commits   map[string]fstest.MapFS // by name and by commit
	tracked   map[string]bool
	mergeBase string
	inside    error
}

func (g *fakeGit) InCheckout() bool                                      { return g.head != "" }
func (g *fakeGit) Head(context.Context) string                           { return g.head }
func (g *fakeGit) TrackedFiles(context.Context) (map[string]bool, error) { return g.tracked, nil }
func (g *fakeGit) NotInside(context.Context) error                       { return g.inside }
func (g *fakeGit) MergeBase(_ context.Context, _ string) (string, error) { return g.mergeBase, nil }
func (g *fakeGit) Revision(_ context.Context, name string) (Revision, error) {
	files := g.commits[name]
	if files == nil {
		return nil, usage("fetch it first", "there is no revision %q", name)
	}
	return revision{files, name}, nil
}

type revision struct {
	fstest.MapFS
	commit string
}

func (r revision) Commit() string                    { return r.commit }
func (r revision) Has(name string) bool              { return r.MapFS[name] != nil }
func (r revision) With(fs.FS, map[string]bool) fs.FS { return r.MapFS }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want compares steps, a line each: "add bea VISIOCLIENT".
func want(t testing.TB, p *plan.Plan, lines ...string) {
	t.Helper()
	got := describe(p.Steps)
	slices.Sort(got)
	if !slices.Equal(got, lines) {
		t.Errorf("steps %q, want %q", got, lines)
	}
}

func describe(steps []plan.Step) []string {
	lines := []string{}
	for _, step := range steps {
		line := fmt.Sprint(step.Kind, " ", step.User.DisplayName)
		for _, license := range step.Adds() {
			line += " +" + license.PartNumber
		}
		for _, license := range step.Removes() {
			line += " -" + license.PartNumber
		}
		lines = append(lines, line)
	}
	return lines
}

func wantError(t testing.TB, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got error %v, want one with %q", err, text)
	}
}
