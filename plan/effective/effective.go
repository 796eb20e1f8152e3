package effective

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// Set is a set of service plans.
type Set map[state.PlanID]bool

// Plans returns the service plans that paths turn on for a user. A plan that any path
// enables is on, whatever the other paths state (Entra: "Group-based licensing additional
// scenarios"). Plans of the whole tenant belong to no user and do not count.
func Plans(snapshot *state.Snapshot, paths []state.Path) Set {
	on := Set{}
	for _, path := range paths {
		if !path.Holds() {
			continue
		}
		for _, plan := range UserPlans(snapshot, path.SKU) {
			if !state.HasPlan(path.Disabled, plan.ID) {
				on[plan.ID] = true
			}
		}
	}
	return on
}

// UserPlans returns the service plans of a SKU that are switched per user.
func UserPlans(snapshot *state.Snapshot, id state.SKUID) []state.ServicePlan {
	sku, _ := snapshot.SKU(id)
	return slices.DeleteFunc(slices.Clone(sku.Plans), func(p state.ServicePlan) bool { return p.AppliesTo == state.ScopeCompany })
}

// Minus returns the plans of the set that the other one lacks, sorted.
func (s Set) Minus(other Set) []state.PlanID {
	var gone []state.PlanID
	for plan := range s {
		if !other[plan] {
			gone = append(gone, plan)
		}
	}
	slices.SortFunc(gone, state.PlanID.Compare)
	return gone
}

// WithoutDirect returns the paths that are left when the direct paths of these SKUs go.
func WithoutDirect(paths []state.Path, skus []state.SKUID) []state.Path {
	return slices.DeleteFunc(slices.Clone(paths), func(p state.Path) bool {
		return p.Direct() && slices.Contains(skus, p.SKU)
	})
}

// WithLicenses returns the paths after these licenses were assigned directly.
func WithLicenses(paths []state.Path, licenses []state.License) []state.Path {
	var skus []state.SKUID
	for _, license := range licenses {
		skus = append(skus, license.SKU)
	}
	after := WithoutDirect(paths, skus)
	for _, license := range licenses {
		after = append(after, state.Path{SKU: license.SKU, State: state.PathActive, Disabled: license.Disabled})
	}
	return after
}

// After returns the paths after a write.
func After(paths []state.Path, change state.Change) []state.Path {
	return WithLicenses(WithoutDirect(paths, change.Remove), change.Add)
}

// Carried returns the plans of the new SKU that stay off on a replacement: those that the
// old SKU had off and no path turned on. They are matched by id, else by name.
func Carried(snapshot *state.Snapshot, paths []state.Path, from []state.SKUID, to state.SKUID) []state.PlanID {
	on := Plans(snapshot, paths)
	var off []state.PlanID
	for _, path := range paths {
		if !path.Direct() || !slices.Contains(from, path.SKU) {
			continue
		}
		old, _ := snapshot.SKU(path.SKU)
		for _, id := range path.Disabled {
			if on[id] {
				continue
			}
			plan, _ := old.Plan(id)
			if counterpart, found := counterpart(UserPlans(snapshot, to), id, plan.Name); found {
				off = append(off, counterpart)
			}
		}
	}
	return state.SortedPlans(off)
}

func counterpart(plans []state.ServicePlan, id state.PlanID, name string) (state.PlanID, bool) {
	for _, match := range []func(state.ServicePlan) bool{
		func(p state.ServicePlan) bool { return p.ID == id },
		func(p state.ServicePlan) bool { return p.Name == name && name != "" },
	} {
		if i := slices.IndexFunc(plans, match); i >= 0 {
			return plans[i].ID, true
		}
	}
	return state.PlanID{}, false
}
