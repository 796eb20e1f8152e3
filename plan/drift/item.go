package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Sort says what is wrong with a pair.
type Sort string

// The sorts. The first four can be put right by a step, the others cannot.
const (
	Missing  Sort = "missing"  // the user lacks the SKU
	Extra    Sort = "extra"    // he holds it, and must not
	Plans    Sort = "plans"    // other service plans are on
	Location Sort = "location" // his usage location is another
	Blocked  Sort = "blocked"
	Waiting  Sort = "waiting"
	Held     Sort = "held"
)

// Class says whose doing an item is.
type Class string

// The classes.
const (
	Drift     Class = "drift"
	Pending   Class = "pending"
	Undecided Class = "undecided"
	Moot      Class = "moot"
)

// Item is one pair of a user and a SKU, or a user's location, that is not as it should be.
type Item struct {
	Key        string         `json:"key"`
	Class      Class          `json:"class"`
	Sort       Sort           `json:"sort"`
	User       plan.UserRef   `json:"user"`
	PartNumber string         `json:"sku_part_number"` // "" for a location
	From       string         `json:"from"`            // of a location, "" for unset; of service plans, those off
	To         string         `json:"to"`
	Reason     plan.Reason    `json:"reason"` // of what cannot be put right
	Detail     string         `json:"detail"`
	Loses      []plan.Loss    `json:"loses"` // by the step that would put it right
	Because    []plan.Because `json:"because"`
	Known      bool           `json:"known"`              // the last run left it undone too
	Waited     bool           `json:"waited"`             // at the last run for a seat, say; a step can serve it now
	Accepted   *Acceptance    `json:"accepted,omitempty"` // who signed for it
	Fight      *Fight         `json:"fight,omitempty"`
	Changed    []Turn         `json:"changed"` // what made it so, the newest first, since the last run
	Moved      []Move         `json:"moved"`   // into sources of policies, or out of them, since the last run
	Result     string         `json:"result"`  // of a correction; "": none was tried
	Corrected  bool           `json:"corrected"`

	sku   state.SKUID // zero for a location
	takes bool        // putting it right takes something from the user
}

// Acceptance says why an item is let be.
type Acceptance struct {
	Reason  string `json:"reason"`
	Expires string `json:"expires"` // the last day
	Place   string `json:"place"`   // file:line:column
}

// Serves says that a step would put the item right.
func (i *Item) Serves() bool { return !slices.Contains([]Sort{Blocked, Waiting, Held}, i.Sort) }

// News says that the item calls for somebody: it is not pending, not known, not accepted
// and not put right.
func (i *Item) News() bool {
	return i.Class != Pending && i.Class != Moot && !i.Known && i.Accepted == nil && !i.Corrected
}

// keyOf names an item by what it is, and by nothing that a name, a date or the order of
// anything has a part in. What waits is named alike whatever it waits for, since that
// changes with other people's seats; what is blocked is named with the reason, so that
// nobody accepts one thing and gets another.
func keyOf(user state.UserID, part string, sort Sort, reason plan.Reason) string {
	about := part
	if part == "" {
		about = locationWord
	}
	switch sort {
	case Location:
		return user.String() + ":" + locationWord
	case Blocked:
		return fmt.Sprintf("%s:%s:%s:%s", user, about, sort, reason)
	}
	return fmt.Sprintf("%s:%s:%s", user, about, sort)
}

// locationWord stands in keys where a SKU would.
const locationWord = "location"

// itemsOf are the items of a plan, by key.
func itemsOf(p *plan.Plan) []Item {
	var items []Item
	for _, step := range p.Steps {
		items = append(items, itemsOfStep(step)...)
	}
	for _, list := range []struct {
		sort     Sort
		outcomes []plan.Outcome
	}{{Blocked, p.Outcomes.Blocked}, {Waiting, p.Outcomes.Waiting}, {Held, p.Outcomes.Held}} {
		for _, o := range list.outcomes {
			items = append(items, Item{Sort: list.sort, User: o.User, PartNumber: o.PartNumber, Reason: o.Reason, Detail: o.Detail, Because: o.Because})
		}
	}
	skus := map[string]state.SKUID{}
	for _, sku := range p.SKUs {
		skus[sku.PartNumber] = sku.ID
	}
	for i := range items {
		x := &items[i]
		if x.sku.IsZero() {
			x.sku = skus[x.PartNumber] // a location has none
		}
		x.takes = x.takes || x.way() == takes
		x.Key = keyOf(x.User.ID, x.PartNumber, x.Sort, x.Reason)
		x.Changed, x.Moved = []Turn{}, []Move{}
		x.Loses = append([]plan.Loss{}, x.Loses...)
		x.Because = append([]plan.Because{}, x.Because...)
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.Key, b.Key) })
	return items
}

// itemsOfStep takes a step apart into what it puts right.
func itemsOfStep(s plan.Step) []Item {
	if s.Kind == plan.KindLocation {
		from, to := s.Before.UsageLocation.Value, s.After.UsageLocation.Value
		return []Item{{Sort: Location, User: s.User, From: from, To: to, Because: s.Because, takes: from != ""}}
	}
	var items []Item
	for _, license := range s.Adds() {
		x := Item{Sort: Missing, User: s.User, PartNumber: license.PartNumber, To: plansOff(license.DisabledPlans), sku: license.SKU}
		if before, held := held(s.Before.Licenses, license.SKU); held {
			x.Sort, x.From = Plans, plansOff(before.DisabledPlans)
			x.takes = slices.ContainsFunc(license.DisabledPlans, func(id state.PlanID) bool { return !slices.Contains(before.DisabledPlans, id) })
		}
		items = append(items, x)
	}
	for _, license := range s.Removes() {
		items = append(items, Item{Sort: Extra, User: s.User, PartNumber: license.PartNumber, From: plansOff(license.DisabledPlans), sku: license.SKU, takes: true, Loses: s.Loses})
	}
	for i := range items {
		part := items[i].PartNumber
		items[i].Because = slices.DeleteFunc(slices.Clone(s.Because), func(b plan.Because) bool { return b.PartNumber != part })
		if items[i].Sort == Plans && items[i].takes {
			items[i].Loses = s.Loses
		}
	}
	return items
}

func held(licenses []plan.License, sku state.SKUID) (plan.License, bool) {
	i := slices.IndexFunc(licenses, func(l plan.License) bool { return l.SKU == sku })
	if i < 0 {
		return plan.License{}, false
	}
	return licenses[i], true
}

// plansOff names service plans, sorted by name.
func plansOff(ids []state.PlanID) string {
	var names []string
	for _, id := range ids {
		names = append(names, catalog.Builtin().PlanName(id))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
