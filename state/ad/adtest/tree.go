package adtest

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Entry is one object.
type Entry struct {
	DN         string
	Attributes map[string][]string // by the name of the schema; values are raw octets

	dn *ldap.DN
}

func (e *Entry) names() []string { return slices.Sorted(maps.Keys(e.Attributes)) }

func (e *Entry) values(name string) []string {
	for n, values := range e.Attributes {
		if strings.EqualFold(n, name) {
			return values
		}
	}
	return nil
}

// Tree is the naming context of one domain.
type Tree struct {
	root    *ldap.DN
	base    string
	sid     string // of the domain
	entries []*Entry
	byDN    map[string]*Entry
	byGUID  map[string]*Entry
}

// NewTree returns a domain of this name, such as DC=contoso,DC=test. It is empty except
// for the OU that every domain has. The security identifiers of its users begin with sid.
func NewTree(base, sid string) (*Tree, error) {
	root, err := ldap.ParseDN(base)
	if err != nil {
		return nil, err
	}
	t := &Tree{root: root, base: base, sid: sid, byDN: map[string]*Entry{}, byGUID: map[string]*Entry{}}
	return t, t.Add(
		&Entry{DN: base, Attributes: map[string][]string{"objectClass": {"top", "domain", "domainDNS"}}},
		&Entry{DN: "OU=Domain Controllers," + base, Attributes: map[string][]string{"objectClass": {"top", "organizationalUnit"}}},
	)
}

// Add puts entries into the tree, and fills in what AD itself would fill in.
func (t *Tree) Add(entries ...*Entry) error {
	for _, e := range entries {
		dn, err := ldap.ParseDN(e.DN)
		if err != nil {
			return fmt.Errorf("add %q: %w", e.DN, err)
		}
		if !t.root.EqualFold(dn) && !t.root.AncestorOfFold(dn) {
			return fmt.Errorf("add %q: it is not in %s", e.DN, t.base)
		}
		e.dn = dn
		t.complete(e)
		t.entries = append(t.entries, e)
		t.byDN[key(dn)] = e
		t.byGUID[e.values("objectGUID")[0]] = e
	}
	return nil
}

// complete fills in the identifiers, and the kind of account.
func (t *Tree) complete(e *Entry) {
	if e.values("objectGUID") == nil {
		sum := sha256.Sum256([]byte(strings.ToLower(e.DN)))
		e.Attributes["objectGUID"] = []string{string(sum[:16])}
	}
	kind := ""
	for _, class := range e.values("objectClass") {
		switch class {
		case "user", "inetOrgPerson":
			kind = "805306368"
		case "computer", "msDS-GroupManagedServiceAccount":
			kind = "805306369"
		case "group":
			kind = "268435456"
		}
	}
	if kind == "" {
		return
	}
	e.Attributes["sAMAccountType"] = []string{kind}
	if e.values("objectSid") == nil {
		e.Attributes["objectSid"] = []string{sidOctets(t.sid + "-" + strconv.Itoa(2000+len(t.entries)))}
	}
	if e.values("userAccountControl") == nil && kind != "268435456" {
		e.Attributes["userAccountControl"] = []string{"512"}
	}
}

// key returns a text that is equal for names that AD treats as equal, as far as tests
// have them.
func key(dn *ldap.DN) string {
	var b strings.Builder
	for _, rdn := range dn.RDNs {
		for _, a := range rdn.Attributes {
			fmt.Fprintf(&b, "%q=%q,", strings.ToLower(a.Type), strings.ToLower(strings.TrimSpace(a.Value)))
		}
	}
	return b.String()
}

func (t *Tree) rootDSE() *Entry {
	return &Entry{Attributes: map[string][]string{
		"defaultNamingContext": {t.base}, "rootDomainNamingContext": {t.base},
		"supportedCapabilities": {"1.2.840.113556.1.4.800"}, "dnsHostName": {"dc1.fake.test"},
	}}
}

// find looks the base of a search up, or returns the code and text of the failure.
func (t *Tree) find(base string, account *Account) (dn *ldap.DN, code uint16, matched, message string) {
	if guid, pinned := strings.CutPrefix(base, "<GUID="); pinned {
		octets, _ := guidOctets(strings.TrimSuffix(guid, ">"))
		if e := t.byGUID[octets]; e != nil {
			return e.dn, 0, "", ""
		}
		return nil, 32, "", "0000208D: NameErr: DSID-03100241, problem 2001 (NO_OBJECT), data 0, best match of:\n\t''\n\x00"
	}
	dn, err := ldap.ParseDN(base)
	if err != nil {
		return nil, 34, "", "0000208F: NameErr: DSID-03100232, problem 2006 (BAD_NAME), data 8349, best match of:\n\t'" + base + "'\n\x00"
	}
	if !t.root.EqualFold(dn) && !t.root.AncestorOfFold(dn) {
		return nil, ldap.LDAPResultReferral, "", "0000202B: RefErr: DSID-0310084A, data 0, 1 access points\n\tref 1: 'other.test'\n\x00"
	}
	if e := t.byDN[key(dn)]; e != nil && account.sees(e) {
		return dn, 0, "", ""
	}
	best := t.bestMatch(dn)
	return nil, 32, best, "0000208D: NameErr: DSID-03100245, problem 2001 (NO_OBJECT), data 0, best match of:\n\t'" + best + "'\n\x00"
}

// bestMatch returns the nearest container above a missing object.
func (t *Tree) bestMatch(dn *ldap.DN) string {
	for rdns := dn.RDNs; len(rdns) > 0; rdns = rdns[1:] {
		if e := t.byDN[key(&ldap.DN{RDNs: rdns})]; e != nil {
			return e.DN
		}
	}
	return t.base
}

// LoadLDIF adds the entries of an LDIF text (RFC 2849, without changes and wrapped
// lines). objectGUID and objectSid may be written as tools show them.
func (t *Tree) LoadLDIF(ldif string) error {
	var e *Entry
	for scanner := bufio.NewScanner(strings.NewReader(ldif + "\n\n")); scanner.Scan(); {
		line := scanner.Text()
		if line == "" && e != nil {
			if err := t.Add(e); err != nil {
				return err
			}
			e = nil
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, err := ldifLine(line)
		switch {
		case err != nil:
			return err
		case name == "dn":
			e = &Entry{DN: value, Attributes: map[string][]string{}}
		case e == nil:
			return fmt.Errorf("read LDIF: %q is before the first dn", line)
		default:
			e.Attributes[name] = append(e.Attributes[name], value)
		}
	}
	return nil
}

func ldifLine(line string) (name, value string, err error) {
	name, value, found := strings.Cut(line, ":")
	if !found {
		return "", "", fmt.Errorf("read LDIF: %q has no colon", line)
	}
	if encoded, is := strings.CutPrefix(value, ":"); is {
		octets, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		return name, string(octets), err
	}
	value = strings.TrimSpace(value)
	switch name {
	case "objectGUID":
		value, err = guidOctets(value)
	case "objectSid":
		value = sidOctets(value)
	}
	return name, value, err
}

// guidOctets returns the octets of a GUID as LDAP has them (MS-DTYP 2.3.4.2).
func guidOctets(guid string) (string, error) {
	b, err := hex.DecodeString(strings.ReplaceAll(guid, "-", ""))
	if err != nil || len(b) != 16 {
		return "", fmt.Errorf("read GUID %q: it is malformed", guid)
	}
	slices.Reverse(b[0:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return string(b), nil
}

// sidOctets returns the octets of a security identifier (MS-DTYP 2.4.2.2).
func sidOctets(sid string) string {
	parts := strings.Split(sid, "-")[2:]
	authority, _ := strconv.ParseUint(parts[0], 10, 48)
	b := binary.BigEndian.AppendUint64(nil, authority)
	b[0], b[1] = 1, byte(len(parts)-1)
	for _, part := range parts[1:] {
		n, _ := strconv.ParseUint(part, 10, 32)
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return string(b)
}
