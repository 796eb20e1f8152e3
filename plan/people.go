package plan

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// person is one user on the way through the stages.
type person struct {
	user     state.User
	matches  []match
	location locationPlan
	locating bool // a location step is to be made
	pairs    []pair
	units    []*unit
	heldBy   []breach // why units of his are held
}

// people brings every user to the point where seats are handed out. Users whom no
// policy matches are not among them: all their pairs are ignored. Nor are those for
// whom nothing is to be done or said, who are the most: they are only counted.
func (p *planner) people() []*person {
	var people []*person
	cursors := make([][]selector.Hit, len(p.Matches.Policies))
	copy(cursors, p.Matches.Policies)
	var scratch []match
	for user := range p.Snapshot.Users() {
		scratch = p.matchesOf(user, cursors, scratch[:0])
		if len(scratch) == 0 {
			continue
		}
		noted, location := p.noted, p.locate(user, scratch)
		if p.quiet.counts(user, scratch, location) {
			continue
		}
		x := p.person(user, slices.Clone(scratch), location)
		if x.silent() && p.noted == noted {
			p.quiet.add(x)
			continue
		}
		people = append(people, x)
	}
	return people
}

// matchesOf takes the hits on one user off the cursors, which are sorted by user,
// and appends what matches him.
func (p *planner) matchesOf(user state.User, cursors [][]selector.Hit, matches []match) []match {
	for i, hits := range cursors {
		n := 0
		for n < len(hits) && int(hits[n].User) == user.Row() {
			n++
		}
		if n > 0 && p.active[i] {
			matches = append(matches, match{policy: &p.Set.Policies[i], hits: hits[:n]})
		}
		cursors[i] = hits[n:]
	}
	return matches
}

// silent says that nothing is to be done for the user, and nothing to be said.
func (x *person) silent() bool {
	return !x.locating && x.location.blocked == "" && len(x.units) == 0 &&
		!slices.ContainsFunc(x.pairs, func(y pair) bool { return y.fate != fateKeep && y.fate != fateIgnored })
}

// person decides what one user should have and what hinders it.
func (p *planner) person(user state.User, matches []match, location locationPlan) *person {
	x := &person{user: user, matches: matches, location: location}
	x.locating = x.location.before != x.location.after
	for _, d := range p.desires(user, matches) {
		x.pairs = append(x.pairs, p.compare(user, d))
	}
	p.check(x)
	p.tie(x)
	for _, u := range x.units {
		p.settle(u)
	}
	x.units = slices.DeleteFunc(x.units, func(u *unit) bool { return !u.changes() })
	return x
}

// check blocks what cannot or may not be done for this user at all.
func (p *planner) check(x *person) {
	conflict := slices.IndexFunc(x.pairs, func(y pair) bool { return y.reason == ReasonConflict })
	for i := range x.pairs {
		y := &x.pairs[i]
		switch {
		case !y.fate.changes():
		case conflict >= 0:
			y.stop(fateBlocked, ReasonConflict, "nothing is changed while policies disagree about %s", p.part(x.pairs[conflict].sku))
		case p.disputes[x.user.Row()] != "":
			y.stop(fateBlocked, ReasonJoin, "%s", p.disputes[x.user.Row()])
		case x.user.Inconsistent():
			y.stop(fateBlocked, ReasonInconsistent, "the service contradicts itself about what the user holds; plan again later")
		case y.fate != fateRemove && x.location.after == "":
			y.stop(fateBlocked, ReasonNoLocation, "%s", cmp.Or(x.location.detail, "the user has no usage location: set one with usage_location in a policy"))
		}
	}
}
