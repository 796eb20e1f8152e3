package journal_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/plan/apply/journal/blob/blobtest"
)

// conformance has the tests that every place must pass.
var conformance = []struct {
	name string
	test func(*testing.T, kit)
}{
	{"what a run did can be read back", readBack},
	{"a broken chain is found", brokenChain},
	{"a kill at any byte leaves a readable journal", anyByte},
	{"a journal that cannot be begun is an error before anything is sent", notBegun},
	{"removals count for a week", removals},
	{"open intents are settled by reading", openIntents},
	{"the last record is the baseline", lastRecord},
	{"one run at a time locks a tenant", oneRun},
	{"several goroutines renew a lock", renewedByMany},
	{"it waits for a lock until the timeout", waits},
	{"an old run is read in brief", endsAlone},
	{"only the run that is unlocked loses its lock", takenAway},
}

// endsAlone has a journal that is longer than what is read of its end.
func endsAlone(t *testing.T, k kit) {
	w := started(t, k.store, runID)
	for range 30 {
		must(t, w.RecordIntents(slices.Repeat([]plan.Step{take(1)}, 20)))
	}
	_, err := w.Close(journal.Close{Reason: "ok"})
	must(t, err)
	whole := read(t, k.store, runID)
	runs, err := k.store.ReadHistory(t.Context(), tenant, start.AddDate(0, 0, -1), start.AddDate(0, 0, 1))
	must(t, err)
	if len(runs) != 1 || !runs[0].Brief || runs[0].Head != whole.Head || runs[0].Lines != whole.Lines || runs[0].Close == nil {
		t.Errorf("read %+v, want the ends of %d lines, head %s", runs, whole.Lines, whole.Head)
	}
}

func conforms(t *testing.T, place func(*testing.T) kit) {
	t.Helper()
	for _, c := range conformance {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, place(t))
		})
	}
}

func TestPlaceFolder(t *testing.T) {
	t.Parallel()
	conforms(t, func(t *testing.T) kit { return inFolder(t) })
}

func TestPlaceContainer(t *testing.T) {
	t.Parallel()
	conforms(t, func(t *testing.T) kit {
		server := httptest.NewServer(&blobtest.Service{})
		t.Cleanup(server.Close)
		return inContainer(t, server.URL+"/"+blob.EmulatorAccount, "runs")
	})
}

func TestPlaceContainerOfAzurite(t *testing.T) {
	t.Parallel()
	azurite := blobtest.StartAzurite(t)
	var containers atomic.Int32
	conforms(t, func(t *testing.T) kit {
		name := fmt.Sprintf("runs-%d", containers.Add(1))
		azurite.CreateContainer(t, name)
		return inContainer(t, azurite.Address, name)
	})
}

func inContainer(t *testing.T, address, name string) kit {
	t.Helper()
	place, err := blob.New(blob.Options{Emulator: address, Container: name, Access: blob.Writing})
	must(t, err)
	return newKit(place, &clock{start})
}
