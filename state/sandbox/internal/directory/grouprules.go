package directory

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// checkGroupChange refuses changes that no group accepts. Missing seats and service plans
// that do not fit show on the members, later. The messages about a group without licenses
// or security are ours, because those of the service are not known.
func (t *Tenant) checkGroupChange(g *Group, change LicenseChange) *refusal.Error {
	if refused := checkArrays(change); refused != nil {
		return refused
	}
	if g.Attributes["securityEnabled"] != true {
		return refusal.BadRequest("Licenses can be assigned to security-enabled groups only.")
	}
	for _, id := range change.Remove {
		if t.skuByID[id] == nil {
			return notOwned(id)
		}
		if !slices.ContainsFunc(g.State.Licenses, func(l License) bool { return l.SKU.ID == id }) {
			return refusal.BadRequest("Group does not have a corresponding license.")
		}
	}
	for _, a := range change.Add {
		if refused := t.checkAddition(a); refused != nil {
			return refused
		}
	}
	return nil
}

// Reprocess returns the state of a user after all their groups were tried again. The
// refusal of a plan that does not fit uses the message that other paths hide (recorded).
func (t *Tenant) Reprocess(u *User, now time.Time) (UserState, *refusal.Error) {
	trial := *u
	for _, g := range u.licensingGroups() {
		if broken := brokenRule(trial.State, g, u.isMember(g), now); broken != nil {
			return UserState{}, broken
		}
		trial.State = t.inherit(&trial, g, now)
	}
	return trial.State, nil
}

// brokenRule returns the rule for which a user in this state cannot get the licenses of a
// group.
func brokenRule(s UserState, g *Group, member bool, now time.Time) *refusal.Error {
	p := partitionPaths(s, g, member, now)
	whole := s
	whole.Inherited = joined(p.others, p.staying, p.arriving)
	for _, v := range newViolations(s, whole) {
		return v.refusal()
	}
	return nil
}

// licensingGroups returns the groups that give a user licenses, or should.
func (u *User) licensingGroups() []*Group {
	out := slices.Clone(u.MemberOf)
	for _, p := range u.State.Inherited {
		if !slices.Contains(out, p.Group) {
			out = append(out, p.Group)
		}
	}
	return out
}
