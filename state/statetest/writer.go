package statetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/seatwright/seatwright/state"
)

func writerCases() []testCase {
	cases := []testCase{
		{"a swap removes and adds in one change", swaps},
		{"a license without stated plans has every plan on", addsWithEveryPlan},
		{"an assigned license that is added again has exactly the new plans off", changesPlans},
		{"a location is set and read back", setsLocation},
		{"removing the direct path leaves the group's", removesDirectPath},
		{"changes of several users succeed or fail separately, in order", writesSeveral},
		{"a change is not made at all if one half is refused", writesWholeOrNot},
		{"a freed seat can be assigned again", assignsFreedSeat},
		{"no changes are no errors", writesNone},
		{"more changes than fit are refused whole", refusesTooMany},
		{"two changes of one user are refused whole", refusesTwoOfOneUser},
		{"a write that was canceled before it began changes nothing", writeIsCancelled},
		{"writes run in parallel", writesSideBySide},
	}
	for _, r := range refusals() {
		cases = append(cases, testCase{r.name, r.check})
	}
	return cases
}

// refusalCase is a change that must be refused for a reason and change nothing.
type refusalCase struct {
	name   string
	change state.Change
	reason state.Reason
}

func refusals() []refusalCase {
	add := func(licenses ...state.License) []state.License { return licenses }
	return []refusalCase{
		{"no seat left", state.Change{User: heidi(), Add: add(state.License{SKU: visio()})}, state.ReasonNoSeats},
		{"no usage location", state.Change{User: bob(), Add: add(state.License{SKU: e3()})}, state.ReasonNoLocation},
		{"a SKU that the tenant does not own", state.Change{User: heidi(), Add: add(state.License{SKU: foreign()})}, state.ReasonNotOwned},
		{"a SKU for the company", state.Change{User: heidi(), Add: add(state.License{SKU: store()})}, state.ReasonNotAssignable},
		{"a service plan of another SKU", state.Change{User: heidi(), Add: add(state.License{SKU: e3(), Disabled: []state.PlanID{phone()}})}, state.ReasonBadPlan},
		{"removing a SKU that is not assigned", state.Change{User: heidi(), Remove: []state.SKUID{e3()}}, state.ReasonNotHeld},
		{"removing an inherited SKU", state.Change{User: dave(), Remove: []state.SKUID{powerBI()}}, state.ReasonInherited},
		{"licenses for a user that does not exist", state.Change{User: unknownUser(), Add: add(state.License{SKU: e3()})}, state.ReasonNotFound},
		{"a location for a user that does not exist", state.Change{User: unknownUser(), Location: "CH"}, state.ReasonNotFound},
	}
}

func (r refusalCase) check(t testing.TB, f Fixture) {
	got := f.Writer.Write(t.Context(), []state.Change{r.change})
	if len(got) != 1 {
		t.Fatalf("Write of one change returned %d errors", len(got))
	}
	refusal, ok := errors.AsType[*state.Error](got[0])
	if !ok || refusal.Reason != r.reason {
		t.Fatalf("Write = %v, want reason %q", got[0], r.reason)
	}
	if refusal.MayHaveHappened() {
		t.Errorf("a refusal (%v) reports that the change may have happened", refusal)
	}
	unchanged(t, f)
}

// unchanged fails the test unless the tenant is in its initial state.
func unchanged(t testing.TB, f Fixture) {
	t.Helper()
	now := read(t, f, state.Everything())
	same(t, "users after a write that must change nothing", views(Snapshot(t)), views(now))
	same(t, "SKUs after a write that must change nothing", Snapshot(t).SKUs, now.SKUs)
}

// write makes changes, all of which must be accepted.
func write(t testing.TB, f Fixture, changes ...state.Change) {
	t.Helper()
	for i, err := range f.Writer.Write(t.Context(), changes) {
		if err != nil {
			t.Fatalf("Write of change %d failed: %v", i, err)
		}
	}
}

func swaps(t testing.TB, f Fixture) {
	write(t, f, state.Change{User: alice(), Remove: []state.SKUID{e3()},
		Add: []state.License{{SKU: e5(), Disabled: []state.PlanID{sway(), phone()}}}})
	same(t, "paths", []state.Path{{SKU: e5(), State: state.PathActive, Disabled: state.SortedPlans([]state.PlanID{sway(), phone()})}},
		readUser(t, f, alice()).Paths())
	same(t, "seats taken", map[string]int{"SPE_E3": 0, "SPE_E5": 1}, consumed(t, f, e3(), e5()))
}

func consumed(t testing.TB, f Fixture, of ...state.SKUID) map[string]int {
	t.Helper()
	taken := map[string]int{}
	for _, sku := range read(t, f, state.Query{SKUs: true}).SKUs {
		if slices.Contains(of, sku.ID) {
			taken[sku.PartNumber] = sku.Consumed
		}
	}
	return taken
}

func addsWithEveryPlan(t testing.TB, f Fixture) {
	write(t, f, state.Change{User: heidi(), Add: []state.License{{SKU: e3()}}})
	same(t, "paths", []state.Path{{SKU: e3(), State: state.PathActive}}, readUser(t, f, heidi()).Paths())
}

func changesPlans(t testing.TB, f Fixture) {
	write(t, f, state.Change{User: alice(), Add: []state.License{{SKU: e3(), Disabled: []state.PlanID{exchange()}}}})
	same(t, "paths", []state.Path{{SKU: e3(), State: state.PathActive, Disabled: []state.PlanID{exchange()}}}, readUser(t, f, alice()).Paths())
	same(t, "seats taken", map[string]int{"SPE_E3": 1}, consumed(t, f, e3()))
}

func setsLocation(t testing.TB, f Fixture) {
	write(t, f, state.Change{User: bob(), Location: "JP"})
	if got := readUser(t, f, bob()).UsageLocation(); got != "JP" {
		t.Errorf("usage location after the write is %q, want %q", got, "JP")
	}
}

func removesDirectPath(t testing.TB, f Fixture) {
	write(t, f, state.Change{User: frank(), Remove: []state.SKUID{powerBI()}})
	same(t, "paths", []state.Path{{SKU: powerBI(), Group: analysts(), State: state.PathActive}}, readUser(t, f, frank()).Paths())
	same(t, "seats taken", map[string]int{"POWER_BI_PRO": 2}, consumed(t, f, powerBI()))
}

func writesSeveral(t testing.TB, f Fixture) {
	got := f.Writer.Write(t.Context(), []state.Change{
		{User: heidi(), Add: []state.License{{SKU: e5()}}},
		{User: dave(), Remove: []state.SKUID{powerBI()}},
		{User: bob(), Location: "NO"},
		{User: unknownUser(), Location: "NO"},
	})
	reasons := make([]state.Reason, len(got))
	for i, err := range got {
		reasons[i] = state.ReasonOf(err)
	}
	same(t, "reasons", []state.Reason{"", state.ReasonInherited, "", state.ReasonNotFound}, reasons)
	if got := readUser(t, f, bob()).UsageLocation(); got != "NO" {
		t.Errorf("usage location of a change beside a refused one is %q, want %q", got, "NO")
	}
	if len(readUser(t, f, heidi()).PathsOf(e5())) != 1 {
		t.Error("the license of a change beside a refused one is missing")
	}
}

func writesWholeOrNot(t testing.TB, f Fixture) {
	got := f.Writer.Write(t.Context(), []state.Change{
		{User: alice(), Add: []state.License{{SKU: visio()}}, Remove: []state.SKUID{e3()}},
		{User: heidi(), Add: []state.License{{SKU: e5()}}, Remove: []state.SKUID{e3()}},
	})
	reasons := make([]state.Reason, len(got))
	for i, err := range got {
		reasons[i] = state.ReasonOf(err)
	}
	same(t, "reasons", []state.Reason{state.ReasonNoSeats, state.ReasonNotHeld}, reasons)
	unchanged(t, f)
}

func assignsFreedSeat(t testing.TB, f Fixture) {
	write(t, f, state.Change{User: carol(), Remove: []state.SKUID{visio()}})
	write(t, f, state.Change{User: heidi(), Add: []state.License{{SKU: visio()}}})
	same(t, "paths", []state.Path{{SKU: visio(), State: state.PathActive}}, readUser(t, f, heidi()).Paths())
	same(t, "seats taken", map[string]int{"VISIOCLIENT": 1}, consumed(t, f, visio()))
}

func writesNone(t testing.TB, f Fixture) {
	if got := f.Writer.Write(t.Context(), nil); len(got) != 0 {
		t.Errorf("Write of no changes returned %v", got)
	}
	unchanged(t, f)
}

func refusesTooMany(t testing.TB, f Fixture) {
	changes := make([]state.Change, state.MaxWrites+1)
	for i := range changes {
		changes[i] = state.Change{User: id[state.User](byte(i + 1)), Location: "NO"}
	}
	refusedWhole(t.Context(), t, f, changes)
}

func refusesTwoOfOneUser(t testing.TB, f Fixture) {
	refusedWhole(t.Context(), t, f, []state.Change{
		{User: heidi(), Location: "NO"},
		{User: heidi(), Add: []state.License{{SKU: e3()}}},
	})
}

func writeIsCancelled(t testing.TB, f Fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errs := refusedWhole(ctx, t, f, []state.Change{{User: heidi(), Location: "NO"}})
	if !errors.Is(errs[0], context.Canceled) {
		t.Errorf("Write with a canceled context = %v, want %v", errs[0], context.Canceled)
	}
}

// refusedWhole fails the test unless every change has an error, which reports that it was
// not made, and none was made.
func refusedWhole(ctx context.Context, t testing.TB, f Fixture, changes []state.Change) []error {
	t.Helper()
	got := f.Writer.Write(ctx, changes)
	if len(got) != len(changes) {
		t.Fatalf("Write of %d changes returned %d errors", len(changes), len(got))
	}
	for i, err := range got {
		if refusal, ok := errors.AsType[*state.Error](err); !ok || refusal.MayHaveHappened() {
			t.Errorf("Write of change %d = %v, want a *state.Error of something that did not happen", i, err)
		}
	}
	unchanged(t, f) //nolint:contextcheck // ctx may be canceled
	return got
}

func writesSideBySide(t testing.TB, f Fixture) {
	var group sync.WaitGroup
	users := []state.UserID{alice(), bob(), carol(), dave(), erin(), frank(), grace(), heidi()}
	for i, user := range users {
		group.Go(func() {
			errs := f.Writer.Write(t.Context(), []state.Change{{User: user, Location: fmt.Sprintf("A%c", 'A'+i)}})
			if err := errors.Join(errs...); err != nil {
				t.Errorf("Write failed: %v", err)
			}
		})
	}
	group.Wait()
	for i, user := range users {
		if got, want := readUser(t, f, user).UsageLocation(), fmt.Sprintf("A%c", 'A'+i); got != want {
			t.Errorf("usage location of user %d is %q, want %q", i, got, want)
		}
	}
}
