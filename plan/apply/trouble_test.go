package apply_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-multierror"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// allUsualWaits has the waits of an executor before it gives up.
var allUsualWaits = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// untilHorizon returns the waits after these until a read can no longer lag.
func untilHorizon() []time.Duration {
	return slices.Repeat([]time.Duration{30 * time.Second}, 9)
}

func (w *world) wantWaits(want ...time.Duration) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.waits); diff != "" {
		w.t.Errorf("waits (-want +got):\n%s", diff)
	}
}

func TestRunSettlesALostAnswerByReading(t *testing.T) {
	t.Parallel()
	t.Run("the write took effect", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH SPE_E3\nzoe CH SPE_E3")
		p := w.plan(swap)
		w.serving = func(rw http.ResponseWriter, serve func(http.ResponseWriter)) {
			serve(nowhere{http.Header{}})
			loseAnswer(rw)
		}
		r := w.run(t.Context(), p)
		w.want(r, lines("replace anna: +SPE_E5 -SPE_E3: confirmed", "replace zoe: +SPE_E5 -SPE_E3: confirmed"),
			lines("anna +SPE_E5 -SPE_E3 200", "zoe +SPE_E5 -SPE_E3 200"))
		if len(w.written()) != 1 || r.Written != 2 || r.Err() != nil {
			t.Errorf("%d batches, Written %d, %v; want one, 2, no failure", len(w.written()), r.Written, r.Err())
		}
	})
	t.Run("the write did not take effect", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH SPE_E3")
		p := w.plan(swap)
		w.serving = func(rw http.ResponseWriter, _ func(http.ResponseWriter)) { loseAnswer(rw) }
		r := w.run(t.Context(), p)
		w.want(r, lines("replace anna: +SPE_E5 -SPE_E3: unknown"), "")
		w.wantWaits(slices.Concat(allUsualWaits, untilHorizon(), allUsualWaits)...)
		if len(w.written()) != 2 || r.Written != 2 || r.Stopped != nil {
			t.Errorf("%d batches, Written %d, Stopped %v; want one, and another after the horizon, nil", len(w.written()), r.Written, r.Stopped)
		}
		if o := r.Outcomes[0]; !o.Result.Failure() || !strings.Contains(o.Detail, "lost answer") || !strings.HasPrefix(o.Hint, "run again") {
			t.Errorf("the outcome is %+v, want a failure with a lost answer", o)
		}
	})
}

func TestRunWhileReadsLag(t *testing.T) {
	t.Parallel()
	// lag answers the first reads after a write with what was true before it.
	lag := func(w *world, polls int) {
		var before *state.Snapshot
		written := false
		w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
			written = true
			return write(changes)
		}
		w.reading = func(read func() (*state.Snapshot, error)) (*state.Snapshot, error) {
			s, err := read()
			if !written {
				before = s
				return s, err
			}
			if polls--; polls >= 0 {
				return before, nil
			}
			return s, err
		}
	}
	t.Run("for two polls", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH")
		p := w.plan(everyE3)
		lag(w, 2)
		w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: confirmed"), lines("anna +SPE_E3 200"))
		w.wantWaits(allUsualWaits[:2]...)
	})
	t.Run("for all usual waits", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH")
		p := w.plan(everyE3)
		lag(w, len(allUsualWaits))
		w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: confirmed"), lines("anna +SPE_E3 200"))
		w.wantWaits(allUsualWaits...)
	})
	t.Run("always", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH")
		p := w.plan(everyE3)
		lag(w, 1000)
		r := w.run(t.Context(), p)
		w.want(r, lines("add anna: +SPE_E3: unknown"), lines("anna +SPE_E3 200", "anna +SPE_E3 200"))
		w.wantWaits(slices.Concat(allUsualWaits, untilHorizon(), allUsualWaits)...)
		if r.Outcomes[0].Detail != "the service accepted it, but it does not show yet" || r.Err() == nil || r.Written != 2 {
			t.Errorf("outcome %+v, Written %d, want a failure that explains what is not known", r.Outcomes[0], r.Written)
		}
	})
}

// TestRunAfterAFailedRead checks that only the batch of the read is affected if the service
// answered.
func TestRunAfterAFailedRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	for _, c := range []struct {
		name              string
		err               error
		confirmed, unsent int
		stopped           error
	}{
		{"temporarily", &state.Error{Op: "read user", Reason: state.ReasonUnavailable, Status: 503}, 5, 20, nil},
		{"without an answer", broken, 0, 25, broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, skus+many(25))
			p := w.plan(everyE3)
			reads := 0
			w.reading = func(read func() (*state.Snapshot, error)) (*state.Snapshot, error) {
				if reads++; reads == 1 {
					return nil, c.err
				}
				return read()
			}
			r := w.run(t.Context(), p)
			if r.Count(apply.Confirmed) != c.confirmed || r.Count(apply.NotSent) != c.unsent || !errors.Is(r.Stopped, c.stopped) {
				t.Errorf("Stopped %v, want %v, %d confirmed, %d not sent:\n%s", r.Stopped, c.stopped, c.confirmed, c.unsent, became(r))
			}
		})
	}
	t.Run("while reading back is tried again", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH")
		p := w.plan(everyE3)
		reads := 0
		w.reading = func(read func() (*state.Snapshot, error)) (*state.Snapshot, error) {
			if reads++; reads == 2 {
				return nil, broken
			}
			return read()
		}
		r := w.run(t.Context(), p)
		w.want(r, lines("add anna: +SPE_E3: confirmed"), lines("anna +SPE_E3 200"))
		if r.Stopped != nil {
			t.Errorf("Stopped is %v, want nil", r.Stopped)
		}
	})
}

// TestRunIfTheUserIsDeletedBeforeTheReadBack leaves nothing to confirm.
func TestRunIfTheUserIsDeletedBeforeTheReadBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+"anna CH\nbob CH SPE_E3")
	p := w.plan(everyE3)
	w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
		defer w.become(skus + "bob CH SPE_E3")
		return write(changes)
	}
	w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: gone"), "")
}

func TestRunDoesNotSendStepsThatNeedAFailedStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+"anna -\nbob -\nzoe -")
	p := w.plan(located)
	w.refuse(1000, state.ReasonSynced, func(c state.Change) bool { return c.User == userID("anna") && c.Location != "" })
	r := w.run(t.Context(), p)
	w.want(r, lines(
		"location anna: unset -> CH: failed, mastered_on_premises", "location bob: unset -> CH: confirmed", "location zoe: unset -> CH: confirmed",
		"add anna: +SPE_E3: not_sent, it needs a step that did not succeed: location anna: unset -> CH",
		"add bob: +SPE_E3: confirmed", "add zoe: +SPE_E3: confirmed",
	), lines("bob +SPE_E3 200", "bob CH 204", "zoe +SPE_E3 200", "zoe CH 204"))
	failures, ok := errors.AsType[*multierror.Error](r.Err())
	if !ok {
		t.Fatalf("Err gave %v, want a multierror", r.Err())
	}
	var failed []string
	for _, err := range failures.Errors {
		o, ok := errors.AsType[apply.Outcome](err)
		if !ok {
			t.Fatalf("%v is not an Outcome", err)
		}
		failed = append(failed, o.Error())
	}
	want := []string{
		"location anna@contoso.com: unset -> CH: failed: assign licenses: mastered on premises (400 Request_BadRequest)",
		"add anna@contoso.com: +SPE_E3: not_sent: it needs a step that did not succeed: location anna@contoso.com: unset -> CH",
	}
	if diff := cmp.Diff(want, failed); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

// TestRunOfAStepWhoseNeedsCannotBeDone uses plans that no planner makes. Nothing is sent,
// and every step has an outcome.
func TestRunOfAStepWhoseNeedsCannotBeDone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, outcome string
		needs         func(*plan.Plan)
	}{
		{"it is not in the plan", "not_sent, it needs a step that did not succeed: it is not in the plan", func(p *plan.Plan) { p.Steps[0].Needs = []string{"sha256:00"} }},
		{"it is itself", "not_sent, the steps it needs wait for each other", func(p *plan.Plan) { p.Steps[0].Needs = []string{p.Steps[0].ID} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, skus+"anna CH\nzoe CH")
			p := w.plan(everyE3)
			c.needs(p)
			w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: "+c.outcome, "add zoe: +SPE_E3: confirmed"), lines("zoe +SPE_E3 200"))
		})
	}
}
