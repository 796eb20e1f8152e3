package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/cli"
)

// served is a running `sandbox serve`.
type served struct {
	*testing.T
	root   string // of its first line, without /v1.0
	client *http.Client
}

// serveSandbox runs the command until the test ends.
func serveSandbox(t *testing.T, dir string, args ...string) served {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	out, in := io.Pipe()
	var errs bytes.Buffer
	done := make(chan cli.ExitCode, 1)
	program := cli.Program{Streams: cli.Streams{In: strings.NewReader(""), Out: in, Err: &errs}, Now: time.Now, Version: "test"}
	go func() {
		code := program.Main(ctx, append([]string{"sandbox", "serve", "--tenant-file", filepath.Join(dir, "tenant.yaml")}, args...))
		_ = in.Close()
		done <- code
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	t.Cleanup(func() {
		cancel(&cli.Interrupted{Signal: os.Interrupt})
		if code := <-done; code != cli.ExitOK {
			t.Errorf("it ended with %d:\n%s", code, errs.String())
		}
	})
	root, ok := strings.CutSuffix(strings.TrimSpace(line), "/v1.0")
	if err != nil || !ok {
		t.Fatalf("its first line is %q, %v", line, err)
	}
	return served{t, root, new(http.Client)}
}

func (s served) ask(r *http.Request) (int, map[string]any) {
	s.Helper()
	answer, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	var body map[string]any
	_ = json.NewDecoder(answer.Body).Decode(&body)
	return answer.StatusCode, body
}

func (s served) get(path string, headers ...string) (int, map[string]any) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.root+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	return s.ask(r)
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestServeFaultsAndLog(t *testing.T) {
	t.Parallel()
	weather := file(t, "weather.yaml", "faults:\n  - {on: GET users, calls: 2, do: unavailable, retryAfter: 0.5}\n")
	s := serveSandbox(t, project(t, swapAnna), "--weather", weather)
	for i, want := range []int{200, 503, 200} {
		if status, body := s.get("/v1.0/users"); status != want {
			t.Errorf("call %d: %d %v, want %d", i+1, status, body, want)
		}
	}
	if status, log := s.get("/sandbox/log"); status != 200 || len(log["requests"].([]any)) != 3 {
		t.Errorf("log: %d %v", status, log)
	}
	if status, invariants := s.get("/sandbox/invariants"); status != 200 || len(invariants["gaps"].([]any)) != 0 {
		t.Errorf("invariants: %d %v", status, invariants)
	}
	if status, _ := s.get("/v1.0/users", "Host", "graph.microsoft.com"); status != http.StatusMisdirectedRequest {
		t.Errorf("a host that was not given: %d", status)
	}
}

func TestServeIssuesTokens(t *testing.T) {
	t.Parallel()
	apps := file(t, "apps.yaml", "apps:\n  - {clientId: 11111111-1111-1111-1111-111111111111, roles: [User.Read.All], secret: x}\n")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	s := serveSandbox(t, project(t, swapAnna), "--tls", "--ca-file", ca, "--apps", apps, "--strict-tokens", "--host", "graph.microsoft.com")
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	s.client.Transport = transport

	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"11111111-1111-1111-1111-111111111111"},
		"client_secret": {"x"}, "scope": {"https://graph.microsoft.com/.default"}}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.root+"/organizations/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body := s.ask(r)
	token, _ := body["access_token"].(string)
	if status != 200 || token == "" {
		t.Fatalf("token: %d %v", status, body)
	}
	tests := []struct {
		path, authorization string
		want                int
	}{
		{"/v1.0/users", "", 401},
		{"/v1.0/users", "Bearer " + token, 200},
		{"/v1.0/subscribedSkus", "Bearer " + token, 403},
	}
	for _, test := range tests {
		for _, host := range []string{"localhost", "graph.microsoft.com"} {
			if status, body := s.get(test.path, "Authorization", test.authorization, "Host", host); status != test.want {
				t.Errorf("%s at %s: %d %v, want %d", test.path, host, status, body, test.want)
			}
		}
	}
}
