package journal

import (
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply"
	"github.com/seatwright/seatwright/state"
)

// RemovalsFor is how long a removal counts for the guard that limits removals.
const RemovalsFor = 7 * 24 * time.Hour

// Removals returns, for each SKU, the users from which steps since a time removed something
// without giving as much in its place. Runs whose removals were allowed by an override are
// left out.
func Removals(runs []*Run, from time.Time) plan.Recent {
	recent := plan.Recent{}
	for _, run := range runs {
		for _, entry := range run.Steps {
			if run.RemovalsAllowed || entry.Sent[0].At.Before(from) || entry.Result != apply.Confirmed && !entry.Open() {
				continue
			}
			for _, sku := range entry.Takes {
				if recent[sku] == nil {
					recent[sku] = map[state.UserID]bool{}
				}
				recent[sku][entry.User] = true
			}
		}
	}
	return recent
}

// Writes returns the changes since a time that were sent and may have been made, oldest
// first. Reads of their users may lag behind.
func Writes(runs []*Run, from time.Time) []apply.Write {
	var writes []apply.Write
	for _, run := range runs {
		for _, entry := range run.Steps {
			last := entry.lastSent()
			if last.Before(from) || entry.Result != apply.Confirmed && !entry.Open() {
				continue
			}
			writes = append(writes, apply.Write{Step: entry.Step(), At: last, Confirmed: entry.Result == apply.Confirmed})
		}
	}
	slices.SortStableFunc(writes, func(a, b apply.Write) int { return a.At.Compare(b.At) })
	return writes
}

// ResolveIntents compares the open intents of runs with what was read of their users. An intent is
// settled once the read shows its effect, or can no longer lag behind.
func ResolveIntents(runs []*Run, users *state.Snapshot, now time.Time) []Found {
	known := map[Found]bool{}
	for _, run := range runs {
		for _, found := range run.Found {
			known[Found{Run: found.Run, Step: found.Step}] = true
		}
	}
	var settled []Found
	for _, run := range runs {
		for _, entry := range run.Steps {
			if !entry.Open() || known[Found{Run: run.Run, Step: entry.Intent.Step}] {
				continue
			}
			last := entry.lastSent()
			if result, sure := resolveIntent(entry.Step(), users, now.Sub(last) >= apply.Horizon); sure {
				settled = append(settled, Found{run.Run, entry.Intent.Step, result})
			}
		}
	}
	return settled
}

func resolveIntent(step plan.Step, users *state.Snapshot, late bool) (apply.Result, bool) {
	user, found := users.Find(step.User.ID)
	switch {
	case !found:
		return apply.Gone, users.Complete
	case user.Inconsistent():
		return "", false
	case step.Done(step.Live(user)):
		return apply.Confirmed, true
	case !late:
		return "", false
	case step.MayRun(step.Live(user)):
		return apply.NotSent, true
	}
	return apply.Conflict, true
}
