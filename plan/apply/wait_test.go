package apply_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// lagging is a tenant of one user in memory: the fake clock of synctest stops while it
// waits for a network.
type lagging struct {
	t        testing.TB
	unseen   int   // reads after a license was written that do not show it
	unclear  int   // reads after a license was written that contradict themselves
	refusal  error // of licenses
	location string
	licensed bool
}

func (l *lagging) Read(context.Context, state.Query) (*state.Snapshot, error) {
	record := state.Record{ID: userID("anna"), UserPrincipalName: "anna@contoso.com", UsageLocation: l.location}
	if l.licensed {
		if l.unseen--; l.unseen < 0 {
			record.Paths = []state.Path{{SKU: state.MustParseID[state.SKU](ids["SPE_E3"]), State: state.PathActive}}
		}
		l.unclear--
		record.Inconsistent = l.unclear >= 0
	}
	b := state.NewBuilder()
	if err := b.Add(record); err != nil {
		l.t.Error(err)
	}
	return b.Snapshot(state.Header{})
}

func (l *lagging) Write(_ context.Context, changes []state.Change) []error {
	if changes[0].Location != "" {
		l.location = changes[0].Location
		return []error{nil}
	}
	l.licensed = l.refusal == nil
	return []error{l.refusal}
}

// run carries out a location and a license for the user.
func (l *lagging) run(ctx context.Context) *apply.Report {
	l.t.Helper()
	empty, err := state.NewBuilder().Snapshot(state.Header{})
	if err != nil {
		l.t.Fatal(err)
	}
	anna := plan.UserRef{ID: userID("anna"), UserPrincipalName: "anna@contoso.com"}
	e := apply.Executor{Reader: l, Writer: l, Catalog: catalog.Builtin(), Snapshot: empty}
	return e.Run(ctx, &plan.Plan{Steps: []plan.Step{
		{ID: "location", User: anna, Kind: plan.KindLocation,
			Before: plan.State{UsageLocation: plan.Location{Touched: true}},
			After:  plan.State{UsageLocation: plan.Location{Touched: true, Value: "CH"}}},
		{ID: "license", User: anna, Kind: plan.KindAdd, Needs: []string{"location"},
			After: plan.State{Licenses: []plan.License{{SKU: state.MustParseID[state.SKU](ids["SPE_E3"]), PartNumber: "SPE_E3"}}}},
	}})
}

func TestRunWaitsInRealTimeByDefault(t *testing.T) {
	t.Parallel()
	noLocation := refusal(state.ReasonNoLocation)
	for name, c := range map[string]struct {
		tenant lagging
		took   time.Duration
		result apply.Result
	}{
		"it shows at once":        {lagging{}, 0, apply.Confirmed},
		"it shows at the third":   {lagging{unseen: 2}, 3 * time.Second, apply.Confirmed},
		"it does not show at all": {lagging{unseen: 1000}, apply.Horizon + 30*time.Second, apply.Unknown},
		// Only look.go decides here: an attempt does not wait for a user that cannot be read.
		"the service contradicts itself for over a minute": {lagging{unclear: 7}, 90 * time.Second, apply.Confirmed},
		"it contradicts itself until the horizon":          {lagging{unclear: 1000}, apply.Horizon, apply.Unknown},
		"it is never accepted":                             {lagging{refusal: noLocation}, 30 * time.Second, apply.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tenant := c.tenant
				tenant.t = t
				begin := time.Now()
				r := tenant.run(t.Context())
				if got := r.Outcomes[1].Result; got != c.result || time.Since(begin) != c.took {
					t.Errorf("%s after %s, want %s after %s", got, time.Since(begin), c.result, c.took)
				}
			})
		})
	}
}

// TestRunSignalEndsTheWaitForAnotherTry checks that a signal does not end the wait for what
// is in flight.
func TestRunSignalEndsTheWaitForAnotherTry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tenant lagging
		took   time.Duration
		result apply.Result
	}{
		"for another try":       {lagging{refusal: refusal(state.ReasonNoLocation)}, 5 * time.Second, apply.Failed},
		"for what is in flight": {lagging{unseen: 3}, 7 * time.Second, apply.Confirmed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tenant := c.tenant
				tenant.t = t
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(5*time.Second, func() { cancel(errInterrupted) })
				begin := time.Now()
				r := tenant.run(ctx)
				if got := r.Outcomes[1].Result; got != c.result || time.Since(begin) != c.took {
					t.Errorf("%s after %s, want %s after %s", got, time.Since(begin), c.result, c.took)
				}
				if c.result == apply.Failed && !errors.Is(r.Stopped, errInterrupted) {
					t.Errorf("Stopped is %v, want %v", r.Stopped, errInterrupted)
				}
			})
		})
	}
}
