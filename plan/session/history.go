package session

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/state"
)

// historyReach is how far back journals are read: a finished plan has expired by then.
const historyReach = 30 * 24 * time.Hour

// stepsReach is how far back the steps of runs count: as long as removals do, and a day
// in which a run may still have been under way.
const stepsReach = journal.RemovalsFor + 24*time.Hour

// Archive is where earlier runs are on record.
type Archive struct {
	Store JournalReader // nil: nothing was ever kept
	// Unreachable reports whether an error means that the place could not be reached;
	// nil: no error does.
	Unreachable func(error) bool
	// Brief leaves out the steps of runs that ended long ago.
	Brief bool
}

// history is what earlier runs left behind.
type history struct {
	runs   []*journal.Run  // of this tenant, oldest first
	last   *journal.Record // of the last successful run; nil: there is none
	source state.Source    // of the tenant
}

// loadHistory reads what runs of the last days left behind. An archive that cannot be
// reached is an error: what earlier runs did is there, and counts.
func (p *Project) loadHistory(ctx context.Context, from Archive, snapshot *state.Snapshot, reach time.Duration) (history, error) {
	h := history{source: snapshot.Source}
	if from.Store == nil {
		return h, nil
	}
	unreachable := func(err error) bool { return from.Unreachable != nil && from.Unreachable(err) }
	tenant, now, whole := snapshot.Organization.ID, p.env.Now(), reach
	if from.Brief {
		whole = stepsReach
	}
	runs, err := from.Store.ReadHistory(ctx, tenant, now.Add(-reach), now.Add(-whole))
	switch {
	case unreachable(err):
		return h, err
	case err != nil:
		p.warn("the record of a run cannot be read: %s", err)
	}
	h.runs = slices.DeleteFunc(runs, func(r *journal.Run) bool { return r.Source != snapshot.Source }) // a sandbox can bear a live tenant's id
	last, err := from.Store.LastRecord(ctx, tenant)
	switch {
	case unreachable(err):
		return h, err
	case err != nil:
		p.warn("no baseline: %s", err)
	case last != nil && last.Source == snapshot.Source: // the record of a sandbox is no baseline of a live tenant
		h.last = last
	}
	return h, nil
}

// baseline returns what guards compare with: the record of the last successful run, or
// nil.
func (h history) baseline() *plan.Baseline {
	if h.last == nil {
		return nil
	}
	return h.last.Baseline()
}

// pendingWrites returns the writes that reads may still lag behind. The embedded tenant
// never lags.
func (h history) pendingWrites(now time.Time) []apply.Write {
	if h.source == state.SourceSandbox {
		return nil
	}
	return journal.Writes(h.runs, now.Add(-apply.Horizon))
}

// overlayPendingWrites lays over a snapshot the confirmed writes that it may not show.
func (h history) overlayPendingWrites(snapshot *state.Snapshot, now time.Time) *state.Snapshot {
	var done []plan.Step
	for _, write := range h.pendingWrites(now) {
		if write.Confirmed {
			done = append(done, write.Step)
		}
	}
	if len(done) == 0 {
		return snapshot
	}
	return plan.LayOver(snapshot, done)
}

// finished returns the run that carried a plan file out to its end, or "".
func (h history) finished(planDigest string) string {
	run := ""
	for _, r := range h.runs {
		if r.Plan == planDigest && r.Close != nil && r.Close.Finished {
			run = r.Run
		}
	}
	return run
}

// began returns when a run began; if that is not on record, the fallback.
func (h history) began(run string, fallback time.Time) time.Time {
	for _, r := range h.runs {
		if r.Run == run {
			return r.At
		}
	}
	return fallback
}

// ReadRun reads one journal. That there is none is a mistake of the call.
func ReadRun(ctx context.Context, store JournalReader, id string) (*journal.Run, error) {
	run, err := store.Read(ctx, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("seatwright runs lists them", "there is no run %s", id)
	}
	return run, err
}
