package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// outcomes counts every pair once. Pairs without a desire are ignored.
func (p *planner) outcomes(people []*person) Outcomes {
	out := Outcomes{Blocked: []Outcome{}, Waiting: []Outcome{}, Held: []Outcome{}}
	total := p.Snapshot.Len() * len(p.managed)
	for _, alike := range p.quiet.groups {
		keep := alike.count(fateKeep)
		out.Keep += keep
		total -= keep
	}
	for _, x := range people {
		p.noteLocation(x)
		p.addLocation(&out, x)
		for _, y := range x.pairs {
			p.addPair(&out, x, y)
		}
		total -= len(x.pairs)
	}
	out.Ignored += total
	for _, list := range [][]Outcome{out.Blocked, out.Waiting, out.Held} {
		slices.SortFunc(list, Outcome.compare)
	}
	out.Notes = p.sortedNotes()
	return out
}

// addLocation tells of a location that stays as it is, though a policy speaks of it.
func (p *planner) addLocation(out *Outcomes, x *person) {
	if x.location.blocked != "" {
		out.Blocked = append(out.Blocked, Outcome{User: p.ref(x.user), Reason: x.location.blocked, Detail: x.location.detail, Because: p.becauseLocation(x)})
	}
	if x.location.dropped == fateHeld {
		out.Held = append(out.Held, Outcome{User: p.ref(x.user), Reason: ReasonGuard, Detail: x.heldDetail(), Because: p.becauseLocation(x)})
	}
}

// addPair counts a pair that no step serves, or tells of it; of one that a step
// serves it says what is worth saying.
func (p *planner) addPair(out *Outcomes, x *person, y pair) {
	switch y.fate {
	case fateKeep:
		out.Keep++
	case fateIgnored:
		out.Ignored++
	case fateFiltered:
		out.Filtered++
	case fateHeld:
		y.reason, y.detail = ReasonGuard, x.heldDetail()
		out.Held = append(out.Held, p.outcome(x, y))
	case fateBlocked:
		out.Blocked = append(out.Blocked, p.outcome(x, y))
	case fateWaiting:
		out.Waiting = append(out.Waiting, p.outcome(x, y))
	default:
		for _, note := range y.notes {
			p.note(x.user, "%s", note)
		}
	}
}

func (p *planner) noteLocation(x *person) {
	if x.locating && x.user.Synced() {
		p.note(x.user, "usage location set in the cloud for a user mastered in Active Directory: set it there too, or the next sync may take it back")
	}
}

func (p *planner) outcome(x *person, y pair) Outcome {
	return Outcome{User: p.ref(x.user), PartNumber: p.part(y.sku), Reason: y.reason, Detail: y.detail, Because: p.because(y)}
}

func (o Outcome) compare(other Outcome) int {
	return cmp.Or(cmp.Compare(strings.ToLower(o.User.UserPrincipalName), strings.ToLower(other.User.UserPrincipalName)),
		o.User.ID.Compare(other.User.ID), cmp.Compare(o.PartNumber, other.PartNumber), cmp.Compare(o.Reason, other.Reason))
}

// Concerns says that an outcome is about a user and a SKU, or his location, that the
// step changes.
func (s Step) Concerns(o Outcome) bool {
	if o.User.ID != s.User.ID {
		return false
	}
	if s.Kind == KindLocation || o.PartNumber == "" {
		return s.Kind == KindLocation && o.PartNumber == ""
	}
	named := func(l License) bool { return l.PartNumber == o.PartNumber }
	return slices.ContainsFunc(s.Before.Licenses, named) || slices.ContainsFunc(s.After.Licenses, named)
}

// Rivals says that another step changes the same user, and something of him that this
// one would change too.
func (s Step) Rivals(other Step) bool {
	if s.ID == other.ID || s.User.ID != other.User.ID || (s.Kind == KindLocation) != (other.Kind == KindLocation) {
		return false
	}
	return s.Kind == KindLocation || slices.ContainsFunc(other.touched(), func(sku state.SKUID) bool { return slices.Contains(s.touched(), sku) })
}

func (p *planner) ref(user state.User) UserRef {
	return UserRef{ID: user.ID(), UserPrincipalName: user.UserPrincipalName(), DisplayName: user.DisplayName(), Container: p.containers.of(p.Snapshot, user)}
}
