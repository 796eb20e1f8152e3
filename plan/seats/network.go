package seats

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// network is what is left to decide after all certain moves have been removed: moves that
// compete for scarce seats. Moves that are alike are counted together.
type network struct {
	free    []int   // seats once the certain moves have run
	certain []int   // moves that compete with no other move, in an order in which each finds its seats
	waiting []int   // the other moves, by rank
	classes []class // of the waiting moves
	all     []int   // the numbers of all classes
	classOf []int   // by move; -1: certain, or not looked at
	scarce  []int   // SKUs of which a move may not get a seat
	taking  [][]int // by SKU: the classes that take a seat of it
	freeing [][]int // by SKU: the classes that free a seat of it
}

// class is the moves that take and free the same scarce seats. Which of them runs makes no
// difference to other moves, so the first in rank runs first.
type class struct {
	takes, frees []int
}

// newNetwork builds the network of some of the moves. A SKU is plentiful if it has a seat
// for every move that may take one. Plentiful SKUs drop out, and the result stays exact. A
// move that takes only plentiful seats is certain, and the seats that it frees may make
// more SKUs plentiful.
func newNetwork(free []int, moves []Move, among []int) *network {
	n := &network{free: slices.Clone(free), classOf: make([]int, len(moves))}
	plentiful := n.findCertainMoves(moves, among)
	for s := range free {
		if !plentiful[s] {
			n.scarce = append(n.scarce, s)
		}
	}
	n.taking, n.freeing = make([][]int, len(free)), make([][]int, len(free))
	known := map[string]int{}
	var key []byte
	for _, i := range among {
		if n.classOf[i] < 0 {
			continue
		}
		key = classKey(key[:0], moves[i], plentiful)
		c, found := known[string(key)]
		if !found {
			c = n.addClass(moves[i], plentiful)
			known[string(key)] = c
		}
		n.classOf[i] = c
		n.waiting = append(n.waiting, i)
	}
	return n
}

// findCertainMoves finds the plentiful SKUs and the certain moves.
func (n *network) findCertainMoves(moves []Move, among []int) (plentiful []bool) {
	takers := make([][]int, len(n.free))
	lacks := make([]int, len(moves)) // scarce seats that the move takes
	plentiful = make([]bool, len(n.free))
	var settled []int // moves whose freed seats are not counted yet
	for i := range n.classOf {
		n.classOf[i] = -1
	}
	for _, i := range among {
		n.classOf[i] = 0
		lacks[i] = len(moves[i].Takes)
		for _, s := range moves[i].Takes {
			takers[s] = append(takers[s], i)
		}
		if lacks[i] == 0 {
			settled = append(settled, i)
		}
	}
	check := func(s int) {
		if plentiful[s] || len(takers[s]) > max(0, n.free[s]) {
			return
		}
		plentiful[s] = true
		for _, i := range takers[s] {
			if lacks[i]--; lacks[i] == 0 {
				settled = append(settled, i)
			}
		}
	}
	for s := range n.free {
		check(s)
	}
	for len(settled) > 0 {
		i := settled[0]
		settled = settled[1:]
		n.classOf[i] = -1
		n.certain = append(n.certain, i)
		for _, s := range moves[i].Frees {
			n.free[s]++
			check(s)
		}
	}
	return plentiful
}

// sortFreeing sorts the classes that free a SKU. In the first attempt, classes that free
// more come first: the seats that a move frees in addition can make another move
// unnecessary.
func (n *network) sortFreeing(attempt int) {
	for _, classes := range n.freeing {
		slices.SortFunc(classes, func(a, b int) int {
			if attempt > 0 {
				return cmp.Compare(pseudoRandom(a, attempt), pseudoRandom(b, attempt))
			}
			return cmp.Or(len(n.classes[b].frees)-len(n.classes[a].frees), a-b)
		})
	}
}

// classKey returns a key that is equal for moves of the same class.
func classKey(key []byte, m Move, plentiful []bool) []byte {
	for _, s := range m.Takes {
		if !plentiful[s] {
			key = binary.AppendUvarint(key, uint64(s)+1)
		}
	}
	key = append(key, 0)
	for _, s := range m.Frees {
		if !plentiful[s] {
			key = binary.AppendUvarint(key, uint64(s)+1)
		}
	}
	return key
}

func (n *network) addClass(m Move, plentiful []bool) int {
	drop := func(skus []int) []int {
		return slices.DeleteFunc(slices.Clone(skus), func(s int) bool { return plentiful[s] })
	}
	c := len(n.classes)
	n.all = append(n.all, c)
	n.classes = append(n.classes, class{takes: drop(m.Takes), frees: drop(m.Frees)})
	for _, s := range n.classes[c].takes {
		n.taking[s] = append(n.taking[s], c)
	}
	for _, s := range n.classes[c].frees {
		n.freeing[s] = append(n.freeing[s], c)
	}
	return c
}
