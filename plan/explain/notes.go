package explain

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// maxNoteUsers is how many users a note names before it only counts them.
const maxNoteUsers = 3

// noteList collects what is worth knowing about a plan and changes nothing in it.
type noteList struct {
	plan.Input
	plan    *plan.Plan
	details *plan.Details
	notes   map[string]*plan.Note
}

// notes returns the notes of a plan by message.
func notes(in plan.Input, p *plan.Plan, d *plan.Details) *noteList {
	n := &noteList{Input: in, plan: p, details: d, notes: map[string]*plan.Note{}}
	n.addDecisions()
	n.addSeats()
	n.addAssignmentErrors()
	n.addUnread()
	n.addEndedPolicies()
	n.addPlanRules()
	n.addContained()
	n.addLockChanges()
	return n
}

// note counts one more user that a message is about.
func (n *noteList) note(user state.User, format string, args ...any) {
	note := n.count(1, format, args...)
	if len(note.Users) < maxNoteUsers {
		note.Users = append(note.Users, user.UserPrincipalName())
	}
}

// count adds to the count of a message.
func (n *noteList) count(by int, format string, args ...any) *plan.Note {
	message := fmt.Sprintf(format, args...)
	note := n.notes[message]
	if note == nil {
		note = &plan.Note{Message: message, Users: []string{}}
		n.notes[message] = note
	}
	note.Count += by
	return note
}

func (n *noteList) sorted() []plan.Note {
	notes := []plan.Note{}
	for _, message := range slices.Sorted(maps.Keys(n.notes)) {
		note := *n.notes[message]
		slices.Sort(note.Users)
		notes = append(notes, note)
	}
	return notes
}

func (n *noteList) part(sku state.SKUID) string { return n.Catalog.PartNumber(sku) }

// addDecisions collects the notes that were made when users were decided.
func (n *noteList) addDecisions() {
	for u := range n.details.Users() {
		for _, message := range u.Notes() {
			n.note(u.User(), "%s", message)
		}
		if u.Location().Changes && u.User().Synced() {
			n.note(u.User(), "usage location set in the cloud for a user mastered in Active Directory: set it there too, or the next sync may take it back")
		}
	}
}

// addSeats notes seats that are left to group members, and those of expired units.
func (n *noteList) addSeats() {
	for _, a := range n.plan.SKUs {
		if used := a.Enabled + a.Warning - a.AvailableAfter; a.AvailableAfter < a.AvailableBefore && a.Warning > 0 && used > a.Enabled {
			n.count(a.AvailableBefore-a.AvailableAfter, "seats of %s are handed out of units that have expired and are in their grace period", a.PartNumber)
		}
	}
	for sku, pending := range n.details.Pending() {
		if pending > 0 {
			n.count(pending, "group members wait for a seat of %s: as many are left to them", n.part(sku))
		}
	}
}

// addUnread notes data that could not be read, so that the plan does without it.
func (n *noteList) addUnread() {
	for _, what := range n.Snapshot.Unread {
		n.count(0, "could not be read, and is not taken into account: %s", what)
	}
}

// addEndedPolicies notes licenses that the users of a policy still hold after its window, and that
// no other policy gives: the end of a window takes nothing away.
func (n *noteList) addEndedPolicies() {
	for i, policy := range n.Set.Policies {
		if policy.Mode != policies.ModeEnforce || policy.Until.IsZero() || n.Now.Before(policy.Until) {
			continue
		}
		for _, license := range policy.Licenses {
			if !license.Missing && !slices.ContainsFunc(n.Set.Policies, func(other policies.Policy) bool { return n.names(other, license.SKU.ID) }) {
				n.addHolders(policy, n.Matches.Policies[i], license.SKU.ID)
			}
		}
	}
}

// names reports whether a policy, inside its window, gives or takes the SKU by name.
func (n *noteList) names(policy policies.Policy, sku state.SKUID) bool {
	takes := slices.ContainsFunc(policy.Absent, func(ref policies.SKURef) bool { return ref.ID == sku })
	gives := slices.ContainsFunc(licensesOf(policy), func(l policies.License) bool { return l.SKU.ID == sku })
	return policy.Mode == policies.ModeEnforce && policy.InForce(n.Now) && (takes || gives)
}

func (n *noteList) addHolders(policy policies.Policy, hits []selector.Hit, sku state.SKUID) {
	last := int32(-1)
	for _, hit := range hits {
		user := n.Snapshot.User(int(hit.User))
		if hit.User != last && slices.ContainsFunc(user.PathsOf(sku), state.Path.Direct) {
			n.note(user, "policy %s ended before %s, but users still have %s: a policy with `from: %s` and `absent: [%s]` removes it",
				policy.Name, policy.Until.Format(time.DateOnly), n.part(sku), policy.Until.Format(time.DateOnly), n.part(sku))
		}
		last = hit.User
	}
}
