package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// caller is who a token says is asking, and what for.
type caller struct {
	app     string   // appid
	limited bool     // roles say all that is allowed
	roles   []string // of the application, or the scopes of a user's token
}

// may tells whether any of the permissions is held.
func (c caller) may(anyOf ...string) bool {
	return !c.limited || slices.ContainsFunc(anyOf, func(p string) bool { return slices.Contains(c.roles, p) })
}

// names tells whether a permission is held by name. A token that limits nothing
// names none.
func (c caller) names(permission string) bool { return slices.Contains(c.roles, permission) }

const tokenExpired = "Access token has expired or is not yet valid."

// bearer returns the token of a request, "" where it has none.
func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// claims are those of an access token that the sandbox looks at.
type claims struct {
	AppID  string    `json:"appid"`
	AZP    string    `json:"azp"` // the application in tokens of version 2.0
	Issuer string    `json:"iss"`
	Roles  *[]string `json:"roles"`
	Scopes *string   `json:"scp"`
}

// caller is what the claims come to. A token with neither roles nor scopes limits
// nothing.
func (c claims) caller() caller {
	out := caller{app: clip(cmp.Or(c.AppID, c.AZP))}
	if c.Roles != nil {
		out.limited, out.roles = true, *c.Roles
	}
	if c.Scopes != nil {
		out.limited, out.roles = true, append(slices.Clone(out.roles), strings.Fields(*c.Scopes)...)
	}
	return out
}

// readClaims reads a token without asking who signed it. What is no JWT, or
// claims something else, claims nothing.
func readClaims(token string) claims {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var out claims
	if err != nil || json.Unmarshal(raw, &out) != nil {
		return claims{}
	}
	return out
}

// microsoft are the hosts of Microsoft's authorities. A token of theirs is real:
// somebody is sending it to the wrong place.
var microsoft = []string{
	"sts.windows.net", "login.windows.net", "login.microsoftonline.com", "login.microsoftonline.us", "sts.microsoftonline.us",
	"login.chinacloudapi.cn", "sts.chinacloudapi.cn", "login.partner.microsoftonline.cn",
}

// real tells whether a token claims to be Microsoft's.
func (c claims) real() bool {
	issuer, err := url.Parse(c.Issuer)
	return err == nil && slices.Contains(microsoft, strings.ToLower(issuer.Hostname()))
}

// admit finds out who is asking, or refuses a token that is no good. The items of
// a batch come in with it.
func (f *face) admit(c *call) (answer, bool) {
	why := f.identifyCaller(c.trip)
	if why == "" {
		return answer{}, false
	}
	return f.unauthorized(c, why), true
}

// identifyCaller returns why the token is refused, "" where it is not.
func (f *face) identifyCaller(t *trip) string {
	if f.expired.has(t.token) {
		return tokenExpired
	}
	if f.authority != nil && t.token != "" {
		signed, why := f.authority.verify(t.token, f.tenant.organization.id, f.now())
		if f.strict && why != "" {
			return why
		}
		if signed != nil { // expired or not: without strictness any token is taken
			t.caller = signed.caller()
			return ""
		}
	}
	claimed := readClaims(t.token)
	switch {
	case f.strict && t.token == "":
		return "Access token is empty."
	case f.strict:
		return "The sandbox has no authority that could have signed this token."
	case claimed.real():
		return "This is a token of Microsoft's and here is a sandbox, which has not kept it: keep it to yourself."
	}
	t.caller = claimed.caller()
	return ""
}

func (f *face) unauthorized(c *call, message string) answer {
	a := f.answerTo(c, &refusal{status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: message})
	a.set("WWW-Authenticate", `Bearer realm=""`)
	return a
}

// tokenSet remembers tokens by their digest, at most maxTokens of them.
type tokenSet struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]bool
}

const maxTokens = 10_000

// add remembers a token; there is nothing to remember of none.
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
