package wire_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state/wire"
)

func TestNewTransportVerifiesTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	server.Config.ErrorLog = nil
	for _, local := range []bool{false, true} {
		answer, err := wire.NewClient(wire.NewTransport(time.Minute, local)).Get(server.URL)
		if err == nil {
			answer.Body.Close()
			t.Errorf("local %t: a certificate of an unknown CA was accepted", local)
		}
	}
}

func TestNewTransportUsesNoProxyForALocalService(t *testing.T) {
	t.Parallel()
	if wire.NewTransport(time.Minute, true).Proxy != nil || wire.NewTransport(time.Minute, false).Proxy == nil {
		t.Error("want a proxy of the environment for services elsewhere, and none for a local one")
	}
}

func TestNewClientFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/elsewhere", http.StatusFound))
	defer server.Close()
	answer, err := wire.NewClient(wire.NewTransport(time.Minute, true)).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusFound {
		t.Errorf("status %d, want the redirect itself", answer.StatusCode)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "abc": "abc", "abcd": "abc..."} {
		if got := wire.Cut(text, 3); got != want {
			t.Errorf("Cut(%q, 3) = %q, want %q", text, got, want)
		}
	}
}
