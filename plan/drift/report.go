package drift

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/state"
)

// formatVersion is the version of the report's JSON.
const formatVersion = 1

// Report describes how a tenant differs from its policies, and since when.
type Report struct {
	FormatVersion int            `json:"format_version"`
	ToolVersion   string         `json:"tool_version"`
	Tenant        plan.Tenant    `json:"tenant"`
	Source        state.Source   `json:"source"`
	At            time.Time      `json:"at"`
	Commit        string         `json:"commit"`          // of today's policies
	Policies      string         `json:"policies_digest"` // of today's policies
	Last          Last           `json:"last"`
	Undecided     string         `json:"undecided"` // why drift and pending cannot be distinguished; "" if they can
	Hint          string         `json:"hint"`      // what to do about it
	Audit         Audit          `json:"audit"`
	Complete      bool           `json:"complete"` // all of the tenant was read
	Items         []Item         `json:"items"`    // flapping items first, then by user
	Superseded    []Item         `json:"moot"`
	RetainedData  []RetainedData `json:"orphans"`
	Guards        []plan.Guard   `json:"guards"` // guards of today's plan that are not ok
	Notes         []string       `json:"notes"`
	ExitReason    string         `json:"exit_reason"` // exit reason of the program
}

// Last is the last run that ended well. It is zero if none is known.
type Last struct {
	Run      string    `json:"run"`
	At       time.Time `json:"at,omitzero"`
	Commit   string    `json:"commit"`
	Policies string    `json:"policies_digest"`
}

// Audit describes which part of the tenant's audit log was used.
type Audit struct {
	Read   bool      `json:"read"`
	From   time.Time `json:"from,omitzero"`
	Events int       `json:"events"`
	Why    string    `json:"why"`  // why it was not read
	Hint   string    `json:"hint"` // what to do about it
}

// Count returns the number of items for which the function returns true.
func (r *Report) Count(of func(*Item) bool) int {
	n := 0
	for i := range r.Items {
		if of(&r.Items[i]) {
			n++
		}
	}
	return n
}

// AttentionCount returns the number of items that need attention.
func (r *Report) AttentionCount() int { return r.Count((*Item).NeedsAttention) }

// Compare returns a report of the items of two plans for the tenant of today. The first
// plan is of today's policies, the second of the policies of the last run. The second
// is nil if those policies are unknown.
func Compare(head, last *plan.Plan) Report {
	r := Report{
		FormatVersion: formatVersion, ToolVersion: head.ToolVersion, Tenant: head.Tenant, Source: head.Source, At: head.CreatedAt,
		Commit: head.Commit, Policies: head.PoliciesDigest, Complete: head.Complete,
		Superseded: []Item{}, RetainedData: []RetainedData{}, Guards: []plan.Guard{}, Notes: []string{},
	}
	for _, g := range head.Guards {
		if g.Verdict != plan.VerdictOK {
			r.Guards = append(r.Guards, g)
		}
	}
	r.Items = itemsOf(head)
	if last == nil {
		for i := range r.Items {
			r.Items[i].Class = Undecided
		}
		return r
	}
	now, then := byAssignment(r.Items), itemsOf(last)
	was := byAssignment(then)
	for i := range r.Items {
		x := &r.Items[i]
		x.Class = Pending
		if slices.ContainsFunc(was[x.assignment()], x.isDriftOf) {
			x.Class = Drift
		}
	}
	for _, x := range then {
		if !slices.ContainsFunc(now[x.assignment()], x.agreesWith) {
			x.Class = Superseded
			r.Superseded = append(r.Superseded, x)
		}
	}
	return r
}

// assignmentKey identifies what an item is about: an assignment, or with an empty part the
// location of a user.
type assignmentKey struct {
	user state.UserID
	part string
}

func (i *Item) assignment() assignmentKey { return assignmentKey{i.User.ID, i.PartNumber} }

func byAssignment(items []Item) map[assignmentKey][]*Item {
	assignments := map[assignmentKey][]*Item{}
	for i := range items {
		assignments[items[i].assignment()] = append(assignments[items[i].assignment()], &items[i])
	}
	return assignments
}

// Direction is what a change does to a user, or what correcting an item would do.
type Direction string

// The directions.
const (
	unknown Direction = ""
	gives   Direction = "gives"
	takes   Direction = "takes"
	changes Direction = "changes" // service plans, or the location
)

// direction returns the direction of the step that corrects the item. If no step can, it
// returns what the policies behind the item want.
func (i *Item) direction() Direction {
	switch i.Sort {
	case Missing:
		return gives
	case Extra:
		return takes
	case Plans, Location:
		return changes
	}
	want := slices.ContainsFunc(i.Because, func(b plan.Because) bool { return b.Effect == plan.EffectWant })
	absent := slices.ContainsFunc(i.Because, func(b plan.Because) bool {
		return slices.Contains([]plan.Effect{plan.EffectAbsent, plan.EffectImplied, plan.EffectOneOf}, b.Effect)
	})
	switch {
	case want == absent:
		return unknown
	case want:
		return gives
	}
	return takes
}

// agreesWith reports whether two items about one assignment want the same. One of them may
// be done and the other wait, since each plan hands out seats on its own.
func (i *Item) agreesWith(other *Item) bool {
	a, b := i.direction(), other.direction()
	switch {
	case a == changes && b == changes:
		return i.To == other.To
	case a == takes || b == takes:
		return a == b || a == unknown || b == unknown
	}
	return true
}

// isDriftOf reports whether an item of the last run's policies makes this item drift. Both
// must want the same. Also, a step of the last run's policies could correct it, or the same
// reason blocks it under both policies. Both plans are of one tenant and one day, so if
// only the old policies are blocked, the new policies have released the change.
func (i *Item) isDriftOf(last *Item) bool {
	return i.agreesWith(last) && (last.Serves() || i.Key == last.Key)
}

// Has reports whether there is an item with the key.
func (r *Report) Has(key string) bool {
	return slices.ContainsFunc(r.Items, func(x Item) bool { return x.Key == key })
}

// MarkKnown marks the items that the last run left undone. An item that a step can correct
// is never known: the last run would have done that step. But the user may have waited for
// it then.
func (r *Report) MarkKnown(left []string) {
	undone := map[string]bool{}
	for _, key := range left {
		undone[key] = true
	}
	for i := range r.Items {
		x := &r.Items[i]
		x.Known = !x.Serves() && undone[x.Key]
		x.Waited = x.Serves() && undone[itemKey(x.User.ID, x.PartNumber, Waiting, "")]
	}
}

// MarkAccepted marks the items that are accepted, by key, and returns the keys that no item has.
func (r *Report) MarkAccepted(accepted map[string]Acceptance) (unused []string) {
	used := map[string]bool{}
	for i := range r.Items {
		if acceptance, found := accepted[r.Items[i].Key]; found {
			r.Items[i].Accepted, used[r.Items[i].Key] = &acceptance, true
		}
	}
	for key := range accepted {
		if !used[key] {
			unused = append(unused, key)
		}
	}
	slices.Sort(unused)
	return unused
}

// LeftUndone returns the keys of the items that a run leaves undone once its steps are done. They
// go into the record of the run. The plan is computed again after the steps, since steps
// change the reasons: an assignment that a group also gives is blocked only once the direct
// license is gone.
func LeftUndone(in plan.Input, done []plan.Step) []string {
	in.Snapshot, in.Filters, in.Hold = plan.LayOver(in.Snapshot, done), plan.Filters{}, false
	left := []string{}
	p, _ := plan.Compute(in)
	for _, x := range itemsOf(p) {
		if !x.Serves() {
			left = append(left, x.Key)
		}
	}
	return left
}

// SortItems sorts flapping items first, and then by user and key.
func (r *Report) SortItems() {
	slices.SortStableFunc(r.Items, func(a, b Item) int {
		return cmp.Or(flappingRank(a)-flappingRank(b), cmp.Compare(strings.ToLower(a.User.UserPrincipalName), strings.ToLower(b.User.UserPrincipalName)), cmp.Compare(a.Key, b.Key))
	})
}

func flappingRank(x Item) int {
	if x.Flapping != nil {
		return 0
	}
	return 1
}
