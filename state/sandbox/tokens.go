package sandbox

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"

	"github.com/seatwright/seatwright/state/sandbox/entra"
	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// bearer returns the token of a request, "" if it has none.
func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// authenticate identifies the caller, or refuses a token that is not valid. The items of a batch
// use the caller of the batch.
func (h *handler) authenticate(c *call) (response, bool) {
	why := h.identifyCaller(c.exchange)
	if why == "" {
		return response{}, false
	}
	return c.unauthorized(why), true
}

// identifyCaller returns why the token is refused, "" if it is accepted.
func (h *handler) identifyCaller(x *exchange) string {
	if h.expired.has(x.token) {
		return entra.TokenExpired
	}
	if h.authority != nil && x.token != "" {
		signed, why := h.authority.Verify(x.token, h.service.tenant.Organization.ID, h.service.now())
		if h.strict && why != "" {
			return why
		}
		if signed != nil { // expired or not: without strictness any token is accepted
			x.caller = signed.Caller()
			return ""
		}
	}
	claimed := entra.ReadClaims(x.token)
	switch {
	case h.strict && x.token == "":
		return "Access token is empty."
	case h.strict:
		return "The sandbox has no authority that could have signed this token."
	case claimed.FromMicrosoft():
		return "Microsoft issued this token, and this server is a sandbox. It has not kept the token. Do not send it here."
	}
	x.caller = claimed.Caller()
	return ""
}

// unauthorized refuses a token.
func (c *call) unauthorized(message string) response {
	a := c.refuse(&refusal.Error{Status: http.StatusUnauthorized, Code: "InvalidAuthenticationToken", Message: message})
	a.set("WWW-Authenticate", `Bearer realm=""`)
	return a
}

// tokenSet remembers tokens by their digest, at most maxTokens of them.
type tokenSet struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]bool
}

const maxTokens = 10_000

// add records a token. A request without a token adds nothing.
func (s *tokenSet) add(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if token == "" || len(s.seen) >= maxTokens {
		return
	}
	if s.seen == nil {
		s.seen = map[[sha256.Size]byte]bool{}
	}
	s.seen[sha256.Sum256([]byte(token))] = true
}

func (s *tokenSet) has(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[sha256.Sum256([]byte(token))]
}

// signIn lets the authority answer its own routes, and reports whether it did.
func (h *handler) signIn(w http.ResponseWriter, r *http.Request) bool {
	c := &call{method: r.Method, Request: query.Request{Path: strings.TrimPrefix(r.URL.EscapedPath(), "/")}, exchange: &exchange{}}
	h.identify(c, r.Header.Get("client-request-id"))
	return h.authority.Serve(w, r, entra.Exchange{
		Directory: h.directory, Now: h.service.now, Root: scheme(r) + "://" + r.Host,
		RequestID: c.requestID, ClientRequestID: c.clientRequestID,
		Log: func(status int) { h.log(c, response{status: status}) },
	})
}

// entraDirectory returns the tenant as its authority knows it.
func entraDirectory(t *directory.Tenant) entra.Directory {
	d := entra.Directory{ID: t.Organization.ID, Roles: allPermissions()}
	for _, domain := range t.Organization.Domains {
		d.Domains = append(d.Domains, domain.Name)
	}
	return d
}
