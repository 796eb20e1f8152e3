package explain

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// MaxSourceUsers is how many users of a selector a plan names in each direction.
const MaxSourceUsers = 50

// comparer compares selectors with those of the baseline.
type comparer struct {
	plan.Input
	details *plan.Details
}

// sources compares all selectors with the baseline. They are sorted by policy, with the
// protecting ones last, and else in the order in which they are written.
func (c comparer) sources() []plan.SourceChange {
	if c.Set.FromCommandLine() { // an ad-hoc policy has no baseline
		return []plan.SourceChange{}
	}
	now := plan.NewBaseline("", c.Set, c.Matches, c.Snapshot).Sources
	changes := []plan.SourceChange{}
	add := func(policy string, protects bool, selectors []policies.Selector) {
		for _, s := range selectors {
			changes = append(changes, c.sourceChange(policy, protects, s, now[len(changes)])) // which has them in the same order
		}
	}
	for _, policy := range c.Set.Policies {
		add(policy.Name, false, policy.Users)
		add(policy.Name, true, policy.Except)
	}
	add("", true, c.Set.Tenant.Protect)
	changes = append(changes, c.goneSources(now)...)
	slices.SortStableFunc(changes, func(a, b plan.SourceChange) int {
		return cmp.Or(cmp.Compare(a.Policy, b.Policy), compareBools(a.Protects, b.Protects), compareBools(a.Status == plan.SourceGone, b.Status == plan.SourceGone))
	})
	return changes
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (c comparer) sourceChange(policy string, protects bool, s policies.Selector, now plan.SourceRecord) plan.SourceChange {
	change := plan.SourceChange{
		Policy: policy, Protects: protects, Selector: now.Selector, File: s.Pos.File, Line: s.Pos.Line, Column: s.Pos.Col,
		Users: len(now.Users), Entered: []plan.UserRef{}, Left: []plan.UserRef{},
	}
	was, known := c.baselineOf(policy, protects, now.Selector)
	switch {
	case c.Baseline == nil || c.Baseline.FilesUnknown && c.goesByRows(s):
		change.Status = plan.SourceUnknown
	case !known:
		change.Status = plan.SourceNew
	default:
		change.Status = plan.SourceCompared
	}
	if change.Status != plan.SourceUnknown {
		c.countMoves(&change, was, now)
	}
	return change
}

// baselineOf returns the record of a selector in the baseline.
func (c comparer) baselineOf(policy string, protects bool, selector string) (plan.SourceRecord, bool) {
	if c.Baseline == nil {
		return plan.SourceRecord{}, false
	}
	i := slices.IndexFunc(c.Baseline.Sources, func(r plan.SourceRecord) bool {
		return r.Policy == policy && r.Protects == protects && r.Selector == selector
	})
	if i < 0 {
		return plan.SourceRecord{}, false
	}
	return c.Baseline.Sources[i], true
}

// goesByRows reports whether the rows of a file or a list decide which users a selector
// picks. A snapshot of the tenant does not have these rows.
func (c comparer) goesByRows(s policies.Selector) bool {
	switch s.Kind {
	case policies.KindCSV, policies.KindList, policies.KindUPNs, policies.KindIDs:
		return true
	case policies.KindUnmatched:
		return slices.ContainsFunc(c.Set.Policies, func(policy policies.Policy) bool {
			return slices.ContainsFunc(policy.Users, func(other policies.Selector) bool { return other.Kind != policies.KindUnmatched && c.goesByRows(other) })
		})
	}
	return false
}

// goneSources are selectors of the baseline that the policies do not have any more. A
// baseline from a snapshot has none: it is made with the policies at hand.
func (c comparer) goneSources(now []plan.SourceRecord) []plan.SourceChange {
	if c.Baseline == nil {
		return nil
	}
	type name struct {
		policy   string
		protects bool
		selector string
	}
	here := map[name]bool{}
	for _, r := range now {
		here[name{r.Policy, r.Protects, r.Selector}] = true
	}
	var gone []plan.SourceChange
	for _, was := range c.Baseline.Sources {
		key := name{was.Policy, was.Protects, was.Selector}
		if here[key] {
			continue
		}
		here[key] = true
		change := plan.SourceChange{Policy: was.Policy, Protects: was.Protects, Selector: was.Selector, Status: plan.SourceGone}
		c.countMoves(&change, was, plan.SourceRecord{})
		gone = append(gone, change)
	}
	slices.SortStableFunc(gone, func(a, b plan.SourceChange) int { return cmp.Compare(a.Selector, b.Selector) })
	return gone
}

// countMoves counts the users that entered and left, and names the first of them.
func (c comparer) countMoves(change *plan.SourceChange, was, now plan.SourceRecord) {
	came, left := without(now, was), without(was, now)
	change.Before, change.EnteredCount, change.LeftCount = len(was.Users), len(came), len(left)
	change.Entered, change.Left = c.firstByName(came), c.firstByName(left)
}

// firstByName returns the first users by name. Deleted users come last.
func (c comparer) firstByName(ids []state.UserID) []plan.UserRef {
	refs := make([]plan.UserRef, len(ids))
	for i, id := range ids {
		refs[i] = plan.UserRef{ID: id}
		if user, found := c.Snapshot.Find(id); found {
			refs[i] = c.details.Ref(user)
		}
	}
	slices.SortFunc(refs, func(a, b plan.UserRef) int {
		return cmp.Or(compareBools(a.UserPrincipalName == "", b.UserPrincipalName == ""),
			cmp.Compare(strings.ToLower(a.UserPrincipalName), strings.ToLower(b.UserPrincipalName)), a.ID.Compare(b.ID))
	})
	return slices.Clone(refs[:min(len(refs), MaxSourceUsers)]) // not to keep all of a tenant in memory
}

// without returns the users that the other record does not have.
func without(r, other plan.SourceRecord) []state.UserID {
	var users []state.UserID
	for _, id := range r.Users {
		if _, found := slices.BinarySearchFunc(other.Users, id, state.UserID.Compare); !found {
			users = append(users, id)
		}
	}
	return users
}
