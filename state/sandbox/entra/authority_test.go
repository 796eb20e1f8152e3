package entra_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/golang-jwt/jwt/v5"

	"github.com/seatwright/seatwright/state/sandbox/entra"
)

// clock is the time of all tests, and org the tenant.
var clock = time.Date(2026, time.February, 3, 4, 5, 6, 0, time.UTC)

const org = "48a80680-7326-48cd-9935-b556b81d3a4e"

const (
	readerApp = "11111111-1111-1111-1111-111111111111"
	writerApp = "22222222-2222-2222-2222-222222222222"
	graphAll  = "https://graph.microsoft.com/.default"
)

// site is the server of an authority.
type site struct {
	*testing.T
	authority *entra.Authority
	now       func() time.Time
}

func newSite(t *testing.T, apps []entra.App) site {
	t.Helper()
	a, err := entra.NewAuthority(apps)
	if err != nil {
		t.Fatal(err)
	}
	return site{t, a, func() time.Time { return clock }}
}

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := entra.Exchange{
		Directory: entra.Directory{ID: org, Domains: []string{"contoso.com"}, Roles: []string{"User.Read.All"}}, Now: s.now,
		Root: "https://" + r.Host, RequestID: "request", ClientRequestID: "client", Log: func(int) {},
	}
	if !s.authority.Serve(w, r, e) {
		http.NotFound(w, r)
	}
}

// reply is an answer of the authority.
type reply struct {
	status int
	raw    string
	body   map[string]any
}

func (s site) do(r *http.Request) reply {
	s.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	out := reply{status: w.Code, raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &out.body); err != nil {
		s.Fatalf("%s: %v", out.raw, err)
	}
	return out
}

// grant asks the token endpoint.
func (s site) grant(tenant string, form ...string) reply {
	s.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "https://localhost/"+tenant+"/oauth2/v2.0/token", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r)
}

// identity is a certificate of an app with its key; making one takes a while.
var identity = sync.OnceValue(func() (out struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}) {
	out.key, _ = rsa.GenerateKey(rand.Reader, 2048)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "writer"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, _ := x509.CreateCertificate(rand.Reader, template, template, &out.key.PublicKey, out.key)
	out.certificate, _ = x509.ParseCertificate(der)
	return out
})

func thumbprint() string {
	sum := sha256.Sum256(identity().certificate.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func oldThumbprint() string {
	sum := sha1.Sum(identity().certificate.Raw)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// apps returns the app registrations of the tests, as administrators write them.
func apps(t *testing.T) []entra.App {
	t.Helper()
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: identity().certificate.Raw}))
	apps, err := entra.ParseApps("apps.yaml", []byte(`
apps:
  - clientId: `+readerApp+`
    roles: [User.Read.All, LicenseAssignment.Read.All]
    secret: canary-9b1d
  - clientId: `+writerApp+`
    roles: [LicenseAssignment.ReadWrite.All]
    certificate: |
      `+strings.ReplaceAll(strings.TrimSpace(certificate), "\n", "\n      ")+`
    federated: {issuer: https://token.actions.githubusercontent.com, subject: "repo:contoso/licenses:environment:apply"}
`))
	if err != nil {
		t.Fatal(err)
	}
	return apps
}

// assertion returns one that is signed with the writer's certificate, unless change changes
// that.
func assertion(t *testing.T, change func(*jwt.Token, jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{"aud": "https://localhost/" + org + "/oauth2/v2.0/token", "iss": writerApp, "sub": writerApp, "jti": "1",
		"nbf": clock.Unix(), "exp": clock.Add(10 * time.Minute).Unix()}
	token := jwt.NewWithClaims(jwt.SigningMethodPS256, claims)
	token.Header["x5t#S256"] = thumbprint()
	if change != nil {
		change(token, claims)
	}
	signed, err := token.SignedString(identity().key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestAuthorityConfiguration(t *testing.T) {
	t.Parallel()
	c := newSite(t, nil)
	ask := func(path string) reply {
		return c.do(httptest.NewRequest(http.MethodGet, "https://localhost:8443/"+path, nil))
	}
	const root = "https://localhost:8443/"
	for _, tenant := range []string{org, "contoso.com", "common"} {
		got := ask(tenant + "/v2.0/.well-known/openid-configuration").body
		if got["token_endpoint"] != root+tenant+"/oauth2/v2.0/token" || got["issuer"] != root+org+"/v2.0" || got["authorization_endpoint"] == nil {
			t.Errorf("%s: %v", tenant, got)
		}
	}
	instance := ask("common/discovery/instance?api-version=1.1&authorization_endpoint=x").body
	if instance["tenant_discovery_endpoint"] != root+org+"/v2.0/.well-known/openid-configuration" {
		t.Errorf("instance discovery: %v", instance)
	}
	keys, _ := ask("common/discovery/v2.0/keys").body["keys"].([]any)
	if len(keys) != 1 || keys[0].(map[string]any)["kty"] != "RSA" {
		t.Errorf("keys: %v", keys)
	}
	if got := ask("fabrikam.com/v2.0/.well-known/openid-configuration"); got.status != 400 || !strings.HasPrefix(got.body["error_description"].(string), "AADSTS90002: Tenant 'fabrikam.com' not found.") {
		t.Errorf("another tenant: %d %s", got.status, got.raw)
	}
}

func TestTokenEndpointRefusals(t *testing.T) {
	t.Parallel()
	c := newSite(t, apps(t))
	with := func(change func(*jwt.Token, jwt.MapClaims)) []string {
		return []string{"client_id", writerApp, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion", assertion(t, change)}
	}
	claim := func(name string, value any) []string {
		return with(func(_ *jwt.Token, c jwt.MapClaims) { c[name] = value })
	}
	foreign := func(subject, audience string) []string {
		return with(func(_ *jwt.Token, c jwt.MapClaims) {
			c["iss"], c["sub"], c["aud"] = "https://token.actions.githubusercontent.com", subject, audience
		})
	}
	tests := []struct {
		name string
		form []string
		want string // "" for a token
	}{
		{"a secret", []string{"client_id", readerApp, "client_secret", "canary-9b1d"}, ""},
		{"a wrong secret", []string{"client_id", readerApp, "client_secret", "x"}, "invalid_client 401 AADSTS7000215: Invalid client secret provided."},
		{"a secret of an app that has none", []string{"client_id", writerApp, "client_secret", ""}, "invalid_client 401 AADSTS7000216:"},
		{"no app", []string{"client_id", "", "client_secret", "x"}, "invalid_request 400 AADSTS900144: The request body must contain the following parameter: 'client_id'."},
		{"an app that is not here", []string{"client_id", org, "client_secret", "x"}, "unauthorized_client 400 AADSTS700016: Application with identifier '" + org + "' was not found"},
		{"another grant", []string{"grant_type", "password", "client_id", readerApp}, "unsupported_grant_type 400 AADSTS70003:"},
		{"a scope of its own", []string{"scope", "User.Read", "client_id", readerApp}, "invalid_scope 400 AADSTS1002012: The provided value for scope User.Read is not valid."},
		{"a certificate", with(nil), ""},
		{"no assertion type", append(with(nil), "client_assertion_type", "x"), "invalid_client 401 AADSTS7000216:"},
		{"another certificate's thumbprint", with(func(t *jwt.Token, _ jwt.MapClaims) { t.Header["x5t#S256"] = "AAAA" }), "invalid_client 401 AADSTS700027:"},
		{"the old thumbprint, in standard base64", with(func(t *jwt.Token, _ jwt.MapClaims) { delete(t.Header, "x5t#S256"); t.Header["x5t"] = oldThumbprint() }), ""},
		{"no thumbprint", with(func(t *jwt.Token, _ jwt.MapClaims) { delete(t.Header, "x5t#S256") }), "invalid_client 401 AADSTS700027:"},
		{"another endpoint", claim("aud", "https://elsewhere/token"), "invalid_client 401 AADSTS700023:"},
		{"another subject", claim("sub", readerApp), "invalid_client 401 AADSTS700027:"},
		{"expired", claim("exp", clock.Add(-time.Hour).Unix()), "invalid_client 401 AADSTS700024:"},
		{"no expiry", claim("exp", nil), "invalid_client 401 AADSTS700024:"},
		{"not yet", claim("nbf", clock.Add(time.Hour).Unix()), "invalid_client 401 AADSTS700024:"},
		{"federated", foreign("repo:contoso/licenses:environment:apply", "api://AzureADTokenExchange"), ""},
		{"federated, another subject", foreign("repo:contoso/licenses:pull_request", "api://AzureADTokenExchange"), "invalid_client 401 AADSTS700213:"},
		{"federated, another audience", foreign("repo:contoso/licenses:environment:apply", "sts.amazonaws.com"), "invalid_client 401 AADSTS700212:"},
		{"federated, another issuer", claim("iss", "https://gitlab.example.com"), "invalid_client 401 AADSTS700211:"},
		{"no JWT", []string{"client_id", writerApp, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion", "x"}, "invalid_request 400 AADSTS50027:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := site{t, c.authority, c.now}
			got := c.grant("contoso.com", append([]string{"grant_type", "client_credentials", "scope", graphAll}, test.form...)...)
			said, _ := got.body["error"].(string)
			description, _ := got.body["error_description"].(string)
			if test.want == "" {
				if got.status != 200 || got.body["token_type"] != "Bearer" {
					t.Errorf("%d %s", got.status, got.raw)
				}
				return
			}
			if answer := fmt.Sprintf("%s %d %s", said, got.status, description); !strings.HasPrefix(answer, test.want) {
				t.Errorf("%s\nwant %s", answer, test.want)
			}
		})
	}
}

func TestParseAppsReportsProblems(t *testing.T) {
	t.Parallel()
	tests := []struct{ app, want string }{
		{"{}", "an app needs clientId"},
		{"{clientId: me}", `clientId must be a GUID, not "me"`},
		{"{clientId: " + readerApp + "}", "an app needs secret, certificate or federated"},
		{"{clientId: " + readerApp + ", certificate: x}", "certificate: it must be a certificate in PEM, without its key"},
		{"{clientId: " + readerApp + ", federated: {issuer: x}}", "a federated credential needs subject"},
		{"{clientId: " + readerApp + ", secret: x, role: []}", `unknown key "role" in an app, did you mean "roles"?`},
	}
	for _, test := range tests {
		_, err := entra.ParseApps("a.yaml", []byte("apps:\n  - "+test.app+"\n"))
		if err == nil || !strings.Contains(err.Error(), "a.yaml:2: "+test.want) {
			t.Errorf("%s: %v\nwant %s", test.app, err, test.want)
		}
	}
	twice := "apps:\n  - {clientId: " + readerApp + ", secret: x}\n  - {clientId: " + readerApp + ", secret: y}\n"
	if _, err := entra.ParseApps("a.yaml", []byte(twice)); err == nil || !strings.Contains(err.Error(), "a.yaml:3: clientId "+readerApp+" is listed twice") {
		t.Errorf("twice: %v", err)
	}
}

func FuzzParseApps(f *testing.F) {
	f.Add("apps:\n  - {clientId: " + readerApp + ", secret: x, roles: [A]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		apps, err := entra.ParseApps("a.yaml", []byte(text))
		for _, a := range apps {
			if err == nil && a.Secret == "" && a.Certificate == nil && a.Federated == nil && !strings.Contains(text, "secret") {
				t.Errorf("an app that cannot sign in: %+v", a)
			}
		}
	})
}

// serveTLS serves an authority by a CA of its own, at the time that it is.
func serveTLS(t *testing.T) (*httptest.Server, *http.Client) {
	t.Helper()
	ca, err := entra.NewCA(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	at := newSite(t, apps(t))
	at.now = time.Now
	server := httptest.NewUnstartedServer(at)
	server.TLS = ca.TLS()
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return server, &http.Client{Transport: transport}
}

// Microsoft's own library signs in, in all three ways.
func TestAzidentitySignsIn(t *testing.T) {
	t.Parallel()
	server, browser := serveTLS(t)
	options := azcore.ClientOptions{Transport: browser, Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: server.URL + "/"}}
	federated := func(context.Context) (string, error) {
		return assertion(t, func(_ *jwt.Token, c jwt.MapClaims) {
			c["iss"], c["sub"], c["aud"] = "https://token.actions.githubusercontent.com", "repo:contoso/licenses:environment:apply", "api://AzureADTokenExchange"
			c["nbf"], c["exp"] = time.Now().Unix(), time.Now().Add(time.Minute).Unix()
		}), nil
	}
	secret, err1 := azidentity.NewClientSecretCredential(org, readerApp, "canary-9b1d",
		&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: true})
	certificate, err2 := azidentity.NewClientCertificateCredential(org, writerApp, []*x509.Certificate{identity().certificate}, identity().key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: true})
	assertion, err3 := azidentity.NewClientAssertionCredential(org, writerApp, federated,
		&azidentity.ClientAssertionCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: true})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := map[azcore.TokenCredential]string{secret: "[LicenseAssignment.Read.All User.Read.All]", certificate: "[LicenseAssignment.ReadWrite.All]", assertion: "[LicenseAssignment.ReadWrite.All]"}
	for credential, roles := range want {
		got, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphAll}})
		if err != nil {
			t.Errorf("%T: %v", credential, err)
			continue
		}
		var claims struct {
			jwt.RegisteredClaims
			Roles []string `json:"roles"`
		}
		if _, _, err := jwt.NewParser().ParseUnverified(got.Token, &claims); err != nil {
			t.Fatal(err)
		}
		if slices.Sort(claims.Roles); "["+strings.Join(claims.Roles, " ")+"]" != roles || time.Until(got.ExpiresOn) < 50*time.Minute {
			t.Errorf("%T: roles %v until %v", credential, claims.Roles, got.ExpiresOn)
		}
	}
}

// Trust in the CA puts no connection at risk except those to the sandbox.
func TestCASignsOnlyForLoopback(t *testing.T) {
	t.Parallel()
	ca, err := entra.NewCA(clock, "graph.microsoft.com")
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(ca.PEM())
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil || len(rest) != 0 {
		t.Fatal(err, rest)
	}
	if !root.IsCA || !root.MaxPathLenZero || !root.PermittedDNSDomainsCritical || root.NotAfter.Sub(clock) > 24*time.Hour ||
		!slices.Equal(root.PermittedDNSDomains, []string{"localhost", "graph.microsoft.com"}) || len(root.PermittedIPRanges) != 2 {
		t.Errorf("the CA may too much: %+v", root)
	}
	leaf, err := x509.ParseCertificate(ca.TLS().Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(root)
	for host, trusted := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "graph.microsoft.com": true,
		"127.0.0.2": false, "login.microsoftonline.com": false, "www.graph.microsoft.com": false} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, CurrentTime: clock})
		if (err == nil) != trusted {
			t.Errorf("%s: %v, want trusted: %v", host, err, trusted)
		}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost", CurrentTime: clock.Add(25 * time.Hour)}); err == nil {
		t.Error("it is trusted after a day")
	}
	if key, ok := ca.TLS().Certificates[0].PrivateKey.(*ecdsa.PrivateKey); !ok || key.Curve != elliptic.P256() {
		t.Error("the server's key is of another kind")
	}
}
