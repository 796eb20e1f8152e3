package seats_test

import (
	"math/rand/v2"
	"testing"

	"github.com/seatwright/seatwright/plan/seats"
)

// world is a small case that can be searched completely.
type world struct {
	free  []int
	moves []seats.Move
}

// exhaust tries every order of every subset. It returns the best set of moves that
// some order serves without a gap, as bits, the first move highest; and the best one that
// only adds up in the end.
func (w world) exhaust() (ordered, balanced uint) {
	n := len(w.moves)
	top := func(i int) uint { return 1 << (n - 1 - i) }
	reached := make([]bool, 1<<n)
	reached[0] = true
	for mask := range uint(1 << n) {
		seats := append([]int(nil), w.free...)
		taken := make([]bool, len(w.free))
		for i, m := range w.moves {
			if mask&top(i) == 0 {
				continue
			}
			for _, s := range m.Takes {
				seats[s]--
				taken[s] = true
			}
			for _, s := range m.Frees {
				seats[s]++
			}
		}
		ok := true
		for s := range seats {
			ok = ok && (seats[s] >= 0 || !taken[s])
		}
		if ok {
			balanced = max(balanced, mask)
		}
		for i, m := range w.moves {
			if reached[mask] || mask&top(i) == 0 {
				continue
			}
			fits := reached[mask&^top(i)]
			for _, s := range m.Takes {
				had := seats[s] + 1
				fits = fits && had >= 1
			}
			reached[mask] = fits
		}
		if reached[mask] {
			ordered = max(ordered, mask)
		}
	}
	return ordered, balanced
}

type shape struct{ takes, frees, low, high, skus, moves int }

func generate(r *rand.Rand, h shape) world {
	w := world{free: make([]int, 1+r.IntN(h.skus))}
	for s := range w.free {
		w.free[s] = h.low + r.IntN(h.high-h.low+1)
	}
	for range 1 + r.IntN(h.moves) {
		skus := r.Perm(len(w.free))
		takes := min(r.IntN(h.takes+1), len(skus))
		if r.IntN(4) > 0 {
			takes = min(max(takes, 1), len(skus))
		}
		frees := min(r.IntN(h.frees+1), len(skus)-takes)
		w.moves = append(w.moves, seats.Move{Takes: skus[:takes], Frees: skus[takes : takes+frees]})
	}
	return w
}

func (w world) served(s *seats.Schedule) uint {
	var mask uint
	for i, o := range s.Outcomes {
		if o.Served {
			mask |= 1 << (len(w.moves) - 1 - i)
		}
	}
	return mask
}

func TestProbe(t *testing.T) {
	for _, c := range []struct {
		name string
		h    shape
	}{
		{"one for one", shape{1, 1, 0, 1, 4, 8}},
		{"one for one, none free", shape{1, 1, 0, 0, 4, 8}},
		{"frees several", shape{1, 3, 0, 1, 4, 8}},
		{"overused", shape{1, 1, -2, 1, 4, 8}},
		{"takes several", shape{2, 2, 0, 1, 4, 8}},
		{"everything", shape{3, 3, -2, 2, 4, 8}},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		diff, less, off2, gapdiff, total := 0, 0, 0, 0, 40000
		for range total {
			w := generate(r, c.h)
			want, bal := w.exhaust()
			got := w.served(seats.Arrange(w.free, w.moves))
			if bal != want {
				gapdiff++
			}
			if got != want {
				diff++
			}
			if d := ones(want) - ones(got); d > 0 {
				less++
				if d > 1 {
					off2++
				}
			}
		}
		t.Logf("%s: %d of %d differ, %d serve fewer, %d fewer by 2+; start matters in %d", c.name, diff, total, less, off2, gapdiff)
	}
}

func ones(x uint) int {
	n := 0
	for ; x > 0; x &= x - 1 {
		n++
	}
	return n
}
