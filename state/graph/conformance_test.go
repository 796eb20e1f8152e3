package graph_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/statetest"
)

func TestClientReadsAsEveryReader(t *testing.T) {
	t.Parallel()
	statetest.RunReader(t, openSandbox)
}

func TestClientWritesAsEveryWriter(t *testing.T) {
	t.Parallel()
	statetest.RunWriter(t, openSandbox)
}

// openSandbox serves the little tenant over real HTTP, three users a page.
func openSandbox(t testing.TB) statetest.Fixture {
	t.Helper()
	tenant, err := sandbox.Parse("tenant.yaml", statetest.TenantFile())
	if err != nil {
		t.Fatalf("read the little tenant: %v", err)
	}
	client := dial(t, serve(t, tenant.Handler(sandbox.Options{PageSize: 3, Seed: 7})), graph.Options{Write: true})
	writer, err := client.Writer()
	if err != nil {
		t.Fatalf("Writer: %v", err)
	}
	return statetest.Fixture{Reader: client, Writer: writer, Source: state.SourceSandbox}
}

// serve listens on loopback and returns the address a client takes.
func serve(t testing.TB, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL + "/v1.0"
}

func dial(t testing.TB, address string, o graph.Options) *graph.Client {
	t.Helper()
	o.Sandbox = address
	client, err := graph.New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return client
}
