package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/state"
)

// Recent holds the users that lost something of a SKU in earlier runs, within the days that
// the guard of removals looks back.
type Recent map[state.SKUID]map[state.UserID]bool

// users returns the users of all SKUs.
func (r Recent) users() map[state.UserID]bool {
	all := map[state.UserID]bool{}
	for _, users := range r {
		for user := range users {
			all[user] = true
		}
	}
	return all
}

// stillGone leaves out users that hold the SKU again.
func (r Recent) stillGone(snapshot *state.Snapshot) Recent {
	gone := Recent{}
	for sku, users := range r {
		gone[sku] = map[state.UserID]bool{}
		for id := range users {
			user, found := snapshot.Find(id)
			if !found || effective.HoldingOf(user.PathsOf(sku)).Direct == nil {
				gone[sku][id] = true
			}
		}
	}
	return gone
}

// Takes returns the SKUs of which the step takes something and does not give as much
// instead. The guard of removals counts them for earlier runs, of which only steps are left.
func (s Step) Takes() []state.SKUID {
	removes, gives := s.Removes(), 0
	var takes []state.SKUID
	for _, license := range removes {
		takes = append(takes, license.SKU)
	}
	for _, license := range s.Adds() {
		before, held := find(s.Before.Licenses, license.SKU)
		switch {
		case !held:
			gives++
		case !subset(license.DisabledPlans, before.DisabledPlans):
			takes = append(takes, license.SKU)
		}
	}
	if s.Kind == KindReplace && len(removes) <= gives && len(s.Loses) == 0 {
		return nil
	}
	return takes
}

func subset(some, all []state.PlanID) bool {
	return !slices.ContainsFunc(some, func(id state.PlanID) bool { return !slices.Contains(all, id) })
}

// LayOver returns the snapshot with the effects of steps that are known to be done, for users
// that it still shows as they were before: reads can lag behind writes.
func LayOver(snapshot *state.Snapshot, done []Step) *state.Snapshot {
	changes := map[state.UserID]state.Overlay{}
	for _, step := range done {
		user, found := snapshot.Find(step.User.ID)
		if !found || user.Inconsistent() || !step.MayRun(step.Live(user)) {
			continue
		}
		change, begun := changes[user.ID()]
		if !begun {
			change = state.Overlay{Location: user.UsageLocation(), Paths: user.Paths()}
		}
		if step.Kind == KindLocation {
			change.Location = step.After.UsageLocation.Value
		} else {
			change.Paths = effective.After(change.Paths, step.Change())
		}
		changes[user.ID()] = change
	}
	return snapshot.With(changes)
}
