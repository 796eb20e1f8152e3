package apply_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

const (
	skus      = "sku SPE_E3 50\nsku SPE_E5 50\nsku POWER_BI_PRO 50\n"
	everyE3   = "- {name: a, users: {all: true}, licenses: [SPE_E3]}\n"
	swap      = "- {name: a, users: {all: true}, replace: {SPE_E3: SPE_E5}}\n"
	noE3      = "- {name: a, users: {all: true}, absent: [SPE_E3]}\n"
	located   = "- {name: a, users: {all: true}, usage_location: CH, licenses: [SPE_E3]}\n"
	changed   = "conflict, the user has been changed since the plan was made"
	wouldLose = "conflict, the user would lose more than the plan shows: mailbox (enterprise)"
)

// TestRunAfterTheTenantChanged makes a plan of one tenant and carries it out on the tenant
// as it is later. Zoe is there to show that other users are served.
func TestRunAfterTheTenantChanged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, policies, before, meanwhile string
		outcomes, writes                  string
	}{
		{"nothing", swap, "anna CH SPE_E3\nzoe CH SPE_E3", "anna CH SPE_E3\nzoe CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3: confirmed", "replace zoe: +SPE_E5 -SPE_E3: confirmed"),
			lines("anna +SPE_E5 -SPE_E3 200", "zoe +SPE_E5 -SPE_E3 200")},
		{"another admin has removed the license that was to be replaced", swap, "anna CH SPE_E3\nzoe CH SPE_E3", "anna CH\nzoe CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3: "+changed, "replace zoe: +SPE_E5 -SPE_E3: confirmed"), lines("zoe +SPE_E5 -SPE_E3 200")},
		{"another admin has done half of it", swap, "anna CH SPE_E3\nzoe CH SPE_E3", "anna CH SPE_E3 SPE_E5\nzoe CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3: "+changed, "replace zoe: +SPE_E5 -SPE_E3: confirmed"), lines("zoe +SPE_E5 -SPE_E3 200")},
		{"another admin has switched a service plan off in a license that was to be replaced", swap, "anna CH SPE_E3\nzoe CH SPE_E3", "anna CH SPE_E3(SWAY)\nzoe CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3: "+changed, "replace zoe: +SPE_E5 -SPE_E3: confirmed"), lines("zoe +SPE_E5 -SPE_E3 200")},
		{"another admin has done all of it", swap, "anna CH SPE_E3\nzoe CH SPE_E3", "anna CH SPE_E5\nzoe CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3: unchanged", "replace zoe: +SPE_E5 -SPE_E3: confirmed"), lines("zoe +SPE_E5 -SPE_E3 200")},
		{"another admin has set another location", located, "anna - SPE_E3\nzoe - SPE_E3", "anna DE SPE_E3\nzoe - SPE_E3",
			lines("location anna: unset -> CH: "+changed, "location zoe: unset -> CH: confirmed"), lines("zoe CH 204")},
		{"another admin has set the location", located, "anna -\nzoe -", "anna CH\nzoe -",
			lines("location anna: unset -> CH: unchanged", "location zoe: unset -> CH: confirmed", "add anna: +SPE_E3: confirmed", "add zoe: +SPE_E3: confirmed"),
			lines("anna +SPE_E3 200", "zoe +SPE_E3 200", "zoe CH 204")},
		{"the user has left the group that also gave the removed license", noE3, "anna CH SPE_E3 SPE_E3@Staff\nzoe CH SPE_E3 SPE_E3@Staff", "anna CH SPE_E3\nzoe CH SPE_E3 SPE_E3@Staff",
			lines("remove anna: -SPE_E3: "+changed, "remove zoe: -SPE_E3: confirmed"), lines("zoe -SPE_E3 200")},
		{"the user has left another group that kept the mailbox", noE3, "anna CH SPE_E3 SPE_E5@Staff\nzoe CH SPE_E3 SPE_E5@Staff", "anna CH SPE_E3\nzoe CH SPE_E3 SPE_E5@Staff",
			lines("remove anna: -SPE_E3: "+wouldLose, "remove zoe: -SPE_E3: confirmed"), lines("zoe -SPE_E3 200")},
		{"a direct license that kept the mailbox is gone", noE3, "anna CH SPE_E3 SPE_E5\nzoe CH SPE_E3 SPE_E5", "anna CH SPE_E3\nzoe CH SPE_E3 SPE_E5",
			lines("remove anna: -SPE_E3: "+wouldLose, "remove zoe: -SPE_E3: confirmed"), lines("zoe -SPE_E3 200")},
		{"the plan shows the loss", noE3, "anna CH SPE_E3", "anna CH SPE_E3", lines("remove anna: -SPE_E3: confirmed"), lines("anna -SPE_E3 200")},
		{"a group gives the wanted license now", everyE3, "anna CH\nzoe CH", "anna CH SPE_E3@Staff\nzoe CH",
			lines("add anna: +SPE_E3: "+changed, "add zoe: +SPE_E3: confirmed"), lines("zoe +SPE_E3 200")},
		{"the group gives it with another service plan off", noE3, "anna CH SPE_E3 SPE_E3@Staff\nzoe CH", "anna CH SPE_E3 SPE_E3(SWAY)@Staff\nzoe CH",
			lines("remove anna: -SPE_E3: " + changed), ""},
		{"an unrelated SKU was added", swap, "anna CH SPE_E3", "anna CH SPE_E3 POWER_BI_PRO", lines("replace anna: +SPE_E5 -SPE_E3: confirmed"), lines("anna +SPE_E5 -SPE_E3 200")},
		{"an unrelated SKU was removed", swap, "anna CH SPE_E3 POWER_BI_PRO", "anna CH SPE_E3", lines("replace anna: +SPE_E5 -SPE_E3: confirmed"), lines("anna +SPE_E5 -SPE_E3 200")},
		{"the user was deleted", swap, "anna CH SPE_E3\nzoe CH SPE_E3", "zoe CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3: gone", "replace zoe: +SPE_E5 -SPE_E3: confirmed"), lines("zoe +SPE_E5 -SPE_E3 200")},
		{"the user was renamed", swap, "anna CH SPE_E3\nzoe CH SPE_E3", "anna=anne CH SPE_E3\nzoe CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3: conflict, the user has another user principal name now", "replace zoe: +SPE_E5 -SPE_E3: confirmed"), lines("zoe +SPE_E5 -SPE_E3 200")},
		{"the name is in capitals", swap, "anna CH SPE_E3", "anna=Anna CH SPE_E3", lines("replace anna: +SPE_E5 -SPE_E3: confirmed"), lines("Anna +SPE_E5 -SPE_E3 200")},
		{"another user has the name now", swap, "anna CH SPE_E3", "anna=old CH SPE_E3\nother=anna CH SPE_E3",
			lines("replace anna: +SPE_E5 -SPE_E3: conflict, the user has another user principal name now"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, skus+c.before)
			p := w.plan(c.policies)
			w.become(skus + c.meanwhile)
			w.want(w.run(t.Context(), p), c.outcomes, c.writes)
		})
	}
}

// TestRunIfTheTenantChangesBetweenReadAndWrite changes the tenant after the user was read.
func TestRunIfTheTenantChangesBetweenReadAndWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, policies, before, after string
		outcomes                      string
		failure                       bool
	}{
		{"another writer removes the license", noE3, "anna CH SPE_E3", "anna CH", "remove anna: -SPE_E3: unchanged", false},
		{"only the license of the group is left", noE3, "anna CH SPE_E3 SPE_E3@Staff", "anna CH SPE_E3@Staff", "remove anna: -SPE_E3: unchanged", false},
		{"another writer replaces the license", swap, "anna CH SPE_E3", "anna CH SPE_E5", "replace anna: +SPE_E5 -SPE_E3: unchanged", false},
		{"the license that was to be replaced is gone", swap, "anna CH SPE_E3", "anna CH", "replace anna: +SPE_E5 -SPE_E3: conflict, assign licenses: not held (400", true},
		{"another writer replaces the license, with a service plan off", swap, "anna CH SPE_E3", "anna CH SPE_E5(SWAY)", "replace anna: +SPE_E5 -SPE_E3: conflict, assign licenses: not held (400", true},
		{"the user is deleted", everyE3, "anna CH\nbob CH SPE_E3", "bob CH SPE_E3", "add anna: +SPE_E3: gone", false},
		{"the location is unset", everyE3, "anna CH", "anna -", "add anna: +SPE_E3: failed, no_usage_location", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, skus+c.before)
			p := w.plan(c.policies)
			w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
				w.become(skus + c.after)
				return write(changes)
			}
			r := w.run(t.Context(), p)
			got := became(r)
			if !strings.HasPrefix(got, c.outcomes) || len(r.Outcomes) != 1 || strings.Contains(c.outcomes, "conflict") != strings.Contains(got, ": not held (400 ") {
				t.Errorf("outcomes are %q, want %q", got, c.outcomes)
			}
			if r.Outcomes[0].Result.Failure() != c.failure || (r.Err() != nil) != c.failure {
				t.Errorf("a failure: %v, %v, want %v", r.Outcomes[0].Result.Failure(), r.Err(), c.failure)
			}
			if r.Written != 0 {
				t.Errorf("Written is %d, want 0", r.Written)
			}
		})
	}
}

// TestRunIgnoresInconsistentReads reads users whose attributes contradict each other.
func TestRunIgnoresInconsistentReads(t *testing.T) {
	t.Parallel()
	contradict := func(w *world, from int) {
		reads := 0
		w.reading = func(read func() (*state.Snapshot, error)) (*state.Snapshot, error) {
			s, err := read()
			if reads++; reads < from || err != nil {
				return s, err
			}
			return altered(w.t, s, func(r *state.Record) { r.Inconsistent = true }), nil
		}
	}
	t.Run("a license step is not sent on it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH")
		p := w.plan(everyE3)
		contradict(w, 1)
		w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: conflict, the service returns contradictory data about the licenses of the user"), "")
	})
	t.Run("a license step is not settled by it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH")
		p := w.plan(everyE3)
		w.become(skus + "anna CH SPE_E3")
		contradict(w, 1)
		w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: conflict, the service returns contradictory data about the licenses of the user"), "")
	})
	t.Run("a license step is not confirmed by it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH")
		p := w.plan(everyE3)
		contradict(w, 2)
		w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: unknown"), lines("anna +SPE_E3 200"))
	})
	t.Run("a location step is not affected", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna - SPE_E3")
		p := w.plan(located)
		contradict(w, 1)
		w.want(w.run(t.Context(), p), lines("location anna: unset -> CH: confirmed"), lines("anna CH 204"))
	})
}

// TestRunDoesNotTakeAnUnreadableUserForDeleted leaves anna out of some reads, as if the
// answer could not be understood.
func TestRunDoesNotTakeAnUnreadableUserForDeleted(t *testing.T) {
	t.Parallel()
	leaveOut := func(w *world, from int) {
		reads := 0
		w.reading = func(read func() (*state.Snapshot, error)) (*state.Snapshot, error) {
			s, err := read()
			if reads++; reads < from || err != nil {
				return s, err
			}
			header := s.Header
			header.Complete, header.Incomplete = false, "user anna comes without userType"
			b := state.NewBuilder()
			for u := range s.Users() {
				if u.UserPrincipalName() != "anna@contoso.com" {
					if err := b.Add(state.Record{ID: u.ID(), UserPrincipalName: u.UserPrincipalName(), UsageLocation: u.UsageLocation(), Paths: u.Paths()}); err != nil {
						w.t.Fatal(err)
					}
				}
			}
			return b.Snapshot(header)
		}
	}
	t.Run("before the write", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH\nzoe CH")
		p := w.plan(everyE3)
		leaveOut(w, 1)
		w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: conflict, the user could not be read: user anna comes without userType", "add zoe: +SPE_E3: confirmed"),
			lines("zoe +SPE_E3 200"))
	})
	t.Run("after the write", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, skus+"anna CH\nzoe CH")
		p := w.plan(everyE3)
		leaveOut(w, 2)
		w.want(w.run(t.Context(), p), lines("add anna: +SPE_E3: unknown", "add zoe: +SPE_E3: confirmed"), lines("anna +SPE_E3 200", "zoe +SPE_E3 200"))
	})
}

// altered returns the snapshot with a change made to every user.
func altered(t testing.TB, s *state.Snapshot, change func(*state.Record)) *state.Snapshot {
	t.Helper()
	b := state.NewBuilder()
	for u := range s.Users() {
		r := state.Record{ID: u.ID(), UserPrincipalName: u.UserPrincipalName(), UsageLocation: u.UsageLocation(), Paths: u.Paths()}
		change(&r)
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	made, err := b.Snapshot(s.Header)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestRunSwapsWithOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, skus+"anna CH SPE_E3(SWAY)\nbob CH SPE_E3")
	w.want(w.run(t.Context(), w.plan(swap)),
		lines("replace anna: +SPE_E5 -SPE_E3: confirmed", "replace bob: +SPE_E5 -SPE_E3: confirmed"),
		lines("anna +SPE_E5 (SWAY off) -SPE_E3 200", "bob +SPE_E5 -SPE_E3 200"))
	request := func(user, off string) string {
		return `"url":"/users/` + userID(user).String() + `/assignLicense","headers":\{[^{}]*\},` + regexp.QuoteMeta(fmt.Sprintf(
			`"body":{"addLicenses":[{"skuId":"%s","disabledPlans":[%s]}],"removeLicenses":["%s"]}}`, ids["SPE_E5"], off, ids["SPE_E3"]))
	}
	bodies := w.written()
	if len(bodies) != 1 {
		t.Fatalf("%d batches were written, want 1", len(bodies))
	}
	for _, want := range []string{request("anna", `"`+ids["SWAY"]+`"`), request("bob", "")} {
		if !regexp.MustCompile(want).MatchString(bodies[0]) {
			t.Errorf("the batch lacks\n%s\nit is\n%s", want, bodies[0])
		}
	}
}

// TestRunDoesNotDependOnReasons removes all explanations from a plan.
func TestRunDoesNotDependOnReasons(t *testing.T) {
	t.Parallel()
	const tenant = skus + "anna -\nbob CH SPE_E5\ncarl CH SPE_E3(SWAY)"
	const text = located + "- {name: b, users: {all: true}, absent: [SPE_E5]}\n"
	explained, bare := newWorld(t, tenant), newWorld(t, tenant)
	p, q := explained.plan(text), bare.plan(text)
	q.Outcomes.Notes, q.Outcomes.Blocked, q.Outcomes.Waiting = nil, nil, nil
	for i := range q.Steps {
		q.Steps[i].Because = nil
	}
	with, without := explained.run(t.Context(), p), bare.run(t.Context(), q)
	if diff := cmp.Diff(became(with), became(without)); diff != "" {
		t.Errorf("outcomes (-with +without reasons):\n%s", diff)
	}
	if diff := cmp.Diff(explained.written(), bare.written()); diff != "" {
		t.Errorf("writes (-with +without reasons):\n%s", diff)
	}
	if with.Count(apply.Confirmed) < 3 {
		t.Errorf("too little happened:\n%s", became(with))
	}
}

// TestRunReadsBackARefusalThatNothingIsHeld reads as long as reads usually lag behind the
// changes of other writers.
func TestRunReadsBackARefusalThatNothingIsHeld(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		after    int // reads that still show the license
		outcomes string
		waits    []time.Duration
	}{
		{"at once", 0, "remove anna: -SPE_E3: unchanged", nil},
		{"twice", 2, "remove anna: -SPE_E3: unchanged", allUsualWaits[:2]},
		{"never", 1000, "remove anna: -SPE_E3: conflict, assign licenses: not held (400 Request_BadRequest)", allUsualWaits},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, skus+"anna CH SPE_E3")
			p := w.plan(noE3)
			late := 1000 // until the write
			w.reading = func(read func() (*state.Snapshot, error)) (*state.Snapshot, error) {
				if late--; late < 0 {
					w.become(skus + "anna CH")
				}
				return read()
			}
			w.writing = func(_ []state.Change, _ func([]state.Change) []error) []error {
				late = c.after
				return []error{refusal(state.ReasonNotHeld)}
			}
			r := w.run(t.Context(), p)
			w.want(r, lines(c.outcomes), "")
			w.wantWaits(c.waits...)
			if r.Written != 0 {
				t.Errorf("Written is %d, want 0", r.Written)
			}
		})
	}
}
