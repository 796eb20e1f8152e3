package plan

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
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
	Filters     Filters
	Overrides   []Override
	Rate        float64 // writes a second that the run may make; 0: DefaultRate
	ToolVersion string
	Commit      string
}

// Filters leave steps out, whole ones only. The zero Filters leave out none.
type Filters struct {
	NoRemovals bool
	Approved   *Plan // only steps whose id is in this plan; nil: all
}

// Names are the flags as the plan records them.
func (f Filters) names() []string {
	names := []string{}
	if f.NoRemovals {
		names = append(names, "--no-removals")
	}
	if f.Approved != nil {
		names = append(names, "the plan file: only what is in it")
	}
	return names
}

// Override lifts the limit of one guard: --allow GUARD[:SKU]=N.
type Override struct {
	Guard GuardName
	SKU   state.SKUID // zero: for the whole run
	Limit int
	Text  string // as it was written, for the record
}

// managed is the set of SKUs that a run may touch, sorted by id.
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

// mentioned are the SKUs that any policy names.
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
	return ids
}
