package directory

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

// Group-based licensing. A group that is given or loses a license is queued, and
// some time later its members get what it has now (Entra: "What is group-based
// licensing", "Group-based licensing additional scenarios", "Resolve group license
// assignment problems").

// The values of licenseProcessingState.state (Graph: group resource type).
const (
	processingQueued   = "QueuedForProcessing"
	processingRunning  = "ProcessingInProgress"
	processingComplete = "ProcessingComplete"
)

// waiting reports whether members do not have yet what their group was assigned.
func (s groupState) waiting() bool { return !s.asked.IsZero() }

// Processing returns the state of a group's licensing at a time. The group is processing in
// the second half of the delay.
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

// ProcessGroups gives the members of every group what it has, once its delay is over. It
// runs before each request, so that the clock alone decides what is read.
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

// processGroup licenses the members of one group, one after the other, because each may
// take the last seat. If the changes cannot be kept, nothing happens and the group goes on
// waiting.
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
		t.setUser(u, next)
	}
	t.setGroup(g, groupState{Licenses: g.State.Licenses})
	if x.changed != nil && x.changed(t.change(touched, g)) != nil {
		for _, c := range changes {
			t.setUser(c.user, c.before)
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

// groupFailure returns the reason why a group cannot give a user what it should, in the
// words of the audit log.
func groupFailure(u *User, g *Group, next UserState, now time.Time) *refusal.Error {
	i := slices.IndexFunc(next.Inherited, func(p Inherited) bool { return p.Group == g && p.State == StateError })
	if i < 0 {
		return nil
	}
	if broken := brokenRule(u.State, g, u.isMember(g), now); broken != nil {
		return broken.ForVariants(variant.Set{variant.BracketedPlans})
	}
	return refusal.BadRequest("License assignment failed: %s.", next.Inherited[i].failureReason)
}

// inherit returns the state of a user with what the group gives now. All products of a
// group are given together or not at all. What the user has of it already stays.
func (t *Tenant) inherit(u *User, g *Group, now time.Time) UserState {
	p := partitionPaths(u.State, g, u.isMember(g), now)
	next := u.State
	next.Inherited = joined(p.others, p.staying, p.arriving)
	if reasons := t.obstacles(u, p, next); len(reasons) > 0 {
		next.Inherited = joined(p.others, p.kept(reasons), p.failed(reasons, u.State))
	}
	if len(p.leaving) > 0 && breaksDependency(u.State, next) {
		next.Inherited = joined(next.Inherited, retainedPaths(p.leaving))
	}
	return next
}

// pathPartition holds a user's paths, seen from one group.
type pathPartition struct {
	others   []Inherited // through other groups
	staying  []Inherited // active before and wanted, as wanted
	was      []Inherited // the same as they were
	arriving []Inherited // wanted and not active before
	leaving  []Inherited // active before and not wanted
}

// partitionPaths sorts paths by what a group means for them now. A user who is no member
// must have none of its licenses.
func partitionPaths(s UserState, g *Group, member bool, now time.Time) pathPartition {
	var p pathPartition
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

// obstacles returns by SKU why the user cannot have what the group should give them.
func (t *Tenant) obstacles(u *User, p pathPartition, next UserState) map[*SKU]string {
	reasons := map[*SKU]string{}
	stayed := next // a dependency on what leaves is no fault of what came
	stayed.Inherited = joined(next.Inherited, p.leaving)
	broken := slices.DeleteFunc(newViolations(u.State, next), func(v violation) bool {
		return v.reason == reasonDependency && !breaksDependency(u.State, stayed)
	})
	for _, path := range joined(p.staying, p.arriving) {
		for _, v := range broken {
			if slices.ContainsFunc(v.plans, path.includesPlan) {
				reasons[path.SKU] = v.reason
			}
		}
	}
	for _, path := range p.arriving {
		switch {
		case t.prohibited(path.License, t.licensingLocation(u)) != "":
			reasons[path.SKU] = reasonProhibited
		case !u.State.holds(path.SKU) && path.SKU.Free() <= 0:
			reasons[path.SKU] = reasonCount
		case u.collides && path.enablesMailbox():
			reasons[path.SKU] = reasonUnique
		}
	}
	return reasons
}

// licensingLocation returns the location in which a user is licensed. A user without a
// usage location gets that of the tenant.
func (t *Tenant) licensingLocation(u *User) string {
	if u.State.Location != "" {
		return u.State.Location
	}
	country, _ := t.Organization.Attributes["countryLetterCode"].(string)
	return country
}

// prohibited returns a working plan of a license that is not offered in a location, "" if
// there is none.
func (t *Tenant) prohibited(l License, location string) string {
	for _, plan := range l.SKU.Plans {
		if l.includesPlan(plan.ID) && slices.Contains(plan.prohibitedIn, location) {
			return plan.ID
		}
	}
	return ""
}

// enablesMailbox reports whether a license switches a mailbox on. The user's proxy
// addresses must then be unique.
func (l License) enablesMailbox() bool {
	return slices.ContainsFunc(l.SKU.Plans, func(p servicePlan) bool {
		return p.AppliesTo == "User" && serviceOf(p) == "exchange" && l.includesPlan(p.ID)
	})
}

// includesPlan reports whether a service plan is in the license and on.
func (l License) includesPlan(plan string) bool {
	_, found := l.SKU.Plan(plan)
	return found && !slices.Contains(l.Off, plan)
}

// kept returns the paths that stay as they were when something else failed.
func (p pathPartition) kept(reasons map[*SKU]string) []Inherited {
	out := slices.Clone(p.was)
	for i := range out {
		if reason := reasons[out[i].SKU]; reason != "" {
			out[i].State, out[i].failureReason = stateActiveWithError, reason
		}
	}
	return out
}

// failed returns the paths that fail. A path that failed before in the same way keeps its
// date.
func (p pathPartition) failed(reasons map[*SKU]string, before UserState) []Inherited {
	out := slices.Clone(p.arriving)
	for i := range out {
		out[i].State, out[i].failureReason = StateError, ReasonOther
		if reason := reasons[out[i].SKU]; reason != "" {
			out[i].failureReason = reason
		}
		for _, old := range before.Inherited {
			if old.goesThrough(out[i].Group, out[i].SKU) && old.failureReason == out[i].failureReason && slices.Equal(old.Off, out[i].Off) {
				out[i].updated = old.updated
			}
		}
	}
	return out
}

func breaksDependency(before, next UserState) bool {
	return slices.ContainsFunc(newViolations(before, next), func(v violation) bool { return v.reason == reasonDependency })
}

// retainedPaths returns the paths that a user keeps although their group no longer gives
// them, because another license needs them. They stay until that is repaired and the user
// is processed again.
func retainedPaths(paths []Inherited) []Inherited {
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
