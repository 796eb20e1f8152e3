package explain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// inputs returns all sources of the plan and when each was read.
func inputs(in plan.Input, at time.Time) []plan.InputRecord {
	records := []plan.InputRecord{{Source: plan.SourceGraph, Rows: in.Snapshot.Len(), ReadAt: in.Snapshot.ReadAt.UTC().Truncate(time.Second)}}
	for _, input := range in.Set.Inputs {
		records = append(records, plan.InputRecord{Source: input.Path, Rows: input.Rows, ReadAt: at, Digest: input.Digest})
	}
	records = append(records, places(in)...)
	slices.SortFunc(records, func(a, b plan.InputRecord) int { return cmp.Compare(a.Source, b.Source) })
	return records
}

// places returns where OUs and domains were looked up, or nil if policies name none.
func places(in plan.Input) []plan.InputRecord {
	if in.Snapshot.Directory == nil {
		if len(selector.Places(in.Set)) == 0 {
			return nil
		}
		record := plan.InputRecord{Source: plan.SourceSynced, ReadAt: in.Snapshot.Organization.LastSync.UTC().Truncate(time.Second)}
		for user := range in.Snapshot.Users() {
			if user.Synced() {
				record.Rows++
			}
		}
		return []plan.InputRecord{record}
	}
	var records []plan.InputRecord
	for _, read := range in.Snapshot.Directory.Reads {
		users := map[state.Anchor]bool{}
		for _, place := range read.Places {
			for _, u := range place.Users {
				users[u.ObjectGUID] = true
			}
		}
		records = append(records, plan.InputRecord{
			Source: fmt.Sprintf("%s%s (%s)", plan.SourceDirectory, read.Name, read.Server), Rows: len(users), ReadAt: read.ReadAt.UTC().Truncate(time.Second),
		})
	}
	return records
}
