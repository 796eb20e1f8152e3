package state

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Anchor ties an Active Directory object to a Microsoft 365 user permanently: the 16
// octets of objectGUID or ms-DS-ConsistencyGuid, in the order in which LDAP returns them.
// Entra Connect writes them in base64 into onPremisesImmutableId ("Microsoft Entra
// Connect: Design concepts", sourceAnchor). The zero Anchor means that there is none.
type Anchor [16]byte

// ParseImmutableID reads onPremisesImmutableId. It returns false if the text is not the
// base64 of 16 octets, because other attributes can be chosen as the source anchor at the
// first sync.
func ParseImmutableID(text string) (Anchor, bool) {
	var a Anchor
	octets, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(octets) != len(a) {
		return Anchor{}, false
	}
	return Anchor(octets), !Anchor(octets).IsZero()
}

// ParseObjectGUID reads the text that tools show for objectGUID. Its first three groups
// are little-endian numbers, so LDAP has their bytes in reverse order.
func ParseObjectGUID(text string) (Anchor, error) {
	id, err := ParseID[Anchor](text)
	if err != nil {
		return Anchor{}, err
	}
	return Anchor(id).swapped(), nil
}

// ImmutableID returns onPremisesImmutableId of the user that the anchor ties.
func (a Anchor) ImmutableID() string { return base64.StdEncoding.EncodeToString(a[:]) }

// String returns the GUID as tools show it, in lower case.
func (a Anchor) String() string { return ID[Anchor](a.swapped()).String() }

// IsZero reports whether there is no anchor.
func (a Anchor) IsZero() bool { return a == Anchor{} }

func (a Anchor) swapped() Anchor {
	a[0], a[1], a[2], a[3] = a[3], a[2], a[1], a[0]
	a[4], a[5] = a[5], a[4]
	a[6], a[7] = a[7], a[6]
	return a
}

// ParseSID turns the octets of objectSid into the text that Graph has in
// onPremisesSecurityIdentifier, such as S-1-5-21-1-2-3-1104 (MS-DTYP 2.4.2).
func ParseSID(octets []byte) (string, error) {
	const fixed, part, most = 8, 4, 15
	if len(octets) < fixed || octets[0] != 1 || octets[1] > most || len(octets) != fixed+part*int(octets[1]) {
		return "", errors.New("read security identifier: the octets are not a security identifier")
	}
	authority := uint64(binary.BigEndian.Uint16(octets[2:]))<<32 | uint64(binary.BigEndian.Uint32(octets[4:]))
	text := []byte(fmt.Sprintf("S-1-%d", authority))
	for rest := octets[fixed:]; len(rest) > 0; rest = rest[part:] {
		text = append(text, '-')
		text = strconv.AppendUint(text, uint64(binary.LittleEndian.Uint32(rest)), 10)
	}
	return string(text), nil
}

func (b *Builder) addIdentifiers(r Record) {
	anchor, _ := ParseImmutableID(r.ImmutableID)
	_, number := splitSID(r.SID)
	b.anchors = append(b.anchors, anchor)
	b.numbers = append(b.numbers, number)
}

// splitSID splits a security identifier into the prefix of its domain ("S-1-5-21-1-2-3-")
// and the number after it, because a tenant has few domains. A text without a number is
// kept whole, with a NUL at its end.
func splitSID(sid string) (issuer string, number uint32) {
	shorten := strings.LastIndexByte(sid, '-') + 1
	n, err := strconv.ParseUint(sid[shorten:], 10, 32)
	if shorten == 0 || err != nil || n > math.MaxUint32 || strconv.FormatUint(n, 10) != sid[shorten:] {
		return sid + "\x00", 0
	}
	return sid[:shorten], uint32(n)
}

func joinSID(issuer string, number uint32) string {
	if whole, is := strings.CutSuffix(issuer, "\x00"); is {
		return whole
	}
	return issuer + strconv.FormatUint(uint64(number), 10)
}

// Anchor returns the AD anchor that the user was synced by. It is zero for cloud users,
// and for users that another attribute ties.
func (u User) Anchor() Anchor { return u.s.users.Anchors[u.row] }

// SID returns onPremisesSecurityIdentifier, or "".
func (u User) SID() string {
	return joinSID(u.s.users.SIDIssuers.at(u.row), u.s.users.SIDNumbers[u.row])
}
