package graph_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state/graph"
)

func TestChainOrder(t *testing.T) {
	t.Parallel()
	want := []string{"graph.refusing", "graph.logging", "graph.guard", "graph.identify", "graph.retry", "graph.pacing", "graph.authorize", "graph.limits"}
	if diff := cmp.Diff(want, graph.ChainOrder()); diff != "" {
		t.Errorf("chain, the outermost first (-want +got):\n%s", diff)
	}
}

// addresses returns addresses, and whether requests may be sent to them.
func addresses() map[string]error {
	return map[string]error{
		address + "/users":                             nil,
		"https://graph.microsoft.com:443/v1.0/users":   nil,
		"https://graph.microsoft.com/beta/users":       graph.ErrForeignAddress,
		"https://graph.microsoft.com/v1.0":             graph.ErrForeignAddress,
		"https://graph.microsoft.com/v1.0beta/users":   graph.ErrForeignAddress,
		"https://graph.microsoft.com/v1.0/%2E./users":  graph.ErrForeignAddress,
		"https://graph.microsoft.com:444/v1.0/users":   graph.ErrForeignAddress,
		"http://graph.microsoft.com/v1.0/users":        graph.ErrForeignAddress,
		"https://graph.microsoft.com.evil/v1.0/users":  graph.ErrForeignAddress,
		"https://evil/v1.0/users?graph.microsoft.com":  graph.ErrForeignAddress,
		"https://user@graph.microsoft.com/v1.0/users":  graph.ErrForeignAddress,
		"https://login.microsoftonline.com/v1.0/users": graph.ErrForeignAddress,
		"https://graph.microsoft.com/V1.0/users":       graph.ErrForeignAddress,
		"https://graph.microsoft.com/x/../v1.0/users":  graph.ErrForeignAddress,
		"https://graph.microsoft.com./v1.0/users":      graph.ErrForeignAddress,
	}
}

// The links before it in the chain check the address too; this link must not rely on
// that.
func TestAuthorizeAloneRefusesForeignAddresses(t *testing.T) {
	t.Parallel()
	for url, want := range addresses() {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: always(200, `{}`)}
			link, err := graph.Signing(address, fixedToken{}, f)
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := link.RoundTrip(req)
			if !errors.Is(err, want) {
				t.Errorf("RoundTrip = %v, want %v", err, want)
			}
			if err == nil {
				_ = answer.Body.Close()
			}
			if sent := len(f.requests()) == 1; sent != (want == nil) {
				t.Errorf("the request was sent: %t", sent)
			}
			if req.Header.Get("Authorization") != "" {
				t.Error("the token is in the caller's request")
			}
		})
	}
}

// TestGuardAloneRefusesForeignAddresses tests guard alone, because authorize checks the
// address too.
func TestGuardAloneRefusesForeignAddresses(t *testing.T) {
	t.Parallel()
	for url, want := range addresses() {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			f := &fake{answer: always(200, `{}`)}
			link, err := graph.Guarding(address, f)
			if err != nil {
				t.Fatal(err)
			}
			if err := pass(t, link, http.MethodGet, url, ""); !errors.Is(err, want) {
				t.Errorf("RoundTrip = %v, want %v", err, want)
			}
			if sent := len(f.requests()) == 1; sent != (want == nil) {
				t.Errorf("the request was sent: %t", sent)
			}
		})
	}
}
