package directory

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

// Processing is the state of a group's licensing at a time. The second half of
// the delay it is at work.
func (s groupState) Processing(now time.Time, delay time.Duration) string {
	switch {
	case !s.waiting():
		return processingComplete
	case now.Before(s.asked.Add(delay / 2)):
		return processingQueued
	}
	return processingRunning
}

// setGroup gives a group a state. The caller holds the lock.
func (t *Tenant) setGroup(g *Group, next groupState) {
	g.State = next
	t.trackGroup(g)
	t.queued = slices.DeleteFunc(t.queued, func(q *Group) bool { return q == g })
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
		if !now.Before(g.State.asked.Add(x.groupDelay)) {
			x.processGroup(g, now)
		}
	}
}

// processGroup licenses the members of one group, one after the other, since each
// may take the last seat. If the changes cannot be kept nothing happens, and the
// group waits on.
func (x *Writer) processGroup(g *Group, now time.Time) {
	t := x.tenant
	asked := g.State
	var changes []change
	var touched []*User
	for _, u := range t.Users {
		next := t.inherit(u, g, now)
		if next.equal(u.State) {
			continue
		}
		changes = append(changes, change{at: now, by: byGroups, user: u, before: u.State, after: next,
			refused: groupFailure(u, g, next, now)})
		touched = append(touched, u)
		t.set(u, next)
	}
	t.setGroup(g, groupState{Licenses: g.State.Licenses})
	if x.changed != nil && x.changed(t.change(touched, g)) != nil {
		for _, c := range changes {
			t.set(c.user, c.before)
		}
		t.setGroup(g, asked)
		return
	}
	t.noteSeats()
	for _, c := range changes {
		t.History.note(c)
		t.record.notePlans(c.user, c.before.plansOn(), now)
	}
}

// groupFailure says, as the audit log does, why a group cannot give a user what it
// should.
func groupFailure(u *User, g *Group, next UserState, now time.Time) *refusal.Error {
	i := slices.IndexFunc(next.Inherited, func(p Inherited) bool { return p.Group == g && p.State == StateError })
	if i < 0 {
		return nil
	}
	if broken := brokenRule(u.State, g, u.isMember(g), now); broken != nil {
		return broken.Worded(variant.Set{variant.BracketedPlans})
	}
	return refusal.BadRequest("License assignment failed: %s.", next.Inherited[i].failureReason)
}

// inherit decides what a user gets of a group as it is now. All products of a
// group are given together or not at all; what he has of it already stays.
func (t *Tenant) inherit(u *User, g *Group, now time.Time) UserState {
	p := part(u.State, g, u.isMember(g), now)
	next := u.State
	next.Inherited = joined(p.others, p.staying, p.arriving)
	if reasons := t.obstacles(u, p, next); len(reasons) > 0 {
		next.Inherited = joined(p.others, p.kept(reasons), p.failed(reasons, u.State))
	}
	if len(p.leaving) > 0 && breaksDependency(u.State, next) {
		next.Inherited = joined(next.Inherited, leftOver(p.leaving))
	}
	return next
}

// parted are a user's paths, seen from one group.
type parted struct {
	others   []Inherited // through other groups
	staying  []Inherited // active before and wanted, as wanted
	was      []Inherited // the same as they were
	arriving []Inherited // wanted and not active before
	leaving  []Inherited // active before and not wanted
}

// part sorts paths by what a group means for them now; a user who is no member is
// to have none of its.
func part(s UserState, g *Group, member bool, now time.Time) parted {
	var p parted
	var wanted []License
	if member {
		wanted = g.State.Licenses
	}
	for _, path := range s.Inherited {
		wants := slices.ContainsFunc(wanted, func(l License) bool { return l.SKU == path.SKU })
		switch {
		case path.Group != g:
			p.others = append(p.others, path)
		case path.active() && wants:
			p.was = append(p.was, path)
		case path.active():
			p.leaving = append(p.leaving, path)
		}
	}
	for _, l := range wanted {
		path := Inherited{License: License{SKU: l.SKU, Off: l.Off, updated: now}, Group: g, State: StateActive}
		i := slices.IndexFunc(p.was, func(have Inherited) bool { return have.SKU == l.SKU })
		switch {
		case i < 0:
			p.arriving = append(p.arriving, path)
			continue
		case slices.Equal(p.was[i].Off, l.Off) && p.was[i].State == StateActive:
			path = p.was[i]
		}
		p.staying = append(p.staying, path)
	}
	return p
}

func (u *User) isMember(g *Group) bool { return slices.Contains(u.MemberOf, g) }

// obstacles says by SKU why the user cannot have what the group wants him to.
func (t *Tenant) obstacles(u *User, p parted, next UserState) map[*SKU]string {
	reasons := map[*SKU]string{}
	stayed := next // dependencies on what leaves are not what came's fault
	stayed.Inherited = joined(next.Inherited, p.leaving)
	broken := slices.DeleteFunc(newViolations(u.State, next), func(v violation) bool {
		return v.reason == reasonDependency && !breaksDependency(u.State, stayed)
	})
	for _, path := range joined(p.staying, p.arriving) {
		for _, v := range broken {
			if slices.ContainsFunc(v.plans, path.gives) {
				reasons[path.SKU] = v.reason
			}
		}
	}
	for _, path := range p.arriving {
		switch {
		case t.prohibited(path.License, t.locationOf(u)) != "":
			reasons[path.SKU] = reasonProhibited
		case !u.State.holds(path.SKU) && path.SKU.Free() <= 0:
			reasons[path.SKU] = reasonCount
		case u.collides && path.mails():
			reasons[path.SKU] = reasonUnique
		}
	}
	return reasons
}

// locationOf is where a user is licensed: without a location of his own he is
// taken to be where the tenant is.
func (t *Tenant) locationOf(u *User) string {
	if u.State.Location != "" {
		return u.State.Location
	}
	country, _ := t.Organization.Attributes["countryLetterCode"].(string)
	return country
}

// prohibited returns a working plan of a licence that is not offered in a place.
func (t *Tenant) prohibited(l License, location string) string {
	for _, plan := range l.SKU.Plans {
		if l.gives(plan.ID) && slices.Contains(plan.prohibitedIn, location) {
			return plan.ID
		}
	}
	return ""
}

// mails tells whether a licence switches a mailbox on, for which the user's proxy
// addresses must be his alone.
func (l License) mails() bool {
	return slices.ContainsFunc(l.SKU.Plans, func(p servicePlan) bool {
		return p.AppliesTo == "User" && serviceOf(p) == "exchange" && l.gives(p.ID)
	})
}

// gives tells whether a service plan is in the licence and on.
func (l License) gives(plan string) bool {
	_, found := l.SKU.Plan(plan)
	return found && !slices.Contains(l.Off, plan)
}

// kept are the paths that stay where something else failed: as they were.
func (p parted) kept(reasons map[*SKU]string) []Inherited {
	out := slices.Clone(p.was)
	for i := range out {
		if reason := reasons[out[i].SKU]; reason != "" {
			out[i].State, out[i].failureReason = stateActiveWithError, reason
		}
	}
	return out
}

// failed are the paths that do not come to be. One that failed before in the same
// way keeps its date.
func (p parted) failed(reasons map[*SKU]string, before UserState) []Inherited {
	out := slices.Clone(p.arriving)
	for i := range out {
		out[i].State, out[i].failureReason = StateError, ReasonOther
		if reason := reasons[out[i].SKU]; reason != "" {
			out[i].failureReason = reason
		}
		for _, old := range before.Inherited {
			if old.of(out[i].Group, out[i].SKU) && old.failureReason == out[i].failureReason && slices.Equal(old.Off, out[i].Off) {
				out[i].updated = old.updated
			}
		}
	}
	return out
}

func breaksDependency(before, next UserState) bool {
	return slices.ContainsFunc(newViolations(before, next), func(v violation) bool { return v.reason == reasonDependency })
}

// leftOver are the paths that a user keeps although his group no longer gives
// them, since another licence needs them: until that is mended and he is processed
// again.
func leftOver(paths []Inherited) []Inherited {
	out := slices.Clone(paths)
	for i := range out {
		out[i].State, out[i].failureReason = stateActiveWithError, reasonDependency
	}
	return out
}

func joined(lists ...[]Inherited) []Inherited {
	out := slices.Concat(lists...)
	slices.SortFunc(out, comparePaths)
	return out
}
