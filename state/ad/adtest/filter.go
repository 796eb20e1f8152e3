package adtest

import (
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// match evaluates a filter in its wire format (RFC 4511, 4.5.1.7), as far as readers of
// users use it. Any other filter matches nothing, like an attribute in AD that the schema
// does not know.
func match(f *ber.Packet, e *Entry) bool {
	switch f.Tag {
	case ldap.FilterAnd:
		return !slices.ContainsFunc(f.Children, func(c *ber.Packet) bool { return !match(c, e) })
	case ldap.FilterOr:
		return slices.ContainsFunc(f.Children, func(c *ber.Packet) bool { return match(c, e) })
	case ldap.FilterNot:
		return len(f.Children) == 1 && !match(f.Children[0], e)
	case ldap.FilterPresent:
		return len(e.values(f.Data.String())) > 0
	case ldap.FilterEqualityMatch:
		name, want := f.Children[0].Data.String(), f.Children[1].Data.String()
		return slices.ContainsFunc(e.values(name), func(v string) bool { return strings.EqualFold(v, want) })
	}
	return false
}
