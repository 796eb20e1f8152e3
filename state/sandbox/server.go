package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/sandbox/internal/loopback"
)

// Server returns a server for a sandbox's handler that slow and hostile clients cannot
// block. It waits ten seconds for headers, a minute for a body, and two minutes for the
// next request. It accepts 64 KB of headers.
func Server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      15 * time.Minute, // slow answers are slow on purpose
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

// LocalOnly answers only requests for this machine by a loopback name, or for one of the
// hosts. A page in a browser whose name was bound to 127.0.0.1 asks for its own name (DNS
// rebinding). Hosts are for clients that cannot be redirected and run where
// graph.microsoft.com is the sandbox. Pages of browsers are always refused.
func LocalOnly(next http.Handler, hosts ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := loopback.HostOf("//" + r.Host)
		asked := func(h string) bool { return strings.EqualFold(h, host) }
		if !loopback.Is(host) && !slices.ContainsFunc(hosts, asked) || r.Header.Get("Origin") != "" {
			http.Error(w, "only this machine is served, by its loopback name", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
