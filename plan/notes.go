package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// maxNoteUsers is how many users a note names before it only counts them.
const maxNoteUsers = 3

// note counts one more user whom a message is about.
func (p *planner) note(user state.User, format string, args ...any) {
	note := p.noteCount(1, format, args...)
	if len(note.Users) < maxNoteUsers {
		note.Users = append(note.Users, user.UserPrincipalName())
	}
}

// noteCount adds to the count of a message.
func (p *planner) noteCount(n int, format string, args ...any) *Note {
	message := fmt.Sprintf(format, args...)
	note := p.notes[message]
	if note == nil {
		note = &Note{Message: message, Users: []string{}}
		p.notes[message] = note
	}
	note.Count += n
	p.noted++
	return note
}

// noteUnread says aloud what could not be read and so is not taken into account.
func (p *planner) noteUnread() {
	for _, what := range p.Snapshot.Unread {
		p.noteCount(0, "could not be read, and is not taken into account: %s", what)
	}
}

// noteEnded tells of licences that the users of a policy still hold after its window,
// and that no other policy gives: its end takes nothing away.
func (p *planner) noteEnded() {
	for i, policy := range p.Set.Policies {
		if policy.Mode != policies.ModeEnforce || policy.Until.IsZero() || p.Now.Before(policy.Until) {
			continue
		}
		for _, license := range policy.Licenses {
			if !license.Missing && !slices.ContainsFunc(p.Set.Policies, func(other policies.Policy) bool { return p.speaksOf(other, license.SKU.ID) }) {
				p.noteHolders(policy, p.Matches.Policies[i], license.SKU.ID)
			}
		}
	}
}

// speaksOf says that a policy, inside its window, gives or takes the SKU by name.
func (p *planner) speaksOf(policy policies.Policy, sku state.SKUID) bool {
	takes := slices.ContainsFunc(policy.Absent, func(ref policies.SKURef) bool { return ref.ID == sku })
	return policy.Mode == policies.ModeEnforce && policy.InForce(p.Now) && (takes || gives(policy, sku))
}

func (p *planner) noteHolders(policy policies.Policy, hits []selector.Hit, sku state.SKUID) {
	last := int32(-1)
	for _, hit := range hits {
		user := p.Snapshot.User(int(hit.User))
		if hit.User != last && slices.ContainsFunc(user.PathsOf(sku), state.Path.Direct) {
			p.note(user, "policy %s ended before %s, and %s is still held: a policy with `from: %s` and `absent: [%s]` takes it back",
				policy.Name, policy.Until.Format(time.DateOnly), p.part(sku), policy.Until.Format(time.DateOnly), p.part(sku))
		}
		last = hit.User
	}
}

func (p *planner) sortedNotes() []Note {
	notes := []Note{}
	for _, message := range slices.Sorted(maps.Keys(p.notes)) {
		note := *p.notes[message]
		slices.Sort(note.Users)
		notes = append(notes, note)
	}
	return notes
}
