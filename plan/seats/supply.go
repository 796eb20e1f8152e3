package seats

import "slices"

// search looks for the shortest chain that supplies one seat of a SKU: a move that
// frees it, or one chosen early that gives it up, then what supplies the seat which
// that costs, and so on to a SKU that has a seat left over.
//
// A chain that returns to its own start supplies a seat too: one of its moves takes the
// seat that the first move frees. But such a cycle does not start by itself, so it counts
// only if it contains a SKU that a seat can reach. The search therefore records for each
// node whether the path to it contains one.
type search struct {
	seen  []bool   // by node
	from  []int    // by node: the node before it; -1: none
	by    []change // by node: the change that leads there
	queue []int    // of nodes
	found []change // the chain; its memory is used again
}

func newSearch(skus int) search {
	return search{seen: make([]bool, 2*skus), from: make([]int, 2*skus), by: make([]change, 2*skus)}
}

// node returns the node for a SKU that needs a seat. It is odd if the path to it has met a
// SKU that a seat can reach.
func node(sku int, met bool) int {
	if met {
		return 2*sku + 1
	}
	return 2 * sku
}

// findChain returns the changes that bring one seat of the SKU, and reports whether there
// are any.
func (a *allocation) findChain(sku int) (chain []change, found bool) {
	s := &a.search
	clear(s.seen)
	s.queue = s.queue[:0]
	s.visit(node(sku, a.reach[sku]), -1, change{})
	for next := 0; next < len(s.queue); next++ {
		at := s.queue[next]
		for _, c := range a.freeing[at/2] {
			if made := (change{c, 1}); a.isPossible(made) && a.extend(at, made, a.classes[c].takes) {
				return s.chainTo(at, made), true
			}
		}
		for _, c := range a.taking[at/2] {
			if made := (change{c, -1}); a.isPossible(made) && a.extend(at, made, a.classes[c].frees) {
				return s.chainTo(at, made), true
			}
		}
	}
	return nil, false
}

// extend continues the search from a change to the SKUs of which it costs a seat. It
// reports whether that seat is there, which completes the chain. If several SKUs lack a
// seat, the search continues to each of them; further chains supply the others.
func (a *allocation) extend(at int, made change, costs []int) (complete bool) {
	lacking := slices.ContainsFunc(costs, func(s int) bool { return a.leavesShort(s, made) })
	if !lacking && made.by < 0 {
		return true
	}
	for _, s := range costs {
		if lacking && !a.leavesShort(s, made) {
			continue
		}
		met := at%2 == 1 || a.reach[s]
		if (met || a.loose) && (a.seats[s] > 0 || a.search.freesAlso(a.classes, at, s)) {
			return true
		}
		a.search.visit(node(s, met), at, made)
	}
	return false
}

// leavesShort reports whether the change leaves the SKU without a seat that it needs.
func (a *allocation) leavesShort(s int, made change) bool {
	return a.seats[s] <= 0 && (made.by > 0 || a.takers[s] > 0)
}

func (s *search) visit(there, from int, by change) {
	if !s.seen[there] && !s.seen[there|1] {
		s.seen[there], s.from[there], s.by[there] = true, from, by
		s.queue = append(s.queue, there)
	}
}

// freesAlso reports whether a move on the path frees a seat of the SKU in addition to the
// seat for which the move is on the path.
func (s *search) freesAlso(classes []class, at, sku int) bool {
	for ; s.from[at] >= 0; at = s.from[at] {
		if made := s.by[at]; made.by > 0 && len(classes[made.class].frees) > 1 && slices.Contains(classes[made.class].frees, sku) {
			return true
		}
	}
	return false
}

// chainTo returns the changes on the path to a node, and the last change.
func (s *search) chainTo(at int, last change) []change {
	s.found = append(s.found[:0], last)
	for ; s.from[at] >= 0; at = s.from[at] {
		s.found = append(s.found, s.by[at])
	}
	return s.found
}
