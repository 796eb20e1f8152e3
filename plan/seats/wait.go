package seats

import (
	"maps"
	"slices"
)

// explainWaiting records what each waiting move waits for, given the seats that are left.
func (s *Schedule) explainWaiting(left []int, waiting []int) {
	wanted := make([]bool, len(left))
	for _, i := range waiting {
		takes := s.moves[i].Takes
		lacking := slices.IndexFunc(takes, func(sku int) bool { return left[sku] <= 0 })
		s.Outcomes[i].Missing = takes[max(0, lacking)]
		for _, sku := range takes {
			wanted[sku] = true
		}
	}
	for sku, balance := range s.seatsIfAllServed() {
		if wanted[sku] {
			s.Buy[sku] = max(0, -balance)
		}
	}
	s.groupWaiting(newNetwork(left, s.moves, waiting))
}

// seatsIfAllServed returns how many seats would be left of each SKU if all moves were
// served.
func (s *Schedule) seatsIfAllServed() []int {
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

// groupWaiting finds the waiting moves that add up among themselves: they only lack a seat
// to start. Moves whose SKUs are connected are one group.
func (s *Schedule) groupWaiting(n *network) {
	a := n.allocation(make([]bool, len(s.moves)))
	a.loose = true
	stuck := a.serveByRank(len(n.waiting))
	groupOf := make([]int, len(s.free)) // by SKU; 0: none yet
	for _, i := range stuck {
		sku := n.classes[n.classOf[i]].takes[0]
		if groupOf[sku] == 0 {
			within := a.connectedSKUs(sku, true)
			s.Groups = append(s.Groups, Group{Spare: a.startingSets(within)})
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

// connectedSKUs reports for each SKU whether chosen moves can bring a seat there from the
// given one. With bothWays, it follows moves in both directions and so finds the connected
// component.
func (a *allocation) connectedSKUs(sku int, bothWays bool) []bool {
	open := make([]bool, len(a.free))
	open[sku] = true
	for queue := []int{sku}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		var next []int
		for _, c := range a.taking[at] {
			if a.chosenCount(c) > 0 {
				next = append(next, a.classes[c].frees...)
				if bothWays {
					next = append(next, a.classes[c].takes...)
				}
			}
		}
		for _, c := range a.freeing[at] {
			if bothWays && a.chosenCount(c) > 0 {
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

// startingSets returns the sets of SKUs within a component that each need a seat for the
// component to start. A seat gets from every SKU of such a set to all others of the set. It
// gets into the set from nowhere else.
func (a *allocation) startingSets(within []bool) (sets [][]int) {
	to := map[int][]bool{} // by SKU: which SKUs a seat can reach from there
	for s, inside := range within {
		if inside && a.takers[s] > 0 {
			to[s] = a.connectedSKUs(s, false)
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
