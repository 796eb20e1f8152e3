package journal

import (
	"errors"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
)

// disk accepts a number of bytes and of syncs.
type disk struct{ room, syncs int }

var errFull = errors.New("no space left on device")

func (d *disk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func (d *disk) Sync() error {
	if d.syncs--; d.syncs < 0 {
		return errFull
	}
	return nil
}

func (d *disk) Close() error { return nil }

// TestWriterFailsForGoodOnAFullDisk checks that every call after the first failure fails: a
// line after a lost line would break the chain.
func TestWriterFailsForGoodOnAFullDisk(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*disk{"no room": {10, 9}, "no sync": {1 << 20, 0}} {
		w := &Writer{now: time.Now, file: synced{d}}
		step := plan.Step{Kind: plan.KindAdd}
		err := w.RecordIntents([]plan.Step{step})
		if kept, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, errFull) || kept.Hint() == "" {
			t.Errorf("%s: got %v, want a journal.Error with a hint", name, err)
		}
		d.room, d.syncs = 1<<20, 9
		if err := w.RecordOutcomes([]apply.Outcome{{Step: step, Result: apply.Confirmed}}); !errors.Is(err, errFull) {
			t.Errorf("%s: the next call gave %v, want the same error", name, err)
		}
	}
}
