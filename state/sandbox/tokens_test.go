package sandbox_test

import (
	"encoding/base64"
	"testing"
)

// token is an unsigned token with these claims.
func token(t *testing.T, claims string) string {
	t.Helper()
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"none","typ":"JWT"}`) + "." + part(claims) + "."
}
