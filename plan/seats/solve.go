package seats

import "slices"

// If moves take several scarce seats, or a SKU owes seats, a choice that adds up may have
// no order, or one that is hard to find. Then several attempts are made, each with another
// choice of helpers and another order. If all of them get stuck, the first move in rank
// that causes this is given up. The work is bounded. Once it is used up, the moves that
// are stuck in the best attempt wait.
const (
	maxAttempts = 64
	minAttempts = 4
	attemptSize = 4096    // moves in all attempts at one choice, if more than minAttempts are possible
	maxWork     = 1 << 22 // checks of a class in total: about a tenth of a second
)

// solver finds an order for the moves of a network.
type solver struct {
	*network
	givenUp []bool // by move
	work    *int   // checks that are left
}

// solve chooses among the competing moves and returns the chosen moves in an order in which
// they can run. In most networks the first attempt succeeds.
func (n *network) solve(work *int) []int {
	t := &solver{network: n, givenUp: make([]bool, len(n.classOf)), work: work}
	for {
		ran, stuck := t.try(len(n.waiting))
		if stuck == 0 {
			return ran
		}
		serves, fails := 0, len(n.waiting) // numbers of moves first in rank
		for serves+1 < fails && *t.work > 0 {
			middle := (serves + fails) / 2
			if _, stuck := t.try(middle); stuck > 0 {
				fails = middle
			} else {
				serves = middle
			}
		}
		if *t.work <= 0 {
			return ran
		}
		t.givenUp[n.waiting[fails-1]] = true
	}
}

// try attempts to serve the given number of moves, those first in rank, until one attempt
// runs all of them. It returns the best attempt.
func (t *solver) try(first int) (ran []int, stuck int) {
	attempts := 1
	if t.isInexact() {
		attempts = min(max(attemptSize/max(1, first), minAttempts), maxAttempts)
	}
	for attempt := range attempts {
		t.sortFreeing(attempt)
		a := t.allocation(t.givenUp)
		chosen := a.serveByRank(first)
		sequence, left := t.sequenceMoves(chosen, attempt)
		if attempt == 0 || left < stuck {
			ran, stuck = sequence, left
		}
		if *t.work -= (len(chosen) + a.steps) * len(t.classes); stuck == 0 || *t.work <= 0 {
			break
		}
	}
	return ran, stuck
}

// isInexact reports whether the conditions (1) and (2) of the package documentation may not
// be enough.
func (n *network) isInexact() bool {
	return slices.ContainsFunc(n.classes, func(c class) bool {
		return len(c.takes) > 1 || slices.ContainsFunc(c.takes, func(s int) bool { return n.free[s] < 0 })
	})
}

// pseudoRandom returns a number that looks random and is the same in every run, so that the
// same input gives the same output.
func pseudoRandom(class, turn int) uint32 {
	x := uint32(class+1)*2654435761 + uint32(turn)*2246822519
	x ^= x >> 15
	x *= 2246822519
	return x ^ x>>13
}
