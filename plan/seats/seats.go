package seats

import "slices"

// Move is a change of seats that is made as a whole. SKUs are numbered from 0, and a move
// names a SKU at most once.
type Move struct {
	Takes []int
	Frees []int
}

// Outcome is the decision about one move.
type Outcome struct {
	Served bool

	// Set for moves that are served. A move never needs a move of its own wave or of
	// a later one. So a caller may merge the moves of a wave, and may put a move that
	// no other move needs into a later wave: no two merged moves wait for each other.
	Needs []int // moves that must run first
	Wave  int   // 0 if there are none; else one more than the latest of them

	// Set for moves that are not served.
	Missing int // a SKU that the move takes and that has no seat left for it
	Group   int // index into Schedule.Groups; -1: the move is in no group
}

// Group is a set of moves that wait only for each other's seats.
type Group struct {
	Moves []int
	// Spare lists what starts the group: one seat of any one SKU of each list. These
	// seats are free again at the end. Spare is empty if the moves could start but no
	// order was found in which all of them run.
	Spare [][]int
}

// Schedule is the decision about all moves: which get a seat, and in which order.
type Schedule struct {
	Outcomes []Outcome // by move
	Groups   []Group
	Buy      []int // by SKU: seats to buy so that only moves in groups still wait

	free  []int
	moves []Move
}

// Arrange hands out seats. Free is the number of seats of each SKU less the seats that are
// already promised. It is below zero if the SKU owes seats, which freed seats pay first.
// Moves are sorted by rank, highest first.
func Arrange(free []int, moves []Move) *Schedule {
	o := newLedger(free, moves)
	waiting := make([]int, len(moves))
	for i := range waiting {
		waiting[i] = i
	}
	work := maxWork
	for served := true; served; {
		n := newNetwork(o.seatsLeft(), moves, waiting)
		for _, i := range slices.Concat(n.certain, n.solve(&work)) {
			o.runMove(i)
		}
		before := len(waiting)
		waiting = slices.DeleteFunc(waiting, func(i int) bool { return o.outcomes[i].Served })
		served = len(waiting) < before
	}
	s := &Schedule{Outcomes: o.outcomes, Buy: make([]int, len(free)), free: free, moves: moves}
	s.explainWaiting(o.seatsLeft(), waiting)
	return s
}

// Waves returns the number of moves in each wave. There are as many waves as the longest
// chain of moves has links.
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

// Bottleneck returns the SKU for whose seats most moves have to wait. It returns -1 if no
// move has to wait.
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

// With returns the schedule of the moves that are served, as it would be with more seats of
// a SKU: the same moves in shorter chains. It reports whether all of them get a seat in
// time. This can only be false where the choice is not exact (solve.go).
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
