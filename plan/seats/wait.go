package seats

import (
	"maps"
	"slices"
)

// explain says of those who wait what they wait for, from the seats that are left.
func (s *Schedule) explain(left []int, waiting []int) {
	wanted := make([]bool, len(left))
	for _, i := range waiting {
		takes := s.moves[i].Takes
		lacking := slices.IndexFunc(takes, func(sku int) bool { return left[sku] <= 0 })
		s.Outcomes[i].Missing = takes[max(0, lacking)]
		for _, sku := range takes {
			wanted[sku] = true
		}
	}
	for sku, balance := range s.balance() {
		if wanted[sku] {
			s.Buy[sku] = max(0, -balance)
		}
	}
	s.group(newNetwork(left, s.moves, waiting))
}

// balance is the seats that would be left of each SKU, were everybody served.
func (s *Schedule) balance() []int {
	seats := slices.Clone(s.free)
	for _, m := range s.moves {
		for _, sku := range m.Takes {
			seats[sku]--
		}
		for _, sku := range m.Frees {
			seats[sku]++
		}
	}
	return seats
}

// group finds those who wait and add up among themselves: they lack a start and
// nothing else. What hangs together by its SKUs is a group.
func (s *Schedule) group(n *network) {
	a := n.allocation(make([]bool, len(s.moves)))
	a.loose = true
	stuck := a.walk(len(n.waiting))
	groupOf := make([]int, len(s.free)) // by SKU; 0: none yet
	for _, i := range stuck {
		sku := n.classes[n.classOf[i]].takes[0]
		if groupOf[sku] == 0 {
			within := a.from(sku, true)
			s.Groups = append(s.Groups, Group{Spare: a.starters(within)})
			for other, inside := range within {
				if inside {
					groupOf[other] = len(s.Groups)
				}
			}
		}
		g := groupOf[sku] - 1
		s.Groups[g].Moves = append(s.Groups[g].Moves, i)
		s.Outcomes[i].Group = g
	}
}

// from finds the SKUs that a seat gets to from one by chosen moves, or, if it may go
// both ways, those that hang together with it.
func (a *allocation) from(sku int, bothWays bool) []bool {
	open := make([]bool, len(a.free))
	open[sku] = true
	for queue := []int{sku}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		var next []int
		for _, c := range a.taking[at] {
			if a.chosen(c) > 0 {
				next = append(next, a.classes[c].frees...)
				if bothWays {
					next = append(next, a.classes[c].takes...)
				}
			}
		}
		for _, c := range a.freeing[at] {
			if bothWays && a.chosen(c) > 0 {
				next = append(next, a.classes[c].takes...)
				next = append(next, a.classes[c].frees...)
			}
		}
		for _, s := range next {
			if !open[s] {
				open[s] = true
				queue = append(queue, s)
			}
		}
	}
	return open
}

// starters are the sets of SKUs within a component each of which needs a seat for it
// to start: a seat gets from every SKU of a set to all others of it, and to it from
// nowhere else.
func (a *allocation) starters(within []bool) (sets [][]int) {
	to := map[int][]bool{} // by SKU: where a seat gets from there
	for s, inside := range within {
		if inside && a.takers[s] > 0 {
			to[s] = a.from(s, false)
		}
	}
	for _, s := range slices.Sorted(maps.Keys(to)) {
		var set []int
		source := true
		for _, other := range slices.Sorted(maps.Keys(to)) {
			if to[other][s] {
				set = append(set, other)
				source = source && to[s][other] && a.free[other] <= 0
			}
		}
		if source && set[0] == s {
			sets = append(sets, set)
		}
	}
	return sets
}
