package effective

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// Holding is how a user holds one SKU.
type Holding struct {
	Direct    *state.Path
	Inherited []state.Path // that give it
	Failed    []state.Path // from groups that could not give it
}

// HoldingOf returns how the paths of one SKU give it.
func HoldingOf(paths []state.Path) Holding {
	var h Holding
	for i, path := range paths {
		switch {
		case path.Direct():
			h.Direct = &paths[i]
		case path.Holds():
			h.Inherited = append(h.Inherited, path)
		default:
			h.Failed = append(h.Failed, path)
		}
	}
	return h
}

// PathsOf returns the paths of one SKU.
func PathsOf(paths []state.Path, sku state.SKUID) []state.Path {
	return slices.DeleteFunc(slices.Clone(paths), func(p state.Path) bool { return p.SKU != sku })
}
