package seats

import "slices"

// allocation serves moves by rank: each move that can be served together with all moves
// that were served before it. It counts by class. A move that is wanted for the seat it
// frees is chosen early, before its rank is reached, and can be given up again for another.
type allocation struct {
	*network
	givenUp []bool // by move: it must not be served
	loose   bool   // the chosen moves have to add up, but need not be able to start
	seats   []int  // by SKU: seats left once all chosen moves have run; below zero: the SKU is short
	takers  []int  // by SKU: number of chosen moves that take a seat of it
	reach   []bool // by SKU: whether a seat gets there from a root

	left    []int  // by class: moves that are not chosen
	early   []int  // by class: moves that are chosen early
	fixed   []int  // by class: moves that are served
	refused []bool // by class: one move could not be served, so that no move behind it can

	changes []change // made for the current move
	steps   int      // number of steps that tryChanges has made in total
	search  search
}

// change chooses one move of a class early (1), or gives one up (-1).
type change struct {
	class, by int
}

// maxChains limits how many chains are tried to serve one move. One chain is enough unless
// the move takes several scarce seats or a SKU owes seats.
const maxChains = 1000

func (n *network) allocation(givenUp []bool) *allocation {
	skus, classes := len(n.free), len(n.classes)
	a := &allocation{network: n, givenUp: givenUp, seats: slices.Clone(n.free), takers: make([]int, skus), left: make([]int, classes),
		early: make([]int, classes), fixed: make([]int, classes), refused: make([]bool, classes), search: newSearch(skus)}
	for _, i := range n.waiting {
		if !givenUp[i] {
			a.left[n.classOf[i]]++
		}
	}
	a.reach = a.reachableSKUs()
	return a
}

// serveByRank serves the given number of moves, those first in rank, and the moves behind
// them that this needs.
func (a *allocation) serveByRank(first int) (served []int) {
	done := make([]bool, len(a.waiting))
	for at, i := range a.waiting {
		c := a.classOf[i]
		done[at] = !a.givenUp[i] && (at < first || a.early[c] > 0) && a.tryServe(c)
	}
	for at, i := range a.waiting {
		if !done[at] && !a.givenUp[i] && a.early[a.classOf[i]] > 0 { // refused at first, and wanted for a later move
			done[at] = a.tryServe(a.classOf[i])
		}
		if done[at] {
			served = append(served, i)
		}
	}
	return served
}

// tryServe serves a move of the class and reports whether that was possible.
func (a *allocation) tryServe(c int) bool {
	if a.early[c] > 0 {
		a.early[c]--
		a.fixed[c]++
		return true
	}
	if a.refused[c] {
		return false
	}
	a.changes = a.changes[:0]
	a.makeChange(change{c, 1})
	a.early[c]--
	a.fixed[c]++ // so that no chain gives up the move itself
	if a.supplyShortSKUs() && a.canStart() {
		return true
	}
	a.undoTo(1)
	steps := maxSteps
	served := a.tryChanges(&steps)
	if a.steps += maxSteps - max(0, steps); served {
		return true
	}
	a.early[c]++
	a.fixed[c]--
	a.undoTo(0)
	a.refused[c] = true
	return false
}

// supplyShortSKUs supplies every SKU that is short by a chain, and reports whether that was
// possible.
func (a *allocation) supplyShortSKUs() bool {
	for range maxChains {
		s := a.firstShortSKU()
		if s < 0 {
			return true
		}
		chain, found := a.findChain(s)
		if !found {
			return false
		}
		for _, made := range chain {
			if !a.isPossible(made) {
				return false // the chain goes through the class more often than it has moves
			}
			a.makeChange(made)
		}
	}
	return false
}

// firstShortSKU returns a SKU that has fewer seats than the chosen moves take, or -1.
func (a *allocation) firstShortSKU() int {
	for _, s := range a.scarce {
		if a.seats[s] < 0 && a.takers[s] > 0 {
			return s
		}
	}
	return -1
}

// maxSteps limits how many changes are tried if no chain was found.
const maxSteps = 50

// tryChanges tries changes that may help, and reports whether they did. First it supplies
// what is short. Once all adds up, it tries to bring a seat to the SKUs that no seat
// reaches.
func (a *allocation) tryChanges(steps *int) bool {
	if *steps--; *steps < 0 {
		return false
	}
	s := a.firstShortSKU()
	if s >= 0 {
		return a.tryEach(a.freeing[s], 1, steps) || a.tryEach(a.taking[s], -1, steps)
	}
	if a.canStart() {
		return true
	}
	reach := a.reachableSKUs()
	links := slices.DeleteFunc(slices.Clone(a.all), func(c int) bool {
		opens := slices.ContainsFunc(a.classes[c].frees, func(s int) bool { return !reach[s] })
		return !opens || !a.takesReachable(c, reach)
	})
	return a.tryEach(links, 1, steps)
}

// tryEach makes one change after another and calls tryChanges for the rest.
func (a *allocation) tryEach(classes []int, by int, steps *int) bool {
	for _, c := range classes {
		if !a.isPossible(change{c, by}) || slices.Contains(a.changes, change{c, -by}) {
			continue
		}
		before := len(a.changes)
		a.makeChange(change{c, by})
		if a.tryChanges(steps) {
			return true
		}
		a.undoTo(before)
	}
	return false
}

func (a *allocation) isPossible(made change) bool {
	return made.by > 0 && a.left[made.class] > 0 || made.by < 0 && a.early[made.class] > 0
}

func (a *allocation) makeChange(made change) {
	a.changes = append(a.changes, made)
	a.applyChange(made)
}

// undoTo takes changes back until the given number is left.
func (a *allocation) undoTo(keep int) {
	for _, made := range slices.Backward(a.changes[keep:]) {
		a.applyChange(change{made.class, -made.by})
	}
	a.changes = a.changes[:keep]
}

func (a *allocation) applyChange(made change) {
	a.left[made.class] -= made.by
	a.early[made.class] += made.by
	for _, s := range a.classes[made.class].takes {
		a.seats[s] -= made.by
		a.takers[s] += made.by
	}
	for _, s := range a.classes[made.class].frees {
		a.seats[s] += made.by
	}
}
