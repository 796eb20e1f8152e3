package drift

import (
	"cmp"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// Orphan is data of a user who has lost the licence for it, while there is time left.
type Orphan struct {
	User     plan.UserRef `json:"user"`
	Family   string       `json:"family"`
	Lost     time.Time    `json:"lost"`
	DaysLeft int          `json:"days_left"` // whole ones
	Run      string       `json:"run"`       // that took it; "" for somebody else
	By       Actor        `json:"by"`
	Undo     string       `json:"undo"`
}

// families are those whose data goes after some days, and which a later licence saves.
var families = []catalog.Family{catalog.Mailbox, catalog.OneDrive}

const day = 24 * time.Hour

// LongestClock is how far back a loss can still be undone.
const LongestClock = 93 * day

// loss is a change that may have taken the licence for something.
type loss struct {
	at            time.Time
	run           string
	by            state.Actor
	before, after []state.Path
}

// Orphans are the mailboxes and OneDrives that runs or the log are known to have taken
// the last licence for, and whose user has none today. Of others nobody knows: the
// service keeps no date of a licence that is gone.
func Orphans(snapshot *state.Snapshot, c *catalog.Catalog, deeds []Deed, events []state.AuditEvent, now time.Time) []Orphan {
	byUser := map[state.UserID][]loss{}
	for _, d := range deeds {
		byUser[d.Step.User.ID] = append(byUser[d.Step.User.ID], lossOfDeed(d))
	}
	for _, e := range events {
		if e.Licenses != nil {
			byUser[e.User] = append(byUser[e.User], loss{e.At, "", e.By, pathsOfLog(snapshot, e.Licenses.Before), pathsOfLog(snapshot, e.Licenses.After)})
		}
	}
	orphans := []Orphan{}
	for id, losses := range byUser {
		if user, found := snapshot.Find(id); found {
			orphans = append(orphans, orphansOf(snapshot, c, user, losses, now)...)
		}
	}
	slices.SortFunc(orphans, func(a, b Orphan) int {
		return cmp.Or(cmp.Compare(a.DaysLeft, b.DaysLeft), a.User.ID.Compare(b.User.ID), cmp.Compare(a.Family, b.Family))
	})
	return orphans
}

// orphansOf looks for the last time that each family went from a user.
func orphansOf(snapshot *state.Snapshot, c *catalog.Catalog, user state.User, losses []loss, now time.Time) []Orphan {
	slices.SortStableFunc(losses, func(a, b loss) int { return b.at.Compare(a.at) })
	var orphans []Orphan
	for _, family := range families {
		for _, l := range losses {
			gone := lostWholly(plan.Losses(c, snapshot, l.before, l.after), family)
			if gone == nil {
				continue
			}
			left := time.Duration(gone.Days)*day - now.Sub(l.at)
			if lostWholly(plan.Losses(c, snapshot, l.before, user.Paths()), family) != nil && left >= 0 {
				orphans = append(orphans, Orphan{refOf(user), string(family), l.at, int(left / day), l.run, actorOf(l.by), gone.Undo})
			}
			break
		}
	}
	return orphans
}

func lostWholly(losses []plan.Loss, family catalog.Family) *plan.Loss {
	i := slices.IndexFunc(losses, func(l plan.Loss) bool { return l.Family == string(family) && l.To == "" })
	if i < 0 {
		return nil
	}
	return &losses[i]
}

// lossOfDeed knows the SKUs that a step touched, and no others: whether the user kept
// something else shows in what he has today.
func lossOfDeed(d Deed) loss {
	l := loss{at: d.Until, run: d.Run}
	for _, license := range d.Step.Before.Licenses {
		l.before = append(l.before, state.Path{SKU: license.SKU, State: state.PathActive, Disabled: license.DisabledPlans})
	}
	for _, license := range d.Step.After.Licenses {
		l.after = append(l.after, state.Path{SKU: license.SKU, State: state.PathActive, Disabled: license.DisabledPlans})
	}
	for _, i := range d.Step.Before.Inherited {
		path := state.Path{SKU: i.SKU, Group: i.Group, State: i.State, Disabled: i.DisabledPlans}
		l.before, l.after = append(l.before, path), append(l.after, path)
	}
	return l
}

// pathsOfLog are licences of the log, which has the ids of plans that are off, or their
// names.
func pathsOfLog(snapshot *state.Snapshot, licenses []state.AuditedLicense) []state.Path {
	var paths []state.Path
	for _, l := range licenses {
		path := state.Path{SKU: l.SKU, State: state.PathActive}
		sku, _ := snapshot.SKU(l.SKU)
		for _, plan := range sku.Plans {
			if slices.Contains(l.Disabled, plan.ID.String()) || slices.Contains(l.Disabled, plan.Name) {
				path.Disabled = append(path.Disabled, plan.ID)
			}
		}
		path.Disabled = state.SortedPlans(path.Disabled)
		paths = append(paths, path)
	}
	return paths
}

func refOf(user state.User) plan.UserRef {
	return plan.UserRef{ID: user.ID(), UserPrincipalName: user.UserPrincipalName(), DisplayName: user.DisplayName()}
}
