package sandbox

import (
	"net/http"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// ownPages answers routes that are not Graph's: the record and the invariants, for tests of
// clients that are not written in Go. They need no token.
func (h *handler) ownPages(w http.ResponseWriter, r *http.Request) bool {
	name, ours := strings.CutPrefix(r.URL.Path, "/sandbox/")
	if !ours {
		return false
	}
	if name != "log" && name != "invariants" {
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		w.WriteHeader(http.StatusMethodNotAllowed)
		_, _ = w.Write(ordered.Encode(ordered.Object{{"error", "it can only be read"}})) // a client that went away gets nothing
		return true
	}
	t := newExchange(r)
	defer h.memory.release(t)
	body := h.ownPage(name)
	if !h.memory.reserve(t, len(body)) {
		w.WriteHeader(http.StatusServiceUnavailable)
		body = ordered.Encode(ordered.Object{{"error", full().Message}})
	}
	_, _ = w.Write(body) // likewise
	return true
}

// ownPage returns a page. Only one is made at a time, because a page can be large.
func (h *handler) ownPage(name string) []byte {
	h.showing.Lock()
	defer h.showing.Unlock()
	if name == "invariants" {
		return ordered.Encode(h.service.tenant.Invariants())
	}
	record := h.service.tenant.Record()
	return ordered.Encode(ordered.Object{
		{"requests", orNone(record.Log)}, {"requestsOmitted", record.LogOmitted},
		{"writes", orNone(record.Writes)}, {"writesOmitted", record.WritesOmitted},
	})
}

// orNone returns a list that is never null.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
