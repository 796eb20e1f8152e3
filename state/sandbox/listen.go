package sandbox

import (
	"fmt"
	"net"
	"net/netip"
)

// NotLoopbackError says that the sandbox was asked to listen where other
// machines could reach it. It has no tokens to ask for, so it never does.
type NotLoopbackError struct {
	Addr string // as given
}

// Error says what to write instead.
func (e *NotLoopbackError) Error() string {
	return fmt.Sprintf("listen on %q: only a literal loopback address is served, such as 127.0.0.1:0 or [::1]:8080", e.Addr)
}

// Listen opens a TCP listener on a literal loopback address, or on "localhost",
// which means 127.0.0.1 whatever a resolver says. Port 0 takes a free one; the
// listener's Addr tells which. Anything else is a [*NotLoopbackError].
func Listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, &NotLoopbackError{Addr: addr}
	}
	return net.Listen("tcp", net.JoinHostPort(host, port)) //nolint:noctx // a literal address asks no resolver
}
