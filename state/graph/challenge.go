package graph

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
)

// challenged reads the claims that a 401 asks for ("Claims challenges, claims
// requests, and client capabilities"): continuous access evaluation has ended the
// token before its time, and a new one must prove what the claims say. They come
// back in standard base64, as the SDK's provider wants them; "" if none are asked for.
func challenged(answer *http.Response) string {
	for _, header := range answer.Header.Values("WWW-Authenticate") {
		found := claimsParameter.FindStringSubmatch(header)
		if found == nil || !strings.Contains(header, "insufficient_claims") {
			continue
		}
		// Some send it without padding, or in the alphabet of URLs.
		text := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(found[1], "="))
		claims, err := base64.RawStdEncoding.DecodeString(text)
		if err == nil && len(claims) <= maxClaims {
			return base64.StdEncoding.EncodeToString(claims)
		}
	}
	return ""
}

// maxClaims is far above a real request for claims, which is about 100 bytes.
const maxClaims = 4 << 10

var claimsParameter = regexp.MustCompile(`(?:^|[\s,])claims="([A-Za-z0-9+/_=-]+)"`)
