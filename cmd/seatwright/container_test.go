package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
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
//	lastrun                 puts the last run and its head into $RUN and $HEAD, as runs tells them
//	hold                    takes the tenant for run 20261123T075900Z-abcdefgh, as a runner does that then dies
func TestScriptsWithAContainer(t *testing.T) {
	t.Parallel()
	azurite := blobtest.StartAzurite(t)
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "container"), RequireExplicitExec: true, RequireUniqueNames: true,
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			name := strings.TrimPrefix(filepath.Base(env.WorkDir), "script-")
			azurite.Make(t, name)
			env.Setenv("EMULATOR", azurite.Address)
			env.Setenv("CONTAINER", name)
			for _, file := range []string{"seatwright.yaml", "missing.yaml", "second/seatwright.yaml"} {
				data, err := os.ReadFile(filepath.Join(env.WorkDir, file))
				if os.IsNotExist(err) {
					continue
				}
				data = []byte(strings.NewReplacer("EMULATOR", azurite.Address, "CONTAINER", name).Replace(string(data)))
				if err := os.WriteFile(filepath.Join(env.WorkDir, file), data, 0o600); err != nil {
					return err
				}
			}
			return smallTenant(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"synced": synced, "readonly-unchanged": unchanged, "lastrun": lastRun, "hold": hold},
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
	_ = lock // nobody gives it back
}
