package guard_test

import (
	"testing"

	"github.com/seatwright/seatwright/policies/guard"
)

func TestNewFillsInTheStrictestRow(t *testing.T) {
	t.Parallel()
	stated, known := guard.New(guard.Row{Name: "new"}).Lookup("new")
	unknown, found := guard.All().Lookup("force")
	if !known || found {
		t.Errorf("a row is known: %v, a name without a row: %v", known, found)
	}
	for _, row := range []guard.Row{stated, unknown} {
		if row.Class != guard.Stop || row.Scope != guard.ScopeRun || row.Unit != guard.Users || row.Overridable() || row.NeedsTarget() || row.Holds != guard.HoldsNothing || row.RestGoes {
			t.Errorf("row %+v is not class stop, for the run, in users, without an override, and holds nothing", row)
		}
		if row.Default(guard.KeyUsers) != 0 {
			t.Errorf("row %+v has a limit above 0", row)
		}
	}
}

func TestRowsOfTheTableAreConsistent(t *testing.T) {
	t.Parallel()
	seen := map[guard.Name]bool{}
	for _, row := range guard.All().Rows() {
		if seen[row.Name] {
			t.Errorf("%s has two rows", row.Name)
		}
		seen[row.Name] = true
		if row.Summary == "" {
			t.Errorf("%s has no summary for the reference", row.Name)
		}
		if holds := row.Holds != guard.HoldsNothing; holds != (row.Class == guard.Hold) {
			t.Errorf("%s is of class %s and holds %q: class hold holds something, and no other class does", row.Name, row.Class, row.Holds)
		}
		if row.RestGoes && row.Class != guard.Hold {
			t.Errorf("%s is of class %s, and lets the rest go", row.Name, row.Class)
		}
		if row.Counts == guard.CountsNothing {
			t.Errorf("%s counts nothing: its annotations would have no place", row.Name)
		}
		if len(row.Settings) > 0 && !row.Overridable() {
			t.Errorf("%s has a limit and no override", row.Name)
		}
	}
}

func TestRowsReturnsACopy(t *testing.T) {
	t.Parallel()
	table := guard.All()
	table.Rows()[0].Override = guard.OverrideFlagAndWaiver
	if table.Rows()[0].Overridable() {
		t.Error("a change of the rows that a table returned has changed the table")
	}
}
