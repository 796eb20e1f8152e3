package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
)

// caller is who a token says is asking.
type caller struct {
	app string // appid
}

const tokenExpired = "Access token has expired or is not yet valid."

// bearer returns the token of a request, "" where it has none.
func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// readToken reads the claims of a token without asking who signed it.
func readToken(token string) caller {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return caller{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		AppID string `json:"appid"`
	}
	if err != nil || json.Unmarshal(raw, &claims) != nil {
		return caller{}
	}
	return caller{app: claims.AppID}
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

// admit refuses a request whose token is no good. The items of a batch came in
// with it.
func (f *face) admit(c *call) (answer, bool) {
	if f.expired.has(c.trip.token) {
		return f.unauthorized(c, tokenExpired), true
	}
	return answer{}, false
}

func (f *face) unauthorized(c *call, message string) answer {
	a := f.answerTo(c, &refusal{status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: message})
	a.set("WWW-Authenticate", `Bearer realm=""`)
	return a
}
