package sandbox

import (
	"fmt"
	"net"
	"net/netip"
)

// Listen opens a TCP listener on a literal loopback address, or on "localhost", which
// always means 127.0.0.1. Port 0 takes a free one, and the listener's Addr has it. Any
// other address is refused, because no tokens protect the sandbox.
func Listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("listen on %q: only a literal loopback address is served, such as 127.0.0.1:0 or [::1]:8080", addr)
	}
	return net.Listen("tcp", net.JoinHostPort(host, port)) //nolint:noctx // a literal address asks no resolver
}
