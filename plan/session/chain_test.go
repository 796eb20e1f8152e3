package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

func TestChainComputesAPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna VISIOCLIENT", "bea SPE_E3")
	w.git.head = "c0ffee"
	p := w.plan(Options{})
	want(t, p, "add bea +VISIOCLIENT")
	if p.Commit != "c0ffee" || p.ToolVersion != "test" || !p.Complete {
		t.Errorf("commit %q, tool %q, complete %v", p.Commit, p.ToolVersion, p.Complete)
	}
}

// TestOnlyARunReachesWhatWrites walks over everything that the types before Run reach.
func TestOnlyARunReachesWhatWrites(t *testing.T) {
	t.Parallel()
	writes := []reflect.Type{reflect.TypeFor[state.Writer](), reflect.TypeFor[RunStore](), reflect.TypeFor[journal.Lock](), reflect.TypeFor[*journal.Writer](), reflect.TypeFor[*journal.Store](), reflect.TypeFor[*Run]()}
	reached := map[reflect.Type]bool{}
	var walk func(reflect.Type, string)
	walk = func(x reflect.Type, path string) {
		for _, forbidden := range writes {
			if x == forbidden || forbidden.Kind() == reflect.Interface && x.Implements(forbidden) {
				t.Errorf("%s is a %s, which can write", path, x)
			}
		}
		if reached[x] {
			return
		}
		reached[x] = true
		switch x.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			walk(x.Elem(), path)
		case reflect.Struct:
			for i := range x.NumField() {
				walk(x.Field(i).Type, path+"."+x.Field(i).Name)
			}
		case reflect.Func:
			for i := range x.NumOut() {
				walk(x.Out(i), path+"()")
			}
		default:
		}
	}
	for _, x := range []reflect.Type{reflect.TypeFor[*Project](), reflect.TypeFor[*Loaded](), reflect.TypeFor[*Read](), reflect.TypeFor[*Resolved](), reflect.TypeFor[*ResolvedTwice](), reflect.TypeFor[*Drift](), reflect.TypeFor[Source]()} {
		walk(x, x.String())
	}
	if !reached[reflect.TypeFor[Tenant]()] || !reached[reflect.TypeFor[JournalReader]()] {
		t.Error("the walk does not reach the readers: it looks at the wrong thing")
	}
}

func TestReadRefusesAnotherTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	w.files[policies.SettingsFile].Data = []byte("version: 1\ntenants: {test: {id: 48a80680-7326-48cd-9935-b556b81d3a4e, credential: {read: {kind: azure-cli}, write: {kind: azure-cli}}, policies: [p.yaml], manage: [VISIOCLIENT]}}\n")
	_, err := w.loaded().Read(t.Context(), w.from())
	known, ok := errors.AsType[*Error](err)
	if !ok || known.Class != Guard || !strings.Contains(known.Hint(), "Organization.Read.All") {
		t.Fatalf("got %v, want a guard that names the permission for domain names", err)
	}
	// A snapshot of a sandbox is not one of a live tenant, whatever its id.
	w.snapshots["s.snap"] = w.snapshot()
	_, err = w.loaded().Read(t.Context(), Source{File: "s.snap"})
	wantError(t, err, "the snapshot is of a sandbox, and the settings name a live tenant")
}

func TestReadFromASnapshotNeedsTheGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "policies:\n  - {name: visio, users: {group: 48a80680-7326-48cd-9935-b556b81d3a4e}, licenses: [VISIOCLIENT]}\n", "anna")
	w.snapshots["s.snap"] = w.snapshot()
	_, err := w.loaded().Read(t.Context(), Source{File: "s.snap"})
	wantError(t, err, "the snapshot does not have the members of group 48a80680")
}

func TestLoadMakesASetOfOnePolicyFromFlags(t *testing.T) {
	t.Parallel()
	flags := policies.PolicyWords{UPNs: []string{"anna@contoso.com"}, Licenses: []string{"VISIOCLIENT"}}
	w := newWorld(t, wantVisio("bea@contoso.com"), "anna", "bea")
	loaded, err := w.project().Load(flags)
	must(t, err)
	w.reported("policy: ")
	p, err := w.resolve(loaded).Compute(Options{})
	must(t, err)
	want(t, p, "add anna +VISIOCLIENT")

	w.git.head, w.git.commits = "c0ffee", map[string]fstest.MapFS{"main": w.files}
	trusting, err := Open(t.Context(), w.env(), "", "main")
	must(t, err)
	_, err = trusting.Load(flags)
	wantError(t, err, "--settings-from is for policies in git")
}

func TestOpenTakesSettingsFromATrustedRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	w.git.head = "c0ffee"
	w.git.commits = map[string]fstest.MapFS{"main": {policies.SettingsFile: {Data: []byte(settings)}}, "empty": {}}
	w.files[policies.SettingsFile] = &fstest.MapFile{Data: []byte(settings + "# changed\n")}
	p, err := Open(t.Context(), w.env(), "", "main")
	must(t, err)
	w.reported("settings are those of main")
	w.reported("warning: the checkout changes settings (seatwright.yaml)")
	if p.trusted.Commit != "main" || p.digest == w.project().digest {
		t.Errorf("trusted %+v, digest %s: they are those of the checkout", p.trusted, p.digest)
	}
	if _, err := Open(t.Context(), w.env(), "", "empty"); err == nil || hintOf(err) == "" {
		t.Errorf("a revision without settings: %v", err)
	}
	w.git.inside = errors.New("it is a submodule")
	_, err = Open(t.Context(), w.env(), "", "main")
	wantError(t, err, "it is a submodule")
}

func TestSettingsFilesAreAllThatSettingsName(t *testing.T) {
	t.Parallel()
	tenant := policies.Tenant{Prices: "prices.yaml", Protect: []policies.Selector{{File: "vip.txt"}, {}}, Directories: []policies.Directory{{CAFile: "ca.pem"}, {CAFile: "/etc/ca.pem"}}}
	trusted := fstest.MapFS{"prices.yaml": {Data: []byte("a")}, "vip.txt": {Data: []byte("a")}, "ca.pem": {Data: []byte("a")}}
	for name, want := range map[string]string{"prices.yaml": "prices.yaml", "vip.txt": "vip.txt", "ca.pem": "ca.pem", "waivers.yaml": "waivers.yaml", "accept.yaml": "accept.yaml", "other.yaml": ""} {
		checkout := fstest.MapFS{"prices.yaml": {Data: []byte("a")}, "vip.txt": {Data: []byte("a")}, "ca.pem": {Data: []byte("a")}}
		checkout[name] = &fstest.MapFile{Data: []byte("b")}
		if got := strings.Join(changedSettings(trusted, checkout, tenant), " "); got != want {
			t.Errorf("%s changed: got %q, want %q", name, got, want)
		}
	}
}

func TestComputeMarksWhatTheBaseWouldDoToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea")
	then := fstest.MapFS{policies.SettingsFile: {Data: []byte(settings)}, "p.yaml": {Data: []byte(wantVisio("anna@contoso.com"))}}
	w.git = fakeGit{head: "c0ffee", mergeBase: "ba5e", commits: map[string]fstest.MapFS{"ba5e": then}}
	compute := func() *plan.Plan {
		t.Helper()
		loaded := w.loaded()
		base, err := loaded.project.LoadBase(t.Context(), "main")
		must(t, err)
		loaded.CompareWith(base)
		p, err := w.resolve(loaded).Compute(Options{})
		must(t, err)
		return p
	}
	p := compute()
	for _, step := range p.Steps {
		if step.InBase != (step.User.DisplayName == "anna") {
			t.Errorf("%s: in base %v", step.User.DisplayName, step.InBase)
		}
	}
	if p.Base == nil || p.Base.Commit != "ba5e" || p.Base.Trouble != "" {
		t.Errorf("base %+v", p.Base)
	}
	then["p.yaml"] = &fstest.MapFile{Data: []byte("policies: 1\n")}
	if p := compute(); p.Base == nil || p.Base.Trouble == "" || len(p.Steps) != 2 {
		t.Errorf("a broken base: %+v", p.Base)
	}
	w.reported("the policies of main make no plan")
	then["p.yaml"] = &fstest.MapFile{Data: []byte(wantVisio("carl@contoso.com"))}
	if p := compute(); p.Base.Trouble == "" {
		t.Error("a base that does not fit the tenant has no trouble")
	}
	then[policies.SettingsFile] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(settings, "tenant.yaml", "other.yaml"))}
	if p := compute(); !strings.Contains(p.Base.Trouble, "another tenant") {
		t.Errorf("a base whose settings name another tenant: %q", p.Base.Trouble)
	}
}

func TestLoadCommitWantsTheSameTenant(t *testing.T) {
	t.Parallel()
	live := "version: 1\ntenants: {test: {id: %s, credential: {read: {kind: azure-cli}, write: {kind: azure-cli}}, policies: [p.yaml]}}\n"
	now, then := "48a80680-7326-48cd-9935-b556b81d3a4e", "58a80680-7326-48cd-9935-b556b81d3a4e"
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	w.files[policies.SettingsFile].Data = fmt.Appendf(nil, live, now)
	for _, id := range []string{now, then} {
		files := fstest.MapFS{policies.SettingsFile: {Data: fmt.Appendf(nil, live, id)}, "p.yaml": w.files["p.yaml"]}
		_, err := w.project().loadCommit(revision{files, "ba5e"}, nil)
		if id == now {
			must(t, err)
		} else {
			wantError(t, err, "the settings named another tenant there")
		}
	}
}

func TestLoadedFindsAPolicy(t *testing.T) {
	t.Parallel()
	loaded := newWorld(t, wantVisio("anna@contoso.com"), "anna").loaded()
	if i, err := loaded.Policy("visio"); i != 0 || err != nil {
		t.Errorf("got %d, %v", i, err)
	}
	_, err := loaded.Policy("visoi")
	wantError(t, err, "did you mean visio?")
	set, err := loaded.CheckNames()
	if err != nil || set.Policies[0].Licenses[0].SKU.ID != visio.ID {
		t.Errorf("names bound without a tenant: %v", err)
	}
}

func TestReadPlacesGoesByWhatWasSynced(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "policies:\n  - {name: visio, users: {ou: \"OU=Sales,DC=contoso,DC=com\"}, licenses: [VISIOCLIENT]}\n", "anna")
	if _, err := w.loaded().Read(t.Context(), w.from()); err != nil {
		t.Errorf("a tenant without directories: %v", err)
	}
}

func TestReadRunNeedsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna")
	_, err := ReadRun(context.Background(), w.store(), "20261123T020000Z-abcdefgh")
	wantError(t, err, "there is no run 20261123T020000Z-abcdefgh")
	if errors.Is(err, fs.ErrNotExist) {
		t.Error("that there is no run is a mistake of the call")
	}
}
