package entra

import (
	"crypto/sha1" //nolint:gosec // x5t is SHA-1 by its standard
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// tokenError is an error of the token endpoint in Entra's terms.
type tokenError struct {
	status  int
	name    string // of OAuth 2.0
	code    int    // of AADSTS
	message string
}

// jwtBearer is the only type of assertion that there is.
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" //nolint:gosec // a name, and no secret

// sendToken answers the token endpoint. Nothing that it was sent is in a log or in the
// answer.
func (c authorityCall) sendToken(w http.ResponseWriter) {
	c.request.Body = http.MaxBytesReader(w, c.request.Body, maxTokenRequest)
	token, refused := c.grant()
	if refused != nil {
		c.refuse(w, refused)
		return
	}
	c.send(w, http.StatusOK, ordered.Object{
		{"token_type", "Bearer"}, {"expires_in", int(tokenLife.Seconds())}, {"ext_expires_in", int(tokenLife.Seconds())}, {"access_token", token},
	})
}

const maxTokenRequest = 64 << 10

func (c authorityCall) grant() (string, *tokenError) {
	if c.request.Method != http.MethodPost {
		return "", &tokenError{http.StatusBadRequest, "invalid_request", 900561,
			"The endpoint only accepts POST requests. Received a " + echoed(c.request.Method) + " request."}
	}
	if err := c.request.ParseForm(); err != nil {
		return "", &tokenError{http.StatusBadRequest, "invalid_request", 900144, "The request body could not be read as a form."}
	}
	if !c.knows(c.tenant) {
		return "", c.noTenant()
	}
	if refused := c.checkForm(); refused != nil {
		return "", refused
	}
	app, refused := c.authenticate()
	if refused != nil {
		return "", refused
	}
	token, err := c.authority.issue(app, c.resource(), c.issuer(), c.exchange.Directory.ID, c.exchange.Now())
	if err != nil {
		return "", &tokenError{http.StatusInternalServerError, "server_error", 90033, "A transient error has occurred. Please try again."}
	}
	return token, nil
}

func (c authorityCall) form(name string) string { return c.request.PostForm.Get(name) }

func (c authorityCall) checkForm() *tokenError {
	for _, name := range []string{"grant_type", "client_id", "scope"} {
		if c.form(name) == "" {
			return &tokenError{http.StatusBadRequest, "invalid_request", 900144,
				fmt.Sprintf("The request body must contain the following parameter: '%s'.", name)}
		}
	}
	switch {
	case c.form("grant_type") != "client_credentials":
		return &tokenError{http.StatusBadRequest, "unsupported_grant_type", 70003,
			"The app requested an unsupported grant type '" + echoed(c.form("grant_type")) + "'."}
	case c.resource() == "":
		return &tokenError{http.StatusBadRequest, "invalid_scope", 1002012,
			fmt.Sprintf("The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default "+
				"suffixed to the resource identifier (application ID URI).", echoed(c.form("scope")))}
	}
	return nil
}

// resource returns the resource that the token is for, "" if the scope does not name one.
// Microsoft's libraries add scopes of OpenID Connect, which have no effect here.
func (c authorityCall) resource() string {
	scopes := slices.DeleteFunc(strings.Fields(c.form("scope")), func(s string) bool {
		return s == "openid" || s == "offline_access" || s == "profile"
	})
	if len(scopes) != 1 {
		return ""
	}
	resource, whole := strings.CutSuffix(scopes[0], "/.default")
	if !whole {
		return ""
	}
	return resource
}

// authenticate returns the app that asks, after a check of its credential.
func (c authorityCall) authenticate() (App, *tokenError) {
	id := strings.ToLower(c.form("client_id"))
	app := App{ClientID: id, Roles: c.exchange.Directory.Roles}
	if len(c.authority.apps) > 0 {
		i := slices.IndexFunc(c.authority.apps, func(a App) bool { return a.ClientID == id })
		if i < 0 {
			return App{}, &tokenError{http.StatusBadRequest, "unauthorized_client", 700016,
				fmt.Sprintf("Application with identifier '%s' was not found in the directory '%s'.", echoed(id), c.exchange.Directory.ID)}
		}
		app = c.authority.apps[i]
	}
	secret, assertion := c.form("client_secret"), c.form("client_assertion")
	switch {
	case secret != "":
		return app, c.checkSecret(app, secret)
	case assertion != "" && c.form("client_assertion_type") == jwtBearer:
		return app, c.checkAssertion(app, assertion)
	}
	return App{}, &tokenError{http.StatusUnauthorized, "invalid_client", 7000216,
		"'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."}
}

func (c authorityCall) checkSecret(app App, secret string) *tokenError {
	if len(c.authority.apps) == 0 || app.Secret != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(app.Secret)) == 1 {
		return nil
	}
	return &tokenError{http.StatusUnauthorized, "invalid_client", 7000215,
		fmt.Sprintf("Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "+
			"not the client secret ID, for a secret added to app '%s'.", app.ClientID)}
}

// checkAssertion checks an assertion that the app signed with its certificate, or the token
// of another issuer for it.
func (c authorityCall) checkAssertion(app App, assertion string) *tokenError {
	var claimed jwt.RegisteredClaims
	token, _, err := jwt.NewParser().ParseUnverified(assertion, &claimed)
	if err != nil {
		return &tokenError{http.StatusBadRequest, "invalid_request", 50027, "JWT token is invalid or malformed."}
	}
	if late := c.checkTimes(claimed); late != nil {
		return late
	}
	own := strings.EqualFold(claimed.Issuer, app.ClientID)
	switch {
	case len(c.authority.apps) == 0:
		return nil
	case own:
		return c.checkCertificate(app, token, claimed, assertion)
	}
	return checkFederated(app.Federated, claimed)
}

// checkTimes allows for clocks that differ by five minutes.
func (c authorityCall) checkTimes(claimed jwt.RegisteredClaims) *tokenError {
	const skew = 5 * time.Minute
	now := c.exchange.Now()
	expired := claimed.ExpiresAt == nil || now.After(claimed.ExpiresAt.Add(skew))
	early := claimed.NotBefore != nil && now.Before(claimed.NotBefore.Add(-skew))
	if !expired && !early {
		return nil
	}
	return &tokenError{http.StatusUnauthorized, "invalid_client", 700024, "Client assertion is not within its valid time range."}
}

// checkCertificate checks the signature of an assertion, and the endpoint that it is for.
func (c authorityCall) checkCertificate(app App, token *jwt.Token, claimed jwt.RegisteredClaims, assertion string) *tokenError {
	invalid := func(why string) *tokenError {
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700027, "Client assertion failed signature validation. " + why}
	}
	if app.Certificate == nil || !thumbprintFits(token.Header, app.Certificate.Raw) {
		return invalid("The key was not found: no certificate of the app has this thumbprint.")
	}
	_, err := jwt.NewParser(jwt.WithValidMethods([]string{"RS256", "PS256", "ES256"}), jwt.WithoutClaimsValidation()).
		Parse(assertion, func(*jwt.Token) (any, error) { return app.Certificate.PublicKey, nil })
	switch {
	case err != nil:
		return invalid("The signature is not that of the app's certificate.")
	case !strings.EqualFold(claimed.Subject, app.ClientID):
		return invalid("Its subject is not the app.")
	case !slices.ContainsFunc(claimed.Audience, c.isMe):
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700023,
			"Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."}
	}
	return nil
}

// isMe reports whether an audience is this authority: its issuer or token endpoint, by any
// name of the tenant.
func (c authorityCall) isMe(audience string) bool {
	path, mine := strings.CutPrefix(audience, c.exchange.Root+"/")
	tenant, rest, _ := strings.Cut(path, "/")
	return mine && c.knows(tenant) && (rest == "v2.0" || rest == "oauth2/v2.0/token")
}

// thumbprintFits reports whether the thumbprint in the header is that of the certificate.
// The header must have one.
func thumbprintFits(header map[string]any, der []byte) bool {
	old, strong := sha1.Sum(der), sha256.Sum256(der) //nolint:gosec // see above
	for name, sum := range map[string][]byte{"x5t": old[:], "x5t#S256": strong[:]} {
		if got, ok := header[name].(string); ok {
			got = strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(got) // both alphabets are in use
			return got == base64.RawURLEncoding.EncodeToString(sum)
		}
	}
	return false
}

func checkFederated(f *Federated, claimed jwt.RegisteredClaims) *tokenError {
	switch {
	case f == nil || claimed.Issuer != f.Issuer:
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700211, fmt.Sprintf(
			"No matching federated identity record found for presented assertion issuer '%s'.", echoed(claimed.Issuer))}
	case claimed.Subject != f.Subject:
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700213, fmt.Sprintf(
			"No matching federated identity record found for presented assertion subject '%s'.", echoed(claimed.Subject))}
	case !slices.Contains(claimed.Audience, f.Audience):
		return &tokenError{http.StatusUnauthorized, "invalid_client", 700212, fmt.Sprintf(
			"No matching federated identity record found for presented assertion audience '%s'.", echoed(strings.Join(claimed.Audience, ",")))}
	}
	return nil
}

// refuse answers with an error of the token endpoint.
func (c authorityCall) refuse(w http.ResponseWriter, e *tokenError) {
	at := c.exchange.Now().UTC()
	c.send(w, e.status, ordered.Object{
		{"error", e.name},
		{"error_description", fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s",
			e.code, e.message, c.exchange.RequestID, c.exchange.ClientRequestID, at.Format("2006-01-02 15:04:05Z"))},
		{"error_codes", []int{e.code}},
		{"timestamp", at.Format("2006-01-02 15:04:05Z")},
		{"trace_id", c.exchange.RequestID},
		{"correlation_id", c.exchange.ClientRequestID},
	})
}
