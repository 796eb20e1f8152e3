package seats

import "slices"

// Where moves take several scarce seats, or a SKU owes some, a choice that adds up
// may still have no order, or one that is hard to find. What is done then: several
// attempts, each with another choice of helpers and another order; and if all of them
// get stuck, the first in rank with whom they do is given up. The work is bounded; when
// it is used up, those who got stuck in the best attempt wait.
const (
	maxAttempts = 64
	minAttempts = 4
	attemptSize = 4096    // moves in all attempts at one choice, if there may be more than the least
	tangleWork  = 1 << 22 // looks at a class, in all: a tenth of a second or so
)

// tangle is a network while its knots are worked on.
type tangle struct {
	*network
	givenUp []bool // by move
	work    *int   // what is left of it
}

// untangle chooses among the moves that compete, and returns them in an order in
// which they can run. Most networks have no knot, and the first attempt does it.
func (n *network) untangle(work *int) []int {
	t := &tangle{network: n, givenUp: make([]bool, len(n.classOf)), work: work}
	for {
		ran, stuck := t.try(len(n.waiting))
		if stuck == 0 {
			return ran
		}
		serves, fails := 0, len(n.waiting) // so many first in rank
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

// try makes attempts at serving the first so many in rank, until one gets through.
// It returns the best.
func (t *tangle) try(first int) (ran []int, stuck int) {
	attempts := 1
	if t.knotted() {
		attempts = min(max(attemptSize/max(1, first), minAttempts), maxAttempts)
	}
	for attempt := range attempts {
		t.prefer(attempt)
		a := t.allocation(t.givenUp)
		chosen := a.walk(first)
		sequence, left := t.sequence(chosen, attempt)
		if attempt == 0 || left < stuck {
			ran, stuck = sequence, left
		}
		if *t.work -= (len(chosen) + a.steps) * len(t.classes); stuck == 0 || *t.work <= 0 {
			break
		}
	}
	return ran, stuck
}

// knotted says whether adding up and being able to start may not be enough.
func (n *network) knotted() bool {
	return slices.ContainsFunc(n.classes, func(c class) bool {
		return len(c.takes) > 1 || slices.ContainsFunc(c.takes, func(s int) bool { return n.free[s] < 0 })
	})
}

// shuffled is a number that looks like chance and is the same in every run.
func shuffled(class, turn int) uint32 {
	x := uint32(class+1)*2654435761 + uint32(turn)*2246822519
	x ^= x >> 15
	x *= 2246822519
	return x ^ x>>13
}
