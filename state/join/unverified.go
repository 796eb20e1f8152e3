package join

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seatwright/seatwright/state"
)

// checkEmpty refuses a place that looks empty while the tenant has users who were
// synced from it: AD answers with success and nobody where the account may not read.
func (j *joiner) checkEmpty(read *state.DirectoryRead, p state.PlaceRead) error {
	if len(p.Users) > 0 {
		return nil
	}
	inside := j.insideOf(p)
	users := 0
	for user := range j.s.Users() {
		if user.Synced() && inside[user.ContainerCode()] {
			users++
		}
	}
	if users == 0 {
		return nil
	}
	return &state.DirectoryError{Op: "read users", Directory: read.Name, Server: read.Server, Place: &p.Place, Fault: state.DirectoryUnreadable,
		Message: fmt.Sprintf("it shows nobody, while the tenant has users who were synced from there (%d)", users)}
}

// insideOf says for each container of the snapshot whether it lies in the place.
func (j *joiner) insideOf(p state.PlaceRead) []bool {
	inside := make([]bool, len(j.s.Containers()))
	for code, container := range j.s.Containers() {
		inside[code] = !container.IsZero() && holds(p, container)
	}
	return inside
}

func holds(p state.PlaceRead, container state.DN) bool {
	if p.Place.Domain != "" {
		return container.Domain() == p.Place.Domain
	}
	return container.Equal(p.Base) || p.Place.Subtree && container.Under(p.Base)
}

// doubts returns the users whom a removal could hit wrongly: those whom the tenant has in
// a place that does not show them any more, and those of an OU in which somebody could
// not be told.
func (j *joiner) doubts(d *state.Directory) []state.Dispute {
	doubts := map[int32]string{}
	seen := map[int32]bool{}
	for _, found := range j.found {
		seen[found.row] = true
	}
	for _, read := range d.Reads {
		for _, p := range read.Places {
			inside := j.insideOf(p)
			for user := range j.s.Users() {
				if row := int32(user.Row()); user.Synced() && inside[user.ContainerCode()] && !seen[row] {
					doubts[row] = fmt.Sprintf("the tenant has the user in %q, where the directory %s does not show the user: moved, or not to be read", user.Container(), read.Name)
				}
			}
		}
	}
	j.doubtNeighbours(doubts)
	return sortedDisputes(doubts)
}

// doubtNeighbours takes in whoever lies in an OU with a dispute.
func (j *joiner) doubtNeighbours(doubts map[int32]string) {
	if len(j.contests) == 0 {
		return
	}
	for user := range j.s.Users() {
		if ou, disputed := j.contests[user.Container().Key()]; disputed && !user.Container().IsZero() {
			doubts[int32(user.Row())] = fmt.Sprintf("nothing is taken from users of %q while it is not clear who is who: %s", ou.dn, ou.why)
		}
	}
}

func sortedDisputes(by map[int32]string) []state.Dispute {
	out := make([]state.Dispute, 0, len(by))
	for _, row := range slices.Sorted(maps.Keys(by)) {
		out = append(out, state.Dispute{Row: int(row), Why: by[row]})
	}
	return out
}
