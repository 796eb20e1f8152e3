package apply_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// The service switches a service plan off when what it depends on is off. Such a step is
// done, and the outcome names the service plan.
func TestRunReportsServicePlansThatTheServiceAlsoSwitchesOff(t *testing.T) {
	t.Parallel()
	disabled := "\n  - {name: less, users: {upns: [anna@contoso.com]}, licenses: [{sku: SPE_E3, disable: [SHAREPOINTENTERPRISE]}]}\n"
	for _, c := range []struct{ name, afterwards, want string }{
		{"in addition to what the step switches off", "sku SPE_E3 10\nanna CH SPE_E3(SHAREPOINTENTERPRISE,SWAY)", "plans anna: ~SPE_E3: confirmed\n"},
		{"another service plan instead", "sku SPE_E3 10\nanna CH SPE_E3(SWAY)", "plans anna: ~SPE_E3: unknown\n"},
		{"a user who stays unchanged is not done", "sku SPE_E3 10\nanna CH SPE_E3", "plans anna: ~SPE_E3: unknown\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "sku SPE_E3 10\nanna CH SPE_E3")
			p := w.plan(disabled)
			w.writing = func(changes []state.Change, write func([]state.Change) []error) []error {
				errs := write(changes)
				w.become(c.afterwards)
				return errs
			}
			report := w.run(t.Context(), p)
			if diff := cmp.Diff(c.want, became(report)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
			if o := report.Outcomes[0]; o.Result == apply.Confirmed && o.Detail == "" {
				t.Error("the detail does not name the service plan that is off too")
			}
		})
	}
}
