package seats

import "slices"

// allocation walks the moves by rank and serves each that can be served together with
// all that were served before. It counts by class. A move that is wanted for the seat
// it frees is chosen before its turn, and can be given up again for another.
type allocation struct {
	*network
	givenUp []bool // by move: it is not to be served
	loose   bool   // what is chosen has to add up, but not to be able to start
	seats   []int  // by SKU: what is there once all that is chosen has run; below zero: it is short
	takers  []int  // by SKU: chosen moves that take a seat of it
	reach   []bool // by SKU: a seat gets there from a root

	left    []int  // by class: moves that are not chosen
	early   []int  // chosen before their turn
	fixed   []int  // served
	refused []bool // one could not be served, so that none behind it can

	changes []change // made for the move whose turn it is
	steps   int      // that insist has taken in all
	search  search
}

// change is that one move of a class is chosen early (1), or given up (-1).
type change struct {
	class, by int
}

// maxChains is how many chains are tried to serve one move. One will do unless it
// takes several scarce seats or a SKU owes some.
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
	a.reach = a.spread()
	return a
}

// walk serves the first so many moves in rank, and those behind them that it takes.
func (a *allocation) walk(first int) (served []int) {
	done := make([]bool, len(a.waiting))
	for at, i := range a.waiting {
		c := a.classOf[i]
		done[at] = !a.givenUp[i] && (at < first || a.early[c] > 0) && a.serve(c)
	}
	for at, i := range a.waiting {
		if !done[at] && !a.givenUp[i] && a.early[a.classOf[i]] > 0 { // refused, and wanted later after all
			done[at] = a.serve(a.classOf[i])
		}
		if done[at] {
			served = append(served, i)
		}
	}
	return served
}

// serve serves a move of the class, if that is possible.
func (a *allocation) serve(c int) bool {
	if a.early[c] > 0 {
		a.early[c]--
		a.fixed[c]++
		return true
	}
	if a.refused[c] {
		return false
	}
	a.changes = a.changes[:0]
	a.choose(change{c, 1})
	a.early[c]--
	a.fixed[c]++ // so that it is not given up for itself
	if a.repair() && a.starts() {
		return true
	}
	a.undo(1)
	steps := maxSteps
	served := a.insist(&steps)
	if a.steps += maxSteps - max(0, steps); served {
		return true
	}
	a.early[c]++
	a.fixed[c]--
	a.undo(0)
	a.refused[c] = true
	return false
}

// repair supplies every SKU that is short by a chain.
func (a *allocation) repair() bool {
	for range maxChains {
		s := a.firstShort()
		if s < 0 {
			return true
		}
		chain, found := a.supply(s)
		if !found {
			return false
		}
		for _, made := range chain {
			if !a.possible(made) {
				return false // the chain goes through the class more often than it has moves
			}
			a.choose(made)
		}
	}
	return false
}

// firstShort is a SKU that has not all the seats which chosen moves take; -1: none.
func (a *allocation) firstShort() int {
	for _, s := range a.scarce {
		if a.seats[s] < 0 && a.takers[s] > 0 {
			return s
		}
	}
	return -1
}

// maxSteps is how many changes are tried where no chain was found.
const maxSteps = 50

// insist tries whatever helps: to supply what is short, and, once all adds up, to get
// a seat to where none gets.
func (a *allocation) insist(steps *int) bool {
	if *steps--; *steps < 0 {
		return false
	}
	s := a.firstShort()
	if s >= 0 {
		return a.tryEach(a.freeing[s], 1, steps) || a.tryEach(a.taking[s], -1, steps)
	}
	if a.starts() {
		return true
	}
	reach := a.spread()
	links := slices.DeleteFunc(slices.Clone(a.all), func(c int) bool {
		opens := slices.ContainsFunc(a.classes[c].frees, func(s int) bool { return !reach[s] })
		return !opens || !a.reached(c, reach)
	})
	return a.tryEach(links, 1, steps)
}

// tryEach makes one change after the other and insists on the rest.
func (a *allocation) tryEach(classes []int, by int, steps *int) bool {
	for _, c := range classes {
		if !a.possible(change{c, by}) || slices.Contains(a.changes, change{c, -by}) {
			continue
		}
		before := len(a.changes)
		a.choose(change{c, by})
		if a.insist(steps) {
			return true
		}
		a.undo(before)
	}
	return false
}

func (a *allocation) possible(made change) bool {
	return made.by > 0 && a.left[made.class] > 0 || made.by < 0 && a.early[made.class] > 0
}

func (a *allocation) choose(made change) {
	a.changes = append(a.changes, made)
	a.apply(made)
}

// undo takes changes back until so many are left.
func (a *allocation) undo(keep int) {
	for _, made := range slices.Backward(a.changes[keep:]) {
		a.apply(change{made.class, -made.by})
	}
	a.changes = a.changes[:keep]
}

func (a *allocation) apply(made change) {
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
