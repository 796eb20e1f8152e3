package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/apply/journal/blob/blobtest"
	"github.com/seatwright/seatwright/state"
)

// TestScriptsWithAContainer runs the program against Azurite, as runners do that share
// nothing else. Each script has a container of its own, whose name is the script's;
// EMULATOR in seatwright.yaml becomes its address. Besides the words of TestScripts:
//
//	lastrun                 puts the last run and its head into $RUN and $HEAD, as runs prints them
//	hold                    takes the tenant for run 20261123T075900Z-abcdefgh, as a runner does that then dies
func TestScriptsWithAContainer(t *testing.T) {
	t.Parallel()
	azurite := blobtest.StartAzurite(t)
	runContainerScripts(t, "container", func(_ *testscript.Env, name string) string {
		azurite.CreateContainer(t, name)
		return azurite.Address
	})
}

// weathers are what goes wrong with the container of each script of testdata/weather,
// by the count of requests of that sort.
var weathers = map[string]struct {
	of    string
	from  int
	fault blobtest.Fault
}{
	"forbidden":    {"", 1, blobtest.Fault{Status: 403, Code: "AuthorizationPermissionMismatch"}},
	"unreadable":   {"GET", 1, blobtest.Fault{Status: 403, Code: "AuthorizationFailure"}},
	"not-begun":    {"PUT comp=appendblock", 1, blobtest.Fault{Status: 409, Code: "BlobImmutableDueToPolicy"}},
	"cut-off":      {"PUT comp=appendblock", 3, blobtest.Fault{Status: 403, Code: "AuthorizationFailure"}},
	"lost":         {"PUT comp=lease renew", 1, blobtest.Fault{Status: 409, Code: "LeaseIdMismatchWithLeaseOperation"}},
	"lost-later":   {"PUT comp=lease renew", 2, blobtest.Fault{Status: 409, Code: "LeaseIdMismatchWithLeaseOperation"}},
	"not-released": {"DELETE", 1, blobtest.Fault{Status: 403, Code: "AuthorizationFailure"}},
}

// TestScriptsInBadWeather runs the program against a container that stops working.
func TestScriptsInBadWeather(t *testing.T) {
	t.Parallel()
	runContainerScripts(t, "weather", func(env *testscript.Env, name string) string {
		weather, known := weathers[name]
		if !known {
			t.Errorf("there is no weather for script %s", name)
		}
		var seen atomic.Int32
		service := httptest.NewServer(&blobtest.Service{Faults: func(req *http.Request) blobtest.Fault {
			what := strings.TrimSpace(req.Method + " " + req.URL.RawQuery + " " + req.Header.Get("X-Ms-Lease-Action"))
			if !strings.HasPrefix(what, weather.of) || int(seen.Add(1)) < weather.from {
				return blobtest.Fault{}
			}
			return weather.fault
		}})
		env.Defer(service.Close)
		return service.URL + "/" + blob.EmulatorAccount
	})
}

// runContainerScripts runs scripts that have a container each, at the address that is
// given for their name.
func runContainerScripts(t *testing.T, dir string, address func(*testscript.Env, string) string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", dir), RequireExplicitExec: true, RequireUniqueNames: true,
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			name := strings.TrimPrefix(filepath.Base(env.WorkDir), "script-")
			at := address(env, name)
			env.Setenv("EMULATOR", at)
			env.Setenv("GORACE", promptly)
			env.Setenv("CONTAINER", name)
			for _, file := range []string{"seatwright.yaml", "missing.yaml", "second/seatwright.yaml"} {
				data, err := os.ReadFile(filepath.Join(env.WorkDir, file))
				if os.IsNotExist(err) {
					continue
				}
				data = []byte(strings.NewReplacer("EMULATOR", at, "CONTAINER", name).Replace(string(data)))
				if err := os.WriteFile(filepath.Join(env.WorkDir, file), data, 0o600); err != nil {
					return err
				}
			}
			return smallTenant(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"synced": synced, "readonly-unchanged": unchanged, "lastrun": lastRun, "hold": hold, "stepsdigest": stepsDigest},
	})
}

// lastRun asks the program for the last run.
func lastRun(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(ts.Exec("seatwright", "runs", "--format", "json"))
	var runs []struct{ Run, Head string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &runs))
	if len(runs) == 0 {
		ts.Fatalf("there is no run")
	}
	ts.Setenv("RUN", runs[len(runs)-1].Run)
	ts.Setenv("HEAD", runs[len(runs)-1].Head)
}

// hold leaves the tenant locked.
func hold(ts *testscript.TestScript, _ bool, _ []string) {
	place, err := blob.New(blob.Options{Emulator: ts.Getenv("EMULATOR"), Container: ts.Getenv("CONTAINER"), Access: blob.Writing})
	ts.Check(err)
	who := journal.Holder{Run: "20261123T075900Z-abcdefgh", Host: "elsewhere", PID: 7}
	lock, err := journal.NewStore(place, time.Now).Acquire(context.Background(), state.MustParseID[state.Organization]("48a80680-7326-48cd-9935-b556b81d3a4e"), who)
	ts.Check(err)
	_ = lock // the test never releases it
}
