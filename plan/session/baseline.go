package session

import (
	"fmt"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// readBaseline finds the users that the policies at hand selected in an earlier
// snapshot. Nil without a file: nothing is known of an earlier time.
func (r *Resolved) readBaseline(file string) (*plan.Baseline, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // nothing is known of an earlier time
	}
	before, err := r.read.loaded.project.env.Snapshot(file)
	if err != nil {
		return nil, err
	}
	if err := checkBaseline(file, before, r.read.observed.Snapshot, r.read.now()); err != nil {
		return nil, err
	}
	set := r.set
	if directory := r.read.observed.Snapshot.Directory; directory != nil { // it has the places of OUs that are named by objectGUID
		set = selector.Pin(set, directory)
	}
	matches, _, _ := selector.Resolve(set, before) // rows that name no user there are no problem of today
	if err := checkGroups(selector.Needs(r.set), before); err != nil {
		return nil, err
	}
	origin := fmt.Sprintf("the snapshot of %s", before.ReadAt.UTC().Format("2006-01-02 15:04 MST"))
	baseline := plan.NewBaseline(origin, r.set, matches, before)
	baseline.FilesUnknown = true
	return baseline, nil
}

// checkBaseline refuses a snapshot that the tenant at hand cannot be compared with.
func checkBaseline(file string, before, now *state.Snapshot, at time.Time) error {
	sandbox := func(s *state.Snapshot) bool { return s.Source == state.SourceSandbox }
	switch {
	case before.Organization.ID != now.Organization.ID || sandbox(before) != sandbox(now):
		return usage("give a snapshot of this tenant", "read baseline %s: it is of tenant %s (%s), and this is %s (%s)",
			file, before.Organization.ID, before.Source, now.Organization.ID, now.Source)
	case !before.Complete:
		return usage("take another snapshot", "read baseline %s: the tenant was not read completely: %s", file, before.Incomplete)
	case before.ReadAt.After(at):
		return usage("give a snapshot of an earlier time", "read baseline %s: it was read at %s, which is in the future", file, before.ReadAt.Format(time.RFC3339))
	}
	return nil
}
