package plan

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// census counts users by SKU, over the whole snapshot.
type census struct {
	holding map[state.SKUID]int // by any path
	direct  map[state.SKUID]int // by a direct path
	waiting map[state.SKUID]int // members of groups to whom a seat has not come yet, or could not (CountViolation)
}

// census counts once; the guards and the ledger ask.
func (f *facts) census() *census {
	if f.counted == nil {
		f.counted = takeCensus(f.Snapshot)
		for sku, users := range f.pending.Waiting(f.Snapshot) {
			f.counted.waiting[sku] += users
		}
	}
	return f.counted
}

func takeCensus(snapshot *state.Snapshot) *census {
	c := &census{holding: map[state.SKUID]int{}, direct: map[state.SKUID]int{}, waiting: map[state.SKUID]int{}}
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
func (c *census) add(paths []state.Path, users int) {
	sku := paths[0].SKU
	switch {
	case slices.ContainsFunc(paths, state.Path.Holds):
		c.holding[sku] += users
	case slices.ContainsFunc(paths, func(p state.Path) bool { return p.Error == "CountViolation" }):
		c.waiting[sku] += users
	}
	if paths[0].Direct() {
		c.direct[sku] += users
	}
}
