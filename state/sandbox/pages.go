package sandbox

import (
	"net/http"
	"strings"
)

// ownPages answers what is not Graph's: the record and the invariants, for
// whoever tests a client that is not written in Go. They ask for no token.
func (f *face) ownPages(w http.ResponseWriter, r *http.Request) bool {
	name, ours := strings.CutPrefix(r.URL.Path, "/sandbox/")
	if !ours {
		return false
	}
	var body any
	switch name {
	case "log":
		record := f.tenant.Record()
		body = members{
			{"requests", orNone(record.Log)}, {"requestsOmitted", record.LogOmitted},
			{"writes", orNone(record.Writes)}, {"writesOmitted", record.WritesOmitted},
		}
	case "invariants":
		body = f.tenant.Invariants()
	default:
		http.NotFound(w, r)
		return true
	}
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "it can only be read", http.StatusMethodNotAllowed)
		return true
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(encode(body)) // a client that went away is told nothing
	return true
}

// orNone makes a list that is never null.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
