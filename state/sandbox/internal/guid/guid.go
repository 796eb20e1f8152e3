package guid

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Parse returns a GUID in the form Graph prints: lower case with hyphens.
func Parse(s string) (string, bool) {
	if len(s) != 36 {
		return "", false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return "", false
			}
		default:
			if !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
				return "", false
			}
		}
	}
	return strings.ToLower(s), true
}

// Derived returns an object id for something that has none in the file. It is the first 16
// bytes of SHA-256 over the parts, marked as a version 8 UUID (RFC 9562), so that it is the
// same in every run.
func Derived(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	text := hex.EncodeToString(id)
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// LicenseDetails returns the id of a licenseDetails entity: the GUIDs of the tenant and the
// SKU in Microsoft's byte order, base64url without padding. This was measured on recorded
// answers and is not documented.
func LicenseDetails(tenantID, skuID string) string {
	return base64.RawURLEncoding.EncodeToString(append(guidBytes(tenantID), guidBytes(skuID)...))
}

// guidBytes returns a GUID's bytes as .NET keeps them: the first three fields
// little-endian.
func guidBytes(guid string) []byte {
	b, _ := hex.DecodeString(strings.ReplaceAll(guid, "-", ""))
	b[0], b[1], b[2], b[3] = b[3], b[2], b[1], b[0]
	b[4], b[5] = b[5], b[4]
	b[6], b[7] = b[7], b[6]
	return b
}
