package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// measureSources looks for sources that shrank, if users lose something by leaving them, or
// grew, if users lose something by entering them. It also looks for exceptions that shrank. A
// user must not lose a license because a file was cut off or an OU could not be read.
func (r *review) measureSources(row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	taken := takenFrom(steps)
	c := sourceCheck{r.facts, r.exceptionShrunk, r.limit(row, guard.KeyPercent), r.limit(row, guard.KeyUsers), steps, taken}
	if r.Baseline == nil {
		return c.notChecked()
	}
	var guards []Guard
	for i := range r.Set.Policies {
		if r.active[i] {
			guards = append(guards, c.policy(i)...)
		}
	}
	return append(guards, c.shrunkProtection("", r.Set.Tenant.Protect, r.Matches.Protected, len(steps) > 0)...), true
}

// sourceCheck measures sources by the limits in force.
type sourceCheck struct {
	*facts
	exceptionShrunk map[string]bool // policies, as in review
	percent         int
	users           int // the least number that must have entered or left
	steps           []*pendingStep
	taken           map[state.UserID]map[string]bool // see takenFrom
}

// takenFrom returns the users that lose something, with the policies that take it.
func takenFrom(steps []*pendingStep) map[state.UserID]map[string]bool {
	taken := map[state.UserID]map[string]bool{}
	for _, d := range steps {
		if !d.takes {
			continue
		}
		if taken[d.User.ID] == nil {
			taken[d.User.ID] = map[string]bool{}
		}
		for _, policy := range d.deciding {
			taken[d.User.ID][policy] = true
		}
	}
	return taken
}

// notChecked returns an entry that is not checked, if any user loses something.
func (c sourceCheck) notChecked() (unchecked []Guard, checked bool) {
	if len(c.taken) == 0 {
		return nil, true
	}
	why := "there is no baseline of the users that matched before: compare with an earlier read by --baseline SNAPSHOT"
	if c.FirstRun {
		why = "--first-run: there is nothing to compare with yet"
	}
	return []Guard{{Limit: c.percent, Detail: why}}, false
}

// policy measures the selectors of one policy, and returns the worst entry of each kind.
func (c sourceCheck) policy(i int) []Guard {
	policy, hits := c.Set.Policies[i], c.Matches.Policies[i]
	now := map[state.UserID]bool{}
	for _, hit := range hits {
		now[c.Snapshot.User(int(hit.User)).ID()] = true
	}
	worst := Guard{Policy: policy.Name, Limit: c.percent, Verdict: VerdictOK}
	for n, s := range policy.Users {
		was, known := c.Baseline.find(policy.Name, false, s.String())
		if !known {
			continue // a new selector cannot have shrunk
		}
		worst = worseOf(worst, c.shrunk(policy, s, was, now))
		worst = worseOf(worst, c.grown(policy, s, int32(n), was, hits))
	}
	var guards []Guard
	switch {
	case worst.Detail != "":
		guards = append(guards, worst)
	case c.Baseline.FilesUnknown && leavesUnseen(policy, c.steps):
		guards = append(guards, Guard{Policy: policy.Name, Limit: c.percent, Verdict: VerdictNotChecked,
			Detail: "it gives licenses that users lose here to the users in a file, and a snapshot does not have the earlier file: compare the file with its earlier version"})
	}
	concerned := slices.ContainsFunc(c.steps, func(d *pendingStep) bool { return d.isDecidedBy(policy.Name) })
	return append(guards, c.shrunkProtection(policy.Name, policy.Except, c.Matches.Excepted[i], concerned)...)
}

// leavesUnseen reports whether a user may lose something because a file no longer has the
// user. A snapshot is resolved with the current files, so it shows no user that left one.
func leavesUnseen(policy policies.Policy, steps []*pendingStep) bool {
	file := byFile(policy)
	return file && slices.ContainsFunc(steps, func(d *pendingStep) bool {
		return !d.isDecidedBy(policy.Name) && slices.ContainsFunc(d.cut, func(sku state.SKUID) bool { return gives(policy, sku) })
	})
}

// shrunk looks for users that have left a source and lose something.
func (c sourceCheck) shrunk(policy policies.Policy, s policies.Selector, was SourceRecord, now map[state.UserID]bool) Guard {
	left, lose := 0, 0
	for _, id := range was.Users {
		if _, exists := c.Snapshot.Find(id); exists && !now[id] {
			left++
			if c.taken[id] != nil {
				lose++
			}
		}
	}
	if lose == 0 {
		return Guard{}
	}
	return c.sourceGuard(policy.Name, left, len(was.Users), left == len(was.Users),
		fmt.Sprintf("%d of %d users have left %q since %s, and %d of them lose something", left, len(was.Users), s.String(), c.Baseline.Origin, lose))
}

// grown looks for users that have entered a source and lose something by it.
func (c sourceCheck) grown(policy policies.Policy, s policies.Selector, index int32, was SourceRecord, hits []selector.Hit) Guard {
	came := map[state.UserID]bool{}
	for _, hit := range hits {
		id := c.Snapshot.User(int(hit.User)).ID()
		if hit.Selector == index && !was.has(id) && c.taken[id][policy.Name] {
			came[id] = true
		}
	}
	if len(came) == 0 {
		return Guard{}
	}
	return c.sourceGuard(policy.Name, len(came), len(was.Users), false,
		fmt.Sprintf("%d users have entered %q since %s, where there were %d, and lose something", len(came), s.String(), c.Baseline.Origin, len(was.Users)))
}

// sourceGuard returns the guard entry for a source of which that many users changed.
func (c sourceCheck) sourceGuard(policy string, changed, of int, emptied bool, detail string) Guard {
	g := Guard{Policy: policy, Limit: c.percent, Seen: percentRoundedUp(changed, of), Detail: detail}
	if changed < c.users && !emptied {
		g.Verdict = VerdictOK
	}
	return g
}

// percentRoundedUp rounds up, so that a number over a limit does not round down to the limit.
func percentRoundedUp(part, of int) int { return (100*part + max(1, of) - 1) / max(1, of) }

// worseOf returns the entry that is nearer to a breach.
func worseOf(a, b Guard) Guard {
	if b.Detail != "" && (a.Detail == "" || a.Verdict == VerdictOK && b.Verdict == "" || a.Verdict == b.Verdict && b.Seen > a.Seen) {
		return b
	}
	return a
}

// shrunkProtection looks for exceptions and protections that shrank. Users that left one can
// lose something by mistake, so that all steps of the policy are in doubt.
func (c sourceCheck) shrunkProtection(policy string, selectors []policies.Selector, hits []selector.Hit, concerned bool) []Guard {
	if !concerned {
		return nil
	}
	now := map[state.UserID]bool{}
	for _, hit := range hits {
		now[c.Snapshot.User(int(hit.User)).ID()] = true
	}
	worst := Guard{}
	for _, s := range selectors {
		was, _ := c.Baseline.find(policy, true, s.String())
		left := 0
		for _, id := range was.Users {
			if _, exists := c.Snapshot.Find(id); exists && !now[id] {
				left++
			}
		}
		if left > 0 {
			g := c.sourceGuard(policy, left, len(was.Users), false,
				fmt.Sprintf("%d of %d users that %q protected have left it since %s", left, len(was.Users), s.String(), c.Baseline.Origin))
			worst = worseOf(worst, g)
		}
	}
	if worst.Detail == "" {
		return nil
	}
	c.exceptionShrunk[policy] = true
	return []Guard{worst}
}

// measureSeats compares the seats that the service counts with the holders that were read.
// If the numbers are far apart, either the read or the service is wrong.
func (r *review) measureSeats(row guard.Row, steps []*pendingStep) ([]Guard, bool) {
	touched := map[state.SKUID]bool{}
	for _, d := range steps {
		for _, sku := range d.touched() {
			touched[sku] = true
		}
	}
	var guards []Guard
	for _, id := range slices.SortedFunc(maps.Keys(touched), state.SKUID.Compare) {
		sku, _ := r.Snapshot.SKU(id)
		if sku.AppliesTo != state.ScopeUser {
			continue
		}
		holders := r.census().Holding[id]
		g := Guard{SKU: r.part(id), Limit: max(r.limit(row, guard.KeySeats), portionOf(sku.Consumed, r.limit(row, guard.KeyPercent))), Seen: max(sku.Consumed-holders, holders-sku.Consumed)}
		if g.Seen > g.Limit {
			g.Detail = fmt.Sprintf("the service counts %d seats in use, %d holders were read", sku.Consumed, holders)
		}
		guards = append(guards, g)
	}
	return guards, true
}
