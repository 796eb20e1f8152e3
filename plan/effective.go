package plan

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// planSet is a set of service plans.
type planSet map[state.PlanID]bool

// effective are the service plans that paths turn on for a user: what any of them
// enables is on, whatever the others say (Entra: "Group-based licensing additional
// scenarios"). Tenant-level plans are nobody's in particular and do not count.
func effective(snapshot *state.Snapshot, paths []state.Path) planSet {
	on := planSet{}
	for _, path := range paths {
		if !path.Holds() {
			continue
		}
		for _, plan := range userPlans(snapshot, path.SKU) {
			if !state.HasPlan(path.Disabled, plan.ID) {
				on[plan.ID] = true
			}
		}
	}
	return on
}

// userPlans are the plans of a SKU that are switched per user.
func userPlans(snapshot *state.Snapshot, id state.SKUID) []state.ServicePlan {
	sku, _ := snapshot.SKU(id)
	return slices.DeleteFunc(slices.Clone(sku.Plans), func(p state.ServicePlan) bool { return p.AppliesTo == state.ScopeCompany })
}

func (p *planner) userPlans(id state.SKUID) []state.ServicePlan { return userPlans(p.Snapshot, id) }

// minus are the plans of the set that the other one lacks, sorted.
func (s planSet) minus(other planSet) []state.PlanID {
	var gone []state.PlanID
	for plan := range s {
		if !other[plan] {
			gone = append(gone, plan)
		}
	}
	slices.SortFunc(gone, state.PlanID.Compare)
	return gone
}

// withoutDirect are the paths that are left when the direct paths of these SKUs go.
func withoutDirect(paths []state.Path, skus []state.SKUID) []state.Path {
	return slices.DeleteFunc(slices.Clone(paths), func(p state.Path) bool {
		return p.Direct() && slices.Contains(skus, p.SKU)
	})
}

// withLicenses are the paths after these licences were assigned directly.
func withLicenses(paths []state.Path, licenses []state.License) []state.Path {
	var skus []state.SKUID
	for _, license := range licenses {
		skus = append(skus, license.SKU)
	}
	after := withoutDirect(paths, skus)
	for _, license := range licenses {
		after = append(after, state.Path{SKU: license.SKU, State: state.PathActive, Disabled: license.Disabled})
	}
	return after
}

// afterChange are the paths after a write.
func afterChange(paths []state.Path, change state.Change) []state.Path {
	return withLicenses(withoutDirect(paths, change.Remove), change.Add)
}

// carried are the plans of the new SKU that stay off on a replacement: those that
// the old SKU had off and no path turned on, matched by id, else by name.
func carried(snapshot *state.Snapshot, paths []state.Path, from []state.SKUID, to state.SKUID) []state.PlanID {
	on := effective(snapshot, paths)
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
			if counterpart, found := counterpart(userPlans(snapshot, to), id, plan.Name); found {
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
