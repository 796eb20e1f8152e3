package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// Compute makes the plan. It never fails: what cannot be done is in the outcomes,
// and what may not be done is in the guards.
func Compute(in Input) *Plan {
	p := newPlanner(in)
	people := p.people()
	p.filter(people)
	ledger := p.allocate(people)
	steps := p.steps(people)
	for p.dropUnapproved(steps) {
		ledger = p.allocate(people)
		steps = p.steps(people)
	}
	return p.assemble(people, steps, ledger)
}

// planner holds what the stages share; each stage reads it and adds notes only.
type planner struct {
	Input
	managed   []state.SKUID
	protected []bool // by row
	notes     map[string]*Note
}

func newPlanner(in Input) *planner {
	p := &planner{Input: in, managed: managed(in), notes: map[string]*Note{}, protected: make([]bool, in.Snapshot.Len())}
	for _, hit := range in.Matches.Protected {
		p.protected[hit.User] = true
	}
	return p
}

// person is one user on the way through the stages.
type person struct {
	user     state.User
	matches  []match
	location locationPlan
	locating bool // a location step is to be made
	pairs    []pair
	units    []*unit
}

// people brings every user to the point where seats are handed out. Users whom no
// policy matches are not among them: all their pairs are ignored.
func (p *planner) people() []*person {
	var people []*person
	cursors := make([][]selector.Hit, len(p.Matches.Policies))
	copy(cursors, p.Matches.Policies)
	for user := range p.Snapshot.Users() {
		if matches := p.matchesOf(user, cursors); len(matches) > 0 {
			people = append(people, p.person(user, matches))
		}
	}
	return people
}

// matchesOf takes the hits on one user off the cursors, which are sorted by user.
func (p *planner) matchesOf(user state.User, cursors [][]selector.Hit) []match {
	var matches []match
	for i, hits := range cursors {
		n := 0
		for n < len(hits) && int(hits[n].User) == user.Row() {
			n++
		}
		if n > 0 {
			matches = append(matches, match{policy: &p.Set.Policies[i], hits: hits[:n]})
			cursors[i] = hits[n:]
		}
	}
	return matches
}

// person decides what one user should have and what hinders it.
func (p *planner) person(user state.User, matches []match) *person {
	x := &person{user: user, matches: matches, location: p.locate(user, matches)}
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
		case x.user.Inconsistent():
			y.stop(fateBlocked, ReasonInconsistent, "the service contradicts itself about what the user holds; plan again later")
		case y.fate != fateRemove && x.location.after == "":
			y.stop(fateBlocked, ReasonNoLocation, "%s", cmp.Or(x.location.detail, "the user has no usage location: set one with usage_location in a policy"))
		}
	}
}

func (p *planner) isManaged(sku state.SKUID) bool {
	_, found := slices.BinarySearchFunc(p.managed, sku, state.SKUID.Compare)
	return found
}

func (p *planner) isProtected(user state.User) bool { return p.protected[user.Row()] }

func (p *planner) part(sku state.SKUID) string { return p.Catalog.PartNumber(sku) }

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
	return note
}

// assemble writes down what the stages found.
func (p *planner) assemble(people []*person, steps []*draft, ledger *ledger) *Plan {
	accounts := p.seatAccounts(ledger)
	p.noteGrace(accounts)
	p.notePending(ledger)
	plan := &Plan{
		FormatVersion: FormatVersion, ToolVersion: p.ToolVersion, Source: p.Snapshot.Source,
		Tenant:    Tenant{Name: p.Set.Tenant.Name, ID: p.Snapshot.Organization.ID},
		CreatedAt: p.Now.UTC().Truncate(time.Second), Commit: p.Commit, PoliciesDigest: p.Set.Digest,
		Mode: ModePolicies, Filters: p.Filters.names(), Overrides: []string{}, Complete: p.Snapshot.Complete,
		SKUs: accounts, Steps: []Step{}, Outcomes: p.outcomes(people),
	}
	plan.Schedule = p.schedule(ledger, steps)
	plan.ExpiresAt = plan.CreatedAt.Add(Lifetime)
	plan.Inputs = p.inputs(plan.CreatedAt)
	for _, override := range p.Overrides {
		plan.Overrides = append(plan.Overrides, override.Text)
	}
	slices.Sort(plan.Overrides)
	for _, draft := range steps {
		plan.Steps = append(plan.Steps, draft.Step)
	}
	plan.Guards = p.guards(steps)
	plan.Applyable = plan.Complete && len(plan.Breached()) == 0
	return plan
}

func (p *planner) inputs(at time.Time) []InputRecord {
	records := []InputRecord{{Source: "graph", Rows: p.Snapshot.Len(), ReadAt: p.Snapshot.ReadAt.UTC().Truncate(time.Second)}}
	for _, input := range p.Set.Inputs {
		records = append(records, InputRecord{Source: input.Path, Rows: input.Rows, ReadAt: at, Digest: input.Digest})
	}
	slices.SortFunc(records, func(a, b InputRecord) int { return cmp.Compare(a.Source, b.Source) })
	return records
}

// outcomes counts every pair once. Pairs without a desire are ignored.
func (p *planner) outcomes(people []*person) Outcomes {
	out := Outcomes{Blocked: []Outcome{}, Waiting: []Outcome{}, Held: []Outcome{}}
	total := p.Snapshot.Len() * len(p.managed)
	for _, x := range people {
		p.noteLocation(x)
		if x.location.blocked != "" {
			out.Blocked = append(out.Blocked, Outcome{User: ref(x.user), Reason: x.location.blocked, Detail: x.location.detail, Because: p.becauseLocation(x)})
		}
		for _, y := range x.pairs {
			total--
			switch y.fate {
			case fateKeep:
				out.Keep++
			case fateIgnored:
				out.Ignored++
			case fateFiltered:
				out.Filtered++
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
	}
	out.Ignored += total
	slices.SortFunc(out.Blocked, Outcome.compare)
	slices.SortFunc(out.Waiting, Outcome.compare)
	out.Notes = p.sortedNotes()
	return out
}

func (p *planner) noteLocation(x *person) {
	if x.locating && x.user.Synced() {
		p.note(x.user, "usage location set in the cloud for a user mastered in Active Directory: set it there too, or the next sync may take it back")
	}
}

func (p *planner) outcome(x *person, y pair) Outcome {
	return Outcome{User: ref(x.user), PartNumber: p.part(y.sku), Reason: y.reason, Detail: y.detail, Because: p.because(y)}
}

func (o Outcome) compare(other Outcome) int {
	return cmp.Or(cmp.Compare(strings.ToLower(o.User.UserPrincipalName), strings.ToLower(other.User.UserPrincipalName)),
		o.User.ID.Compare(other.User.ID), cmp.Compare(o.PartNumber, other.PartNumber), cmp.Compare(o.Reason, other.Reason))
}

func (p *planner) sortedNotes() []Note {
	notes := []Note{}
	for _, message := range slices.Sorted(maps.Keys(p.notes)) {
		notes = append(notes, *p.notes[message])
	}
	return notes
}

func ref(user state.User) UserRef {
	return UserRef{ID: user.ID(), UserPrincipalName: user.UserPrincipalName(), DisplayName: user.DisplayName()}
}
