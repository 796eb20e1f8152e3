package journal_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
)

// BenchmarkReadHistoryAMonthOfRuns reads what a plan needs of earlier runs: one run of 10,000
// steps a day, for 30 days.
func BenchmarkReadHistoryAMonthOfRuns(b *testing.B) {
	store, _, c := newFolder(b)
	first := start
	for day := range 30 {
		c.at = first.AddDate(0, 0, day)
		w := started(b, store, journal.NewID(c.at, "abcdefgh"))
		for batch := range 500 {
			steps, outcomes := make([]plan.Step, 20), make([]apply.Outcome, 20)
			for i := range steps {
				steps[i] = take(0)
				binary.BigEndian.PutUint32(steps[i].User.ID[:], uint32(batch*20+i))
				steps[i].ID = plan.StepID(steps[i])
				outcomes[i] = outcome(steps[i], apply.Confirmed)
			}
			must(b, w.RecordIntents(steps))
			must(b, w.RecordOutcomes(outcomes))
		}
		if _, err := w.Close(journal.Close{Reason: "ok"}); err != nil {
			b.Fatal(err)
		}
	}
	now := c.at.Add(time.Hour)
	b.ResetTimer()
	for b.Loop() {
		runs, err := store.ReadHistory(b.Context(), tenant, now.AddDate(0, 0, -30), now.Add(-journal.RemovalsFor).AddDate(0, 0, -1))
		if err != nil || len(runs) != 30 {
			b.Fatal(len(runs), err)
		}
		if n := len(journal.Removals(runs, now.Add(-journal.RemovalsFor))[e3]); n != 10_000 {
			b.Fatal(n)
		}
	}
}
