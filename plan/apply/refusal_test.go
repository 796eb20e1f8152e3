package apply_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// refuse answers the first writes that a test picks with a refusal, and sends the rest.
func (w *world) refuse(times int, reason state.Reason, pick func(state.Change) bool) {
	w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
		errs := make([]error, len(changes))
		var sent []state.Change
		var at []int
		for n, change := range changes {
			if times > 0 && pick(change) {
				times--
				errs[n] = refusal(reason)
				continue
			}
			sent, at = append(sent, change), append(at, n)
		}
		for n, err := range write(sent) {
			errs[at[n]] = err
		}
		return errs
	}
}

func refusal(reason state.Reason) error {
	return &state.Error{Op: "assign licenses", Reason: reason, Status: 400, Code: "Request_BadRequest"}
}

func assigns(change state.Change) bool { return len(change.Add) > 0 }
func everyOne(state.Change) bool       { return true }
func of(name string) func(state.Change) bool {
	return func(change state.Change) bool { return change.User == userID(name) }
}

// TestRunRetriesARefusalThatItMayHaveCaused checks that a refused step is sent again only
// if this run has just done what the service reports as missing.
func TestRunRetriesARefusalThatItMayHaveCaused(t *testing.T) {
	t.Parallel()
	const oneSeat = "sku SPE_E3 50\nsku SPE_E5 1\nsku POWER_BI_PRO 1\n"
	const handOver = "- {name: a, users: {upns: [anna@contoso.com]}, licenses: [SPE_E5]}\n- {name: b, users: {upns: [zoe@contoso.com]}, absent: [SPE_E5]}\n"
	for _, c := range []struct {
		name, tenant, policies string
		reason                 state.Reason
		times                  int
		outcomes, writes       string
		waits                  []time.Duration
	}{
		{"no location, twice, after the location was set", skus + "anna -", located, state.ReasonNoLocation, 2,
			lines("location anna: unset -> CH: confirmed", "add anna: +SPE_E3: confirmed"), lines("anna +SPE_E3 200", "anna CH 204"), allUsualWaits[:2]},
		{"no location, always, after the location was set", skus + "anna -", located, state.ReasonNoLocation, 1000,
			lines("location anna: unset -> CH: confirmed", "add anna: +SPE_E3: failed, no_usage_location"), lines("anna CH 204"), allUsualWaits},
		{"no location, where it was there before", skus + "anna CH", located, state.ReasonNoLocation, 1,
			lines("add anna: +SPE_E3: failed, no_usage_location"), "", nil},
		{"no seat, after the location was set", skus + "anna -", located, state.ReasonNoSeats, 1,
			lines("location anna: unset -> CH: confirmed", "add anna: +SPE_E3: failed, no_seats"), lines("anna CH 204"), nil},
		{"no seat, twice, after one was freed", oneSeat + "anna CH\nzoe CH SPE_E5", handOver, state.ReasonNoSeats, 2,
			lines("remove zoe: -SPE_E5: confirmed", "add anna: +SPE_E5: confirmed"), lines("anna +SPE_E5 200", "zoe -SPE_E5 200"), allUsualWaits[:2]},
		{"no seat, always, after one was freed", oneSeat + "anna CH\nzoe CH SPE_E5", handOver, state.ReasonNoSeats, 1000,
			lines("remove zoe: -SPE_E5: confirmed", "add anna: +SPE_E5: failed, no_seats"), lines("zoe -SPE_E5 200"), allUsualWaits},
		{"no location, after a seat was freed", oneSeat + "anna CH\nzoe CH SPE_E5", handOver, state.ReasonNoLocation, 1,
			lines("remove zoe: -SPE_E5: confirmed", "add anna: +SPE_E5: failed, no_usage_location"), lines("zoe -SPE_E5 200"), nil},
		{"no seat, where none was freed", oneSeat + "anna CH\nzoe CH", handOver, state.ReasonNoSeats, 1,
			lines("add anna: +SPE_E5: failed, no_seats"), "", nil},
		{"another refusal after a seat was freed", oneSeat + "anna CH\nzoe CH SPE_E5", handOver, state.ReasonExclusive, 1,
			lines("remove zoe: -SPE_E5: confirmed", "add anna: +SPE_E5: failed, exclusive_plans"), lines("zoe -SPE_E5 200"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.tenant)
			p := w.plan(c.policies)
			w.refuse(c.times, c.reason, assigns)
			w.want(w.run(t.Context(), p), c.outcomes, c.writes)
			w.wantWaits(c.waits...)
		})
	}
}

// TestRunIfAnotherWriterTookTheSeat has the sandbox itself refuse the write.
func TestRunIfAnotherWriterTookTheSeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sku SPE_E3 1\nanna CH")
	p := w.plan(everyE3)
	w.become("sku SPE_E3 1 others=1\nanna CH")
	r := w.run(t.Context(), p)
	w.want(r, lines("add anna: +SPE_E3: failed, no_seats"), lines("anna +SPE_E3 400"))
	w.wantWaits()
	if !strings.HasPrefix(r.Outcomes[0].Hint, "buy seats") {
		t.Errorf("the hint is %q", r.Outcomes[0].Hint)
	}
}

// TestRunReadsTheUserBeforeEveryTry has another administrator change the user while the run
// waits to send a refused step again.
func TestRunReadsTheUserBeforeEveryTry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+"anna -")
	p := w.plan(located)
	w.refuse(1000, state.ReasonNoLocation, func(change state.Change) bool {
		if assigns(change) {
			w.become(skus + "anna CH SPE_E3@Staff")
		}
		return assigns(change)
	})
	w.want(w.run(t.Context(), p), lines("location anna: unset -> CH: confirmed", "add anna: +SPE_E3: "+changed), "")
	w.wantWaits(allUsualWaits[:1]...)
}

func TestRunForbidden(t *testing.T) {
	t.Parallel()
	const three = "anna CH\nbob CH\nzoe CH"
	const halted = "not_sent, nothing more was sent: assign licenses: forbidden (400 Request_BadRequest)"
	add := func(name, result string) string { return "add " + name + ": +SPE_E3: " + result }
	for _, c := range []struct {
		name, tenant string
		pick         func(state.Change) bool
		outcomes     string
		written      int
		stopped      bool
	}{
		{"every write", skus + three, everyOne,
			lines(add("anna", "failed, forbidden"), add("bob", "failed, forbidden"), add("zoe", "failed, forbidden")), 0, true},
		{"every location, but not licenses", skus + "anna -\nbob CH\nzoe CH", func(c state.Change) bool { return c.Location != "" },
			lines("location anna: unset -> CH: failed, forbidden", add("anna", "not_sent, it needs a step that did not succeed: location anna: unset -> CH"),
				add("bob", "confirmed"), add("zoe", "confirmed")), 2, false},
		{"every license, but not locations", skus + "anna -\nbob CH", assigns,
			lines("location anna: unset -> CH: confirmed", add("anna", halted), add("bob", "failed, forbidden")), 1, false},
		{"one of several", skus + three, of("bob"),
			lines(add("anna", "confirmed"), add("bob", "failed, forbidden"), add("zoe", "confirmed")), 2, false},
		{"the only one", skus + "anna CH", everyOne, lines(add("anna", "failed, forbidden")), 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.tenant)
			p := w.plan(located)
			w.refuse(1000, state.ReasonForbidden, c.pick)
			r := w.run(t.Context(), p)
			if diff := cmp.Diff(c.outcomes, became(r)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if r.Written != c.written || (state.ReasonOf(r.Stopped) == state.ReasonForbidden) != c.stopped {
				t.Errorf("Written %d, Stopped %v, want %d, %v", r.Written, r.Stopped, c.written, c.stopped)
			}
		})
	}
	t.Run("a whole batch and nothing before it: the next is not sent", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+many(25))
		p := w.plan(located)
		w.refuse(1000, state.ReasonForbidden, everyOne)
		r := w.run(t.Context(), p)
		if r.Count(apply.Failed) != 20 || r.Count(apply.NotSent) != 5 || !strings.Contains(became(r), halted) {
			t.Errorf("want 20 failed and 5 not sent:\n%s", became(r))
		}
		if r.Written != 0 || state.ReasonOf(r.Stopped) != state.ReasonForbidden {
			t.Errorf("Written %d, Stopped %v, want 0, forbidden", r.Written, r.Stopped)
		}
		if last := r.Outcomes[24]; !strings.HasPrefix(last.Hint, "grant the application") {
			t.Errorf("the hint is %q", last.Hint)
		}
	})
	t.Run("a whole batch after one that was accepted: the next is sent", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+many(45))
		p := w.plan(everyE3)
		forbidden := map[state.UserID]bool{}
		for _, step := range p.Steps[20:40] {
			forbidden[step.User.ID] = true
		}
		w.refuse(1000, state.ReasonForbidden, func(change state.Change) bool { return forbidden[change.User] })
		r := w.run(t.Context(), p)
		if r.Stopped != nil || r.Count(apply.Confirmed) != 25 || r.Count(apply.Failed) != 20 {
			t.Errorf("Stopped %v, want nil, 25 confirmed and 20 failed:\n%s", r.Stopped, became(r))
		}
	})
}

func TestRunUnauthorized(t *testing.T) {
	t.Parallel()
	t.Run("to write, in mid-run", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+many(45))
		p := w.plan(everyE3)
		batches := 0
		w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
			if batches++; batches == 1 {
				return write(changes)
			}
			return slices.Repeat([]error{refusal(state.ReasonUnauthorized)}, len(changes))
		}
		r := w.run(t.Context(), p)
		if r.Count(apply.Confirmed) != 20 || r.Count(apply.Failed) != 20 || r.Count(apply.NotSent) != 5 {
			t.Errorf("want 20 confirmed, 20 failed, 5 not sent:\n%s", became(r))
		}
		if r.Written != 20 || state.ReasonOf(r.Stopped) != state.ReasonUnauthorized {
			t.Errorf("Written %d, Stopped %v, want 20, unauthorized", r.Written, r.Stopped)
		}
	})
	t.Run("to read before a write", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+many(25))
		p := w.plan(everyE3)
		w.reading = func(func() (*state.Snapshot, error)) (*state.Snapshot, error) {
			return nil, refusal(state.ReasonUnauthorized)
		}
		r := w.run(t.Context(), p)
		if r.Count(apply.NotSent) != 25 || w.writes() != "" {
			t.Errorf("want 25 not sent:\n%s%s", became(r), w.writes())
		}
		if r.Written != 0 || state.ReasonOf(r.Stopped) != state.ReasonUnauthorized {
			t.Errorf("Written %d, Stopped %v, want 0, unauthorized", r.Written, r.Stopped)
		}
	})
	t.Run("to read back", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+many(25))
		p := w.plan(everyE3)
		reads := 0
		w.reading = func(read func() (*state.Snapshot, error)) (*state.Snapshot, error) {
			if reads++; reads > 1 {
				return nil, refusal(state.ReasonUnauthorized)
			}
			return read()
		}
		r := w.run(t.Context(), p)
		if r.Count(apply.Unknown) != 20 || r.Count(apply.NotSent) != 5 || state.ReasonOf(r.Stopped) != state.ReasonUnauthorized {
			t.Errorf("Stopped %v, want unauthorized, 20 unknown and 5 not sent:\n%s", r.Stopped, became(r))
		}
		if want := "the service accepted it, but it could not be read back: "; !strings.HasPrefix(r.Outcomes[0].Detail, want) {
			t.Errorf("the detail is %q, want %q", r.Outcomes[0].Detail, want)
		}
	})
}

// TestRunDoesNotRetryIfAnotherWriterSetTheLocation has a refusal that this run did not
// cause.
func TestRunDoesNotRetryIfAnotherWriterSetTheLocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+"anna -")
	p := w.plan(located)
	w.become(skus + "anna CH")
	w.refuse(1, state.ReasonNoLocation, assigns)
	w.want(w.run(t.Context(), p), lines("location anna: unset -> CH: unchanged", "add anna: +SPE_E3: failed, no_usage_location"), "")
	w.wantWaits()
}
