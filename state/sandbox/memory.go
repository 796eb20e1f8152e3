package sandbox

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// maxReserved is how many bytes of bodies, of requests and answers under way, the sandbox holds
// by default ([Options.Memory]).
const maxReserved = 256 << 20

// memory bounds the memory of the bodies under way, so that a thousand clients with large
// bodies, or clients that do not read, do no harm.
type memory struct {
	limit    int64
	reserved atomic.Int64
}

func newMemory(limit int64) *memory {
	if limit <= 0 {
		limit = maxReserved
	}
	return &memory{limit: limit}
}

// reserve takes n more bytes for an exchange, which returns them at its end. It reports
// whether they were free.
func (m *memory) reserve(t *exchange, n int) bool {
	if m.reserved.Add(int64(n)) > m.limit {
		m.reserved.Add(int64(-n))
		return false
	}
	t.reserved += n
	return true
}

func (m *memory) release(x *exchange) { m.reserved.Add(int64(-x.reserved)) }

// errFull reports that there is no memory left for a body.
var errFull = errors.New("no memory left")

// reservingReader is a body that reserves memory as it is read.
type reservingReader struct {
	io.Reader
	memory   *memory
	exchange *exchange
}

func (h reservingReader) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if !h.memory.reserve(h.exchange, n) {
		return 0, errFull
	}
	return n, err
}

func full() *refusal.Error {
	return &refusal.Error{Status: http.StatusServiceUnavailable, Code: "serviceNotAvailable",
		Message: "The sandbox holds as many bodies for its clients as it has memory for. Please try again later."}
}
