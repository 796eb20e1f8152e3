package graph

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/wire"
)

// scopeOf returns the scope to request in a token for Graph.
func scopeOf(e state.Endpoints) string { return e.Graph + "/.default" }

// version is the only version of Graph that is used.
const version = "/v1.0"

// root is the address that a client uses.
type root struct{ url url.URL }

func liveRoot(e state.Endpoints) (root, error) {
	u, err := url.Parse(e.Graph + version)
	if err != nil {
		return root{}, fmt.Errorf("read Graph's address: %w", err)
	}
	return root{*u}, nil
}

// sandboxRoot returns the root of a sandbox. Only a literal loopback address is accepted,
// so that no name service and no configuration can change the destination.
func sandboxRoot(address string) (root, error) {
	const want = `want "http://127.0.0.1:PORT/v1.0"`
	u, err := url.Parse(address)
	if err != nil {
		return root{}, fmt.Errorf("sandbox address: %s", want)
	}
	host, err := netip.ParseAddr(u.Hostname())
	switch {
	case err != nil || !host.IsLoopback():
		return root{}, fmt.Errorf("sandbox address: host %q is not a literal loopback address: %s", cut(u.Hostname()), want)
	case u.Scheme != "http" || u.Path != version || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return root{}, fmt.Errorf("sandbox address: %s", want)
	}
	return root{*u}, nil
}

// to returns the address of a resource; path begins with a slash, query may be empty.
func (r root) to(path, query string) *url.URL {
	u := r.url
	u.Path += path
	u.RawQuery = query
	return &u
}

// contains reports whether an address is under the root. It requires the same scheme,
// host and port (not by Unicode's folding, in which ſ is an s), and a path below /v1.0
// without dot segments.
func (r root) contains(u *url.URL) bool {
	return u.Scheme == r.url.Scheme &&
		strings.ToLower(u.Hostname()) == r.url.Hostname() &&
		port(u) == port(&r.url) &&
		u.User == nil && u.Opaque == "" &&
		strings.HasPrefix(u.Path, r.url.Path+"/") &&
		!hasDotSegment(u.Path)
}

// hasDotSegment reports whether a decoded path has a segment that a server on the way
// could take for the parent folder.
func hasDotSegment(path string) bool {
	for segment := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '/' || c == '\\' }) {
		if segment == ".." || segment == "." {
			return true
		}
	}
	return false
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// cut shortens a foreign string, so that it fits into an error.
func cut(s string) string { return wire.Cut(s, 64) }
