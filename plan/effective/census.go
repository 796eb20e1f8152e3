package effective

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// Census counts users by SKU, over the whole snapshot.
type Census struct {
	Holding map[state.SKUID]int // by any path
	Direct  map[state.SKUID]int // by a direct path
	Waiting map[state.SKUID]int // members of groups that have no seat yet, or got none (CountViolation)
}

// TakeCensus counts all users of the snapshot.
func TakeCensus(snapshot *state.Snapshot, pending Pending) *Census {
	c := &Census{Holding: map[state.SKUID]int{}, Direct: map[state.SKUID]int{}, Waiting: pending.waiting(snapshot)}
	for paths, users := range snapshot.PathSets() {
		for i := 0; i < len(paths); {
			n := i + 1
			for n < len(paths) && paths[n].SKU == paths[i].SKU {
				n++
			}
			c.add(paths[i:n], users)
			i = n
		}
	}
	return c
}

// add counts so many users who have these paths of one SKU.
func (c *Census) add(paths []state.Path, users int) {
	sku := paths[0].SKU
	switch {
	case slices.ContainsFunc(paths, state.Path.Holds):
		c.Holding[sku] += users
	case slices.ContainsFunc(paths, func(p state.Path) bool { return p.Error == "CountViolation" }):
		c.Waiting[sku] += users
	}
	if paths[0].Direct() {
		c.Direct[sku] += users
	}
}
