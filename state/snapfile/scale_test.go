package snapfile_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/seatwright/seatwright/state/statetest"
)

func BenchmarkLoad(b *testing.B) {
	for _, users := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			data := write(b, statetest.Generate(b, users, 1))
			b.SetBytes(int64(len(data)))
			b.ReportMetric(float64(len(data))/float64(users), "stored-B/user")
			b.ReportAllocs()
			for b.Loop() {
				mustRead(b, data)
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, users := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			s := statetest.Generate(b, users, 1)
			b.ReportAllocs()
			for b.Loop() {
				write(b, s)
			}
		})
	}
}

// cost returns what a load allocates: in total and what is kept afterwards, both in
// bytes, and the number of allocations.
func cost(t *testing.T, data []byte) (total, kept, allocations float64) {
	t.Helper()
	var before, loaded, settled runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := mustRead(t, data)
	runtime.ReadMemStats(&loaded)
	runtime.GC()
	runtime.ReadMemStats(&settled)
	users := float64(s.Len())
	runtime.KeepAlive(s)
	return float64(loaded.TotalAlloc-before.TotalAlloc) / users, (float64(settled.HeapAlloc) - float64(before.HeapAlloc)) / users,
		float64(loaded.Mallocs-before.Mallocs) / users
}

func TestReadAllocationsPerUser(t *testing.T) { //nolint:paralleltest // measures the heap
	few, many := write(t, statetest.Generate(t, 1_000, 1)), write(t, statetest.Generate(t, 100_000, 1))
	mustRead(t, few) // what is allocated only once is allocated now
	_, _, allocationsOfFew := cost(t, few)
	total, kept, allocations := cost(t, many)
	if allocations > 1.5*allocationsOfFew {
		t.Errorf("%.2f allocations a user of 100,000, %.2f of 1,000", allocations, allocationsOfFew)
	}
	if total > 650 { // the peak is below this, whatever the garbage collector does
		t.Errorf("a user takes %.0f bytes while loading, want at most 650", total)
	}
	if kept > 200 {
		t.Errorf("a user is kept in %.0f bytes, want at most 200", kept)
	}
}
