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

// Report says how a tenant differs from its policies, and since when.
type Report struct {
	FormatVersion int          `json:"format_version"`
	ToolVersion   string       `json:"tool_version"`
	Tenant        plan.Tenant  `json:"tenant"`
	Source        state.Source `json:"source"`
	At            time.Time    `json:"at"`
	Commit        string       `json:"commit"`          // of the policies at hand
	Policies      string       `json:"policies_digest"` // of the policies at hand
	Last          Last         `json:"last"`
	Undecided     string       `json:"undecided"` // why drift cannot be told from pending; "" where it can
	Hint          string       `json:"hint"`      // what would help
	Audit         Audit        `json:"audit"`
	Complete      bool         `json:"complete"` // the tenant was read to the end
	Items         []Item       `json:"items"`    // fights first, then by user
	Moot          []Item       `json:"moot"`
	Orphans       []Orphan     `json:"orphans"`
	Guards        []plan.Guard `json:"guards"` // of today's plan, those that are not ok
	Notes         []string     `json:"notes"`
	ExitReason    string       `json:"exit_reason"` // how the program ended
}

// Last is the last run that ended well; zero where none is known.
type Last struct {
	Run      string    `json:"run"`
	At       time.Time `json:"at,omitzero"`
	Commit   string    `json:"commit"`
	Policies string    `json:"policies_digest"`
}

// Audit says what the tenant's log had a part in.
type Audit struct {
	Read   bool      `json:"read"`
	From   time.Time `json:"from,omitzero"`
	Events int       `json:"events"`
	Why    string    `json:"why"`  // it was not read
	Hint   string    `json:"hint"` // what would help
}

// Count is the number of items for which a question is true.
func (r *Report) Count(of func(*Item) bool) int {
	n := 0
	for i := range r.Items {
		if of(&r.Items[i]) {
			n++
		}
	}
	return n
}

// News is the number of items that call for somebody.
func (r *Report) News() int { return r.Count((*Item).News) }

// Compare makes the report's items of today's plan of the policies at hand and of that
// of the last run's; nil: nobody knows what these were.
func Compare(head, last *plan.Plan) Report {
	r := Report{
		FormatVersion: formatVersion, ToolVersion: head.ToolVersion, Tenant: head.Tenant, Source: head.Source, At: head.CreatedAt,
		Commit: head.Commit, Policies: head.PoliciesDigest, Complete: head.Complete,
		Moot: []Item{}, Orphans: []Orphan{}, Guards: []plan.Guard{}, Notes: []string{},
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
	now, then := byPair(r.Items), itemsOf(last)
	was := byPair(then)
	for i := range r.Items {
		x := &r.Items[i]
		x.Class = Pending
		if slices.ContainsFunc(was[x.pair()], x.wasThere) {
			x.Class = Drift
		}
	}
	for _, x := range then {
		if !slices.ContainsFunc(now[x.pair()], x.alike) {
			x.Class = Moot
			r.Moot = append(r.Moot, x)
		}
	}
	return r
}

// pairName is what an item is about.
type pairName struct {
	user state.UserID
	part string
}

func (i *Item) pair() pairName { return pairName{i.User.ID, i.PartNumber} }

func byPair(items []Item) map[pairName][]*Item {
	pairs := map[pairName][]*Item{}
	for i := range items {
		pairs[items[i].pair()] = append(pairs[items[i].pair()], &items[i])
	}
	return pairs
}

// Direction is what a change does to a user, or what putting an item right would do.
type Direction string

// The directions.
const (
	unknown Direction = ""
	gives   Direction = "gives"
	takes   Direction = "takes"
	changes Direction = "changes" // plans, or the location
)

// way is the direction of an item; of one that no step serves, what the policies behind
// it want.
func (i *Item) way() Direction {
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

// alike says whether two items about one pair are the same wish, though the one may be
// done and the other wait, since each plan hands out seats for itself.
func (i *Item) alike(other *Item) bool {
	a, b := i.way(), other.way()
	switch {
	case a == changes && b == changes:
		return i.To == other.To
	case a == takes || b == takes:
		return a == b || a == unknown || b == unknown
	}
	return true
}

// wasThere says whether an item of the last run's policies makes this one drift. They want
// the same, and those policies could put it right, or are hindered as those at hand are:
// both plans are of one tenant and one day, and if only the old policies are stuck, then
// it is the new ones that get it going.
func (i *Item) wasThere(last *Item) bool {
	return i.alike(last) && (last.Serves() || i.Key == last.Key)
}

// Has says whether there is an item with the key.
func (r *Report) Has(key string) bool {
	return slices.ContainsFunc(r.Items, func(x Item) bool { return x.Key == key })
}

// Remember marks what the last run left undone. A step is never known: it was not there
// to be done, or it would have been; but the user may have waited for it.
func (r *Report) Remember(left []string) {
	undone := map[string]bool{}
	for _, key := range left {
		undone[key] = true
	}
	for i := range r.Items {
		x := &r.Items[i]
		x.Known = !x.Serves() && undone[x.Key]
		x.Waited = x.Serves() && undone[keyOf(x.User.ID, x.PartNumber, Waiting, "")]
	}
}

// Accept marks what somebody signed for, by key, and returns the keys that no item has.
func (r *Report) Accept(accepted map[string]Acceptance) (unused []string) {
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

// Left are the keys of what a run leaves undone once its steps are done, for its record:
// what a group gives still, say, is blocked only when the direct licence beside it is gone.
func Left(in plan.Input, done []plan.Step) []string {
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

// Order puts fights first, and then goes by user and key.
func (r *Report) Order() {
	slices.SortStableFunc(r.Items, func(a, b Item) int {
		return cmp.Or(fightsFirst(a)-fightsFirst(b), cmp.Compare(strings.ToLower(a.User.UserPrincipalName), strings.ToLower(b.User.UserPrincipalName)), cmp.Compare(a.Key, b.Key))
	})
}

func fightsFirst(x Item) int {
	if x.Fight != nil {
		return 0
	}
	return 1
}
