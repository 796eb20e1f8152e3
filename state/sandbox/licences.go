package sandbox

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// The values of licenseAssignmentState.state (Graph: licenseAssignmentState
// resource type).
const (
	stateActive          = "Active"
	stateActiveWithError = "ActiveWithError"
	stateDisabled        = "Disabled"
	stateError           = "Error"
)

// The values of licenseAssignmentState.error (Graph: licenseAssignmentState
// resource type).
const (
	reasonCount      = "CountViolation"
	reasonExclusive  = "MutuallyExclusiveViolation"
	reasonDependency = "DependencyViolation"
	reasonProhibited = "ProhibitedInUsageLocationViolation"
	reasonUnique     = "UniquenessViolation"
	reasonOther      = "Other" // another licence of the same group failed
)

// assignedLicense is Graph's assignedLicense. It does not say by which path
// the licence came.
type assignedLicense struct {
	DisabledPlans []string `json:"disabledPlans"`
	SKUID         string   `json:"skuId"`
}

// licenseAssignmentState is Graph's type of that name: one assignment path.
type licenseAssignmentState struct {
	SKUID           string   `json:"skuId"`
	DisabledPlans   []string `json:"disabledPlans"`
	AssignedByGroup *string  `json:"assignedByGroup"`
	State           string   `json:"state"`
	Error           *string  `json:"error"`
	LastUpdated     string   `json:"lastUpdatedDateTime"`
}

// active yields the licences of every path that gives something, the direct
// ones first.
func (s userState) active() iter.Seq[licence] {
	return func(yield func(licence) bool) {
		for _, l := range s.direct {
			if !yield(l) {
				return
			}
		}
		for _, p := range s.inherited {
			if p.active() && !yield(p.licence) {
				return
			}
		}
	}
}

// held yields every SKU that a user holds in a state, once however many paths
// give it: a user takes one seat of a SKU (Entra: group-based licensing
// concepts).
func (s userState) held() iter.Seq[*sku] {
	return func(yield func(*sku) bool) {
		var seen []*sku
		for l := range s.active() {
			if slices.Contains(seen, l.sku) {
				continue
			}
			seen = append(seen, l.sku)
			if !yield(l.sku) {
				return
			}
		}
	}
}

// holds tells whether there is a path of any kind to a SKU.
func (s userState) holds(k *sku) bool {
	for held := range s.held() {
		if held == k {
			return true
		}
	}
	return false
}

// effective returns the user's licences over all paths, sorted by SKU. A plan
// is off only where every path that gives the SKU switches it off (Entra:
// group-based licensing additional scenarios).
func (s userState) effective() []licence {
	var all []licence
	for l := range s.active() {
		i := slices.IndexFunc(all, func(have licence) bool { return have.sku == l.sku })
		if i < 0 {
			all = append(all, l)
			continue
		}
		all[i].off = intersection(all[i].off, l.off)
	}
	slices.SortFunc(all, compareLicences)
	return all
}

func compareLicences(a, b licence) int { return cmp.Compare(a.sku.id, b.sku.id) }

// plansOn returns the ids of the service plans that work for the user.
func (s userState) plansOn() map[string]bool {
	on := map[string]bool{}
	for _, l := range s.effective() {
		for _, p := range l.sku.plans {
			if !slices.Contains(l.off, p.ID) {
				on[p.ID] = true
			}
		}
	}
	return on
}

func intersection(a, b []string) []string {
	var both []string
	for _, x := range a {
		if slices.Contains(b, x) {
			both = append(both, x)
		}
	}
	return both
}

// assignedLicenses is the property of that name.
func (u *user) assignedLicenses() []assignedLicense {
	return assigned(u.state.effective())
}

func assigned(licences []licence) []assignedLicense {
	out := make([]assignedLicense, 0, len(licences))
	for _, l := range licences {
		out = append(out, assignedLicense{DisabledPlans: orEmpty(l.off), SKUID: l.sku.id})
	}
	return out
}

// licenseAssignmentStates is the property of that name: by SKU, and the direct
// path before the inherited ones.
func (u *user) licenseAssignmentStates() []licenseAssignmentState {
	out := []licenseAssignmentState{}
	for _, l := range u.state.direct {
		out = append(out, pathState(l, nil, stateActive, ""))
	}
	for _, p := range u.state.inherited {
		out = append(out, pathState(p.licence, &p.group.id, p.state, p.failureReason))
	}
	slices.SortStableFunc(out, func(a, b licenseAssignmentState) int { return cmp.Compare(a.SKUID, b.SKUID) })
	return out
}

// pathState renders one path. The documentation says that error is null on
// success; what the service sends is "None".
func pathState(l licence, group *string, state, failureReason string) licenseAssignmentState {
	failureReason = cmp.Or(failureReason, "None")
	return licenseAssignmentState{
		SKUID:           l.sku.id,
		DisabledPlans:   orEmpty(l.off),
		AssignedByGroup: group,
		State:           state,
		Error:           &failureReason,
		LastUpdated:     timestamp(l.updated),
	}
}

// orEmpty makes a list that is never null: CSDL says Nullable="false".
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// plans returns the service plans as licenseDetails shows them: those that are
// switched off have the status Disabled.
func (l licence) plans() []servicePlan {
	out := slices.Clone(l.sku.plans)
	for i := range out {
		if slices.Contains(l.off, out[i].ID) {
			out[i].ProvisioningStatus = "Disabled"
		}
	}
	return out
}
