package graph_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// memoryNet is a network of one listener in this process. Its waits are on channels, so
// that its time can be that of testing/synctest.
type memoryNet struct {
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (*memoryNet) Network() string { return "memory" }
func (*memoryNet) String() string  { return "127.0.0.1:80" }

func (n *memoryNet) Accept() (net.Conn, error) {
	select {
	case conn := <-n.calls:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *memoryNet) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *memoryNet) Addr() net.Addr { return n }

func (n *memoryNet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case n.calls <- there:
		return here, nil
	case <-n.closed:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// memoryAddress is the apparent address of the listener.
const memoryAddress = "http://127.0.0.1/v1.0"

// serveInMemory serves a handler until the test ends, and returns the transport that
// leads to it.
func serveInMemory(t testing.TB, handler http.Handler) *http.Transport {
	t.Helper()
	network := &memoryNet{calls: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	done := make(chan error, 1)
	go func() { done <- server.Serve(network) }()
	transport := &http.Transport{DialContext: network.dial, MaxIdleConnsPerHost: 8}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close() // requests in progress end with the test
		<-done
	})
	return transport
}
