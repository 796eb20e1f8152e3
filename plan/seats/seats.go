// Package seats decides who gets a licence seat, and in which order, so that nobody
// is ever without one in between. It knows neither policies nor users: numbers go
// in, numbers come out, the same for the same.
//
// The words: a move takes a seat of some SKUs and frees a seat of others, at once and
// as a whole; moves come by rank. A SKU is scarce if some who may take a seat of it
// may have to go without; all others drop out, exactly, and a swap that takes a
// plentiful seat only is as good as a removal. A root is a scarce SKU that has a seat
// to begin with.
//
// # Why it is safe
//
// Every seat that a move takes has one source of its own: a seat that was free from
// the start, or the move that freed it. The sources are the move's needs, and no
// source serves twice. So, whatever the order in which moves run after their needs,
// and however many at once, a seat is there for each of them: the seats that were
// taken from a SKU so far have that many different sources, all of them free by then.
// A SKU that owes seats (it has more users than units, or has promised them) gives
// none until it has been paid, and counts what pays it among the needs.
//
// # Why nobody waits who need not
//
// Let each of the chosen moves take one scarce seat and free any number, and let no
// SKU owe any. They can all run, in some order, if and only if
//
//	(1) they add up: no SKU ends below zero, and
//	(2) they can start: every SKU that is taken from is reached from a root, going
//	    from the SKU that a chosen move takes to those it frees.
//
// That both are needed is plain. That they are enough shows the rule which order.go
// follows: hand out any seat there is, but the last one of a SKU, while others wait
// for it, to a move from which a seat can get back there, if there is one. (1) and
// (2) then stay true of what is left, so it never gets stuck. For, if two want the
// last seat of a SKU, by (1) some move is still to free one there, and by (2) a seat
// gets to that move: either from elsewhere, then whoever takes this seat leaves
// that way open; or only by way of this SKU, round a ring that comes back to it, and
// the rule has the seat go along that ring.
//
// So a ring of swaps without a seat waits as a whole, and one spare seat of any SKU
// in it is enough: it travels round and is free again in the end.
//
// # Who is chosen
//
// By rank: a move is served if it and all that were served before it can be, together
// with whatever moves of lower rank that takes (allocate.go). Such a set is looked
// for along a chain: the seat that is wanted, a move that frees one, the seat which
// that one takes, and so on to a seat that is left over. This is exact where moves
// swap one seat for one, but for cases of (2) in which one ring can start only through
// several others at once; to be exact there is as hard as to find the shortest round
// trip (the rural postman's). Where moves free several it is a heuristic in theory,
// since choosing the ones whose gifts are needed is set cover. In practice neither
// has been seen to differ from the best of all orders of all subsets.
//
// Where a move takes several scarce seats, or a SKU owes some, (1) and (2) do not
// suffice, and to find the best set is as hard as to break all circles of a graph.
// There tangle.go tries orders, and gives up the first in rank whom none of them
// serves. It never promises a seat that is not there; it may leave somebody waiting
// who could be served.
//
// This package must never know what a SKU or a user is, or why he is moved. Begin
// with [Arrange].
package seats

import "slices"

// Move is what is done to seats at once. SKUs are counted from 0; none is in a move
// twice.
type Move struct {
	Takes []int
	Frees []int
}

// Outcome is what becomes of a move.
type Outcome struct {
	Served bool

	// Of moves that are served. Moves of the same wave never need each other, nor do
	// those of an earlier wave need a later one. So a caller may merge moves of a
	// wave, and moves that nobody needs into a later one, and no two will wait for
	// each other.
	Needs []int // moves that come first
	Wave  int   // 0 if there are none; else one more than the latest of them

	// Of moves that are not.
	Missing int // a SKU that it takes and that has no seat for it
	Group   int // of those that only have to be started; -1: none
}

// Group is moves that wait for nothing but each other's seats.
type Group struct {
	Moves []int
	// Spare says what starts them: one seat of any one SKU out of each list, which is
	// free again in the end. It is empty where they could start, and no order was
	// found in which they get through.
	Spare [][]int
}

// Schedule is who gets a seat, and in which order.
type Schedule struct {
	Outcomes []Outcome // by move
	Groups   []Group
	Buy      []int // by SKU: seats to buy so that nobody waits but those in groups

	free  []int
	moves []Move
}

// Arrange hands out seats. Free is the seats of each SKU less all that is promised
// already; below zero where the SKU owes some, which freed seats have to pay first.
// Moves come highest rank first.
func Arrange(free []int, moves []Move) *Schedule {
	o := newOrder(free, moves)
	waiting := make([]int, len(moves))
	for i := range waiting {
		waiting[i] = i
	}
	work := tangleWork
	for served := true; served; {
		n := newNetwork(o.left(), moves, waiting)
		for _, i := range slices.Concat(n.certain, n.untangle(&work)) {
			o.run(i)
		}
		before := len(waiting)
		waiting = slices.DeleteFunc(waiting, func(i int) bool { return o.outcomes[i].Served })
		served = len(waiting) < before
	}
	s := &Schedule{Outcomes: o.outcomes, Buy: make([]int, len(free)), free: free, moves: moves}
	s.explain(o.left(), waiting)
	return s
}

// Waves counts the moves of each wave. There are as many waves as the longest chain
// of moves has links.
func (s *Schedule) Waves() []int {
	var waves []int
	for _, o := range s.Outcomes {
		if !o.Served {
			continue
		}
		for len(waves) <= o.Wave {
			waves = append(waves, 0)
		}
		waves[o.Wave]++
	}
	return waves
}

// Bottleneck is the SKU of which most moves have to wait for a seat; -1: none has to.
func (s *Schedule) Bottleneck() int {
	late, most := make([]int, len(s.free)), -1
	for i, o := range s.Outcomes {
		if !o.Served || o.Wave == 0 {
			continue
		}
		for _, sku := range s.moves[i].Takes {
			if late[sku]++; most < 0 || late[sku] > late[most] {
				most = sku
			}
		}
	}
	return most
}

// With is the schedule of the moves that are served, were there some more seats of a
// SKU: the same people, in shorter chains. It says whether all of them find a seat in
// time, which only in a tangle they may not.
func (s *Schedule) With(sku, seats int) (with *Schedule, all bool) {
	free := slices.Clone(s.free)
	free[sku] += seats
	var moves []Move
	for i, o := range s.Outcomes {
		if o.Served {
			moves = append(moves, s.moves[i])
		}
	}
	with = Arrange(free, moves)
	return with, !slices.ContainsFunc(with.Outcomes, func(o Outcome) bool { return !o.Served })
}
