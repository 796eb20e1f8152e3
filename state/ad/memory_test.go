package ad_test

import (
	"runtime"
	"testing"

	"github.com/seatwright/seatwright/state/ad/adtest"
)

// TestReadKeepsNoPage measures the heap while a large OU is read. go-ldap's own paging
// keeps the packets of all pages, which is ten thousand bytes per user.
func TestReadKeepsNoPage(t *testing.T) { //nolint:paralleltest // measures the heap
	lab, _ := adtest.Fake(t, 8000)
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	o := options(lab)
	before, most := heap(), int64(0)
	o.Progress = func(users int) {
		if users == 8000 {
			most = heap() - before
		}
	}
	if _, err := read(t, o, subtree(t, "OU=Bulk,OU=Staff,"+lab.Base)); err != nil {
		t.Fatal(err)
	}
	// The last page is still there, and the list has room to grow.
	if each := most / 8000; each <= 0 || each > 1000 {
		t.Errorf("a user takes %d bytes while reading, want at most 1000", each)
	}
}
