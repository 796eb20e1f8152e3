package seats_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/seatwright/seatwright/plan/seats"
)

// migration returns random swaps between SKUs that add up, with some seats free.
func migration(swaps, skus, free int) world {
	r := rand.New(rand.NewPCG(1, uint64(skus)))
	w := world{free: make([]int, skus)}
	for range free {
		w.free[r.IntN(skus)]++
	}
	held := make([]int, swaps)
	for i := range held {
		held[i] = r.IntN(skus)
	}
	for i, to := range r.Perm(swaps) {
		if held[i] != held[to] {
			w.moves = append(w.moves, seats.Move{Takes: []int{held[to]}, Frees: []int{held[i]}})
		}
	}
	return w
}

func BenchmarkArrange(b *testing.B) {
	for _, c := range []struct{ swaps, skus, free int }{
		{100_000, 5, 1}, {100_000, 5, 0}, {100_000, 30, 20}, {1_000_000, 5, 1}, {1_000_000, 30, 500},
	} {
		w := migration(c.swaps, c.skus, c.free)
		b.Run(fmt.Sprintf("%d swaps, %d SKUs, %d free", c.swaps, c.skus, c.free), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := seats.Arrange(w.free, w.moves)
				b.ReportMetric(float64(len(s.Waves())), "waves")
			}
		})
	}
}

// BenchmarkArrangeInexact arranges moves that take and free several seats, of SKUs that owe
// some.
func BenchmarkArrangeInexact(b *testing.B) {
	for _, moves := range []int{100, 1_000, 10_000, 100_000} {
		r := rand.New(rand.NewPCG(1, 1))
		w := world{free: []int{-3, 0, 0, -1, 1, 0, 0, 2}}
		for range moves {
			order := r.Perm(8)
			takes, frees := 1+r.IntN(2), 1+r.IntN(2)
			w.moves = append(w.moves, seats.Move{Takes: order[:takes], Frees: order[takes : takes+frees]})
		}
		b.Run(fmt.Sprintf("%d moves", moves), func(b *testing.B) {
			for b.Loop() {
				w.arrange()
			}
		})
	}
}
