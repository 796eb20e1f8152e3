package loopback

import (
	"net"
	"net/url"
	"strings"
)

// HostOf returns the host of an address without its port, "" if there is none.
func HostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Is reports whether a host is this machine by a loopback name or address.
func Is(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
