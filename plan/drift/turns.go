package drift

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// Deed is a change that a run of ours made, as its journal has it.
type Deed struct {
	Run   string
	At    time.Time // when it was sent
	Until time.Time // when it was seen to have happened
	Step  plan.Step // without names
}

// Turn is one change of a pair or a location, by whomever.
type Turn struct {
	At   time.Time `json:"at"`
	Does Direction `json:"does"` // "": the log does not say which licences it was about
	To   string    `json:"to"`   // of a location
	Run  string    `json:"run"`  // of ours; "" for one of somebody else, or where the journal is lost
	By   Actor     `json:"by"`
	Ours bool      `json:"ours"`
}

// Actor is who made a change, as the audit log names him.
type Actor struct {
	ID   string `json:"id"`   // of a user or an application; "" where the log has none
	Kind string `json:"kind"` // user, app, or "" where the log is silent
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

// turnsOf is what a deed did to each pair of its user; the zero SKU stands for the
// location.
func turnsOf(s plan.Step) map[state.SKUID]Turn {
	turns := map[state.SKUID]Turn{}
	if s.Kind == plan.KindLocation {
		turns[state.SKUID{}] = Turn{Does: changes, To: s.After.UsageLocation.Value}
	}
	for _, license := range s.Adds() {
		turn := Turn{Does: gives}
		if _, had := held(s.Before.Licenses, license.SKU); had {
			turn.Does = changes
		}
		turns[license.SKU] = turn
	}
	for _, license := range s.Removes() {
		turns[license.SKU] = Turn{Does: takes}
	}
	return turns
}

// turnsOfEvent is what an entry of the log says of each pair of its user.
func turnsOfEvent(e state.AuditEvent) map[state.SKUID]Turn {
	turns := map[state.SKUID]Turn{}
	if e.Location != nil && e.Location.Before != e.Location.After {
		turns[state.SKUID{}] = Turn{Does: changes, To: e.Location.After}
	}
	if e.Licenses == nil {
		return turns
	}
	before, after := bySKU(e.Licenses.Before), bySKU(e.Licenses.After)
	for sku, is := range after {
		switch was, had := before[sku]; {
		case !had:
			turns[sku] = Turn{Does: gives}
		case !slices.Equal(was, is):
			turns[sku] = Turn{Does: changes}
		}
	}
	for sku := range before {
		if _, has := after[sku]; !has {
			turns[sku] = Turn{Does: takes}
		}
	}
	return turns
}

func bySKU(licenses []state.AuditedLicense) map[state.SKUID][]string {
	all := map[state.SKUID][]string{}
	for _, l := range licenses {
		all[l.SKU] = l.Disabled
	}
	return all
}

// clocks is how far the log's times may lie from those of a journal.
const clocks = 5 * time.Minute

// Chronicle is what is known of the changes of every pair.
type Chronicle struct {
	turns map[plan.Pair][]Turn    // by time
	vague map[state.UserID][]Turn // by time, where the log does not say which licences
}

// NewChronicle puts together what runs wrote and what the log says. An entry that tells
// of a run's own write, or that names the application of the runs, is ours; what the
// journal has too is told once.
func NewChronicle(deeds []Deed, events []state.AuditEvent, app string) *Chronicle {
	c := &Chronicle{turns: map[plan.Pair][]Turn{}, vague: map[state.UserID][]Turn{}}
	spans := map[plan.Pair][]Deed{}
	for _, deed := range deeds {
		for sku, turn := range turnsOf(deed.Step) {
			pair := plan.Pair{User: deed.Step.User.ID, SKU: sku}
			turn.At, turn.Run, turn.Ours = deed.Until, deed.Run, true
			c.turns[pair] = append(c.turns[pair], turn)
			spans[pair] = append(spans[pair], deed)
		}
	}
	for _, event := range events {
		if event.Licenses == nil && event.Location == nil {
			c.vague[event.User] = append(c.vague[event.User], Turn{At: event.At, By: actorOf(event.By), Ours: app != "" && event.By.App == app})
		}
		for sku, turn := range turnsOfEvent(event) {
			pair := plan.Pair{User: event.User, SKU: sku}
			if slices.ContainsFunc(spans[pair], func(d Deed) bool { return d.tells(event.At, sku, turn) }) {
				continue
			}
			turn.At, turn.By, turn.Ours = event.At, actorOf(event.By), app != "" && event.By.App == app
			c.turns[pair] = append(c.turns[pair], turn)
		}
	}
	for _, turns := range c.turns {
		slices.SortStableFunc(turns, func(a, b Turn) int { return a.At.Compare(b.At) })
	}
	return c
}

// tells says whether an entry of the log is about the deed.
func (d Deed) tells(at time.Time, sku state.SKUID, turn Turn) bool {
	mine := turnsOf(d.Step)[sku]
	return mine.Does == turn.Does && mine.To == turn.To && !at.Before(d.At.Add(-clocks)) && !at.After(d.Until.Add(clocks))
}

// maxTurns is how many changes an item shows.
const maxTurns = 3

// madeSo are the changes that can have made an item what it is, the newest first: those
// of its pair, or else any that somebody made of the user's licences.
func (c *Chronicle) madeSo(x *Item, since time.Time) []Turn {
	made := latest(c.turns[plan.Pair{User: x.User.ID, SKU: x.sku}], since, x.against)
	if len(made) == 0 && x.Sort != Location && x.way() != unknown {
		made = latest(c.vague[x.User.ID], since, func(t Turn) bool { return !t.Ours })
	}
	return made
}

func latest(turns []Turn, since time.Time, of func(Turn) bool) []Turn {
	found := []Turn{}
	for _, turn := range slices.Backward(turns) {
		if turn.At.Before(since) || len(found) == maxTurns {
			break
		}
		if of(turn) {
			found = append(found, turn)
		}
	}
	return found
}

// against says whether a turn is the opposite of what would put the item right.
func (i *Item) against(t Turn) bool {
	switch i.way() {
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

// puts says whether a turn did what would put the item right.
func (i *Item) puts(t Turn) bool {
	switch i.way() {
	case gives, takes:
		return t.Does == i.way()
	case changes:
		if i.Sort == Location {
			return t.Does == changes && t.To == i.To
		}
		return t.Does == changes && t.Ours
	}
	return false
}

// Fight says how often an item was turned back, and by whom.
type Fight struct {
	Times int       `json:"times"` // that somebody else turned back what a run of ours had done
	Since time.Time `json:"since"` // when a run did it first
	Runs  []string  `json:"runs"`
	With  []Actor   `json:"with"` // those that the log names
}

// minFight is how often something is turned back before it is a fight: once is drift.
const minFight = 2

// fight looks for runs that did again what somebody had turned back. Where the log does
// not show him, the run that had to do it once more does: one with a journal, since the
// log can tell of one write twice.
func (c *Chronicle) fight(x *Item) *Fight {
	f := Fight{Runs: []string{}, With: []Actor{}}
	ours, turned := false, false // the last thing we did puts it right; it has been turned back
	for _, turn := range c.turns[plan.Pair{User: x.User.ID, SKU: x.sku}] {
		switch {
		case x.puts(turn) && turn.Ours:
			if ours && !turned && turn.Run != "" && !slices.Contains(f.Runs, turn.Run) {
				f.Times++
			}
			f.note(turn)
			ours, turned = true, false
		case x.against(turn) && turn.Ours: // an undo, or other policies: nobody else's doing
			ours = false
		case x.against(turn) && ours:
			if !turned {
				f.Times++
			}
			turned = true
			if turn.By.Kind != "" && !slices.Contains(f.With, turn.By) {
				f.With = append(f.With, turn.By)
			}
		}
	}
	if ours && !turned {
		f.Times++
	}
	if f.Times < minFight {
		return nil
	}
	return &f
}

func (f *Fight) note(t Turn) {
	if f.Since.IsZero() {
		f.Since = t.At
	}
	if t.Run != "" && !slices.Contains(f.Runs, t.Run) {
		f.Runs = append(f.Runs, t.Run)
	}
}

// Trace says of every item who made it so, since a time, and whether it is fought over.
func (r *Report) Trace(c *Chronicle, since time.Time) {
	for i := range r.Items {
		x := &r.Items[i]
		x.Changed, x.Fight = c.madeSo(x, since), c.fight(x)
	}
}

// Places are the users whose location is not as it should be, for the log.
func (r *Report) Places() []state.UserID {
	var users []state.UserID
	for i := range r.Items {
		if r.Items[i].Sort == Location && r.Items[i].Class != Pending {
			users = append(users, r.Items[i].User.ID)
		}
	}
	slices.SortFunc(users, state.UserID.Compare)
	return slices.Compact(users)
}
