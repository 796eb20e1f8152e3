package seats

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// network is what is left to decide once all that is certain has been taken out:
// moves that compete for scarce seats, those that are alike counted together.
type network struct {
	free    []int   // seats once the certain moves have run
	certain []int   // moves that compete with nobody, in an order in which each finds its seats
	waiting []int   // the others, by rank
	classes []class // of them
	all     []int   // classes by number
	classOf []int   // by move; -1: certain, or not looked at
	scarce  []int   // SKUs that somebody may have to go without
	taking  [][]int // by SKU: the classes that take a seat of it
	freeing [][]int // by SKU: the classes that free one
}

// class is moves that take and free the same scarce seats. Which of them runs makes
// no difference to the others, so it is the first in rank.
type class struct {
	takes, frees []int
}

// newNetwork looks at some of the moves. A SKU with a seat for everybody who may
// take one is plentiful and drops out, exactly; a move that takes plentiful seats
// only is certain, and what it frees may make more SKUs plentiful.
func newNetwork(free []int, moves []Move, among []int) *network {
	n := &network{free: slices.Clone(free), classOf: make([]int, len(moves))}
	plentiful := n.settle(moves, among)
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
		key = signature(key[:0], moves[i], plentiful)
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

// settle finds the plentiful SKUs and the certain moves.
func (n *network) settle(moves []Move, among []int) (plentiful []bool) {
	takers := make([][]int, len(n.free))
	lacks := make([]int, len(moves)) // scarce seats that the move takes
	plentiful = make([]bool, len(n.free))
	var settled []int // moves whose frees are still to be counted
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

// prefer sorts the classes that free a SKU: in the first attempt those that free more
// come first, since what a move frees beside the seat it is wanted for can save
// another one.
func (n *network) prefer(attempt int) {
	for _, classes := range n.freeing {
		slices.SortFunc(classes, func(a, b int) int {
			if attempt > 0 {
				return cmp.Compare(shuffled(a, attempt), shuffled(b, attempt))
			}
			return cmp.Or(len(n.classes[b].frees)-len(n.classes[a].frees), a-b)
		})
	}
}

// signature tells classes apart.
func signature(key []byte, m Move, plentiful []bool) []byte {
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
