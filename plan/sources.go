package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// SourceChange says who came into one selector and who left it since the baseline. It
// tells, and drives nothing: the guards look for themselves.
type SourceChange struct {
	Policy       string       `json:"policy"`   // "" for settings `protect`
	Protects     bool         `json:"shields"`  // it stands in `except` or `protect`
	Selector     string       `json:"selector"` // as the policy writes it
	File         string       `json:"file"`     // "" where it is gone
	Line         int          `json:"line"`
	Column       int          `json:"column"`
	Status       SourceStatus `json:"status"`
	Users        int          `json:"users"`  // whom it picks now
	Before       int          `json:"before"` // whom it picked then; 0 where that is not known
	EnteredCount int          `json:"entered_count"`
	LeftCount    int          `json:"left_count"`
	Entered      []UserRef    `json:"entered"` // the first of them, by name
	Left         []UserRef    `json:"left"`    // the first of them, by name; who is not in the tenant any more has an id alone
}

// SourceStatus says what is known of a selector at the time of the baseline.
type SourceStatus string

// What can be known of a selector.
const (
	SourceCompared SourceStatus = "compared"
	SourceNew      SourceStatus = "new"     // the baseline does not have it: whom it picks, it picks for the first time
	SourceGone     SourceStatus = "gone"    // the policies do not have it any more: whom it picked has left it
	SourceUnknown  SourceStatus = "unknown" // there is nothing to compare with, which is not to say that nobody came or left
)

// MaxSourceUsers is how many users of a selector a plan names in each direction.
const MaxSourceUsers = 50

// sources compares all selectors with the baseline: by policy, those that shield behind
// the others, in the order in which they are written.
func (p *planner) sources() []SourceChange {
	if p.Set.FromCommandLine() { // a job of the moment has no past
		return []SourceChange{}
	}
	now := NewBaseline("", p.Set, p.Matches, p.Snapshot).Sources
	changes := []SourceChange{}
	add := func(policy string, shields bool, selectors []policies.Selector) {
		for _, s := range selectors {
			changes = append(changes, p.sourceChange(policy, shields, s, now[len(changes)])) // which has them in the same order
		}
	}
	for _, policy := range p.Set.Policies {
		add(policy.Name, false, policy.Users)
		add(policy.Name, true, policy.Except)
	}
	add("", true, p.Set.Tenant.Protect)
	changes = append(changes, p.goneSources(now)...)
	slices.SortStableFunc(changes, func(a, b SourceChange) int {
		return cmp.Or(cmp.Compare(a.Policy, b.Policy), compareBools(a.Protects, b.Protects), compareBools(a.Status == SourceGone, b.Status == SourceGone))
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

func (p *planner) sourceChange(policy string, shields bool, s policies.Selector, now SourceRecord) SourceChange {
	c := SourceChange{
		Policy: policy, Protects: shields, Selector: now.Selector, File: s.Pos.File, Line: s.Pos.Line, Column: s.Pos.Col,
		Users: len(now.Users), Entered: []UserRef{}, Left: []UserRef{},
	}
	was, known := p.Baseline.find(policy, shields, now.Selector)
	switch {
	case p.Baseline == nil || p.Baseline.FilesUnknown && p.goesByRows(s):
		c.Status = SourceUnknown
	case !known:
		c.Status = SourceNew
	default:
		c.Status = SourceCompared
	}
	if c.Status != SourceUnknown {
		p.tellMoves(&c, was, now)
	}
	return c
}

// goesByRows says that what stands in a file or a list decides whom a selector picks: of
// which a snapshot of the tenant knows nothing.
func (p *planner) goesByRows(s policies.Selector) bool {
	switch s.Kind {
	case policies.KindCSV, policies.KindList, policies.KindUPNs, policies.KindIDs:
		return true
	case policies.KindUnmatched:
		return slices.ContainsFunc(p.Set.Policies, func(policy policies.Policy) bool {
			return slices.ContainsFunc(policy.Users, func(other policies.Selector) bool { return other.Kind != policies.KindUnmatched && p.goesByRows(other) })
		})
	}
	return false
}

// goneSources are selectors of the baseline that the policies do not have any more. A
// baseline from a snapshot has none: it is made with the policies at hand.
func (p *planner) goneSources(now []SourceRecord) []SourceChange {
	if p.Baseline == nil {
		return nil
	}
	type name struct {
		policy   string
		shields  bool
		selector string
	}
	here := map[name]bool{}
	for _, r := range now {
		here[name{r.Policy, r.Protects, r.Selector}] = true
	}
	var gone []SourceChange
	for _, was := range p.Baseline.Sources {
		key := name{was.Policy, was.Protects, was.Selector}
		if here[key] {
			continue
		}
		here[key] = true
		c := SourceChange{Policy: was.Policy, Protects: was.Protects, Selector: was.Selector, Status: SourceGone}
		p.tellMoves(&c, was, SourceRecord{})
		gone = append(gone, c)
	}
	slices.SortStableFunc(gone, func(a, b SourceChange) int { return cmp.Compare(a.Selector, b.Selector) })
	return gone
}

// tellMoves counts who came and who left, and names the first of them.
func (p *planner) tellMoves(c *SourceChange, was, now SourceRecord) {
	came, left := now.without(was), was.without(now)
	c.Before, c.EnteredCount, c.LeftCount = len(was.Users), len(came), len(left)
	c.Entered, c.Left = p.firstByName(came), p.firstByName(left)
}

// without are the users whom the other record does not have.
func (r SourceRecord) without(other SourceRecord) []state.UserID {
	var users []state.UserID
	for _, id := range r.Users {
		if !other.has(id) {
			users = append(users, id)
		}
	}
	return users
}

// firstByName are some users by name; those who are not in the tenant any more come last.
func (p *planner) firstByName(ids []state.UserID) []UserRef {
	refs := make([]UserRef, len(ids))
	for i, id := range ids {
		refs[i] = UserRef{ID: id}
		if user, found := p.Snapshot.Find(id); found {
			refs[i] = p.ref(user)
		}
	}
	slices.SortFunc(refs, func(a, b UserRef) int {
		return cmp.Or(compareBools(a.UserPrincipalName == "", b.UserPrincipalName == ""),
			cmp.Compare(strings.ToLower(a.UserPrincipalName), strings.ToLower(b.UserPrincipalName)), a.ID.Compare(b.ID))
	})
	return slices.Clone(refs[:min(len(refs), MaxSourceUsers)]) // not to keep all of a tenant in memory
}

// usersOf are the users whom each of some selectors picks, sorted.
func usersOf(selectors int, hits []selector.Hit, snapshot *state.Snapshot) [][]state.UserID {
	users := make([][]state.UserID, selectors)
	for _, hit := range hits {
		users[hit.Selector] = append(users[hit.Selector], snapshot.User(int(hit.User)).ID())
	}
	for i := range users {
		slices.SortFunc(users[i], state.UserID.Compare)
		users[i] = slices.Compact(users[i])
	}
	return users
}
