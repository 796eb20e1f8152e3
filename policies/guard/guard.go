package guard

// Name is what settings, waivers, flags and plans call a guard.
type Name string

// Class is how a guard acts when its limit is exceeded.
type Class string

// The classes of guards.
const (
	Stop      Class = "stop"      // always stops the run; the default
	Hold      Class = "hold"      // stops the run, or with --hold leaves out what its row names
	Assertion Class = "assertion" // must never be exceeded: that would be a defect
)

// Scope is what one limit of a guard is for, and so what an override names.
type Scope string

// The scopes of guards.
const (
	ScopeRun    Scope = "run" // the default
	ScopeSKU    Scope = "sku"
	ScopePolicy Scope = "policy"
)

// Unit is what a limit counts in.
type Unit string

// The units of limits.
const (
	Users   Unit = "users" // the default
	Percent Unit = "percent"
	Seats   Unit = "seats" // between two counts of the same seats
)

// Key is a key of a guard in the settings.
type Key string

// The keys of limits.
const (
	KeyUsers   Key = "users"
	KeyPercent Key = "percent"
	KeySeats   Key = "seats"
)

// Setting is a number that a limit is made of.
type Setting struct {
	Key     Key
	Default int
	Fixed   bool // settings cannot change it
}

// Unit returns what the number counts in.
func (s Setting) Unit() Unit {
	switch s.Key {
	case KeyPercent:
		return Percent
	case KeySeats:
		return Seats
	}
	return Users
}

// Counts names the steps that a guard counts. Views point at the policies behind them.
type Counts string

// What guards count.
const (
	CountsNothing      Counts = ""             // no steps; the default
	CountsRead         Counts = "read"         // whether the read can be trusted at all, whatever the steps
	CountsAll          Counts = "all"          // every step
	CountsTaking       Counts = "taking"       // steps that take something, and locations that are overwritten
	CountsRemovals     Counts = "removals"     // steps that take something and give nothing of the same kind
	CountsReplacements Counts = "replacements" // steps that take something and give something in its place
	CountsAdditions    Counts = "additions"    // steps that give a SKU
	CountsLosses       Counts = "losses"       // steps with which data is lost
	CountsOverwrites   Counts = "overwrites"   // usage locations that are overwritten
)

// Holds names the steps that --hold leaves out while the limit is exceeded. A guard of
// another class than hold leaves out none.
type Holds string

// What guards hold.
const (
	HoldsNothing          Holds = ""                   // so that the run stops; the default
	HoldsCounted          Holds = "counted"            // the steps it counts, of the SKU or the policy whose limit is exceeded
	HoldsTaking           Holds = "taking"             // every step that takes something
	HoldsTakingAndExposed Holds = "taking_and_exposed" // these, and all steps of a policy whose exceptions shrank; of every policy, if protection shrank
)

// Override is what lets through a plan that exceeds the limit.
type Override string

// The overrides of guards.
const (
	OverrideNone          Override = ""                // the default
	OverrideFlagAndWaiver Override = "flag_and_waiver" // --allow with a number, or a waiver with one
)

// Row is one guard.
type Row struct {
	Name     Name
	Class    Class
	Scope    Scope
	PerRun   bool // there is a limit for the whole run too, besides those of the scope
	Unit     Unit // of what is seen, and of overrides
	Days     int  // the days of earlier runs whose users count too; 0: those of this run alone
	Settings []Setting
	Counts   Counts
	Holds    Holds
	RestGoes bool // with --hold, steps that it does not hold go although its limit stays exceeded
	Override Override
	Summary  string // what it counts, in one line of the reference
}

// Overridable reports whether anything lets a plan through that exceeds the limit.
func (r Row) Overridable() bool { return r.Override != OverrideNone }

// NeedsTarget reports whether a waiver must name a SKU or a policy, because there is no
// limit for the whole run.
func (r Row) NeedsTarget() bool { return r.Scope != ScopeRun && !r.PerRun }

// Default returns the number that counts where settings state no other one.
func (r Row) Default(key Key) int {
	for _, s := range r.Settings {
		if s.Key == key {
			return s.Default
		}
	}
	return 0
}
