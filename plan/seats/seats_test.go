package seats_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seatwright/seatwright/plan/seats"
)

const worlds = 10_000 // of each shape

func TestArrangeServesTheBestSetOfMoves(t *testing.T) {
	t.Parallel()
	eachWorld(t, exact, worlds, func(t *testing.T, w world) {
		s := w.arrange()
		if got, want := w.set(s), w.best(); got != want {
			t.Fatalf("%v: served %0*b, want %0*b", w, len(w.moves), got, len(w.moves), want)
		}
		w.checkEveryOrder(t, s)
	})
}

func TestArrangeServesNearlyTheBestSetOfHardWorlds(t *testing.T) {
	t.Parallel()
	for name, h := range hard {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := 0
			eachWorld(t, map[string]shape{"": h}, worlds, func(t *testing.T, w world) {
				s := w.arrange()
				w.checkEveryOrder(t, s)
				got, want := w.set(s), w.best()
				if got != want {
					other++
				}
				if size(want)-size(got) > 1 {
					t.Fatalf("%v: served %0*b, want %0*b", w, len(w.moves), got, len(w.moves), want)
				}
			})
			t.Cleanup(func() {
				if other > worlds/1000 {
					t.Errorf("%d of %d are not the best, want one in a thousand at most", other, worlds)
				}
			})
		})
	}
}

// TestArrangeLeavesNoMoveThatCouldStillBeServed arranges the waiting moves again with the
// seats that are left.
func TestArrangeLeavesNoMoveThatCouldStillBeServed(t *testing.T) {
	t.Parallel()
	for _, shapes := range []map[string]shape{exact, hard} {
		eachWorld(t, shapes, worlds/5, func(t *testing.T, w world) {
			s := w.arrange()
			rest := world{free: w.after(w.set(s))}
			for i, o := range s.Outcomes {
				if !o.Served {
					rest.moves = append(rest.moves, w.moves[i])
				}
			}
			if more := rest.set(rest.arrange()); more != 0 {
				t.Fatalf("%v: %0*b can run after all of %v", w, len(rest.moves), more, rest)
			}
		})
	}
}

// TestGroupStartsWithOneSpareSeatOfEachList lends the seats, and arranges only the group
// and the moves that are served without it. Other waiting moves could otherwise come first.
func TestGroupStartsWithOneSpareSeatOfEachList(t *testing.T) {
	t.Parallel()
	groups := atomic.Int64{}
	eachWorld(t, exact, worlds/2, func(t *testing.T, w world) {
		s := w.arrange()
		for n, g := range s.Groups {
			if len(g.Spare) == 0 {
				t.Fatalf("%v: no seat is named that starts %+v", w, g)
			}
			for _, sku := range g.Spare[0] {
				lent := world{free: slices.Clone(w.free)}
				lent.free[sku]++
				for _, others := range g.Spare[1:] {
					lent.free[others[0]]++
				}
				for i, o := range s.Outcomes {
					if o.Served || o.Group == n {
						lent.moves = append(lent.moves, w.moves[i])
					}
				}
				all := uint(1)<<len(lent.moves) - 1
				if got := lent.set(lent.arrange()); got != all {
					t.Fatalf("%v: a seat of %d does not start %+v: served %b", w, sku, g, got)
				}
				if left := lent.after(all); left[sku] < 1 {
					t.Fatalf("%v: the seat of %d that was lent is gone after %+v", w, sku, g)
				}
				groups.Add(1)
			}
		}
	})
	t.Cleanup(func() {
		if groups.Load() == 0 {
			t.Error("no world had a group that cannot start")
		}
	})
}

func TestBuyServesAllMovesOutsideOfGroups(t *testing.T) {
	t.Parallel()
	for _, shapes := range []map[string]shape{exact, {"overused": hard["overused"]}} {
		eachWorld(t, shapes, worlds/5, func(t *testing.T, w world) {
			s := w.arrange()
			bought := world{free: slices.Clone(w.free), moves: w.moves}
			for sku, n := range s.Buy {
				bought.free[sku] += n
			}
			with := bought.arrange()
			for i, o := range with.Outcomes {
				if !o.Served && o.Group < 0 {
					t.Fatalf("%v: with %v bought, move %d still waits for a seat of %d", w, s.Buy, i, o.Missing)
				}
			}
		})
	}
}

// swap returns a move that frees one SKU and takes another.
func swap(from, to int) seats.Move { return seats.Move{Takes: []int{to}, Frees: []int{from}} }

func add(sku int) seats.Move    { return seats.Move{Takes: []int{sku}} }
func remove(sku int) seats.Move { return seats.Move{Frees: []int{sku}} }

// TestArrangeWhereSimplerRulesFail has the cases in which the most obvious rules fail.
func TestArrangeWhereSimplerRulesFail(t *testing.T) {
	t.Parallel()
	const a, b, c, d = 0, 1, 2, 3
	for _, test := range []struct {
		name   string
		world  world
		served []int // moves
	}{
		{"to run any move that fits: the first move would strand the other two", world{[]int{0, 0, 1}, []seats.Move{swap(a, c), swap(c, b), swap(b, c)}}, []int{0, 1, 2}},
		{"one seat for every cycle: one is enough for connected cycles",
			world{[]int{0, 0, 1}, []seats.Move{swap(a, b), swap(b, a), swap(b, c), swap(c, b)}}, []int{0, 1, 2, 3}},
		{"to drop the last in rank until no SKU is short: this drops the move that frees the seat of the first",
			world{[]int{0, 1}, []seats.Move{add(a), add(b), swap(a, b)}}, []int{0, 2}},
		{"to keep every helper that was chosen: another helper costs less",
			world{[]int{0, 1, 1}, []seats.Move{add(a), add(b), swap(a, b), swap(a, c)}}, []int{0, 1, 3}},
		{"to choose by the count alone: a cycle adds up and cannot start", world{[]int{0, 0}, []seats.Move{swap(a, b), swap(b, a)}}, nil},
		{"to serve the moves that can run now: the last in rank can start the cycle of the first two",
			world{[]int{0, 0, 1}, []seats.Move{swap(a, b), swap(b, a), add(c), swap(a, c)}}, []int{0, 1, 3}},
		{"to hold nothing back where seats are left over: the first move takes the seat for good",
			world{[]int{1, 0, 0, 0}, []seats.Move{swap(d, a), {Takes: []int{a}, Frees: []int{b, c}}, swap(a, b), swap(a, c)}}, []int{0, 1, 2, 3}},
		{"to count a freed seat of an overused SKU: three removals pay what it owes", world{[]int{-3}, []seats.Move{add(a), remove(a), remove(a), remove(a)}}, []int{1, 2, 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := test.world.arrange()
			var served []int
			for i, o := range s.Outcomes {
				if o.Served {
					served = append(served, i)
				}
			}
			if diff := cmp.Diff(test.served, served); diff != "" {
				t.Errorf("moves that are served (-want +got):\n%s", diff)
			}
			test.world.checkEveryOrder(t, s)
		})
	}
}

func TestArrangeTakersOfASKUThatOwesNeedTheMovesThatPaid(t *testing.T) {
	t.Parallel()
	w := world{[]int{-2}, []seats.Move{add(0), add(0), remove(0), remove(0), remove(0), remove(0)}}
	s := w.arrange()
	if diff := cmp.Diff([]int{2, 3, 4}, s.Outcomes[0].Needs); diff != "" {
		t.Errorf("the first taker (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{0, 5}, s.Outcomes[1].Needs); diff != "" {
		t.Errorf("the second taker (-want +got):\n%s", diff)
	}
}

func TestGroupsOfTwoCyclesThatEachNeedASeat(t *testing.T) {
	t.Parallel()
	w := world{make([]int, 5), []seats.Move{swap(0, 1), swap(1, 0), swap(2, 3), swap(3, 2)}}
	s := w.arrange()
	want := []seats.Group{{Moves: []int{0, 1}, Spare: [][]int{{0, 1}}}, {Moves: []int{2, 3}, Spare: [][]int{{2, 3}}}}
	if diff := cmp.Diff(want, s.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	w.moves = append(w.moves, swap(0, 1), swap(1, 4), swap(4, 0))
	if diff := cmp.Diff([][]int{{0, 1, 4}}, w.arrange().Groups[0].Spare); diff != "" {
		t.Errorf("a cycle that grew (-want +got):\n%s", diff)
	}
}

// TestArrangeLargeWorlds follows one random order of each world, since there are too many
// to try all.
func TestArrangeLargeWorlds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := shape{rapid.IntRange(1, 3).Draw(t, "takes"), rapid.IntRange(1, 3).Draw(t, "frees"), rapid.IntRange(-3, 0).Draw(t, "low"), rapid.IntRange(0, 3).Draw(t, "high")}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		w := h.draw(r, 80, 6)
		s := w.arrange()
		if again := w.arrange(); !reflect.DeepEqual(s, again) {
			t.Fatalf("arranging again gives another schedule:\n%+v\n%+v", s, again)
		}
		free, done, open := slices.Clone(w.free), make([]bool, len(w.moves)), 0
		for i, o := range s.Outcomes {
			if o.Served {
				open++
			} else if len(w.moves[i].Takes) == 0 {
				t.Fatalf("move %d takes nothing and waits", i)
			}
		}
		for ; open > 0; open-- {
			i := next(r, s, done)
			if i < 0 {
				t.Fatalf("%d moves wait for each other", open)
			}
			done[i] = true
			for _, sku := range w.moves[i].Takes {
				if free[sku]--; free[sku] < 0 {
					t.Fatalf("move %d takes a seat of %d that is not there", i, sku)
				}
			}
			for _, sku := range w.moves[i].Frees {
				free[sku]++
			}
		}
	})
}

// next returns any move whose needs are done, or -1.
func next(r *rand.Rand, s *seats.Schedule, done []bool) int {
	for _, i := range r.Perm(len(done)) {
		if o := s.Outcomes[i]; o.Served && !done[i] && !slices.ContainsFunc(o.Needs, func(need int) bool { return !done[need] }) {
			return i
		}
	}
	return -1
}

// cycle returns a hundred moves in a cycle of five SKUs.
func cycle(seatsOfFirst int) world {
	w := world{free: []int{seatsOfFirst, 0, 0, 0, 0}}
	for i := range 100 {
		w.moves = append(w.moves, swap(i%5, (i+1)%5))
	}
	return w
}

func TestGroupOfACycleWithoutASeat(t *testing.T) {
	t.Parallel()
	w := cycle(0)
	s := w.arrange()
	if len(s.Waves()) > 0 || len(s.Groups) != 1 || len(s.Groups[0].Moves) != 100 {
		t.Fatalf("%d waves, groups %+v, want one group of 100", len(s.Waves()), s.Groups)
	}
	if diff := cmp.Diff([][]int{{0, 1, 2, 3, 4}}, s.Groups[0].Spare); diff != "" {
		t.Errorf("what starts it (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(make([]int, 5), s.Buy); diff != "" {
		t.Errorf("to buy (-want +got):\n%s", diff)
	}
}

func TestArrangeCycleWithOneSeat(t *testing.T) {
	t.Parallel()
	s := cycle(1).arrange()
	if waves := s.Waves(); len(waves) != 100 || len(s.Groups) > 0 {
		t.Fatalf("%d waves, groups %+v, want 100 moves one after the other", len(waves), s.Groups)
	}
	with, all := s.With(s.Bottleneck(), 9)
	if chain := len(with.Waves()); !all || chain > 20 {
		t.Errorf("with nine more seats the chain has %d links, want about a tenth", chain)
	}
}
