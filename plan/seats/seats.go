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
