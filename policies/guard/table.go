package guard

import (
	"cmp"
	"slices"
)

// The guards.
const (
	Tenant       Name = "tenant"
	Read         Name = "read"
	Removals     Name = "removals"
	Replacements Name = "replacements"
	Additions    Name = "additions"
	Losses       Name = "losses"
	Locations    Name = "locations"
	Source       Name = "source"
	Implausible  Name = "implausible"
	Corrections  Name = "corrections"
	Protected    Name = "protected"
)

// Table is a set of guards, in the order in which plans show them.
type Table struct{ rows []Row }

// New returns a table of rows. What a row does not state is filled in with what is
// strictest, so that a forgotten column never opens a guard.
func New(rows ...Row) Table {
	t := Table{rows: slices.Clone(rows)}
	for i := range t.rows {
		t.rows[i] = t.rows[i].filledIn()
	}
	return t
}

func (r Row) filledIn() Row {
	r.Class, r.Scope, r.Unit = cmp.Or(r.Class, Stop), cmp.Or(r.Scope, ScopeRun), cmp.Or(r.Unit, Users)
	return r
}

// Rows returns every guard.
func (t Table) Rows() []Row { return slices.Clone(t.rows) }

// Lookup returns the row of a guard. A name that is not in the table, such as one from the
// plan file of another version, has the strictest row.
func (t Table) Lookup(name Name) (Row, bool) {
	for _, row := range t.rows {
		if row.Name == name {
			return row, true
		}
	}
	return Row{Name: name}.filledIn(), false
}

// Lookup returns the row of a guard of this program.
func Lookup(name Name) (Row, bool) { return All().Lookup(name) }

// All returns the guards of this program.
func All() Table {
	return New(
		Row{Name: Tenant, Counts: CountsRead, Summary: "another tenant answers than the settings name"},
		Row{Name: Read, Counts: CountsRead, Summary: "the tenant was not read completely, or has no users or no SKUs"},
		Row{Name: Removals, Class: Hold, Scope: ScopeSKU, PerRun: true, Days: 7, Settings: []Setting{{Key: KeyUsers, Default: 50}, {Key: KeyPercent, Default: 5}},
			Counts: CountsRemovals, Holds: HoldsTaking, Override: OverrideFlagAndWaiver,
			Summary: "users that lose a license or a service plan without a replacement, per SKU and in the whole run"},
		Row{Name: Replacements, Class: Hold, Settings: []Setting{{Key: KeyUsers, Default: 200}},
			Counts: CountsReplacements, Holds: HoldsTaking, Override: OverrideFlagAndWaiver,
			Summary: "users whose license is replaced by another one"},
		Row{Name: Additions, Scope: ScopeSKU, Settings: []Setting{{Key: KeyUsers, Default: 200}, {Key: KeyPercent, Default: 20}},
			Counts: CountsAdditions, Override: OverrideFlagAndWaiver,
			Summary: "users that get a SKU which replaces no other one"},
		Row{Name: Losses, Class: Hold, Settings: []Setting{{Key: KeyUsers, Default: 0}},
			Counts: CountsLosses, Holds: HoldsTaking, Override: OverrideFlagAndWaiver,
			Summary: "users that lose data or a level of a service which no policy of theirs allows to be lost"},
		Row{Name: Locations, Class: Hold, Settings: []Setting{{Key: KeyUsers, Default: 5}},
			Counts: CountsOverwrites, Holds: HoldsCounted, Override: OverrideFlagAndWaiver,
			Summary: "users whose usage location is overwritten"},
		Row{Name: Source, Class: Hold, Scope: ScopePolicy, Unit: Percent, Settings: []Setting{{Key: KeyUsers, Default: 10}, {Key: KeyPercent, Default: 20}},
			Counts: CountsAll, Holds: HoldsTakingAndExposed, Override: OverrideFlagAndWaiver,
			Summary: "users that a selector lost or gained since the baseline, if assignments would be removed; users that exceptions or protection lost"},
		Row{Name: Implausible, Class: Hold, Scope: ScopeSKU, Unit: Seats, Settings: []Setting{{Key: KeySeats, Default: 20, Fixed: true}, {Key: KeyPercent, Default: 10, Fixed: true}},
			Counts: CountsAll, Holds: HoldsTaking, RestGoes: true, Override: OverrideFlagAndWaiver,
			Summary: "seats between those that the service counts as used and the holders that were read"},
		Row{Name: Corrections, Settings: []Setting{{Key: KeyUsers, Default: 50}},
			Counts: CountsAll, Override: OverrideFlagAndWaiver,
			Summary: "users that `drift --correct` would change; the other guards count them too"},
		Row{Name: Protected, Class: Assertion, Counts: CountsTaking,
			Summary: "users that are protected and would lose something all the same: a defect of Seatwright"},
	)
}
