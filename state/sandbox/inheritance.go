package sandbox

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// Group-based licensing. A group that is given or loses a licence is queued, and
// some time later its members get what it has now (Entra: "What is group-based
// licensing", "Group-based licensing additional scenarios", "Resolve group license
// assignment problems").

// The values of licenseProcessingState.state (Graph: group resource type).
const (
	processingQueued   = "QueuedForProcessing"
	processingRunning  = "ProcessingInProgress"
	processingComplete = "ProcessingComplete"
)

// waiting tells whether members do not have yet what their group was told.
func (s groupState) waiting() bool { return !s.asked.IsZero() }

// processing is the state of a group's licensing at a time. The second half of
// the delay it is at work.
func (s groupState) processing(now time.Time, delay time.Duration) string {
	switch {
	case !s.waiting():
		return processingComplete
	case now.Before(s.asked.Add(delay / 2)):
		return processingQueued
	}
	return processingRunning
}

// setGroup gives a group a state. The caller holds the lock.
func (t *Tenant) setGroup(g *group, next groupState) {
	g.state = next
	t.trackGroup(g)
	t.queued = slices.DeleteFunc(t.queued, func(q *group) bool { return q == g })
	if next.waiting() {
		t.queued = append(t.queued, g)
	}
}

// ProcessGroups gives the members of every group whose time has come what it has.
// It runs before each request, so that the clock alone decides what is read.
func (x *Writer) ProcessGroups() {
	t := x.tenant
	now := x.now().UTC().Truncate(time.Second)
	t.mu.RLock()
	idle := len(t.queued) == 0
	t.mu.RUnlock()
	if idle {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, g := range slices.Clone(t.queued) {
		if !now.Before(g.state.asked.Add(x.groupDelay)) {
			x.processGroup(g, now)
		}
	}
}

// processGroup licenses the members of one group, one after the other, since each
// may take the last seat. If the changes cannot be kept nothing happens, and the
// group waits on.
func (x *Writer) processGroup(g *group, now time.Time) {
	t := x.tenant
	asked := g.state
	var changes []change
	var touched []*user
	for _, u := range t.users {
		next := t.inherit(u, g, now)
		if next.equal(u.state) {
			continue
		}
		changes = append(changes, change{at: now, by: byGroups, user: u, before: u.state, after: next,
			refused: groupFailure(u, g, next, now)})
		touched = append(touched, u)
		t.set(u, next)
	}
	t.setGroup(g, groupState{licences: g.state.licences})
	if x.changed != nil && x.changed(t.change(touched, g)) != nil {
		for _, c := range changes {
			t.set(c.user, c.before)
		}
		t.setGroup(g, asked)
		return
	}
	t.noteSeats()
	for _, c := range changes {
		t.history.note(c)
		t.record.notePlans(c.user, c.before.plansOn(), now)
	}
}

// groupFailure says, as the audit log does, why a group cannot give a user what it
// should.
func groupFailure(u *user, g *group, next userState, now time.Time) *refusal.Error {
	i := slices.IndexFunc(next.inherited, func(p inherited) bool { return p.group == g && p.state == stateError })
	if i < 0 {
		return nil
	}
	if broken := brokenRule(u.state, g, u.isMember(g), now); broken != nil {
		return broken.Worded(variant.Set{variant.BracketedPlans})
	}
	return refusal.BadRequest("License assignment failed: %s.", next.inherited[i].failureReason)
}

// inherit decides what a user gets of a group as it is now. All products of a
// group are given together or not at all; what he has of it already stays.
func (t *Tenant) inherit(u *user, g *group, now time.Time) userState {
	p := part(u.state, g, u.isMember(g), now)
	next := u.state
	next.inherited = joined(p.others, p.staying, p.arriving)
	if reasons := t.obstacles(u, p, next); len(reasons) > 0 {
		next.inherited = joined(p.others, p.kept(reasons), p.failed(reasons, u.state))
	}
	if len(p.leaving) > 0 && breaksDependency(u.state, next) {
		next.inherited = joined(next.inherited, leftOver(p.leaving))
	}
	return next
}

// parted are a user's paths, seen from one group.
type parted struct {
	others   []inherited // through other groups
	staying  []inherited // active before and wanted, as wanted
	was      []inherited // the same as they were
	arriving []inherited // wanted and not active before
	leaving  []inherited // active before and not wanted
}

// part sorts paths by what a group means for them now; a user who is no member is
// to have none of its.
func part(s userState, g *group, member bool, now time.Time) parted {
	var p parted
	var wanted []licence
	if member {
		wanted = g.state.licences
	}
	for _, path := range s.inherited {
		wants := slices.ContainsFunc(wanted, func(l licence) bool { return l.sku == path.sku })
		switch {
		case path.group != g:
			p.others = append(p.others, path)
		case path.active() && wants:
			p.was = append(p.was, path)
		case path.active():
			p.leaving = append(p.leaving, path)
		}
	}
	for _, l := range wanted {
		path := inherited{licence: licence{sku: l.sku, off: l.off, updated: now}, group: g, state: stateActive}
		i := slices.IndexFunc(p.was, func(have inherited) bool { return have.sku == l.sku })
		switch {
		case i < 0:
			p.arriving = append(p.arriving, path)
			continue
		case slices.Equal(p.was[i].off, l.off) && p.was[i].state == stateActive:
			path = p.was[i]
		}
		p.staying = append(p.staying, path)
	}
	return p
}

func (u *user) isMember(g *group) bool { return slices.Contains(u.memberOf, g) }

// obstacles says by SKU why the user cannot have what the group wants him to.
func (t *Tenant) obstacles(u *user, p parted, next userState) map[*sku]string {
	reasons := map[*sku]string{}
	stayed := next // dependencies on what leaves are not what came's fault
	stayed.inherited = joined(next.inherited, p.leaving)
	broken := slices.DeleteFunc(newViolations(u.state, next), func(v violation) bool {
		return v.reason == reasonDependency && !breaksDependency(u.state, stayed)
	})
	for _, path := range joined(p.staying, p.arriving) {
		for _, v := range broken {
			if slices.ContainsFunc(v.plans, path.gives) {
				reasons[path.sku] = v.reason
			}
		}
	}
	for _, path := range p.arriving {
		switch {
		case t.prohibited(path.licence, t.locationOf(u)) != "":
			reasons[path.sku] = reasonProhibited
		case !u.state.holds(path.sku) && path.sku.free() <= 0:
			reasons[path.sku] = reasonCount
		case u.collides && path.mails():
			reasons[path.sku] = reasonUnique
		}
	}
	return reasons
}

// locationOf is where a user is licensed: without a location of his own he is
// taken to be where the tenant is.
func (t *Tenant) locationOf(u *user) string {
	if u.state.location != "" {
		return u.state.location
	}
	country, _ := t.organization.attributes["countryLetterCode"].(string)
	return country
}

// prohibited returns a working plan of a licence that is not offered in a place.
func (t *Tenant) prohibited(l licence, location string) string {
	for _, plan := range l.sku.plans {
		if l.gives(plan.ID) && slices.Contains(plan.prohibitedIn, location) {
			return plan.ID
		}
	}
	return ""
}

// mails tells whether a licence switches a mailbox on, for which the user's proxy
// addresses must be his alone.
func (l licence) mails() bool {
	return slices.ContainsFunc(l.sku.plans, func(p servicePlan) bool {
		return p.AppliesTo == "User" && serviceOf(p) == "exchange" && l.gives(p.ID)
	})
}

// gives tells whether a service plan is in the licence and on.
func (l licence) gives(plan string) bool {
	_, found := l.sku.plan(plan)
	return found && !slices.Contains(l.off, plan)
}

// kept are the paths that stay where something else failed: as they were.
func (p parted) kept(reasons map[*sku]string) []inherited {
	out := slices.Clone(p.was)
	for i := range out {
		if reason := reasons[out[i].sku]; reason != "" {
			out[i].state, out[i].failureReason = stateActiveWithError, reason
		}
	}
	return out
}

// failed are the paths that do not come to be. One that failed before in the same
// way keeps its date.
func (p parted) failed(reasons map[*sku]string, before userState) []inherited {
	out := slices.Clone(p.arriving)
	for i := range out {
		out[i].state, out[i].failureReason = stateError, reasonOther
		if reason := reasons[out[i].sku]; reason != "" {
			out[i].failureReason = reason
		}
		for _, old := range before.inherited {
			if old.of(out[i].group, out[i].sku) && old.failureReason == out[i].failureReason && slices.Equal(old.off, out[i].off) {
				out[i].updated = old.updated
			}
		}
	}
	return out
}

func breaksDependency(before, next userState) bool {
	return slices.ContainsFunc(newViolations(before, next), func(v violation) bool { return v.reason == reasonDependency })
}

// leftOver are the paths that a user keeps although his group no longer gives
// them, since another licence needs them: until that is mended and he is processed
// again.
func leftOver(paths []inherited) []inherited {
	out := slices.Clone(paths)
	for i := range out {
		out[i].state, out[i].failureReason = stateActiveWithError, reasonDependency
	}
	return out
}

func joined(lists ...[]inherited) []inherited {
	out := slices.Concat(lists...)
	slices.SortFunc(out, comparePaths)
	return out
}
