package graph

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
)

// challenged returns the claims that a 401 requests ("Claims challenges, claims requests,
// and client capabilities"). Continuous access evaluation has ended the token early, and
// a new one must prove the claims. They are returned in standard base64, as the SDK's
// provider expects them, or "" if none are requested.
func challenged(answer *http.Response) string {
	for _, header := range answer.Header.Values("WWW-Authenticate") {
		found := claimsParameter.FindStringSubmatch(header)
		if found == nil || !strings.Contains(header, "insufficient_claims") {
			continue
		}
		// Some services send it without padding, or in the alphabet of URLs.
		text := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(found[1], "="))
		claims, err := base64.RawStdEncoding.DecodeString(text)
		if err == nil && len(claims) <= maxClaims {
			return base64.StdEncoding.EncodeToString(claims)
		}
	}
	return ""
}

// maxClaims is far above a real request for claims, which has about 100 bytes.
const maxClaims = 4 << 10

var claimsParameter = regexp.MustCompile(`(?:^|[\s,])claims="([A-Za-z0-9+/_=-]+)"`)
