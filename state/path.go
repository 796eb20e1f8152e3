package state

import (
	"cmp"
	"slices"
)

// PathState is licenseAssignmentState.state.
type PathState string

// The states of an assignment path (Graph: "licenseAssignmentState resource type").
const (
	PathActive          PathState = "Active"
	PathActiveWithError PathState = "ActiveWithError"
	PathDisabled        PathState = "Disabled"
	PathError           PathState = "Error"
)

// Path is one way by which a user has a SKU.
type Path struct {
	SKU      SKUID
	Group    GroupID // zero: direct
	State    PathState
	Error    string   // "CountViolation" and so on; "" if there is none
	Disabled []PlanID // a sorted set
}

// Direct reports whether the path is direct, that is, not inherited from a group.
func (p Path) Direct() bool { return p.Group.IsZero() }

// Holds reports whether the path really gives the SKU. An inherited path in state Error
// gives nothing and takes no seat; ActiveWithError does both. A direct path counts in
// every state, since it can be removed.
func (p Path) Holds() bool { return p.Direct() || p.State != PathError }

// compare orders paths by SKU, direct ones first, then by group.
func (p Path) compare(other Path) int {
	return cmp.Or(p.SKU.Compare(other.SKU), p.Group.Compare(other.Group), cmp.Compare(p.State, other.State))
}

// License is a SKU to assign directly, with exactly these service plans off.
type License struct {
	SKU      SKUID
	Disabled []PlanID // a sorted set; empty: every plan is on
}

// SortedPlans returns the set of plans in canonical form; nil if it is empty.
func SortedPlans(plans []PlanID) []PlanID {
	if len(plans) == 0 {
		return nil
	}
	sorted := slices.Clone(plans)
	slices.SortFunc(sorted, PlanID.Compare)
	return slices.Compact(sorted)
}

// HasPlan reports whether the sorted set holds the plan.
func HasPlan(sorted []PlanID, plan PlanID) bool {
	_, found := slices.BinarySearchFunc(sorted, plan, PlanID.Compare)
	return found
}
