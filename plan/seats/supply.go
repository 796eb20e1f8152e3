package seats

import "slices"

// search looks for the shortest chain that supplies one seat of a SKU: a move that
// frees it, or one chosen early that gives it up, then what supplies the seat which
// that costs, and so on to a SKU that has a seat left over.
//
// A chain that comes back to itself supplies a seat too: somebody in it takes what the
// first one frees. But such a ring does not start by itself, so it counts only where
// it meets a SKU that a seat gets to. The search therefore knows of each place
// whether the way to it has met one.
type search struct {
	seen  []bool   // by place
	from  []int    // by place: the one before it; -1: none
	by    []change // by place: what leads there
	queue []int    // of places
	found []change // the chain; kept for the next
}

func newSearch(skus int) search {
	return search{seen: make([]bool, 2*skus), from: make([]int, 2*skus), by: make([]change, 2*skus)}
}

// place is a SKU of which a seat is needed. It is odd if the way there has met a SKU
// that a seat gets to.
func place(sku int, met bool) int {
	if met {
		return 2*sku + 1
	}
	return 2 * sku
}

// supply finds the changes that bring one seat of the SKU.
func (a *allocation) supply(sku int) (chain []change, found bool) {
	s := &a.search
	clear(s.seen)
	s.queue = s.queue[:0]
	s.visit(place(sku, a.reach[sku]), -1, change{})
	for next := 0; next < len(s.queue); next++ {
		at := s.queue[next]
		for _, c := range a.freeing[at/2] {
			if made := (change{c, 1}); a.possible(made) && a.lead(at, made, a.classes[c].takes) {
				return s.chain(at, made), true
			}
		}
		for _, c := range a.taking[at/2] {
			if made := (change{c, -1}); a.possible(made) && a.lead(at, made, a.classes[c].frees) {
				return s.chain(at, made), true
			}
		}
	}
	return nil, false
}

// lead goes on by a change to the SKUs of which it costs a seat, and says whether that
// seat is there, so that the chain is complete. Of several that are lacking each is
// gone on to; the rest is left to further chains.
func (a *allocation) lead(at int, made change, costs []int) (complete bool) {
	lacking := slices.ContainsFunc(costs, func(s int) bool { return a.lacks(s, made) })
	if !lacking && made.by < 0 {
		return true
	}
	for _, s := range costs {
		if lacking && !a.lacks(s, made) {
			continue
		}
		met := at%2 == 1 || a.reach[s]
		if (met || a.loose) && (a.seats[s] > 0 || a.search.brings(a.classes, at, s)) {
			return true
		}
		a.search.visit(place(s, met), at, made)
	}
	return false
}

// lacks says whether the change leaves the SKU short.
func (a *allocation) lacks(s int, made change) bool {
	return a.seats[s] <= 0 && (made.by > 0 || a.takers[s] > 0)
}

func (s *search) visit(there, from int, by change) {
	if !s.seen[there] && !s.seen[there|1] {
		s.seen[there], s.from[there], s.by[there] = true, from, by
		s.queue = append(s.queue, there)
	}
}

// brings says whether a move on the way frees the SKU beside the seat it is there for.
func (s *search) brings(classes []class, at, sku int) bool {
	for ; s.from[at] >= 0; at = s.from[at] {
		if made := s.by[at]; made.by > 0 && len(classes[made.class].frees) > 1 && slices.Contains(classes[made.class].frees, sku) {
			return true
		}
	}
	return false
}

// chain is the changes on the way, and the last one.
func (s *search) chain(at int, last change) []change {
	s.found = append(s.found[:0], last)
	for ; s.from[at] >= 0; at = s.from[at] {
		s.found = append(s.found, s.by[at])
	}
	return s.found
}
