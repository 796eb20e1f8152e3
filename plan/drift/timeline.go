package drift

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// Write is a change that a run of ours made, as its journal records it.
type Write struct {
	Run   string
	At    time.Time // when it was sent
	Until time.Time // when its effect was read back
	Step  plan.Step // without names
}

// Change is one change of an assignment or a location, by any writer.
type Change struct {
	At   time.Time `json:"at"`
	Does Direction `json:"does"` // "": the log does not show which licenses were changed
	To   string    `json:"to"`   // of a location
	Run  string    `json:"run"`  // the run that made it; "" for another writer, or if the journal is lost
	By   Actor     `json:"by"`
	Ours bool      `json:"ours"`
}

// Actor is the user or application that made a change, as the audit log names it.
type Actor struct {
	ID   string `json:"id"`   // of a user or an application; "" where the log has none
	Kind string `json:"kind"` // user, app, or "" if the log names none
	Name string `json:"name"`
}

// The kinds of actors.
const (
	ActorUser = "user"
	ActorApp  = "app"
)

func actorOf(a state.Actor) Actor {
	switch {
	case !a.User.IsZero():
		return Actor{a.User.String(), ActorUser, a.Name}
	case a.App != "" || a.Name != "":
		return Actor{a.App, ActorApp, a.Name}
	}
	return Actor{}
}

// changesOfStep returns what a step did to each assignment of its user. The zero SKU means
// the location.
func changesOfStep(s plan.Step) map[state.SKUID]Change {
	made := map[state.SKUID]Change{}
	if s.Kind == plan.KindLocation {
		made[state.SKUID{}] = Change{Does: changes, To: s.After.UsageLocation.Value}
	}
	for _, license := range s.Adds() {
		change := Change{Does: gives}
		if _, had := findLicense(s.Before.Licenses, license.SKU); had {
			change.Does = changes
		}
		made[license.SKU] = change
	}
	for _, license := range s.Removes() {
		made[license.SKU] = Change{Does: takes}
	}
	return made
}

// changesOfEvent returns what an entry of the log did to each assignment of its user.
func changesOfEvent(e state.AuditEvent) map[state.SKUID]Change {
	made := map[state.SKUID]Change{}
	if e.Location != nil && e.Location.Before != e.Location.After {
		made[state.SKUID{}] = Change{Does: changes, To: e.Location.After}
	}
	if e.Licenses == nil {
		return made
	}
	before, after := bySKU(e.Licenses.Before), bySKU(e.Licenses.After)
	for sku, is := range after {
		switch was, had := before[sku]; {
		case !had:
			made[sku] = Change{Does: gives}
		case !slices.Equal(was, is):
			made[sku] = Change{Does: changes}
		}
	}
	for sku := range before {
		if _, has := after[sku]; !has {
			made[sku] = Change{Does: takes}
		}
	}
	return made
}

func bySKU(licenses []state.AuditedLicense) map[state.SKUID][]string {
	all := map[state.SKUID][]string{}
	for _, l := range licenses {
		all[l.SKU] = l.Disabled
	}
	return all
}

// maxClockSkew is how far the times of the log may differ from those of a journal.
const maxClockSkew = 5 * time.Minute

// Timeline holds the known changes of every assignment.
type Timeline struct {
	changes     map[plan.Pair][]Change    // by time
	unspecified map[state.UserID][]Change // by time, if the log does not show which licenses were changed
}

// NewTimeline merges the writes of runs and the entries of the log. An entry that
// describes a write of a run, or that names the application of the runs, is ours. A write
// that is in a journal and in the log is counted once.
func NewTimeline(writes []Write, events []state.AuditEvent, app string) *Timeline {
	c := &Timeline{changes: map[plan.Pair][]Change{}, unspecified: map[state.UserID][]Change{}}
	spans := map[plan.Pair][]Write{}
	for _, write := range writes {
		for sku, change := range changesOfStep(write.Step) {
			pair := plan.Pair{User: write.Step.User.ID, SKU: sku}
			change.At, change.Run, change.Ours = write.Until, write.Run, true
			c.changes[pair] = append(c.changes[pair], change)
			spans[pair] = append(spans[pair], write)
		}
	}
	for _, event := range events {
		if event.Licenses == nil && event.Location == nil {
			c.unspecified[event.User] = append(c.unspecified[event.User], Change{At: event.At, By: actorOf(event.By), Ours: app != "" && event.By.App == app})
		}
		for sku, change := range changesOfEvent(event) {
			pair := plan.Pair{User: event.User, SKU: sku}
			if slices.ContainsFunc(spans[pair], func(d Write) bool { return d.matches(event.At, sku, change) }) {
				continue
			}
			change.At, change.By, change.Ours = event.At, actorOf(event.By), app != "" && event.By.App == app
			c.changes[pair] = append(c.changes[pair], change)
		}
	}
	for _, changes := range c.changes {
		slices.SortStableFunc(changes, func(a, b Change) int { return a.At.Compare(b.At) })
	}
	return c
}

// matches reports whether an entry of the log describes the write.
func (d Write) matches(at time.Time, sku state.SKUID, change Change) bool {
	ours := changesOfStep(d.Step)[sku]
	return ours.Does == change.Does && ours.To == change.To && !at.Before(d.At.Add(-maxClockSkew)) && !at.After(d.Until.Add(maxClockSkew))
}

// maxChanges limits how many changes an item shows.
const maxChanges = 3

// causesOf returns the changes that can have led to an item, newest first: those of its
// assignment. If there are none, it returns the changes of the user's licenses by other
// writers that the log does not specify.
func (c *Timeline) causesOf(x *Item, since time.Time) []Change {
	made := latestChanges(c.changes[plan.Pair{User: x.User.ID, SKU: x.sku}], since, x.isBrokenBy)
	if len(made) == 0 && x.Sort != Location && x.direction() != unknown {
		made = latestChanges(c.unspecified[x.User.ID], since, func(t Change) bool { return !t.Ours })
	}
	return made
}

func latestChanges(changes []Change, since time.Time, of func(Change) bool) []Change {
	found := []Change{}
	for _, change := range slices.Backward(changes) {
		if change.At.Before(since) || len(found) == maxChanges {
			break
		}
		if of(change) {
			found = append(found, change)
		}
	}
	return found
}

// isBrokenBy reports whether a change is the opposite of what would correct the item.
func (i *Item) isBrokenBy(t Change) bool {
	switch i.direction() {
	case gives:
		return t.Does == takes
	case takes:
		return t.Does == gives
	case changes:
		if i.Sort == Location {
			return t.Does == changes && t.To != i.To
		}
		return t.Does == changes && !t.Ours
	}
	return false
}

// isFixedBy reports whether a change did what would correct the item.
func (i *Item) isFixedBy(t Change) bool {
	switch i.direction() {
	case gives, takes:
		return t.Does == i.direction()
	case changes:
		if i.Sort == Location {
			return t.Does == changes && t.To == i.To
		}
		return t.Does == changes && t.Ours
	}
	return false
}

// Flapping describes how often another writer changed an item back, and which writers did.
type Flapping struct {
	Times int       `json:"times"` // number of changes of our runs that another writer reverted
	Since time.Time `json:"since"` // when a run of ours made the change first
	Runs  []string  `json:"runs"`
	With  []Actor   `json:"with"` // the writers that the log names
}

// minFlapping is how often an item must be changed back to be flapping. Once is drift.
const minFlapping = 2

// findFlapping looks for runs that repeated a change which another writer had reverted. If
// the log does not show that writer, the run that had to repeat the change does. That run
// must have a journal, since the log can describe one write twice.
func (c *Timeline) findFlapping(x *Item) *Flapping {
	f := Flapping{Runs: []string{}, With: []Actor{}}
	ours, reverted := false, false // our last change corrects the item; it has been reverted
	for _, change := range c.changes[plan.Pair{User: x.User.ID, SKU: x.sku}] {
		switch {
		case x.isFixedBy(change) && change.Ours:
			if ours && !reverted && change.Run != "" && !slices.Contains(f.Runs, change.Run) {
				f.Times++
			}
			f.record(change)
			ours, reverted = true, false
		case x.isBrokenBy(change) && change.Ours: // an undo, or other policies: not another writer
			ours = false
		case x.isBrokenBy(change) && ours:
			if !reverted {
				f.Times++
			}
			reverted = true
			if change.By.Kind != "" && !slices.Contains(f.With, change.By) {
				f.With = append(f.With, change.By)
			}
		}
	}
	if ours && !reverted {
		f.Times++
	}
	if f.Times < minFlapping {
		return nil
	}
	return &f
}

func (f *Flapping) record(t Change) {
	if f.Since.IsZero() {
		f.Since = t.At
	}
	if t.Run != "" && !slices.Contains(f.Runs, t.Run) {
		f.Runs = append(f.Runs, t.Run)
	}
}

// MarkChanges records for every item which changes since a time led to it, and whether it is
// flapping.
func (r *Report) MarkChanges(c *Timeline, since time.Time) {
	for i := range r.Items {
		x := &r.Items[i]
		x.Changed, x.Flapping = c.causesOf(x, since), c.findFlapping(x)
	}
}

// LocationUsers returns the users whose location is not as the policies want it, to be looked up
// in the log.
func (r *Report) LocationUsers() []state.UserID {
	var users []state.UserID
	for i := range r.Items {
		if r.Items[i].Sort == Location && r.Items[i].Class != Pending {
			users = append(users, r.Items[i].User.ID)
		}
	}
	slices.SortFunc(users, state.UserID.Compare)
	return slices.Compact(users)
}
