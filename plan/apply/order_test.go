package apply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// many returns users with a location and no license.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "u%02d CH\n", i)
	}
	return b.String()
}

// watch records what each batch writes, and checks the contract of the writer: one batch at
// a time, and one write per user.
func (w *world) watch() *[][]string {
	var batches [][]string
	inFlight := false
	w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
		if inFlight {
			w.t.Error("two batches are in flight")
		}
		inFlight = true
		defer func() { inFlight = false }()
		users := map[state.UserID]bool{}
		var batch []string
		for _, change := range changes {
			if users[change.User] {
				w.t.Errorf("user %s has two writes in flight", change.User)
			}
			users[change.User] = true
			batch = append(batch, strings.TrimSpace(fmt.Sprintf("%s +%d -%d", change.Location, len(change.Add), len(change.Remove))))
		}
		batches = append(batches, batch)
		return write(changes)
	}
	return &batches
}

func TestRunSends45StepsInThreeBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+many(45))
	p := w.plan(everyE3)
	batches := w.watch()
	r := w.run(t.Context(), p)
	var sizes []int
	for _, batch := range *batches {
		sizes = append(sizes, len(batch))
	}
	if diff := cmp.Diff([]int{20, 20, 5}, sizes); diff != "" {
		t.Errorf("sizes of batches (-want +got):\n%s", diff)
	}
	if r.Count(apply.Confirmed) != 45 || r.Written != 45 || r.Err() != nil || r.Stopped != nil {
		t.Errorf("Written %d, Stopped %v, failures %v, want all confirmed", r.Written, r.Stopped, r.Err())
	}
	w.wantWaits()
}

func TestRunSetsLocationsAndFreesSeatsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sku SPE_E3 50\nsku SPE_E5 1\nanna - SPE_E3\nzoe CH SPE_E5")
	p := w.plan("- {name: a, users: {upns: [anna@contoso.com]}, usage_location: DE, replace: {SPE_E3: SPE_E5}}\n" +
		"- {name: b, users: {upns: [zoe@contoso.com]}, absent: [SPE_E5]}\n")
	batches := w.watch()
	w.want(w.run(t.Context(), p),
		lines("location anna: unset -> DE: confirmed", "remove zoe: -SPE_E5: confirmed", "replace anna: +SPE_E5 -SPE_E3: confirmed"),
		lines("anna +SPE_E5 -SPE_E3 200", "anna DE 204", "zoe -SPE_E5 200"))
	if diff := cmp.Diff([][]string{{"DE +0 -0", "+0 -1"}, {"+1 -1"}}, *batches); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
	if refused := w.tenant.Load().Record().SeatRefusals; refused > 0 {
		t.Errorf("%d writes were refused for want of seats", refused)
	}
}

var errInterrupted = errors.New("interrupted by a signal")

// TestRunFinishesWhatIsInFlightWhenCanceled cancels while a batch is being written.
func TestRunFinishesWhatIsInFlightWhenCanceled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+many(45))
	p := w.plan(everyE3)
	ctx, cancel := context.WithCancelCause(t.Context())
	w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
		cancel(errInterrupted)
		return write(changes)
	}
	r := w.run(ctx, p)
	if r.Count(apply.Confirmed) != 20 || r.Count(apply.NotSent) != 25 {
		t.Errorf("want 20 confirmed and 25 not sent:\n%s", became(r))
	}
	if r.Written != 20 || !errors.Is(r.Stopped, errInterrupted) || len(w.tenant.Load().Record().Writes) != 20 {
		t.Errorf("Written %d, Stopped %v, want 20, %v", r.Written, r.Stopped, errInterrupted)
	}
	if want := "nothing more was sent: interrupted by a signal"; r.Outcomes[44].Detail != want {
		t.Errorf("the detail is %q, want %q", r.Outcomes[44].Detail, want)
	}
}

func TestRunSendsNothingMoreWhenCanceled(t *testing.T) {
	t.Parallel()
	t.Run("canceled before it began", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH")
		p := w.plan(everyE3)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errInterrupted)
		r := w.run(ctx, p)
		w.want(r, lines("add anna: +SPE_E3: not_sent, nothing more was sent: interrupted by a signal"), "")
		if !errors.Is(r.Stopped, errInterrupted) {
			t.Errorf("Stopped is %v, want %v", r.Stopped, errInterrupted)
		}
	})
	t.Run("not even a step that was about to be tried again", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna -")
		p := w.plan(located)
		ctx, cancel := context.WithCancelCause(t.Context())
		w.refuse(1, state.ReasonNoLocation, func(change state.Change) bool {
			if assigns(change) {
				cancel(errInterrupted)
			}
			return assigns(change)
		})
		r := w.run(ctx, p)
		w.want(r, lines("location anna: unset -> CH: confirmed", "add anna: +SPE_E3: failed, no_usage_location"), lines("anna CH 204"))
		if !errors.Is(r.Stopped, errInterrupted) {
			t.Errorf("Stopped is %v, want %v", r.Stopped, errInterrupted)
		}
	})
}

// TestRunFinishesWhatAStoppedRunLeft plans again from what the first run left, as apply
// does.
func TestRunFinishesWhatAStoppedRunLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+"anna - SPE_E5\nbob CH")
	const text = located + "- {name: b, users: {all: true}, absent: [SPE_E5]}\n"
	ctx, cancel := context.WithCancelCause(t.Context())
	p := w.plan(text)
	w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
		cancel(errInterrupted)
		return write(changes)
	}
	const unsent = "not_sent, nothing more was sent: interrupted by a signal"
	w.want(w.run(ctx, p), lines("location anna: unset -> CH: confirmed", "replace anna: +SPE_E3 -SPE_E5: "+unsent, "add bob: +SPE_E3: confirmed"), lines("anna CH 204", "bob +SPE_E3 200"))
	w.writing = nil
	w.want(w.run(t.Context(), w.plan(text)), lines("replace anna: +SPE_E3 -SPE_E5: confirmed"),
		lines("anna +SPE_E3 -SPE_E5 200", "anna CH 204", "bob +SPE_E3 200"))
	if left := w.plan(text).Steps; len(left) > 0 {
		t.Errorf("a third plan wants %v", left)
	}
}

// TestRunOfACompletedPlanWritesNothing runs the same plan twice.
func TestRunOfACompletedPlanWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+"anna - SPE_E5\nbob CH")
	p := w.plan(located + "- {name: b, users: {all: true}, absent: [SPE_E5]}\n")
	first := w.run(t.Context(), p)
	written := w.writes()
	w.want(w.run(t.Context(), p), strings.ReplaceAll(became(first), "confirmed", "unchanged"), written)
	if first.Count(apply.Confirmed) != 3 {
		t.Errorf("the first run:\n%s", became(first))
	}
}

func TestRunOfAnEmptyPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+"anna CH SPE_E3")
	r := w.run(t.Context(), w.plan(everyE3))
	if len(r.Outcomes) != 0 || r.Err() != nil || r.Stopped != nil || r.Written != 0 {
		t.Errorf("the report is %+v, want nothing in it", r)
	}
}
