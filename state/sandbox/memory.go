package sandbox

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// maxHeld is how many bytes of bodies, of requests and answers under way, the sandbox holds
// by default ([Options.Memory]).
const maxHeld = 256 << 20

// memory bounds the memory of the bodies under way, so that a thousand clients with large
// bodies, or clients that do not read, do no harm.
type memory struct {
	limit int64
	held  atomic.Int64
}

func newMemory(limit int64) *memory {
	if limit <= 0 {
		limit = maxHeld
	}
	return &memory{limit: limit}
}

// take reserves n more bytes for an exchange, which returns them at its end.
func (m *memory) take(t *exchange, n int) bool {
	if m.held.Add(int64(n)) > m.limit {
		m.held.Add(int64(-n))
		return false
	}
	t.held += n
	return true
}

func (m *memory) giveBack(x *exchange) { m.held.Add(int64(-x.held)) }

// errFull reports that there is no memory left for a body.
var errFull = errors.New("no memory left")

// held is a body that reserves memory as it is read.
type held struct {
	io.Reader
	memory   *memory
	exchange *exchange
}

func (h held) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if !h.memory.take(h.exchange, n) {
		return 0, errFull
	}
	return n, err
}

func full() *refusal.Error {
	return &refusal.Error{Status: http.StatusServiceUnavailable, Code: "serviceNotAvailable",
		Message: "The sandbox holds as many bodies for its clients as it has memory for. Please try again later."}
}
