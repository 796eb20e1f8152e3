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

// Sort is what is wrong with an assignment or a location.
type Sort string

// The sorts. The first four can be put right by a step, the others cannot.
const (
	Missing  Sort = "missing"  // the user lacks the SKU
	Extra    Sort = "extra"    // the user has the SKU and must not
	Plans    Sort = "plans"    // other service plans are on
	Location Sort = "location" // the user has another usage location
	Blocked  Sort = "blocked"
	Waiting  Sort = "waiting"
	Held     Sort = "held"
)

// Class is the cause of an item.
type Class string

// The classes.
const (
	Drift      Class = "drift"
	Pending    Class = "pending"
	Undecided  Class = "undecided"
	Superseded Class = "moot"
)

// Item is one assignment, or the usage location of a user, that is not as the policies want
// it.
type Item struct {
	Key        string         `json:"key"`
	Class      Class          `json:"class"`
	Sort       Sort           `json:"sort"`
	User       plan.UserRef   `json:"user"`
	PartNumber string         `json:"sku_part_number"` // "" for a location
	From       string         `json:"from"`            // of a location, "" for unset; of service plans, those that are off
	To         string         `json:"to"`
	Reason     plan.Reason    `json:"reason"` // why no step can change it
	Detail     string         `json:"detail"`
	Loses      []plan.Loss    `json:"loses"` // by the step that would correct it
	Because    []plan.Because `json:"because"`
	Known      bool           `json:"known"`              // the last run left it undone too
	Waited     bool           `json:"waited"`             // it waited at the last run, for a seat for example; now a step can serve it
	Accepted   *Acceptance    `json:"accepted,omitempty"` // its entry in accept.yaml
	Flapping   *Flapping      `json:"fight,omitempty"`
	Changed    []Change       `json:"changed"` // the changes that led to it since the last run, newest first
	Moved      []Move         `json:"moved"`   // the user's moves into or out of sources since the last run
	Result     string         `json:"result"`  // of a correction; "": none was tried
	Corrected  bool           `json:"corrected"`

	sku   state.SKUID // zero for a location
	takes bool        // correcting it takes something from the user
}

// Acceptance is an entry of accept.yaml.
type Acceptance struct {
	Reason  string `json:"reason"`
	Expires string `json:"expires"` // the last day
	Place   string `json:"place"`   // file:line:column
}

// Serves reports whether a step would correct the item.
func (i *Item) Serves() bool { return !slices.Contains([]Sort{Blocked, Waiting, Held}, i.Sort) }

// NeedsAttention reports whether the item needs attention: it is not pending, not known, not accepted
// and not corrected.
func (i *Item) NeedsAttention() bool {
	return i.Class != Pending && i.Class != Superseded && !i.Known && i.Accepted == nil && !i.Corrected
}

// itemKey returns the key of an item. The key depends on the item alone, never on a name, a
// date or an order. A waiting item has one key whatever it waits for, since that changes
// with the seats of other users. The key of a blocked item has the reason, so that an entry
// in accept.yaml covers only that reason.
func itemKey(user state.UserID, part string, sort Sort, reason plan.Reason) string {
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

// locationWord takes the place of the SKU in the keys of locations.
const locationWord = "location"

// itemsOf returns the items of a plan, sorted by key.
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
		x.takes = x.takes || x.direction() == takes
		x.Key = itemKey(x.User.ID, x.PartNumber, x.Sort, x.Reason)
		x.Changed, x.Moved = []Change{}, []Move{}
		x.Loses = append([]plan.Loss{}, x.Loses...)
		x.Because = append([]plan.Because{}, x.Because...)
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Compare(a.Key, b.Key) })
	return items
}

// itemsOfStep returns the items that a step corrects.
func itemsOfStep(s plan.Step) []Item {
	if s.Kind == plan.KindLocation {
		from, to := s.Before.UsageLocation.Value, s.After.UsageLocation.Value
		return []Item{{Sort: Location, User: s.User, From: from, To: to, Because: s.Because, takes: from != ""}}
	}
	var items []Item
	for _, license := range s.Adds() {
		x := Item{Sort: Missing, User: s.User, PartNumber: license.PartNumber, To: planNames(license.DisabledPlans), sku: license.SKU}
		if before, held := findLicense(s.Before.Licenses, license.SKU); held {
			x.Sort, x.From = Plans, planNames(before.DisabledPlans)
			x.takes = slices.ContainsFunc(license.DisabledPlans, func(id state.PlanID) bool { return !slices.Contains(before.DisabledPlans, id) })
		}
		items = append(items, x)
	}
	for _, license := range s.Removes() {
		items = append(items, Item{Sort: Extra, User: s.User, PartNumber: license.PartNumber, From: planNames(license.DisabledPlans), sku: license.SKU, takes: true, Loses: s.Loses})
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

func findLicense(licenses []plan.License, sku state.SKUID) (plan.License, bool) {
	i := slices.IndexFunc(licenses, func(l plan.License) bool { return l.SKU == sku })
	if i < 0 {
		return plan.License{}, false
	}
	return licenses[i], true
}

// planNames returns the names of service plans, sorted.
func planNames(ids []state.PlanID) string {
	var names []string
	for _, id := range ids {
		names = append(names, catalog.Builtin().PlanName(id))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
