package plan

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// Input is everything a plan depends on.
type Input struct {
	Set         *policies.Set // bound: every name has its id
	Matches     *selector.Matches
	Snapshot    *state.Snapshot
	Catalog     *catalog.Catalog // of this tenant
	Now         time.Time
	Mode        Mode // "" is ModePolicies
	Filters     Filters
	Overrides   []Override
	Baseline    *Baseline // which users matched before; nil: unknown
	Recent      Recent    // users that lost licenses in earlier runs; nil: unknown
	FirstRun    bool      // allow removals that need a baseline although there is none yet
	Hold        bool      // a breached guard of class hold holds steps and does not stop the rest
	Rate        float64   // writes a second that the run may make; 0: DefaultRate
	ToolVersion string
	Commit      string
	Settings    *SettingsFrom // nil: the settings are those beside the policies
}

// Filters leave out whole steps. The zero Filters leave out none.
type Filters struct {
	NoRemovals bool
	Only       []Term // steps that fit one of them; none: all
	Exclude    []Term // not the steps that fit one of them
	Leave      []Pair // leave these as they are, and what is tied to them
	Approved   *Plan  // only steps whose id is in this plan; nil: all
}

// Pair is a user and a SKU; the zero SKU means the usage location of the user.
type Pair struct {
	User state.UserID
	SKU  state.SKUID
}

// Term is a condition on a step, of --only and --exclude. One field is set.
type Term struct {
	User   string // user principal name, in any case
	SKU    state.SKUID
	Policy string
	Kind   Kind
	Text   string // as it was written, for the record
}

// names returns the flags as a plan of the mode records them.
func (f Filters) names(mode Mode) []string {
	names := []string{}
	if f.NoRemovals {
		names = append(names, "--no-removals")
	}
	for _, term := range f.Only {
		names = append(names, "--only "+term.Text)
	}
	for _, term := range f.Exclude {
		names = append(names, "--exclude "+term.Text)
	}
	switch {
	case mode == ModeCorrections:
		names = append(names, "what is not to be corrected")
	case f.Approved != nil:
		names = append(names, "the plan file: only what is in it")
	}
	return names
}

// Override lifts the limit of one guard: --allow GUARD[:SKU|POLICY]=N, or a waiver
// among the settings.
type Override struct {
	Guard  guard.Name
	SKU    state.SKUID // zero: for the whole run, or a policy
	Policy string      // of the source guard; "": not for a policy
	Limit  int
	Text   string // as it was written, for the record
}

// managed returns the SKUs that a run may change, sorted by id.
func managed(in Input) []state.SKUID {
	var ids []state.SKUID
	switch manage := in.Set.Tenant.Manage; manage.Mode {
	case policies.ManageList:
		for _, sku := range manage.SKUs {
			ids = append(ids, sku.ID)
		}
	case policies.ManageAll:
		ids = mentioned(in.Set)
		for _, sku := range in.Snapshot.SKUs {
			if sku.AppliesTo == state.ScopeUser && !in.Catalog.Free(sku) {
				ids = append(ids, sku.ID)
			}
		}
	default:
		ids = mentioned(in.Set)
	}
	slices.SortFunc(ids, state.SKUID.Compare)
	return slices.Compact(ids)
}

// mentioned returns the SKUs that a policy, in any mode and window, or a set of `one_of`
// names.
func mentioned(set *policies.Set) []state.SKUID {
	var ids []state.SKUID
	for _, policy := range set.Policies {
		for _, license := range policy.Licenses {
			ids = append(ids, license.SKU.ID)
		}
		for _, replacement := range policy.Replace {
			ids = append(ids, replacement.From.ID, replacement.To.SKU.ID)
		}
		for _, absent := range policy.Absent {
			ids = append(ids, absent.ID)
		}
	}
	for _, group := range set.Tenant.OneOf {
		for _, sku := range group.SKUs {
			ids = append(ids, sku.ID)
		}
	}
	return slices.DeleteFunc(ids, state.SKUID.IsZero) // if_owned, and not owned
}

// DefaultRate is how many writes a second a run makes if no rate is given: 80 % of
// the 3,000 per 150 seconds that Microsoft allows one app in one tenant
// (Graph: "Microsoft Graph service-specific throttling limits", Identity and access).
const DefaultRate = 0.8 * QuotaRate

// QuotaRate is how many writes a second the quota allows.
const QuotaRate = 3000.0 / 150
