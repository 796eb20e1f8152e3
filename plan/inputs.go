package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// inputs are all sources of the plan, with how old they are.
func (p *planner) inputs(at time.Time) []InputRecord {
	records := []InputRecord{{Source: SourceGraph, Rows: p.Snapshot.Len(), ReadAt: p.Snapshot.ReadAt.UTC().Truncate(time.Second)}}
	for _, input := range p.Set.Inputs {
		records = append(records, InputRecord{Source: input.Path, Rows: input.Rows, ReadAt: at, Digest: input.Digest})
	}
	records = append(records, p.places()...)
	slices.SortFunc(records, func(a, b InputRecord) int { return cmp.Compare(a.Source, b.Source) })
	return records
}

// places say by what OUs and domains were looked up, where policies name any.
func (p *planner) places() []InputRecord {
	if p.Snapshot.Directory == nil {
		if len(selector.Places(p.Set)) == 0 {
			return nil
		}
		record := InputRecord{Source: SourceSynced, ReadAt: p.Snapshot.Organization.LastSync.UTC().Truncate(time.Second)}
		for user := range p.Snapshot.Users() {
			if user.Synced() {
				record.Rows++
			}
		}
		return []InputRecord{record}
	}
	var records []InputRecord
	for _, read := range p.Snapshot.Directory.Reads {
		users := map[state.Anchor]bool{}
		for _, place := range read.Places {
			for _, u := range place.Users {
				users[u.ObjectGUID] = true
			}
		}
		records = append(records, InputRecord{
			Source: fmt.Sprintf("%s%s (%s)", SourceDirectory, read.Name, read.Server), Rows: len(users), ReadAt: read.ReadAt.UTC().Truncate(time.Second),
		})
	}
	return records
}
