package entra

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/loopback"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// Authority answers as Microsoft Entra ID does to applications that ask for tokens:
// instance discovery, OpenID configuration, keys, and the token endpoint for client
// credentials, below the same address as Graph. It is the field Authority of
// sandbox.Options.
type Authority struct {
	key   *rsa.PrivateKey
	keyID string
	apps  []App // none: any app can sign in, with all permissions
}

// NewAuthority returns an authority with a key of its own, which lives in memory alone.
// Without apps, every client gets a token with every permission. With apps, only they get
// tokens, with their own roles.
func NewAuthority(apps []App) (*Authority, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make the key of the sandbox's authority: %w", err)
	}
	return &Authority{key: key, keyID: guid.Derived("key", key.N.String()), apps: slices.Clone(apps)}, nil
}

// tokenLife is how long an access token lasts, about as long as those of Entra.
const tokenLife = time.Hour - time.Second

// issue returns a signed access token for a resource, of version 1.0, as Graph has it.
func (a *Authority) issue(app App, resource, issuer, tenantID string, now time.Time) (string, error) {
	object := guid.Derived(tenantID, "servicePrincipal", app.ClientID)
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"aud": resource, "iss": issuer, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(tokenLife).Unix(),
		"appid": app.ClientID, "idtyp": "app", "oid": object, "roles": app.Roles, "sub": object, "tid": tenantID, "ver": "1.0",
	})
	t.Header["kid"] = a.keyID
	return t.SignedString(a.key)
}

// signedClaims are the claims of a token that is to be verified.
type signedClaims struct {
	jwt.RegisteredClaims

	TenantID string `json:"tid"`
}

// Verify checks an access token. It returns the message with which Graph would refuse it,
// "" if the token is valid. It also returns the claims of a token that was signed here,
// even if the token is refused.
func (a *Authority) Verify(token, tenantID string, now time.Time) (signedHere *Claims, why string) {
	var got signedClaims
	_, err := jwt.ParseWithClaims(token, &got, func(*jwt.Token) (any, error) { return &a.key.PublicKey, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithExpirationRequired())
	signed := ReadClaims(token)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired), errors.Is(err, jwt.ErrTokenNotValidYet):
		return &signed, TokenExpired
	case err != nil:
		return nil, tokenInvalid + "Invalid signature."
	case got.TenantID != tenantID, !slices.ContainsFunc(got.Audience, isGraph):
		return &signed, tokenInvalid + "Invalid audience."
	}
	return &signed, ""
}

const tokenInvalid = "Access token validation failure. "

// graphResources holds the names of Graph in its clouds, and its application id.
var graphResources = []string{
	"https://graph.microsoft.com", "https://graph.microsoft.us", "https://dod-graph.microsoft.us",
	"https://microsoftgraph.chinacloudapi.cn", "00000003-0000-0000-c000-000000000000",
}

// isGraph reports whether a resource is Graph. On loopback the sandbox is Graph.
func isGraph(resource string) bool {
	return slices.Contains(graphResources, strings.TrimSuffix(resource, "/")) || loopback.Is(loopback.HostOf(resource))
}

// Directory is the tenant whose applications sign in.
type Directory struct {
	ID      string
	Domains []string // which can name it in paths
	Roles   []string // what tokens carry if no apps are registered
}

// Exchange is the part of a request that the authority needs.
type Exchange struct {
	Directory                  Directory
	Now                        func() time.Time
	Root                       string // scheme and host that the client used
	RequestID, ClientRequestID string
	Log                        func(status int) // is called before the answer is sent
}

// Serve answers requests to the authority, and reports whether it answered.
func (a *Authority) Serve(w http.ResponseWriter, r *http.Request, e Exchange) bool {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	tenant, rest := segments[0], strings.ToLower(strings.Join(segments[1:], "/"))
	at := authorityCall{authority: a, exchange: e, request: r, tenant: tenant}
	switch rest {
	case "discovery/instance":
		at.send(w, http.StatusOK, at.instance())
	case "v2.0/.well-known/openid-configuration", ".well-known/openid-configuration":
		at.sendConfiguration(w)
	case "discovery/v2.0/keys", "discovery/keys":
		at.send(w, http.StatusOK, ordered.Object{{"keys", []ordered.Object{a.publicKey()}}})
	case "oauth2/v2.0/token":
		at.sendToken(w)
	default:
		return false
	}
	return true
}

func (a *Authority) publicKey() ordered.Object {
	encode := base64.RawURLEncoding.EncodeToString
	return ordered.Object{{"kty", "RSA"}, {"use", "sig"}, {"alg", "RS256"}, {"kid", a.keyID},
		{"n", encode(a.key.N.Bytes())}, {"e", encode(big.NewInt(int64(a.key.E)).Bytes())}}
}

// authorityCall is one request to the authority.
type authorityCall struct {
	authority *Authority
	exchange  Exchange
	request   *http.Request
	tenant    string // as the path names it
}

// instance returns the answer of instance discovery: this host is the only alias of itself.
func (c authorityCall) instance() ordered.Object {
	host := c.request.Host
	return ordered.Object{
		{"tenant_discovery_endpoint", c.exchange.Root + "/" + c.exchange.Directory.ID + "/v2.0/.well-known/openid-configuration"},
		{"api-version", "1.1"},
		{"metadata", []ordered.Object{{{"preferred_network", host}, {"preferred_cache", host}, {"aliases", []string{host}}}}},
	}
}

// issuer returns the issuer with the tenant's id, for any name in the path.
func (c authorityCall) issuer() string {
	return c.exchange.Root + "/" + c.exchange.Directory.ID + "/v2.0"
}

func (c authorityCall) sendConfiguration(w http.ResponseWriter) {
	if !c.knows(c.tenant) {
		c.refuse(w, c.noTenant())
		return
	}
	root := c.exchange.Root + "/" + c.tenant
	c.send(w, http.StatusOK, ordered.Object{
		{"token_endpoint", root + "/oauth2/v2.0/token"},
		{"token_endpoint_auth_methods_supported", []string{"client_secret_post", "private_key_jwt"}},
		{"jwks_uri", root + "/discovery/v2.0/keys"},
		{"response_types_supported", []string{"token"}},
		{"grant_types_supported", []string{"client_credentials"}},
		{"issuer", c.issuer()},
		{"authorization_endpoint", root + "/oauth2/v2.0/authorize"},
		{"tenant_region_scope", "EU"},
		{"cloud_instance_name", c.request.Host},
		{"msgraph_host", c.request.Host},
	})
}

// knows reports whether a name is the id of the tenant, one of its domains, or leaves the
// tenant open.
func (c authorityCall) knows(tenant string) bool {
	named := func(name string) bool { return strings.EqualFold(name, tenant) }
	return slices.ContainsFunc([]string{c.exchange.Directory.ID, "common", "organizations"}, named) ||
		slices.ContainsFunc(c.exchange.Directory.Domains, named)
}

func (c authorityCall) noTenant() *tokenError {
	return &tokenError{http.StatusBadRequest, "invalid_request", 90002,
		fmt.Sprintf("Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", echoed(c.tenant))}
}

func (c authorityCall) send(w http.ResponseWriter, status int, body ordered.Object) {
	c.exchange.Log(status)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store, no-cache")
	w.Header().Set("Date", c.exchange.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
	_, _ = w.Write(ordered.Encode(body)) // a client that went away gets nothing
}

// maxEchoed is how many bytes of a text from a client an error repeats.
const maxEchoed = 512

// echoed returns a text of a client, cut at maxEchoed bytes.
func echoed(s string) string { return strings.Clone(s[:min(len(s), maxEchoed)]) }
