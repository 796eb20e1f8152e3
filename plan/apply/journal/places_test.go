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

// conformance is what every place has to do for a store.
var conformance = []struct {
	name string
	test func(*testing.T, kit)
}{
	{"what a run did can be read back", readBack},
	{"a broken chain is found", brokenChain},
	{"a kill at any byte leaves a readable journal", anyByte},
	{"that a journal cannot be begun is said before anything is sent", notBegun},
	{"removals are remembered for a week", removals},
	{"open intents are settled by reading", openIntents},
	{"the last record is the baseline", lastRecord},
	{"one run has a tenant", oneRun},
	{"a lock is renewed by many at once", renewedByMany},
	{"it waits for a lock as long as it is told", waits},
	{"of a run that is long over the ends are read", endsAlone},
	{"a run that is unlocked is told, and nobody else", takenAway},
}

// endsAlone has a journal of more than a first look takes.
func endsAlone(t *testing.T, k kit) {
	w := started(t, k.store, runID)
	for range 30 {
		must(t, w.Intend(slices.Repeat([]plan.Step{take(1)}, 20)))
	}
	_, err := w.Close(journal.Close{Reason: "ok"})
	must(t, err)
	whole := read(t, k.store, runID)
	runs, err := k.store.Remember(t.Context(), tenant, start.AddDate(0, 0, -1), start.AddDate(0, 0, 1))
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

func TestAFolderKeepsRuns(t *testing.T) {
	t.Parallel()
	conforms(t, func(t *testing.T) kit { return inFolder(t) })
}

func TestAContainerKeepsRuns(t *testing.T) {
	t.Parallel()
	conforms(t, func(t *testing.T) kit {
		server := httptest.NewServer(&blobtest.Service{})
		t.Cleanup(server.Close)
		return inContainer(t, server.URL+"/"+blob.EmulatorAccount, "runs")
	})
}

func TestAContainerOfAzuriteKeepsRuns(t *testing.T) {
	t.Parallel()
	azurite := blobtest.StartAzurite(t)
	var containers atomic.Int32
	conforms(t, func(t *testing.T) kit {
		name := fmt.Sprintf("runs-%d", containers.Add(1))
		azurite.Make(t, name)
		return inContainer(t, azurite.Address, name)
	})
}

func inContainer(t *testing.T, address, name string) kit {
	t.Helper()
	place, err := blob.New(blob.Options{Emulator: address, Container: name, Access: blob.Writing})
	must(t, err)
	return newKit(place, &clock{start})
}
