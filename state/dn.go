package state

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DN is a distinguished name, parsed by RFC 4514 and kept in one form in which names can
// be compared. Attribute types and values are folded in case, white space in values is
// collapsed, and the parts of a multi-valued RDN are sorted. Active Directory compares
// names the same way (MS-ADTS 3.1.1.3.1.1.3, caseIgnoreMatch).
//
// The zero DN is the root; every name is under it.
type DN struct {
	rdns []string // canonical, the most specific first
	text string   // as it was written
}

// maxDN is far above any name that Active Directory can store (64 RDNs of 64 characters).
// It bounds the work on a hostile name.
const maxDN = 16 << 10

// ParseDN reads a distinguished name such as "OU=Sales\, EMEA,DC=contoso,DC=com".
func ParseDN(text string) (DN, error) {
	if len(text) > maxDN {
		return DN{}, fmt.Errorf("read distinguished name: %d bytes, the most is %d", len(text), maxDN)
	}
	if !utf8.ValidString(text) {
		return DN{}, errors.New("read distinguished name: not UTF-8")
	}
	dn := DN{text: text}
	rest := text
	for rest != "" {
		rdn, after, err := parseRDN(rest)
		if err != nil {
			return DN{}, fmt.Errorf("read distinguished name %q: %w", shorten(text), err)
		}
		dn.rdns = append(dn.rdns, rdn)
		rest = after
	}
	if len(dn.rdns) == 0 {
		return DN{}, errors.New("read distinguished name: it is empty")
	}
	return dn, nil
}

// DNReader reads many names that are in few containers: it reads each container once. The
// zero DNReader is ready; it is not safe for use by several goroutines.
type DNReader struct{ containers map[string]DN }

// maxContainers limits how many containers a DNReader keeps.
const maxContainers = 1 << 16

// Read does what [ParseDN] does.
func (r *DNReader) Read(text string) (DN, error) {
	if len(text) > maxDN || !utf8.ValidString(text) {
		return ParseDN(text) // returns the error
	}
	first, rest, err := parseRDN(text)
	if err != nil || rest == "" {
		return ParseDN(text)
	}
	container, known := r.containers[rest]
	if !known {
		if container, err = ParseDN(rest); err != nil {
			return ParseDN(text)
		}
		if r.containers == nil || len(r.containers) >= maxContainers {
			r.containers = map[string]DN{}
		}
		r.containers[strings.Clone(rest)] = container
	}
	dn := DN{text: text, rdns: make([]string, 1, 1+len(container.rdns))}
	dn.rdns[0] = first
	dn.rdns = append(dn.rdns, container.rdns...)
	return dn, nil
}

// parseRDN reads one relative name and the comma after it.
func parseRDN(text string) (rdn, rest string, err error) {
	var parts []string
	for {
		attr, after, found := strings.Cut(text, "=")
		if !found {
			return "", "", fmt.Errorf("%q has no '='", shorten(text))
		}
		if attr = strings.TrimSpace(attr); attr == "CN" { // almost always
			attr = "cn"
		}
		attr = strings.ToLower(attr)
		if !isAttributeType(attr) {
			return "", "", fmt.Errorf("%q is not an attribute type", shorten(attr))
		}
		value, stop, after, err := parseValue(after)
		if err != nil {
			return "", "", err
		}
		parts = append(parts, attr+"="+escapeCanonical(foldValue(value)))
		switch {
		case stop == '+':
			text = after
			continue
		case stop == ',' && strings.TrimSpace(after) == "":
			return "", "", errors.New("it ends in a comma")
		}
		if len(parts) > 1 {
			slices.Sort(parts)
		}
		return strings.Join(parts, "+"), after, nil
	}
}

func isAttributeType(s string) bool {
	if s == "" {
		return false
	}
	for _, c := range s {
		letter, digit := c >= 'a' && c <= 'z', c >= '0' && c <= '9'
		if !letter && !digit && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// parseValue reads an attribute value up to an unescaped ',' ';' or '+'.
func parseValue(text string) (value string, stop byte, rest string, err error) {
	text = strings.TrimLeft(text, " ")
	if end := strings.IndexAny(text, `,;+\"<>`); end >= 0 && text[end] == ',' { // no special character
		return strings.TrimRight(text[:end], " "), ',', text[end+1:], nil
	}
	var b strings.Builder
	b.Grow(min(len(text), 64))
	kept := 0 // length up to the last character that is not a trailing blank
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ',', ';', '+':
			if c == ';' {
				c = ','
			}
			return b.String()[:kept], c, text[i+1:], nil
		case '\\':
			raw, width, err := unescape(text[i+1:])
			if err != nil {
				return "", 0, "", err
			}
			b.WriteString(raw)
			i += width
			kept = b.Len()
		case '"', '<', '>':
			return "", 0, "", fmt.Errorf("%q must be escaped with a backslash", c)
		default:
			b.WriteByte(c)
			if c != ' ' {
				kept = b.Len()
			}
		}
	}
	return b.String()[:kept], 0, "", nil
}

// unescape reads what is after a backslash: a special character, or hex bytes.
func unescape(text string) (raw string, width int, err error) {
	if text == "" {
		return "", 0, errors.New("it ends in a backslash")
	}
	if strings.IndexByte(" \"#+,;<=>\\", text[0]) >= 0 {
		return text[:1], 1, nil
	}
	if len(text) < 2 {
		return "", 0, errors.New("a backslash must be followed by a special character or two hex digits")
	}
	b, err := hex.DecodeString(text[:2])
	if err != nil {
		return "", 0, errors.New("a backslash must be followed by a special character or two hex digits")
	}
	return string(b), 2, nil
}

// foldValue returns the form in which values are compared.
func foldValue(value string) string {
	if strings.Contains(value, "  ") || strings.TrimSpace(value) != value || strings.ContainsFunc(value, otherSpace) {
		value = strings.Join(strings.Fields(value), " ")
	}
	return strings.ToLower(value)
}

func otherSpace(c rune) bool { return c != ' ' && unicode.IsSpace(c) }

// escapeCanonical escapes separators inside a value, so that they differ from real ones.
func escapeCanonical(value string) string { return separators.Replace(value) }

var separators = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `+`, `\+`, `=`, `\=`)

// String returns the name as it was written.
func (dn DN) String() string { return dn.text }

// Key returns a text that is equal for equal names, however they are written.
func (dn DN) Key() string { return strings.Join(dn.rdns, ",") }

// IsZero reports whether this is the root, that is, no name.
func (dn DN) IsZero() bool { return len(dn.rdns) == 0 }

// Equal reports whether both name the same object.
func (dn DN) Equal(other DN) bool { return slices.Equal(dn.rdns, other.rdns) }

// Under reports whether the object is base or is below it.
func (dn DN) Under(base DN) bool {
	extra := len(dn.rdns) - len(base.rdns)
	return extra >= 0 && slices.Equal(dn.rdns[extra:], base.rdns)
}

// Parent returns the container of the object; the parent of a one-part name is the root.
func (dn DN) Parent() DN {
	if len(dn.rdns) == 0 {
		return DN{}
	}
	_, rest, err := parseRDN(dn.text)
	if err != nil { // cannot be: dn was parsed
		rest = ""
	}
	return DN{rdns: dn.rdns[1:], text: strings.TrimLeft(rest, " ")}
}

// Domain returns the DNS name that the DC parts spell ("corp.contoso.com"), or "".
func (dn DN) Domain() string {
	var labels []string
	for _, rdn := range dn.rdns {
		if label, ok := strings.CutPrefix(rdn, "dc="); ok {
			labels = append(labels, label)
		}
	}
	return strings.Join(labels, ".")
}
