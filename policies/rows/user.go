package rows

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// maxUPN is far above what Entra allows (113 characters; Graph: "user resource
// type") and bounds what a file can make us keep.
const maxUPN = 256

// UPNFault returns why text cannot be a user principal name: what it looks like, and
// what to write. fault is "" for a plausible one. It never repeats the text.
func UPNFault(text string) (fault, hint string) {
	at := strings.Count(text, "@")
	_, unseen := diag.Invisible(text)
	switch {
	case len(text) > maxUPN:
		return "is too long for a user principal name", ""
	case unseen || !utf8.ValidString(text):
		return "has characters that cannot be seen or read", "type it again"
	case strings.Contains(text, `\`):
		return `looks like DOMAIN\user`, "write the user principal name: user@domain"
	case strings.ContainsAny(text, "<>"):
		return "looks like a display name with an address", "write only the part between < and >"
	case at == 0 && strings.ContainsFunc(text, unicode.IsSpace):
		return "looks like a display name", "write the user principal name: user@domain"
	case at == 0:
		return "has no @", "write the user principal name: user@domain, or an object id"
	case at > 1:
		return "has more than one @", "write one user principal name each"
	case strings.ContainsFunc(text, unicode.IsSpace):
		return "has a blank in it", "write one user principal name each"
	case strings.ContainsAny(text, `,;:"()[]/`):
		return "has a character that no user principal name has", "write only user@domain"
	case strings.HasPrefix(text, "@") || strings.HasSuffix(text, "@"):
		return "has nothing on one side of the @", "write the user principal name: user@domain"
	}
	return "", ""
}

// person reads text as an object id or a user principal name.
func person(text string) (id state.UserID, upn, fault, hint string) {
	if state.IsGUID(text) {
		id, fault, hint = ObjectID(text)
		return id, "", fault, hint
	}
	fault, hint = UPNFault(text)
	return id, text, fault, hint
}

// ObjectID reads the GUID of a user. The zero GUID, which no user has, is a fault.
func ObjectID(text string) (id state.UserID, fault, hint string) {
	id, err := state.ParseID[state.User](text)
	switch {
	case err != nil && strings.Contains(text, "@"):
		return id, "is not an object id", "it looks like a user principal name"
	case err != nil && strings.HasPrefix(text, "{"):
		return id, "is not an object id", "write it without the braces"
	case err != nil:
		return id, "is not an object id", "write it in the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	case id.IsZero():
		return id, "is the empty object id, which no user has", ""
	}
	return id, "", ""
}
