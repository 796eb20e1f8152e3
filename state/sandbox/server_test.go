package sandbox_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatwright/seatwright/state/sandbox"
)

func TestLocalOnlyServesOnlyThisMachine(t *testing.T) {
	t.Parallel()
	handler := sandbox.LocalOnly(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), "graph.microsoft.com")
	tests := map[string]bool{
		"127.0.0.1:8080": true, "127.8.9.10": true, "[::1]:80": true, "[::1]": true, "localhost": true, "LocalHost:1": true,
		"graph.microsoft.com": true, "GRAPH.microsoft.com:443": true,
		"login.microsoftonline.com": false, "evil.example": false, "localhost.evil.example": false, "192.0.2.1": false, "": false, "0.0.0.0": false,
		"graph.microsoft.com.evil.example": false, "127.0.0.1.evil.example:80": false,
	}
	for host, served := range tests {
		r := httptest.NewRequest(http.MethodGet, "/v1.0/users", nil)
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if (w.Code == http.StatusNoContent) != served {
			t.Errorf("Host %q: %d, want served: %v", host, w.Code, served)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://localhost/v1.0/users", nil)
	r.Header.Set("Origin", "https://evil.example")
	w := httptest.NewRecorder()
	if handler.ServeHTTP(w, r); w.Code != http.StatusMisdirectedRequest || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a page in a browser: %d %v", w.Code, w.Header())
	}
}

// serve runs the hardened server on loopback.
func serve(t *testing.T, handler http.Handler) (address string) {
	t.Helper()
	listener, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := sandbox.Server(handler)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), <-done); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func TestServerSurvivesAThousandIdleConnections(t *testing.T) {
	t.Parallel()
	address := serve(t, newClient(t, tenantFile, sandbox.Options{}).handler)
	for i := range 1000 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer conn.Close()
		started := "POST /v1.0/$batch HTTP/1.1\r\nHost: x\r\nContent-Le"
		if i%2 == 0 {
			started += "ngth: 1000\r\n\r\n{\"requests\":["
		}
		if _, err := io.WriteString(conn, started); err != nil {
			t.Fatal(err)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/v1.0/users", nil)
	answer, err := new(http.Client).Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("beside them: %v %v", answer, err)
	}
	answer.Body.Close()
}

// pipes is a listener whose connections need no network, so that their time is
// the bubble's.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	conn, open := <-p.conns
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.conns) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }
func (p *pipes) dial() net.Conn {
	near, far := net.Pipe()
	p.conns <- far
	return near
}

// The server closes connections of clients that begin and do not go on.
func TestServerClosesSlowConnections(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sent string
		after      time.Duration
	}{
		{"in the headers", "GET /v1.0/users HTTP/1.1\r\nHo", 10 * time.Second},
		{"in the body", "POST /v1.0/$batch HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{", time.Minute},
		{"after an answer", "GET /v1.0/organization HTTP/1.1\r\nHost: x\r\n\r\n", 2 * time.Minute},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				listener := &pipes{conns: make(chan net.Conn, 1)}
				server := sandbox.Server(parse(t, tenantFile).Handler(sandbox.Options{}))
				go func() { _ = server.Serve(listener) }()
				defer server.Close()
				conn := listener.dial()
				if _, err := io.WriteString(conn, test.sent); err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				_, _ = io.Copy(io.Discard, conn)
				if passed := time.Since(begun); passed != test.after {
					t.Errorf("hung up on after %v, want %v", passed, test.after)
				}
			})
		})
	}
}

func TestServerLimitsHeaders(t *testing.T) {
	t.Parallel()
	address := serve(t, newClient(t, tenantFile, sandbox.Options{}).handler)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/v1.0/users", nil)
	r.Header.Set("X-Long", strings.Repeat("x", 80<<10))
	answer, err := new(http.Client).Do(r)
	if err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Fatalf("%v %v", answer, err)
	}
	answer.Body.Close()
}

// Bodies under way take memory, of which there is only so much.
func TestMemoryLimitsBodiesUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, tenantFile, sandbox.Options{Memory: 4700})
		listener := &pipes{conns: make(chan net.Conn, 1)}
		server := sandbox.Server(c.handler)
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
		conn := listener.dial()
		fmt.Fprintf(conn, "PATCH /v1.0/users/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n%s", dan, strings.Repeat(" ", 3000))
		synctest.Wait() // 3,000 bytes are held
		patch := func() reply {
			return c.send(http.MethodPatch, "/users/"+dan, strings.Repeat(" ", 2000)+`{"usageLocation":"CH"}`)
		}
		if got := patch(); got.status != http.StatusServiceUnavailable {
			t.Errorf("3,000 bytes are held of 4,700, and 2,000 more are answered %d %s", got.status, got.failure())
		}
		_, _ = io.WriteString(conn, strings.Repeat(" ", 1000)) // it ends
		if answer, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.HasPrefix(answer, "HTTP/1.1 400") {
			t.Fatalf("no JSON is answered %q, %v", answer, err)
		}
		synctest.Wait()
		if got := patch(); got.status != http.StatusNoContent {
			t.Errorf("the memory of a body is not given back: %d %s", got.status, got.failure())
		}
	})
}

func TestMemoryRefusesAnAnswerThatDoesNotFit(t *testing.T) {
	t.Parallel()
	if got := newClient(t, tenantFile, sandbox.Options{Memory: 600}).get("/users"); got.status != 503 || !strings.HasPrefix(got.failure(), "serviceNotAvailable: ") {
		t.Errorf("%d %s", got.status, got.failure())
	}
}
