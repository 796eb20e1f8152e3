package state

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// ID is a GUID that names one kind of thing, so that a user's id cannot be used as the id
// of a SKU. The zero ID names nothing.
type ID[Of any] [16]byte

// The ids of a tenant. They differ in the type parameter only.
type (
	// UserID is the object id of a user.
	UserID = ID[User]
	// GroupID is the object id of a group; the zero GroupID on a path means
	// that the path is direct.
	GroupID = ID[Group]
	// SKUID is subscribedSku.skuId (not subscribedSku.id).
	SKUID = ID[SKU]
	// PlanID is servicePlanInfo.servicePlanId.
	PlanID = ID[ServicePlan]
	// TenantID is organization.id.
	TenantID = ID[Organization]
)

// ParseID reads a GUID in its usual text form, in either case.
func ParseID[Of any](s string) (ID[Of], error) { return parseID[Of](s) }

func parseID[Of any, Text string | []byte](s Text) (ID[Of], error) {
	var id ID[Of]
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, fmt.Errorf("read GUID %q: want the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", shorten(string(s)))
	}
	at := 0
	for i := range id {
		if s[at] == '-' {
			at++
		}
		high, low := hexDigits[s[at]], hexDigits[s[at+1]]
		if high|low > 0x0f {
			return ID[Of]{}, fmt.Errorf("read GUID %q: it has characters that are not hexadecimal digits", shorten(string(s)))
		}
		id[i] = high<<4 | low
		at += 2
	}
	return id, nil
}

// hexDigits has the value of each hexadecimal digit, and 0xff for any other byte.
var hexDigits = func() (digits [256]byte) {
	for i := range digits {
		digits[i] = 0xff
	}
	for i := range byte(16) {
		digits["0123456789abcdef"[i]], digits["0123456789ABCDEF"[i]] = i, i
	}
	return digits
}()

// MustParseID does what [ParseID] does, for constants. It panics on a malformed GUID.
func MustParseID[Of any](s string) ID[Of] {
	id, err := ParseID[Of](s)
	if err != nil {
		panic(err)
	}
	return id
}

// IsGUID reports whether s has the form of a GUID.
func IsGUID(s string) bool {
	_, err := ParseID[any](s)
	return err == nil
}

// String returns the lower-case GUID.
func (id ID[Of]) String() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], id[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], id[10:16])
	return string(b[:])
}

// IsZero reports whether the id names nothing.
func (id ID[Of]) IsZero() bool { return id == ID[Of]{} }

// Compare orders ids as their text does.
func (id ID[Of]) Compare(other ID[Of]) int { return bytes.Compare(id[:], other[:]) }

// MarshalText returns the lower-case GUID, and nothing for the zero id.
func (id ID[Of]) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	return []byte(id.String()), nil
}

// UnmarshalText reads a GUID; the empty text is the zero id.
func (id *ID[Of]) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID[Of]{}
		return nil
	}
	parsed, err := parseID[Of](text)
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// shorten shortens a foreign string, so that it fits into an error.
func shorten(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
