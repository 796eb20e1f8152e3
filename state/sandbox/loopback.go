package sandbox

import (
	"net"
	"net/url"
	"strings"
)

// hostOf is the host of an address without its port, "" where there is none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// isLoopbackHost reports whether a host is this machine by a loopback name or address.
func isLoopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
