package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Live returns what a user that was just read has of everything that the step changes, to
// be compared with its Before and After.
func (s Step) Live(user state.User) State {
	if s.Kind == KindLocation {
		return State{UsageLocation: Location{Touched: true, Value: user.UsageLocation()}}
	}
	return stateOf(user.Paths(), s.touched(), func(state.SKUID) string { return "" })
}

// MayRun reports whether the user is still as in Before, directly and by groups.
func (s Step) MayRun(live State) bool {
	return live.UsageLocation == s.Before.UsageLocation && sameLicenses(live.Licenses, s.Before.Licenses) &&
		slices.EqualFunc(live.Inherited, s.Before.Inherited, sameInherited)
}

// Done reports whether the user is as in After. Groups do not matter: no step changes what
// they give.
func (s Step) Done(live State) bool {
	return live.UsageLocation == s.After.UsageLocation && sameLicenses(live.Licenses, s.After.Licenses)
}

// DoneBut reports whether the user is as in After, except for more service plans that are
// off. The service switches off what depends on a plan that is off. A user that is still as
// in Before is not done.
func (s Step) DoneBut(live State) (alsoOff []state.PlanID, done bool) {
	if s.Kind == KindLocation || len(live.Licenses) != len(s.After.Licenses) || sameLicenses(live.Licenses, s.Before.Licenses) {
		return nil, false
	}
	for i, after := range s.After.Licenses {
		got := live.Licenses[i]
		if got.SKU != after.SKU {
			return nil, false
		}
		for _, plan := range after.DisabledPlans {
			if !slices.Contains(got.DisabledPlans, plan) {
				return nil, false
			}
		}
		for _, plan := range got.DisabledPlans {
			if !slices.Contains(after.DisabledPlans, plan) {
				alsoOff = append(alsoOff, plan)
			}
		}
	}
	return alsoOff, true
}

// Change returns the write that carries the step out.
func (s Step) Change() state.Change {
	change := state.Change{User: s.User.ID, Step: s.ID}
	if s.Kind == KindLocation {
		change.Location = s.After.UsageLocation.Value
		return change
	}
	for _, add := range s.Adds() {
		change.Add = append(change.Add, state.License{SKU: add.SKU, Disabled: add.DisabledPlans})
	}
	for _, remove := range s.Removes() {
		change.Remove = append(change.Remove, remove.SKU)
	}
	return change
}

// Seats returns the SKUs of which the step takes a seat, and those of which it frees one. A
// user has one seat of a SKU as long as any path gives it.
func (s Step) Seats() (takes, frees []state.SKUID) {
	byGroup := func(sku state.SKUID) bool {
		return slices.ContainsFunc(s.Before.Inherited, func(i Inherited) bool { return i.SKU == sku && i.State != state.PathError })
	}
	for _, license := range s.After.Licenses {
		if _, held := find(s.Before.Licenses, license.SKU); !held && !byGroup(license.SKU) {
			takes = append(takes, license.SKU)
		}
	}
	for _, license := range s.Removes() {
		if !byGroup(license.SKU) {
			frees = append(frees, license.SKU)
		}
	}
	return takes, frees
}

// LosesMore reports whether the user, as just read, would lose a family or tier by the step
// that the plan did not show. The SKUs come from the snapshot.
func (s Step) LosesMore(c *catalog.Catalog, snapshot *state.Snapshot, user state.User) (Loss, bool) {
	if s.Kind == KindLocation {
		return Loss{}, false
	}
	for _, loss := range Losses(c, snapshot, user.Paths(), effective.After(user.Paths(), s.Change())) {
		shown := slices.ContainsFunc(s.Loses, func(l Loss) bool { return l.Family == loss.Family && l.To == loss.To && l.From == loss.From })
		if !shown {
			return loss, true
		}
	}
	return Loss{}, false
}

func sameLicenses(a, b []License) bool {
	return slices.EqualFunc(a, b, func(a, b License) bool { return a.SKU == b.SKU && equalPlans(a.DisabledPlans, b.DisabledPlans) })
}

func sameInherited(a, b Inherited) bool {
	return a.SKU == b.SKU && a.Group == b.Group && a.State == b.State && equalPlans(a.DisabledPlans, b.DisabledPlans)
}
