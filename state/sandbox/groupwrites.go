package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// assignToGroup answers POST groups/{id}/assignLicense. The answer says that the
// group was told, nothing about its members (Graph: "group: assignLicense").
func (f *face) assignToGroup(c *call) answer {
	w := f.newWrite(c, "groups/{id}/assignLicense")
	asked, refused := f.parseAssign(c)
	if refused == nil {
		w.Add, w.Remove, w.Status = asked.add, asked.remove, http.StatusAccepted
	}
	t := f.tenant
	t.mu.Lock()
	defer t.mu.Unlock()
	g, found := t.group(w.User)
	if !found && refused == nil {
		refused = refusal.NotFound(w.User)
	}
	if refused == nil {
		refused = t.checkGroupChange(g, asked)
	}
	if refused == nil {
		w.TookEffect, refused = f.keepGroup(g, groupState{licences: t.changedLicences(g.state.licences, asked, w.At), asked: w.At})
	}
	t.note(w, refused)
	if refused != nil {
		return f.answerTo(c, refused)
	}
	a := entity(c, "groups", query.Options{}, f.groupShape().project(g, nil))
	a.status = http.StatusAccepted
	a.set("Location", fmt.Sprintf("%s/v2/%s/directoryObjects/%s/Microsoft.DirectoryServices.Group", c.origin(), t.organization.id, g.id))
	return a
}

// keepGroup makes a change and hands it to the caller's Changed, or undoes it. A
// group that is told what it has already waits for nothing.
func (f *face) keepGroup(g *group, next groupState) (tookEffect bool, refused *refusal.Error) {
	if slices.EqualFunc(next.licences, g.state.licences, licence.equal) {
		return false, nil
	}
	before := g.state
	f.tenant.setGroup(g, next)
	if f.changed != nil {
		if err := f.changed(f.tenant.change(nil, g)); err != nil {
			f.tenant.setGroup(g, before)
			return false, notKept(err)
		}
	}
	return true, nil
}

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
