package plan

import (
	"iter"
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/plan/seats"
	"github.com/seatwright/seatwright/state"
)

// Details are the decisions behind a plan, for package explain. They are read-only: methods
// return values, and no field can be set.
type Details struct {
	facts     *facts
	a         arrangement
	unchanged unchangedUsers
}

// UserDetails are the decisions about one user.
type UserDetails struct {
	facts *facts
	x     *userPlan
}

// StepDetails are what a step of the plan does not state itself.
type StepDetails struct {
	User UserDetails
	step *pendingStep
}

// Decision is what was decided about one assignment.
type Decision struct {
	SKU         state.SKUID
	Disposition Disposition
	Reason      Reason // of blocked, waiting and held ones
	Detail      string
	facts       *facts
	y           *assignment
	paths       []state.Path
}

// AlikeUsers are users for which nothing is to be done and about which the same was decided.
type AlikeUsers struct {
	Paths     []state.Path
	Users     int
	Decisions iter.Seq[Decision]
}

// LocationDecision is what was decided about the usage location of a user.
type LocationDecision struct {
	Changes bool   // a step sets it
	Detail  string // why it stays as it is although a policy states it, or ""
	Because []Because
}

// IsManaged reports whether the settings manage the SKU.
func (d *Details) IsManaged(sku state.SKUID) bool { return d.facts.isManaged(sku) }

// IsActive reports whether the policy with this index in the set is enforced and inside
// its window.
func (d *Details) IsActive(policy int) bool { return d.facts.active[policy] }

// Ref names a user as the plan does.
func (d *Details) Ref(user state.User) UserRef { return d.facts.ref(user) }

// Holders returns how many users hold the SKU by any path.
func (d *Details) Holders(sku state.SKUID) int { return d.facts.census().Holding[sku] }

// Pending walks the managed SKUs with the seats that are left to waiting group members.
func (d *Details) Pending() iter.Seq2[state.SKUID, int] {
	return func(yield func(state.SKUID, int) bool) {
		for _, a := range d.a.ledger.accounts {
			if !yield(a.sku, a.pending) {
				return
			}
		}
	}
}

// Schedule returns the order in which seats are handed on, which numbers the managed SKUs.
func (d *Details) Schedule() (schedule *seats.Schedule, sku func(int) state.SKUID) {
	return d.a.ledger.schedule, func(n int) state.SKUID { return d.a.ledger.accounts[n].sku }
}

// Step returns the details of the step with this index in the plan.
func (d *Details) Step(i int) StepDetails {
	step := d.a.steps[i]
	return StepDetails{UserDetails{d.facts, step.userPlan}, step}
}

// Deciding returns the policies that decide the step, sorted.
func (s StepDetails) Deciding() []string { return slices.Clone(s.step.deciding) }

// Users walks the users for which something is to be done or reported.
func (d *Details) Users() iter.Seq[UserDetails] {
	return func(yield func(UserDetails) bool) {
		for _, x := range d.a.users {
			if !yield(UserDetails{d.facts, x}) {
				return
			}
		}
	}
}

// Unchanged walks all other users that a policy matches.
func (d *Details) Unchanged() iter.Seq[AlikeUsers] {
	return func(yield func(AlikeUsers) bool) {
		for _, alike := range d.unchanged.groups {
			if !yield(AlikeUsers{alike.paths, alike.users, decisions(d.facts, alike.assignments, alike.paths, "")}) {
				return
			}
		}
	}
}

// Of returns the decisions about any user of the snapshot.
func (d *Details) Of(user state.User) UserDetails {
	i := slices.IndexFunc(d.a.users, func(x *userPlan) bool { return x.user.Row() == user.Row() })
	if i >= 0 {
		return UserDetails{d.facts, d.a.users[i]}
	}
	matches, said := matchesFor(d.facts, user), notes{}
	return UserDetails{d.facts, decideUser(d.facts, user, matches, locate(d.facts, user, matches, &said), said)}
}

// User returns the user.
func (u UserDetails) User() state.User { return u.x.user }

// Protection returns why the user must not lose anything, or "".
func (u UserDetails) Protection() string { return u.facts.protectedUsers[u.x.user.Row()].why }

// IsGiven reports whether a policy of the user gives the SKU by name.
func (u UserDetails) IsGiven(sku state.SKUID) bool { return u.x.isGiven(sku) }

// Notes returns what is worth knowing about the user, and about the changes that are done.
func (u UserDetails) Notes() []string {
	all := slices.Clone(u.x.notes)
	for _, y := range u.x.assignments {
		if y.disposition.changes() {
			all = append(all, y.notes...)
		}
	}
	return all
}

// Location returns what was decided about the usage location.
func (u UserDetails) Location() LocationDecision {
	return LocationDecision{u.x.locating, u.x.location.detail, becauseLocation(u.x)}
}

// Decisions walks the assignments of the user that policies decide, by SKU.
func (u UserDetails) Decisions() iter.Seq[Decision] {
	held := ""
	if len(u.x.heldBy) > 0 {
		held = u.x.heldDetail()
	}
	return decisions(u.facts, u.x.assignments, u.x.user.Paths(), held)
}

func decisions(f *facts, assignments []assignment, paths []state.Path, held string) iter.Seq[Decision] {
	return func(yield func(Decision) bool) {
		for i := range assignments {
			y := &assignments[i]
			d := Decision{SKU: y.sku, Disposition: y.disposition, Reason: y.reason, Detail: y.detail, facts: f, y: y, paths: paths}
			if y.disposition == DispositionHeld {
				d.Reason, d.Detail = ReasonGuard, held
			}
			if !yield(d) {
				return
			}
		}
	}
}

// Winners returns the names of the policies that want or take the SKU itself, in the
// order of their mentions.
func (d Decision) Winners() []string {
	names := make([]string, len(d.y.winners))
	for i, w := range d.y.winners {
		names[i] = w.policy.Name
	}
	return names
}

// Because returns the reasons of the decision.
func (d Decision) Because() []Because { return because(d.facts, *d.y) }

// Overruled returns what a higher priority overruled.
func (d Decision) Overruled() []Because { return overruled(d.facts, *d.y) }

// Seats returns how many seats the change takes: 1, 0, or -1 if it frees one.
func (d Decision) Seats() int { return d.y.seats(effective.PathsOf(d.paths, d.SKU)) }
