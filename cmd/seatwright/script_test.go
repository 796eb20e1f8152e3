package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/slowtest"
	"github.com/seatwright/seatwright/state/snapfile"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"seatwright": main})
}

// TestScripts runs the program as people do. Scripts find the small tenant in their
// folder unless they bring their own; these words are theirs besides testscript's:
//
//	synced [FLAG...]        plans again and wants nothing to do
//	graph METHOD PATH [F]   a request of another client to the sandbox tenant; the
//	                        answer goes to the file answer.json
//	forge PLAN CHANGE       changes a plan file and seals it again, as one who can
//	                        replace an artifact would: add-step, first-step, empty,
//	                        extend, tenant
//	onerun                  puts the last run and its head into $RUN and $HEAD
//	stepsdigest PLAN        puts the steps digest of a plan file into $DIGEST
//	as-live SNAPSHOT        makes the snapshot one of a live tenant
//	readonly-unchanged      wants no change to have been kept by the sandbox
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Files: scripts(t), RequireExplicitExec: true, RequireUniqueNames: true,
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup:         smallTenant,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"synced": synced, "graph": graphRequest, "forge": forge, "onerun": oneRun, "stepsdigest": stepsDigest, "as-live": asLive, "readonly-unchanged": unchanged,
		},
	})
}

// slowScripts start many programs, most of them git. Each is about a rarer form of what a
// quick script shows: drift, --base and --settings-from, permissions, sign-in.
var slowScripts = []string{"credentials", "drift_after_merge", "drift_git", "drift_settings", "permissions", "revision_hostile"}

// scripts returns the files of the scripts: all of them, or the quick ones.
func scripts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts were found: %v", err)
	}
	if slowtest.Enabled() {
		return files
	}
	all := len(files)
	files = slices.DeleteFunc(files, func(file string) bool {
		return slices.Contains(slowScripts, strings.TrimSuffix(filepath.Base(file), ".txtar"))
	})
	if all-len(files) != len(slowScripts) {
		t.Errorf("%d of the slow scripts %v exist", all-len(files), slowScripts)
	}
	return files
}

// promptly is the value of GORACE for the programs that tests run: under the race detector each
// would sleep for a second before it ends.
const promptly = "atexit_sleep_ms=10"

// smallTenant puts the small tenant where the script brings none.
func smallTenant(env *testscript.Env) error {
	env.Setenv("SOURCE_DATE_EPOCH", "1795420800") // 2026-11-23
	env.Setenv("GORACE", promptly)
	env.Setenv("AZURE_CONFIG_DIR", env.WorkDir)
	for _, name := range []string{"tenant.yaml", "seatwright.yaml"} {
		to := filepath.Join(env.WorkDir, name)
		if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		data, err := os.ReadFile(filepath.Join("testdata", "small", name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func synced(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("seatwright", append([]string{"plan", "--detailed-exitcode"}, args...)...)
	if (err == nil) == neg {
		ts.Fatalf("second plan: %v, wanted nothing to do: %v", err, !neg)
	}
}

// graphRequest sends a request of another client to the sandbox tenant between two commands.
func graphRequest(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: graph METHOD PATH [BODY-FILE]")
	}
	tenant, err := sandbox.Parse("tenant.yaml", []byte(ts.ReadFile("tenant.yaml")))
	ts.Check(err)
	overlay := filepath.Join(ts.MkAbs(".seatwright"), "sandbox", "tenant.yaml.json")
	if data, err := os.ReadFile(overlay); err == nil {
		ts.Check(tenant.Restore(data))
	}
	var body bytes.Buffer
	if len(args) > 2 {
		body.WriteString(ts.ReadFile(args[2]))
	}
	request := httptest.NewRequest(args[0], "http://127.0.0.1/v1.0"+args[1], &body)
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	tenant.Handler(sandbox.Options{}).ServeHTTP(answer, request)
	ts.Check(os.WriteFile(ts.MkAbs("answer.json"), answer.Body.Bytes(), 0o600))
	if (answer.Code >= http.StatusBadRequest) != neg {
		ts.Fatalf("%s %s: %d %s", args[0], args[1], answer.Code, answer.Body)
	}
	ts.Check(os.MkdirAll(filepath.Dir(overlay), 0o700))
	ts.Check(os.WriteFile(overlay, tenant.Overlay(), 0o600))
}

// oneRun names the last run that the folder of the script keeps.
func oneRun(ts *testscript.TestScript, _ bool, _ []string) {
	root, err := os.OpenRoot(ts.MkAbs(".seatwright/runs"))
	ts.Check(err)
	defer root.Close()
	ctx := context.Background()
	store := journal.NewStore(journal.NewFolder(root, time.Now), time.Now)
	ids, err := store.IDs(ctx)
	ts.Check(err)
	if len(ids) == 0 {
		ts.Fatalf("there is no run")
	}
	run, err := store.Read(ctx, ids[len(ids)-1])
	ts.Check(err)
	ts.Setenv("RUN", run.Run)
	ts.Setenv("HEAD", run.Head)
}

func stepsDigest(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: stepsdigest PLAN")
	}
	p, err := planfile.Read(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Setenv("DIGEST", p.StepsDigest)
}

func unchanged(ts *testscript.TestScript, _ bool, _ []string) {
	data, err := os.ReadFile(ts.MkAbs(".seatwright/sandbox/tenant.yaml.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	ts.Check(err)
	var overlay struct{ Users []json.RawMessage }
	ts.Check(json.Unmarshal(data, &overlay))
	if len(overlay.Users) > 0 {
		ts.Fatalf("%d users were changed", len(overlay.Users))
	}
}

// asLive turns the snapshot of a sandbox into one of a live tenant.
func asLive(ts *testscript.TestScript, _ bool, args []string) {
	data := ts.ReadFile(args[0])
	s, err := snapfile.Read(strings.NewReader(data), int64(len(data)))
	ts.Check(err)
	s.Source = state.SourceLive
	var out bytes.Buffer
	ts.Check(snapfile.Write(&out, s))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o600))
}

// forge rewrites a plan file with digests that fit.
func forge(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: forge PLAN CHANGE")
	}
	p, err := planfile.Read(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	switch args[1] {
	case "add-step": // removes a license of another user
		step := p.Steps[0]
		step.Kind, step.After.Licenses = plan.KindRemove, []plan.License{}
		step.ID = plan.StepID(step)
		p.Steps = append(p.Steps, step)
	case "first-step":
		p.Steps = p.Steps[:1]
	case "empty":
		p.Steps = []plan.Step{}
	case "extend":
		p.ExpiresAt = p.ExpiresAt.AddDate(10, 0, 0)
	case "tenant":
		p.Tenant.ID[0]++
	default:
		ts.Fatalf("unknown change %q", args[1])
	}
	var out bytes.Buffer
	ts.Check(planfile.Write(&out, p))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o600))
}
