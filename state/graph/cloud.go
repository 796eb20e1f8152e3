package graph

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/wire"
)

// scopeOf returns what a token for Graph is asked for.
func scopeOf(e state.Endpoints) string { return e.Graph + "/.default" }

// version is the only one of Graph's versions that is spoken.
const version = "/v1.0"

// root is the address that a client talks to.
type root struct{ url url.URL }

func liveRoot(e state.Endpoints) (root, error) {
	u, err := url.Parse(e.Graph + version)
	if err != nil {
		return root{}, fmt.Errorf("read Graph's address: %w", err)
	}
	return root{*u}, nil
}

// sandboxRoot takes the address of a sandbox: a literal loopback address, so that
// no name service and no configuration can lead it anywhere else.
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

// holds reports whether an address lies under the root: same scheme, host and port (not
// by Unicode's folding, in which ſ is an s), and a path below /v1.0 that does not climb
// out of it.
func (r root) holds(u *url.URL) bool {
	return u.Scheme == r.url.Scheme &&
		strings.ToLower(u.Hostname()) == r.url.Hostname() &&
		port(u) == port(&r.url) &&
		u.User == nil && u.Opaque == "" &&
		strings.HasPrefix(u.Path, r.url.Path+"/") &&
		!climbs(u.Path)
}

// climbs reports whether a decoded path has a segment that some server on the way could
// take for "the one above".
func climbs(path string) bool {
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

// cut keeps a foreign string short enough to stand in an error.
func cut(s string) string { return wire.Cut(s, 64) }
