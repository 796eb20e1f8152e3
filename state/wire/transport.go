package wire

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// NewTransport returns a transport with TLS 1.2 or later, always verified, and HTTP/2
// where offered. Answers are gzipped (net/http requests it), requests are not. dial
// limits the time that a connection may take. A local service is on this machine and has
// no proxy.
func NewTransport(dial time.Duration, local bool) *http.Transport {
	t := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dial, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    15 * time.Second,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    8,
		MaxResponseHeaderBytes: 256 << 10,
	}
	if local {
		t.Proxy = nil
	}
	return t
}

// NewClient returns a client that sends through the links and never follows a redirect. A
// redirect could lead to any host and take a secret in the request there.
func NewClient(links http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     links,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
