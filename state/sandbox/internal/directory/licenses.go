package directory

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// The values of licenseAssignmentState.state (Graph: licenseAssignmentState
// resource type).
const (
	StateActive          = "Active"
	stateActiveWithError = "ActiveWithError"
	stateDisabled        = "Disabled"
	StateError           = "Error"
)

// The values of licenseAssignmentState.error (Graph: licenseAssignmentState
// resource type).
const (
	reasonCount      = "CountViolation"
	reasonExclusive  = "MutuallyExclusiveViolation"
	reasonDependency = "DependencyViolation"
	reasonProhibited = "ProhibitedInUsageLocationViolation"
	reasonUnique     = "UniquenessViolation"
	ReasonOther      = "Other" // another license of the same group failed
)

// assignedLicense is Graph's assignedLicense. It does not show by which path the license
// came.
type assignedLicense struct {
	DisabledPlans []string `json:"disabledPlans"`
	SKUID         string   `json:"skuId"`
}

// LicenseAssignmentState is Graph's type of that name: one assignment path.
type LicenseAssignmentState struct {
	SKUID           string   `json:"skuId"`
	DisabledPlans   []string `json:"disabledPlans"`
	AssignedByGroup *string  `json:"assignedByGroup"`
	State           string   `json:"state"`
	Error           *string  `json:"error"`
	LastUpdated     string   `json:"lastUpdatedDateTime"`
}

// active yields the licenses of every path that gives something, the direct
// ones first.
func (s UserState) active() iter.Seq[License] {
	return func(yield func(License) bool) {
		for _, l := range s.Direct {
			if !yield(l) {
				return
			}
		}
		for _, p := range s.Inherited {
			if p.active() && !yield(p.License) {
				return
			}
		}
	}
}

// Held yields every SKU that a user holds in a state, once however many paths
// give it: a user takes one seat of a SKU (Entra: group-based licensing
// concepts).
func (s UserState) Held() iter.Seq[*SKU] {
	return func(yield func(*SKU) bool) {
		var seen []*SKU
		for l := range s.active() {
			if slices.Contains(seen, l.SKU) {
				continue
			}
			seen = append(seen, l.SKU)
			if !yield(l.SKU) {
				return
			}
		}
	}
}

// holds reports whether the user has a path of any kind to a SKU.
func (s UserState) holds(k *SKU) bool {
	for held := range s.Held() {
		if held == k {
			return true
		}
	}
	return false
}

// Effective returns the user's licenses over all paths, sorted by SKU. A plan
// is off only where every path that gives the SKU switches it off (Entra:
// group-based licensing additional scenarios).
func (s UserState) Effective() []License {
	var all []License
	for l := range s.active() {
		i := slices.IndexFunc(all, func(have License) bool { return have.SKU == l.SKU })
		if i < 0 {
			all = append(all, l)
			continue
		}
		all[i].Off = intersection(all[i].Off, l.Off)
	}
	slices.SortFunc(all, compareLicenses)
	return all
}

func compareLicenses(a, b License) int { return cmp.Compare(a.SKU.ID, b.SKU.ID) }

// plansOn returns the ids of the service plans that work for the user.
func (s UserState) plansOn() map[string]bool {
	on := map[string]bool{}
	for _, l := range s.Effective() {
		for _, p := range l.SKU.Plans {
			if !slices.Contains(l.Off, p.ID) {
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

// AssignedLicenses returns the property of that name.
func (u *User) AssignedLicenses() []assignedLicense {
	return assigned(u.State.Effective())
}

// AssignedLicenses returns the property of that name, of a group.
func (g *Group) AssignedLicenses() []assignedLicense { return assigned(g.State.Licenses) }

func assigned(licenses []License) []assignedLicense {
	out := make([]assignedLicense, 0, len(licenses))
	for _, l := range licenses {
		out = append(out, assignedLicense{DisabledPlans: orEmpty(l.Off), SKUID: l.SKU.ID})
	}
	return out
}

// LicenseAssignmentStates returns the property of that name. It is sorted by SKU, with the
// direct path before the inherited ones.
func (u *User) LicenseAssignmentStates() []LicenseAssignmentState {
	out := []LicenseAssignmentState{}
	for _, l := range u.State.Direct {
		out = append(out, pathState(l, nil, StateActive, ""))
	}
	for _, p := range u.State.Inherited {
		out = append(out, pathState(p.License, &p.Group.ID, p.State, p.failureReason))
	}
	slices.SortStableFunc(out, func(a, b LicenseAssignmentState) int { return cmp.Compare(a.SKUID, b.SKUID) })
	return out
}

// pathState renders one path. According to the documentation, error is null on success. The
// service sends "None".
func pathState(l License, group *string, state, failureReason string) LicenseAssignmentState {
	failureReason = cmp.Or(failureReason, "None")
	return LicenseAssignmentState{
		SKUID:           l.SKU.ID,
		DisabledPlans:   orEmpty(l.Off),
		AssignedByGroup: group,
		State:           state,
		Error:           &failureReason,
		LastUpdated:     Timestamp(l.updated),
	}
}

// orEmpty returns a list that is never null, because CSDL has Nullable="false".
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// Timestamp returns a time as Graph writes it.
func Timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Plans returns the service plans as licenseDetails shows them: those that are switched off
// have the status Disabled.
func (l License) Plans() []servicePlan {
	out := slices.Clone(l.SKU.Plans)
	for i := range out {
		if slices.Contains(l.Off, out[i].ID) {
			out[i].ProvisioningStatus = "Disabled"
		}
	}
	return out
}
