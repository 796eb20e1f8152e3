package seats_test

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/seatwright/seatwright/plan/seats"
)

// world is the input of Arrange.
type world struct {
	free  []int
	moves []seats.Move
}

func (w world) arrange() *seats.Schedule { return seats.Arrange(w.free, w.moves) }

// bit returns the bit of a move in a set of moves. The first move in rank has the highest
// bit, so of two sets the larger number is the better one by rank.
func (w world) bit(i int) uint { return 1 << (len(w.moves) - 1 - i) }

func (w world) set(s *seats.Schedule) (served uint) {
	for i, o := range s.Outcomes {
		if o.Served {
			served |= w.bit(i)
		}
	}
	return served
}

// after returns the free seats of each SKU once a set of moves has run.
func (w world) after(set uint) []int {
	free := append([]int(nil), w.free...)
	for i, m := range w.moves {
		if set&w.bit(i) == 0 {
			continue
		}
		for _, s := range m.Takes {
			free[s]--
		}
		for _, s := range m.Frees {
			free[s]++
		}
	}
	return free
}

// fits reports whether a move finds its seats once a set of other moves has run.
func (w world) fits(i int, set uint) bool {
	free := w.after(set)
	for _, s := range w.moves[i].Takes {
		if free[s] < 1 {
			return false
		}
	}
	return true
}

// best returns the best set by rank that can run in some order. It tries every order of
// every set.
func (w world) best() (best uint) {
	runs := make([]bool, 1<<len(w.moves))
	runs[0] = true
	for set := range uint(len(runs)) {
		for i := range w.moves {
			if without := set &^ w.bit(i); without != set && runs[without] && w.fits(i, without) {
				runs[set] = true
				best = set
				break
			}
		}
	}
	return best
}

// checkEveryOrder tries every order that respects the needs: every set of moves that
// contains what its members need, and every move that could be next.
func (w world) checkEveryOrder(t testing.TB, s *seats.Schedule) {
	t.Helper()
	needs := make([]uint, len(w.moves))
	for i, o := range s.Outcomes {
		for _, need := range o.Needs {
			needs[i] |= w.bit(need)
			if s.Outcomes[need].Wave >= o.Wave || !s.Outcomes[need].Served {
				t.Fatalf("%v: move %d of wave %d needs %d of wave %d", w, i, o.Wave, need, s.Outcomes[need].Wave)
			}
		}
	}
	served := w.set(s)
	reached := make([]bool, 1<<len(w.moves))
	reached[0] = true
	for set := range uint(len(reached)) {
		for i := range w.moves {
			if next := w.bit(i); !reached[set] || next&served == 0 || next&set != 0 || needs[i]&^set != 0 {
				continue
			}
			if !w.fits(i, set) {
				t.Fatalf("%v: after %0*b there is no seat for move %d, which needs %v", w, len(w.moves), set, i, s.Outcomes[i].Needs)
			}
			reached[set|w.bit(i)] = true
		}
	}
	if !reached[served] {
		t.Fatalf("%v: moves wait for each other: %+v", w, s.Outcomes)
	}
}

// shape describes random worlds.
type shape struct {
	takes, frees int // maximum per move
	low, high    int // range of the seats of a SKU
}

func (h shape) draw(r *rand.Rand, moves, skus int) world {
	w := world{free: make([]int, 1+r.IntN(skus))}
	for s := range w.free {
		w.free[s] = h.low + r.IntN(h.high-h.low+1)
	}
	for range 1 + r.IntN(moves) {
		order := r.Perm(len(w.free))
		takes := min(r.IntN(h.takes+1), len(order))
		if r.IntN(4) > 0 {
			takes = max(takes, 1)
		}
		frees := min(r.IntN(h.frees+1), len(order)-takes)
		w.moves = append(w.moves, seats.Move{Takes: order[:takes], Frees: order[takes : takes+frees]})
	}
	return w
}

// exact are the shapes of worlds in which Arrange always finds the best set. In worlds of a
// hard shape it may miss it.
var (
	exact = map[string]shape{
		"one for one, few seats":            {1, 1, 0, 1},
		"one for one, no seat at all":       {1, 1, 0, 0},
		"one for several":                   {1, 3, 0, 1},
		"one for one, or none, and several": {1, 2, 0, 2},
	}
	hard = map[string]shape{
		"overused":                    {1, 2, -2, 1},
		"several for several":         {2, 2, 0, 1},
		"overused and many at a time": {3, 3, -2, 2},
	}
)

func eachWorld(t *testing.T, shapes map[string]shape, n int, check func(*testing.T, world)) {
	t.Helper()
	for name, h := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(4, 2026))
			for range n {
				check(t, h.draw(r, 8, 4))
			}
		})
	}
}

func size(set uint) int { return bits.OnesCount(set) }
