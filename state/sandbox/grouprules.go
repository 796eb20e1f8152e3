package sandbox

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// checkGroupChange refuses what no group can be told. Seats and service plans that
// do not fit show on the members, later. The words for a group without licences or
// security are ours: those of the service are not known.
func (t *Tenant) checkGroupChange(g *group, change licenceChange) *refusal.Error {
	if refused := checkArrays(change); refused != nil {
		return refused
	}
	if g.attributes["securityEnabled"] != true {
		return refusal.BadRequest("Licenses can be assigned to security-enabled groups only.")
	}
	for _, id := range change.remove {
		if t.skuByID[id] == nil {
			return notOwned(id)
		}
		if !slices.ContainsFunc(g.state.licences, func(l licence) bool { return l.sku.id == id }) {
			return refusal.BadRequest("Group does not have a corresponding license.")
		}
	}
	for _, a := range change.add {
		if refused := t.checkAddition(a); refused != nil {
			return refused
		}
	}
	return nil
}

// reprocess decides what a user has once all his groups were tried again. A plan
// that does not fit is refused in the words that other paths hide (recorded).
func (t *Tenant) reprocess(u *user, now time.Time) (userState, *refusal.Error) {
	trial := *u
	for _, g := range u.givers() {
		if broken := brokenRule(trial.state, g, u.isMember(g), now); broken != nil {
			return userState{}, broken
		}
		trial.state = t.inherit(&trial, g, now)
	}
	return trial.state, nil
}

// brokenRule is the rule for which a group's licences cannot be given to somebody
// with these.
func brokenRule(s userState, g *group, member bool, now time.Time) *refusal.Error {
	p := part(s, g, member, now)
	whole := s
	whole.inherited = joined(p.others, p.staying, p.arriving)
	for _, v := range newViolations(s, whole) {
		return v.refusal()
	}
	return nil
}

// givers are the groups that give a user licences, or should.
func (u *user) givers() []*group {
	out := slices.Clone(u.memberOf)
	for _, p := range u.state.inherited {
		if !slices.Contains(out, p.group) {
			out = append(out, p.group)
		}
	}
	return out
}
