package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

func TestClassifyKnowsTheErrorsOfOtherPackages(t *testing.T) {
	t.Parallel()
	why := errors.New("why")
	for _, c := range []struct {
		err    error
		code   ExitCode
		reason exitReason
		hint   string
	}{
		{nil, ExitOK, "ok", ""},
		{why, ExitError, "error", ""},
		{&session.Error{Class: session.Usage, Fix: "fix", Err: why}, ExitUsage, "usage", "fix"},
		{&session.Error{Class: session.Guard, Fix: "fix", Err: why}, ExitGuard, "guard", "fix"},
		{&session.BreachedError{Plan: &plan.Plan{}}, ExitGuard, "guard", ""},
		{&checkout.UsageError{Fix: "fix", Err: why}, ExitUsage, "usage", "fix"},
		{&planfile.RefusedError{Why: "why", Hint: "fix"}, ExitRefused, "plan_refused", "fix"},
		{&journal.LockedError{}, ExitLocked, "locked", (&journal.LockedError{}).Hint()},
		{&state.Error{Reason: state.ReasonForbidden}, ExitCredentials, "credentials", (&state.Error{Reason: state.ReasonForbidden}).Hint()},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("context: %w", err)
		}
		if got := classify(err); got.code != c.code || got.reason != c.reason || got.hint != c.hint || !hasCode(got) {
			t.Errorf("%T: exit %d, %s, hint %q", c.err, got.code, got.reason, got.hint)
		}
	}
}

// TestCauseIsTheSignalUnlessTheErrorIsKnown has a context that a signal canceled.
func TestCauseIsTheSignalUnlessTheErrorIsKnown(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&Interrupted{Signal: syscall.SIGINT})
	for _, c := range []struct {
		err  error
		code ExitCode
	}{
		{errors.New("canceled"), ExitInterrupted},
		{&session.Error{Class: session.Guard, Err: errors.New("why")}, ExitGuard},
		{&checkout.UsageError{Err: errors.New("why")}, ExitUsage},
		{nil, ExitOK},
	} {
		if got := classify(cause(ctx, c.err)); got.code != c.code {
			t.Errorf("%v: exit %d, want %d", c.err, got.code, c.code)
		}
	}
}

func TestApplyExit(t *testing.T) {
	t.Parallel()
	early := &apply.EarlyError{Reason: "deadline"}
	one := []plan.Step{{}}
	for _, c := range []struct {
		name   string
		report apply.Report
		plan   plan.Plan
		code   ExitCode
		reason exitReason
	}{
		{"done", apply.Report{}, plan.Plan{Steps: one}, ExitOK, "ok"},
		{"nothing to do", apply.Report{}, plan.Plan{}, ExitOK, "no_changes"},
		{"the deadline", apply.Report{Stopped: early}, plan.Plan{Steps: one}, ExitEarly, "deadline"},
		{"a lost lock", apply.Report{Stopped: &journal.LostError{}, Written: 1}, plan.Plan{Steps: one}, ExitEarly, "lock_lost"},
		{"a lost lock before the first write", apply.Report{Stopped: &journal.LostError{}}, plan.Plan{Steps: one}, ExitLocked, "lock_lost"},
		{"a signal", apply.Report{Stopped: &Interrupted{Signal: syscall.SIGTERM}, Written: 1}, plan.Plan{Steps: one}, ExitTerminated, "interrupted"},
		{"a failed step", apply.Report{Outcomes: []apply.Outcome{{Result: apply.Failed}}}, plan.Plan{Steps: one}, ExitSteps, "steps_failed"},
		{"held", apply.Report{}, plan.Plan{Steps: one, Outcomes: plan.Outcomes{Held: []plan.Outcome{{}}}}, ExitDifferences, "guard_held"},
		{"something left", apply.Report{}, plan.Plan{Steps: one, Outcomes: plan.Outcomes{Filtered: 1}}, ExitDifferences, "differences_remain"},
	} {
		if got := classify(applyExit(&c.report, &c.plan, true, false)); got.code != c.code || got.reason != c.reason || !hasCode(got) {
			t.Errorf("%s: exit %d, %s", c.name, got.code, got.reason)
		}
	}
	if got := classify(applyExit(&apply.Report{}, &plan.Plan{}, false, true)); got.reason != "nothing_possible" {
		t.Errorf("stuck: %s", got.reason)
	}
}

// hasCode reports whether the row of the reason lists the code of an end.
func hasCode(e *exit) bool {
	return slices.ContainsFunc(exitReasons, func(row reasonRow) bool { return row.reason == e.reason && slices.Contains(row.codes, e.code) })
}

func TestExitCodesThatAreNotTheUsualOnesAreListed(t *testing.T) {
	t.Parallel()
	for _, end := range []*exit{
		new(withoutJournalOf(ExitOK, 1)), new(withoutJournalOf(ExitOK, 0)), new(withoutJournalOf(ExitSteps, 1)),
		classify(&Interrupted{Signal: syscall.SIGTERM}), classify(&Interrupted{Signal: syscall.SIGINT}),
		classify(&state.DirectoryError{}),
	} {
		if !hasCode(end) {
			t.Errorf("exitReasons has no code %d for %s", end.code, end.reason)
		}
	}
}

// withoutJournalOf returns the end of a run whose journal could not be closed.
func withoutJournalOf(code ExitCode, written int) exit {
	end := ends(reasonOK, nil, "")
	if code == ExitSteps {
		end = ends(reasonStepsFailed, errors.New("some steps failed"), "")
	}
	return withoutJournal(*end, errors.New("disk full"), written)
}

func TestPermissionsFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		credential credentialUse
		demand     demand
		want       []graph.Permission
	}{
		{toRead, demand{}, []graph.Permission{graph.ReadUsers, graph.ReadLicenses}},
		{toRead, demand{groups: true, licenses: true, locations: true}, []graph.Permission{graph.ReadUsers, graph.ReadLicenses, graph.ReadGroups}},
		{toWrite, demand{groups: true}, nil},
		{toWrite, demand{licenses: true}, []graph.Permission{graph.Assign}},
		{toWrite, demand{locations: true}, []graph.Permission{graph.Locate}},
		{toWrite, demand{licenses: true, locations: true}, []graph.Permission{graph.Assign, graph.Locate}},
	} {
		if got := permissionsFor(c.credential, c.demand); !slices.Equal(got, c.want) {
			t.Errorf("%s, %+v: got %v, want %v", c.credential, c.demand, got, c.want)
		}
	}
	if got, want := usefulToRead(), []graph.Permission{graph.ReadGroups, graph.ReadHidden, graph.ReadAudits}; !slices.Equal(got, want) {
		t.Errorf("useful: got %v, want %v", got, want)
	}
}
