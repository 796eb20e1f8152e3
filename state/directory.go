package state

import (
	"fmt"
	"strings"
	"time"
)

// Place is a part of Active Directory whose users are requested: an OU or another
// container by name or by objectGUID, or a whole domain. Exactly one of the three is set.
type Place struct {
	DN      DN
	GUID    Anchor // the container's objectGUID, which stays when it is renamed or moved
	Domain  string // "corp.contoso.com", lower case: all users of the domain, in any container
	Subtree bool   // users in any container below it, not only directly in it; always true for a domain
}

// Key returns a text that is equal for equal places, however their names are written.
func (p Place) Key() string {
	return fmt.Sprintf("%s|%s|%s|%t", p.DN.Key(), p.GUID, p.Domain, p.Subtree)
}

// String returns the place as a policy names it.
func (p Place) String() string {
	switch {
	case p.Domain != "":
		return "domain " + p.Domain
	case !p.GUID.IsZero():
		return "guid:" + p.GUID.String()
	}
	return p.DN.String()
}

// DirectoryUser is a user object of Active Directory.
type DirectoryUser struct {
	ObjectGUID        Anchor
	ConsistencyGUID   Anchor // ms-DS-ConsistencyGuid; zero: not set
	InvalidAnchor     bool   // ms-DS-ConsistencyGuid is set to something that is not of 16 octets
	SID               string // objectSid, "S-1-5-21-..."
	UserPrincipalName string // "": none
	DN                string // as the server spells it
	Disabled          bool   // userAccountControl has ACCOUNTDISABLE
	Mailbox           int64  // msExchRecipientTypeDetails; 0: no mailbox
}

// DirectoryRead is the whole result of reading one directory.
type DirectoryRead struct {
	Name    string    // in the settings
	Server  string    // host and port that answered
	ReadAt  time.Time // when the read began, UTC
	Anchors []string  // attributes that may tie its users, of [AnchorAttributes]
	Places  []PlaceRead
}

// PlaceRead is what one place holds.
type PlaceRead struct {
	Place Place
	Base  DN // as the server writes the name
	Users []DirectoryUser
}

// The attributes that can be the anchor of a user.
const (
	AnchorConsistencyGUID = "ms-DS-ConsistencyGuid"
	AnchorObjectGUID      = "objectGUID"
)

// AnchorAttributes returns the attributes that can be the anchor, in the order in which
// Entra Connect prefers them.
func AnchorAttributes() []string { return []string{AnchorConsistencyGUID, AnchorObjectGUID} }

// Mailbox types that no person reads (msExchRecipientTypeDetails, Exchange: "Recipient
// type values"): shared, room and equipment mailboxes, on premises and in the cloud.
const (
	mailboxShared, mailboxRoom, mailboxEquipment                   = 1 << 2, 1 << 4, 1 << 5
	mailboxRemoteRoom, mailboxRemoteEquipment, mailboxRemoteShared = 1 << 33, 1 << 34, 1 << 35
)

// Impersonal reports whether the account belongs to a shared, room or equipment mailbox,
// which usually needs no license.
func (u DirectoryUser) Impersonal() bool {
	switch u.Mailbox {
	case mailboxShared, mailboxRoom, mailboxEquipment, mailboxRemoteRoom, mailboxRemoteEquipment, mailboxRemoteShared:
		return true
	}
	return false
}

// DirectoryFault classifies what went wrong with a directory, so that callers can branch
// on it.
type DirectoryFault string

// The faults of directories.
const (
	DirectoryUnknown         DirectoryFault = "unknown"
	DirectoryUnreachable     DirectoryFault = "unreachable"     // no connection was made
	DirectoryLost            DirectoryFault = "connection_lost" // the connection broke, during an answer or between two
	DirectoryTimeout         DirectoryFault = "timeout"         // no answer in time
	DirectoryBusy            DirectoryFault = "busy"            // or unavailable, as the server reports
	DirectoryUntrusted       DirectoryFault = "unknown_ca"      // no trusted issuer signed its certificate
	DirectoryWrongName       DirectoryFault = "wrong_name"      // its certificate is for another name
	DirectoryBadCertificate  DirectoryFault = "bad_certificate" // expired, or not for this use
	DirectoryNoTLS           DirectoryFault = "no_tls"          // it does not support TLS, or something that is not LDAP answers
	DirectoryWrongPassword   DirectoryFault = "wrong_password"  // or there is no such account
	DirectoryLocked          DirectoryFault = "account_locked"
	DirectoryDisabled        DirectoryFault = "account_disabled"
	DirectoryExpired         DirectoryFault = "account_expired"
	DirectoryPasswordExpired DirectoryFault = "password_expired" // or has to be changed
	DirectorySignIn          DirectoryFault = "sign_in_refused"  // for another reason
	DirectoryForbidden       DirectoryFault = "forbidden"        // as the server reports
	DirectoryUnreadable      DirectoryFault = "unreadable"       // an expected object is missing: AD hides objects that the account may not read
	DirectoryNoPlace         DirectoryFault = "no_such_place"
	DirectoryNoContainer     DirectoryFault = "no_container"         // the place is a user or another leaf
	DirectoryBadName         DirectoryFault = "bad_name"             // not a distinguished name to the server
	DirectoryElsewhere       DirectoryFault = "elsewhere"            // no directory of the tenant has the place
	DirectoryReferral        DirectoryFault = "referral"             // part of the place is on another server
	DirectorySizeLimit       DirectoryFault = "size_limit"           // the server cut the answer off
	DirectoryBroken          DirectoryFault = "incomplete_answer"    // the answer cannot be relied on
	DirectoryNotAD           DirectoryFault = "not_active_directory" // some other LDAP server
)

// DirectoryError reports why a read of a directory was not usable.
type DirectoryError struct {
	Op        string // what was being done: "read users", "sign in"
	Directory string // its name in the settings
	Server    string // host and port; "": none in particular
	Place     *Place // which was requested; nil: none in particular
	Fault     DirectoryFault
	Code      int    // LDAP result code; 0: none
	Message   string // the server's text, or our own: foreign text
	Err       error  // the underlying error, if any
}

func (e *DirectoryError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: directory %s", e.Op, e.Directory)
	if e.Server != "" {
		fmt.Fprintf(&b, " (%s)", e.Server)
	}
	fmt.Fprintf(&b, ": %s", strings.ReplaceAll(string(e.Fault), "_", " "))
	if e.Place != nil {
		fmt.Fprintf(&b, ": %q", shorten(e.Place.String()))
	}
	if e.Code != 0 {
		fmt.Fprintf(&b, " (LDAP result %d)", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns the underlying error.
func (e *DirectoryError) Unwrap() error { return e.Err }

// Hint returns what an administrator can do about it, or "".
func (e *DirectoryError) Hint() string { return directoryHints[e.Fault] }

// Credentials reports whether the account, its rights, or the trust in the server is at
// fault.
func (e *DirectoryError) Credentials() bool {
	switch e.Fault {
	case DirectoryWrongPassword, DirectoryLocked, DirectoryDisabled, DirectoryExpired, DirectoryPasswordExpired, DirectorySignIn,
		DirectoryForbidden, DirectoryUnreadable, DirectoryUntrusted, DirectoryWrongName, DirectoryBadCertificate, DirectoryNoTLS:
		return true
	}
	return false
}

// Settings reports whether policies or settings name something that does not exist.
func (e *DirectoryError) Settings() bool {
	switch e.Fault {
	case DirectoryNoPlace, DirectoryNoContainer, DirectoryBadName, DirectoryElsewhere, DirectoryNotAD:
		return true
	}
	return false
}

var directoryHints = map[DirectoryFault]string{ //nolint:gosec // it speaks of passwords and holds none
	DirectoryUnreachable:     "check `url` of the directory in seatwright.yaml, the name service and the firewall (LDAPS: port 636)",
	DirectoryLost:            "run again: nothing of the incomplete read was used; name a second server under `url`",
	DirectoryTimeout:         "run again later, or name a second server under `url`",
	DirectoryBusy:            "run again later, or name a second server under `url`",
	DirectoryUntrusted:       "name the file with the CA that issued the server's certificate: `ca_file` of the directory in seatwright.yaml",
	DirectoryWrongName:       "write `url` with the name that the server's certificate is for",
	DirectoryBadCertificate:  "renew the server's certificate",
	DirectoryNoTLS:           "use ldaps:// with the LDAPS port (636), or ldap:// with `start_tls: true` and the LDAP port (389)",
	DirectoryWrongPassword:   "correct the environment variables that `bind` of the directory names; the password was tried only once, so that the account is not locked out",
	DirectoryLocked:          "unlock the account, and find out what tries it with a wrong password",
	DirectoryDisabled:        "enable the account, or use another one",
	DirectoryExpired:         "extend the account, or use another one",
	DirectoryPasswordExpired: "set a new password for the account, and put it into the environment variable that `bind` names",
	DirectorySignIn:          "check what the domain's policies require of this account",
	DirectoryForbidden:       "let the account read users, with their attributes, below this place",
	DirectoryUnreadable:      "let the account read users, with objectGUID, objectSid and ms-DS-ConsistencyGuid, below this place; AD does not return objects that the account may not read",
	DirectoryNoPlace:         "correct the name; if the OU was moved or renamed, `ou: guid:<objectGUID>` finds it wherever it is",
	DirectoryNoContainer:     "name an OU, a container or a domain; to name users, use `upns` or `ids`",
	DirectoryBadName:         "write the name as Active Directory shows it (distinguishedName), with a backslash before , + \" \\ < > ; = and a leading # or blank",
	DirectoryElsewhere:       "add the directory of that domain under `directories`, and to `directory` of the tenant",
	DirectoryReferral:        "name OUs of one domain; a part of this place is kept by another server",
	DirectorySizeLimit:       "raise the limit of the server for this account",
	DirectoryBroken:          "run again: nothing of the answer was used; if it fails again, name another server under `url`",
	DirectoryNotAD:           "name a domain controller of Active Directory under `url`",
}
