package sandbox_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/entra"
)

const (
	readerApp = "11111111-1111-1111-1111-111111111111"
	writerApp = "22222222-2222-2222-2222-222222222222"
	graphAll  = "https://graph.microsoft.com/.default"
)

// authority is the one of most tests; making one takes a while.
var authority = sync.OnceValue(func() *entra.Authority {
	a, err := entra.NewAuthority(nil)
	if err != nil {
		panic(err)
	}
	return a
})

func newAuthority(t *testing.T, apps []entra.App) *entra.Authority {
	t.Helper()
	a, err := entra.NewAuthority(apps)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// grant asks the token endpoint.
func (c client) grant(tenant string, form ...string) reply {
	c.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "https://localhost/"+tenant+"/oauth2/v2.0/token", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(r)
}

func (c client) token(form ...string) string {
	c.Helper()
	got := c.grant(org, append([]string{"grant_type", "client_credentials", "scope", graphAll}, form...)...)
	token, _ := got.body["access_token"].(string)
	if got.status != 200 || token == "" {
		c.Fatalf("token endpoint: %d %s", got.status, got.raw)
	}
	return "Bearer " + token
}

// The tenant's own domains name it, at the address that the client used.
func TestAuthorityAnswersForTheTenant(t *testing.T) {
	t.Parallel()
	with := newClient(t, tenantFile, sandbox.Options{Authority: authority()})
	for _, tenant := range []string{org, "contoso.com", "common"} {
		got := with.do(httptest.NewRequest(http.MethodGet, "https://localhost:8443/"+tenant+"/v2.0/.well-known/openid-configuration", nil))
		root := "https://localhost:8443/"
		if got.body["token_endpoint"] != root+tenant+"/oauth2/v2.0/token" || got.body["issuer"] != root+org+"/v2.0" {
			t.Errorf("%s: %d %s", tenant, got.status, got.raw)
		}
	}
	without := newClient(t, tenantFile, sandbox.Options{})
	if got := without.do(httptest.NewRequest(http.MethodGet, "https://localhost/common/discovery/instance", nil)); got.status != 400 {
		t.Errorf("without an authority: %d", got.status)
	}
}

func TestStrictTokensRefuseOtherAuthorities(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Authority: newAuthority(t, []entra.App{{ClientID: readerApp, Roles: []string{"User.Read.All", "LicenseAssignment.Read.All"}, Secret: "canary-9b1d"}}), StrictTokens: true}))
	other := newClient(t, tenantFile, w.on(sandbox.Options{Authority: authority()}))
	const signature = "InvalidAuthenticationToken: Access token validation failure. Invalid signature."
	reader := c.token("client_id", readerApp, "client_secret", "canary-9b1d")
	elsewhere := c.grant(org, "grant_type", "client_credentials", "scope", "https://management.azure.com/.default",
		"client_id", readerApp, "client_secret", "canary-9b1d").body["access_token"].(string)
	tests := []struct{ name, header, want string }{
		{"none", "", "InvalidAuthenticationToken: Access token is empty."},
		{"another scheme", "Basic x", "InvalidAuthenticationToken: Access token is empty."},
		{"no token", "Bearer x", signature},
		{"unsigned", withRoles(t, "User.Read.All"), signature},
		{"signed by another authority", other.token("client_id", readerApp, "client_secret", "x"), signature},
		{"changed", reader[:len(reader)-9] + "AAAAAAAAA", signature},
		{"for another resource", "Bearer " + elsewhere, "InvalidAuthenticationToken: Access token validation failure. Invalid audience."},
		{"its own", reader, ": "},
	}
	for _, test := range tests {
		if got := c.get("/users", "Authorization", test.header); got.failure() != test.want || (got.status == 200) != (test.name == "its own") {
			t.Errorf("%s: %d %s, want %s", test.name, got.status, got.failure(), test.want)
		}
	}
	if got := c.assignAs(reader, dan, add(e3)); got.status != 403 || got.failure() != forbidden {
		t.Errorf("a reader writes: %d %s", got.status, got.failure())
	}
	w.pass(time.Hour)
	if got := c.get("/users", "Authorization", reader); got.status != 401 || got.failure() != "InvalidAuthenticationToken: Access token has expired or is not yet valid." {
		t.Errorf("after an hour: %d %s", got.status, got.failure())
	}
	if _, log := c.page("log"); strings.Contains(log, "canary") || strings.Contains(log, strings.TrimPrefix(reader, "Bearer ")) || !strings.Contains(log, "oauth2/v2.0/token") {
		t.Errorf("the log lacks the requests for tokens, or holds secrets:\n%s", log)
	}
}

func (c client) assignAs(token, user, body string) reply {
	c.Helper()
	return c.send(http.MethodPost, "/users/"+user+"/assignLicense", body, "Authorization", token)
}

func TestAuthorityWithoutAppsGivesAllPermissions(t *testing.T) {
	t.Parallel()
	c := newClient(t, tenantFile, sandbox.Options{Authority: authority(), StrictTokens: true})
	anybody := c.token("client_id", writerApp, "client_secret", "anything")
	if got := c.assignAs(anybody, dan, add(e3)); got.status != 200 {
		t.Errorf("%d %s", got.status, got.failure())
	}
}

func TestTokensExpiredAreAcceptedWithoutStrictTokens(t *testing.T) {
	t.Parallel()
	w := newWatch()
	c := newClient(t, tenantFile, w.on(sandbox.Options{Authority: authority()}))
	old := c.token("client_id", readerApp, "client_secret", "x")
	w.pass(2 * time.Hour)
	if got := c.get("/users", "Authorization", old); got.status != 200 {
		t.Errorf("%d %s", got.status, got.failure())
	}
}

// serveTLS serves a tenant and its authority as `sandbox serve --tls` does.
func serveTLS(t *testing.T, o sandbox.Options, http2 bool) (*httptest.Server, *http.Client) {
	t.Helper()
	ca, err := entra.NewCA(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(sandbox.LocalOnly(parse(t, tenantFile).Handler(o)))
	server.TLS, server.EnableHTTP2 = ca.TLS(), http2
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: http2}
	t.Cleanup(transport.CloseIdleConnections)
	return server, &http.Client{Transport: transport}
}

func TestGraphOverTLS(t *testing.T) {
	t.Parallel()
	server, browser := serveTLS(t, sandbox.Options{Authority: authority()}, true)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1.0/users?$top=1", nil)
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", answer.StatusCode, err)
	}
	if next, _ := body["@odata.nextLink"].(string); !strings.HasPrefix(next, server.URL+"/v1.0/users?") {
		t.Errorf("nextLink is %q", next)
	}
}

// Over TLS the connection beneath is reset; in HTTP/2 the stream is, alone.
func TestResetsOverTLS(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		server, browser := serveTLS(t, sandbox.Options{Faults: []sandbox.Fault{{Calls: nth(2), Do: sandbox.Reset}}}, http2)
		var failed []bool
		for range 3 {
			r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/v1.0/$batch", strings.NewReader("{}"))
			answer, err := browser.Do(r)
			if failed = append(failed, err != nil); err == nil {
				answer.Body.Close()
				if (answer.ProtoMajor == 2) != http2 {
					t.Errorf("it was %s", answer.Proto)
				}
			}
		}
		if !slices.Equal(failed, []bool{false, true, false}) {
			t.Errorf("HTTP/2 %v: failed %v", http2, failed)
		}
	}
}
