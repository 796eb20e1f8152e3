package drift

import (
	"cmp"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// RetainedData is data of a user who has lost the license for it, and that can still be saved.
type RetainedData struct {
	User     plan.UserRef `json:"user"`
	Family   string       `json:"family"`
	Lost     time.Time    `json:"lost"`
	DaysLeft int          `json:"days_left"` // whole days
	Run      string       `json:"run"`       // the run that removed the license; "" for another writer
	By       Actor        `json:"by"`
	Undo     string       `json:"undo"`
}

// timedFamilies are the families whose data is deleted after some days, unless the user gets
// a license again.
var timedFamilies = []catalog.Family{catalog.Mailbox, catalog.OneDrive}

const day = 24 * time.Hour

// LongestRetention is how long after a loss the data can still be saved.
const LongestRetention = 93 * day

// loss is a change that may have removed the license for a service family.
type loss struct {
	at            time.Time
	run           string
	by            state.Actor
	before, after []state.Path
}

// FindRetainedData returns the mailboxes and OneDrives whose last license was removed by a known run
// or an entry of the audit log, and whose user has none today. Other losses are unknown:
// the service keeps no date of a removed license.
func FindRetainedData(snapshot *state.Snapshot, c *catalog.Catalog, deeds []Write, events []state.AuditEvent, now time.Time) []RetainedData {
	byUser := map[state.UserID][]loss{}
	for _, d := range deeds {
		byUser[d.Step.User.ID] = append(byUser[d.Step.User.ID], lossOfWrite(d))
	}
	for _, e := range events {
		if e.Licenses != nil {
			byUser[e.User] = append(byUser[e.User], loss{e.At, "", e.By, pathsOfLog(snapshot, e.Licenses.Before), pathsOfLog(snapshot, e.Licenses.After)})
		}
	}
	orphans := []RetainedData{}
	for id, losses := range byUser {
		if user, found := snapshot.Find(id); found {
			orphans = append(orphans, retainedDataOf(snapshot, c, user, losses, now)...)
		}
	}
	slices.SortFunc(orphans, func(a, b RetainedData) int {
		return cmp.Or(cmp.Compare(a.DaysLeft, b.DaysLeft), a.User.ID.Compare(b.User.ID), cmp.Compare(a.Family, b.Family))
	})
	return orphans
}

// retainedDataOf finds the last time that the user lost each family.
func retainedDataOf(snapshot *state.Snapshot, c *catalog.Catalog, user state.User, losses []loss, now time.Time) []RetainedData {
	slices.SortStableFunc(losses, func(a, b loss) int { return b.at.Compare(a.at) })
	var orphans []RetainedData
	for _, family := range timedFamilies {
		for _, l := range losses {
			gone := wholeLoss(plan.Losses(c, snapshot, l.before, l.after), family)
			if gone == nil {
				continue
			}
			left := time.Duration(gone.Days)*day - now.Sub(l.at)
			if wholeLoss(plan.Losses(c, snapshot, l.before, user.Paths()), family) != nil && left >= 0 {
				orphans = append(orphans, RetainedData{userRef(user), string(family), l.at, int(left / day), l.run, actorOf(l.by), gone.Undo})
			}
			break
		}
	}
	return orphans
}

func wholeLoss(losses []plan.Loss, family catalog.Family) *plan.Loss {
	i := slices.IndexFunc(losses, func(l plan.Loss) bool { return l.Family == string(family) && l.To == "" })
	if i < 0 {
		return nil
	}
	return &losses[i]
}

// lossOfWrite knows only the SKUs that the step touched. Whether the user kept another
// license shows in what the user has today.
func lossOfWrite(d Write) loss {
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

// pathsOfLog returns the licenses of an entry of the log. The log has the ids of the
// service plans that are off, or their names.
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

func userRef(user state.User) plan.UserRef {
	return plan.UserRef{ID: user.ID(), UserPrincipalName: user.UserPrincipalName(), DisplayName: user.DisplayName()}
}
