package session

import (
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/state"
)

func TestApprovalCheckRefusesAPlanOfAnotherTimeOrTenant(t *testing.T) {
	t.Parallel()
	live := state.Header{Source: state.SourceLive}
	live.Organization.ID[0] = 1
	fits := func() *plan.Plan {
		return &plan.Plan{Tenant: plan.Tenant{ID: live.Organization.ID}, Source: state.SourceLive, Complete: true, CreatedAt: today, ExpiresAt: today.AddDate(0, 0, 1)}
	}
	for _, c := range []struct {
		name   string
		change func(*Approval, *state.Header)
		by     string // the run that finished the plan
		now    time.Duration
		want   string // "": it is accepted
	}{
		{"as it was made", nil, "", 0, ""},
		{"of a snapshot, for the live tenant", func(a *Approval, _ *state.Header) { a.Plan.Source = state.SourceFile }, "", 0, ""},
		{"of a snapshot, for a sandbox", func(a *Approval, h *state.Header) { a.Plan.Source, h.Source = state.SourceFile, state.SourceSandbox }, "", 0, "it was made from a"},
		{"of a sandbox, for the live tenant", func(a *Approval, _ *state.Header) { a.Plan.Source = state.SourceSandbox }, "", 0, "it was made from a"},
		{"of the live tenant, for a sandbox", func(_ *Approval, h *state.Header) { h.Source = state.SourceSandbox }, "", 0, "it was made from a"},
		{"of a sandbox, for a sandbox", func(a *Approval, h *state.Header) { a.Plan.Source, h.Source = state.SourceSandbox, state.SourceSandbox }, "", 0, ""},
		{"another tenant", func(a *Approval, _ *state.Header) { a.Plan.Tenant.ID[0] = 2 }, "", 0, "it is for tenant"},
		{"expired", nil, "", 24 * time.Hour, "it expired at"},
		{"the last moment", nil, "", 24*time.Hour - time.Second, ""},
		{"a plan that gives itself more time", func(a *Approval, _ *state.Header) { a.Plan.ExpiresAt = today.AddDate(10, 0, 0) }, "", plan.Lifetime, "it expired at"},
		{"made in the future", nil, "", -ClockSkew - time.Second, "made in the future"},
		{"made by a clock that is fast", nil, "", -ClockSkew, ""},
		{"not read to the end", func(a *Approval, _ *state.Header) { a.Plan.Complete = false }, "", 0, "not read completely"},
		{"finished before", nil, "run-1", 0, "run run-1 finished it"},
		{"finished before, again", func(a *Approval, _ *state.Header) { a.Again = true }, "run-1", 0, ""},
		{"an undo without terminal and digest", func(a *Approval, _ *state.Header) { a.Plan.Mode = plan.ModeUndo }, "", 0, "nor a digest confirms the file"},
		{"an undo at a terminal", func(a *Approval, _ *state.Header) { a.Plan.Mode, a.AtTerminal = plan.ModeUndo, true }, "", 0, ""},
		{"an undo with a digest", func(a *Approval, _ *state.Header) { a.Plan.Mode, a.ExpectDigest = plan.ModeUndo, "sha256:00" }, "", 0, ""},
		{"a digest of the day before", func(a *Approval, _ *state.Header) {
			a.ExpectDigest, a.Plan.ExpiresAt = "sha256:00", today.AddDate(0, 0, 3)
		}, "", 24 * time.Hour, "a plan of the last 24 hours"},
		{"the same without a digest", func(a *Approval, _ *state.Header) { a.Plan.ExpiresAt = today.AddDate(0, 0, 3) }, "", 24 * time.Hour, ""},
	} {
		a, tenant := Approval{Plan: fits()}, live
		if c.change != nil {
			c.change(&a, &tenant)
		}
		err := a.check(c.by, tenant, today.Add(c.now))
		if c.want == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if c.want != "" {
			wantError(t, err, c.want)
		}
	}
}

// approved is the plan of a world, sealed, as a file would have it.
func approved(w *world) *plan.Plan {
	w.t.Helper()
	p := w.plan(Options{})
	must(w.t, planfile.Seal(p))
	return p
}

func TestFreshKeepsToTheApprovedSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea", "carl")
	a := Approval{Plan: approved(w)}
	w.files["p.yaml"].Data = []byte(wantVisio("anna@contoso.com", "carl@contoso.com"))
	fresh, err := w.resolved().Fresh(t.Context(), Options{}, a)
	must(t, err)
	want(t, fresh.Plan, "add anna +VISIOCLIENT")
	want(t, fresh.Whole, "add anna +VISIOCLIENT", "add carl +VISIOCLIENT")
	if got := strings.Join(describe(fresh.NotNeeded), ", "); got != "add bea +VISIOCLIENT" {
		t.Errorf("no longer needed: %s", got)
	}
	if got := strings.Join(describe(fresh.NotApproved), ", "); got != "add carl +VISIOCLIENT" {
		t.Errorf("not approved: %s", got)
	}
	if fresh.Plan.Digest == "" {
		t.Error("the plan is not sealed")
	}
	whole, err := w.resolved().Fresh(t.Context(), Options{}, Approval{})
	must(t, err)
	want(t, whole.Plan, "add anna +VISIOCLIENT", "add carl +VISIOCLIENT")
}

func TestFreshGivesNoSeatThatTheWholePlanGivesToAnotherUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com"), "anna", "bea")
	w.seats = map[state.SKUID]int{visio.ID: 1}
	a := Approval{Plan: approved(w)}
	want(t, a.Plan, "add anna +VISIOCLIENT")
	w.files["p.yaml"].Data = []byte(wantVisio("anna@contoso.com") + "  - {name: first, priority: 10, users: {upns: [bea@contoso.com]}, licenses: [VISIOCLIENT]}\n")
	fresh, err := w.resolved().Fresh(t.Context(), Options{}, a)
	must(t, err)
	want(t, fresh.Whole, "add bea +VISIOCLIENT")
	want(t, fresh.Plan)
}

func TestFreshHoldsTheWholePlanToADigest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea", "carl")
	a := Approval{Plan: approved(w)}
	a.ExpectDigest = a.Plan.StepsDigest
	if _, err := w.resolved().Fresh(t.Context(), Options{}, a); err != nil {
		t.Errorf("the same plan: %v", err)
	}
	w.users["bea"] = append(w.users["bea"], visio.ID)
	if _, err := w.resolved().Fresh(t.Context(), Options{}, a); err != nil {
		t.Errorf("a step that is done already: %v", err)
	}
	w.files["p.yaml"].Data = []byte(wantVisio("anna@contoso.com", "bea@contoso.com", "carl@contoso.com"))
	_, err := w.resolved().Fresh(t.Context(), Options{}, a)
	wantError(t, err, "--expect-digest is "+a.ExpectDigest)
}

func TestFreshIsBreachedWhereTheWholePlanIs(t *testing.T) {
	t.Parallel()
	stops, passes := &plan.Plan{Guards: []plan.Guard{{Verdict: plan.VerdictBreached}}}, &plan.Plan{}
	for _, c := range []struct{ fresh, whole, want *plan.Plan }{{passes, passes, nil}, {passes, stops, stops}, {stops, passes, stops}} {
		if got := (&Fresh{Plan: c.fresh, Whole: c.whole}).Breached(); got != c.want {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
}

func TestStuckCountsOnlyWhatWasApproved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea")
	ofAnna := Approval{Plan: approved(w)}
	ofAnna.Plan.Steps = ofAnna.Plan.Steps[:1]
	w.files["p.yaml"].Data = []byte(wantVisio("anna@contoso.com", "bea@contoso.com") + "  - {name: none, users: {upns: [anna@contoso.com, bea@contoso.com]}, absent: [VISIOCLIENT]}\n")
	stuck := func(a Approval) bool {
		t.Helper()
		resolved := w.resolved()
		fresh, err := resolved.Fresh(t.Context(), Options{}, a)
		must(t, err)
		return resolved.Stuck(fresh)
	}
	if !stuck(Approval{}) || !stuck(ofAnna) {
		t.Error("two policies disagree, and nothing is stuck")
	}
	w.users["anna"] = append(w.users["anna"], visio.ID)
	if !stuck(Approval{}) || stuck(ofAnna) {
		t.Error("anna has the license: only a run without an approved plan is stuck")
	}
	delete(w.users, "anna")
	w.files["p.yaml"].Data = []byte(wantVisio("bea@contoso.com"))
	if stuck(ofAnna) {
		t.Error("a user who is gone keeps a merge from succeeding")
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	failed := []apply.Outcome{{Result: apply.Failed}}
	one := []plan.Step{{}}
	waiting := plan.Outcomes{Waiting: []plan.Outcome{{}}}
	for _, c := range []struct {
		name             string
		report           apply.Report
		plan             plan.Plan
		countLeft, stuck bool
		want             Result
	}{
		{"all done", apply.Report{}, plan.Plan{Steps: one}, true, false, Done},
		{"nothing to do", apply.Report{}, plan.Plan{}, true, false, NothingToDo},
		{"stopped before the first write", apply.Report{Stopped: errStop}, plan.Plan{Steps: one}, false, false, Stopped},
		{"stopped after it", apply.Report{Stopped: errStop, Written: 1, Outcomes: []apply.Outcome{{Result: apply.NotSent}}}, plan.Plan{Steps: one}, false, false, StepsFailed},
		{"a step failed", apply.Report{Outcomes: failed}, plan.Plan{Steps: one}, false, false, StepsFailed},
		{"held", apply.Report{}, plan.Plan{Steps: one, Outcomes: plan.Outcomes{Held: []plan.Outcome{{}}}}, false, false, GuardHeld},
		{"a failure counts before what is held", apply.Report{Outcomes: failed}, plan.Plan{Steps: one, Outcomes: plan.Outcomes{Held: []plan.Outcome{{}}}}, false, false, StepsFailed},
		{"stuck without steps", apply.Report{}, plan.Plan{Outcomes: waiting}, false, true, NothingPossible},
		{"stuck beside steps", apply.Report{}, plan.Plan{Steps: one, Outcomes: waiting}, false, true, Done},
		{"something left, counted", apply.Report{}, plan.Plan{Steps: one, Outcomes: waiting}, true, false, DifferencesLeft},
		{"filtered, counted", apply.Report{}, plan.Plan{Steps: one, Outcomes: plan.Outcomes{Filtered: 1}}, true, false, DifferencesLeft},
		{"something left, not counted", apply.Report{}, plan.Plan{Outcomes: waiting}, false, false, NothingToDo},
	} {
		if got := Judge(&c.report, &c.plan, c.countLeft, c.stuck); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSuccessfulIsARunThatDidAllThatWasWanted(t *testing.T) {
	t.Parallel()
	whole := func() (*plan.Plan, *apply.Report) { return &plan.Plan{Complete: true}, &apply.Report{} }
	if p, r := whole(); !successful(p, r) {
		t.Error("a whole run is not successful")
	}
	for name, change := range map[string]func(*plan.Plan, *apply.Report){
		"stopped":    func(_ *plan.Plan, r *apply.Report) { r.Stopped = errStop },
		"failed":     func(_ *plan.Plan, r *apply.Report) { r.Outcomes = []apply.Outcome{{Result: apply.Failed}} },
		"unknown":    func(_ *plan.Plan, r *apply.Report) { r.Outcomes = []apply.Outcome{{Result: apply.Unknown}} },
		"held":       func(p *plan.Plan, _ *apply.Report) { p.Outcomes.Held = []plan.Outcome{{}} },
		"filtered":   func(p *plan.Plan, _ *apply.Report) { p.Outcomes.Filtered = 1 },
		"incomplete": func(p *plan.Plan, _ *apply.Report) { p.Complete = false },
		"an undo":    func(p *plan.Plan, _ *apply.Report) { p.Undo = &plan.UndoOf{} },
	} {
		p, r := whole()
		if change(p, r); successful(p, r) {
			t.Errorf("%s: it would become the baseline", name)
		}
	}
}

func TestNothingLeftLooksAtEveryApprovedStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wantVisio("anna@contoso.com", "bea@contoso.com"), "anna", "bea")
	p := approved(w)
	confirmed := func(n int) *apply.Report {
		r := &apply.Report{}
		for _, step := range p.Steps[:n] {
			r.Outcomes = append(r.Outcomes, apply.Outcome{Step: step, Result: apply.Confirmed})
		}
		return r
	}
	before := w.snapshot()
	if !nothingLeft(p, confirmed(2), before) || nothingLeft(p, confirmed(1), before) {
		t.Error("both steps have to be done")
	}
	failed := confirmed(2)
	failed.Outcomes[1].Result = apply.Failed
	if nothingLeft(p, failed, before) {
		t.Error("a step that failed counts as done")
	}
	w.users["bea"] = append(w.users["bea"], visio.ID)
	if !nothingLeft(p, confirmed(1), w.snapshot()) {
		t.Error("a step that was done before the run is left")
	}
	delete(w.users, "bea")
	if !nothingLeft(p, confirmed(1), w.snapshot()) {
		t.Error("a step of a user who is gone is left")
	}
}

func TestRemovalsAllowedIsAnOverrideOfThatGuard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		guard plan.Guard
		want  bool
	}{
		{plan.Guard{Name: guard.Removals, Verdict: plan.VerdictOverridden}, true},
		{plan.Guard{Name: guard.Removals, Verdict: plan.VerdictOK}, false},
		{plan.Guard{Name: guard.Replacements, Verdict: plan.VerdictOverridden}, false},
	} {
		if got := removalsAllowed(&plan.Plan{Guards: []plan.Guard{{}, c.guard}}); got != c.want {
			t.Errorf("%+v: got %v", c.guard, got)
		}
	}
}
