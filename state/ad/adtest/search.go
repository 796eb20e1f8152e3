package adtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// request is a search as it was sent.
type request struct {
	id     int64
	base   string
	scope  int64
	limit  int
	filter *ber.Packet
	wanted []string
	paging *ldap.ControlPaging // nil: everything at once was requested
}

func readRequest(id int64, op, message *ber.Packet) request {
	r := request{id: id, base: op.Children[0].Data.String(), filter: op.Children[6]}
	r.scope, _ = op.Children[1].Value.(int64)
	limit, _ := op.Children[3].Value.(int64)
	r.limit = int(limit)
	for _, attribute := range op.Children[7].Children {
		r.wanted = append(r.wanted, attribute.Data.String())
	}
	if len(message.Children) < 3 {
		return r
	}
	for _, encoded := range message.Children[2].Children {
		if control, err := ldap.DecodeControl(encoded); err == nil {
			if paging, ok := control.(*ldap.ControlPaging); ok {
				r.paging = paging
			}
		}
	}
	return r
}

// finish ends the answer to a search.
func (c *conn) finish(id int64, code uint16, matched, message string, referral ...string) bool {
	return c.send(id, result(ldap.ApplicationSearchResultDone, code, matched, message, referral...))
}

func (c *conn) search(id int64, op, message *ber.Packet) bool {
	if len(op.Children) < 8 {
		return false
	}
	r := readRequest(id, op, message)
	tree := c.s.Tree
	switch {
	case r.base == "" && r.scope == ldap.ScopeBaseObject:
		return c.send(id, entryPacket(tree.rootDSE(), r.wanted)) && c.finish(id, 0, "", "")
	case c.account == nil:
		return c.finish(id, 1, "", "000004DC: LdapErr: DSID-0C090A69, comment: In order to perform this operation a successful bind must be completed on the connection., data 0, v4563\x00")
	}
	c.searches++
	base, code, matched, text := tree.find(r.base, c.account)
	switch {
	case code == ldap.LDAPResultReferral:
		return c.finish(id, code, "", text, "ldap://other.test/"+r.base)
	case code != 0:
		return c.finish(id, code, matched, text)
	}
	hits, ok := c.hits(r, base)
	if !ok {
		return c.finish(id, 53, "", "00000057: LdapErr: DSID-0C090B01, comment: Error processing control, data 0, v4563\x00")
	}
	return c.answer(r, base, hits)
}

// hits returns the entries to answer with: those of the search, or the rest of an earlier
// search by its cookie. A cookie is valid on its own connection only, and for the same
// search only.
func (c *conn) hits(r request, base *ldap.DN) ([]*Entry, bool) {
	if r.paging != nil && len(r.paging.Cookie) > 0 {
		at, known := c.cookies[string(r.paging.Cookie)]
		delete(c.cookies, string(r.paging.Cookie))
		return at.rest, known && at.key == r.key()
	}
	var hits []*Entry
	for _, e := range c.s.Tree.entries {
		if inScope(base, e.dn, r.scope) && c.account.sees(e) && match(r.filter, c.visible(e)) {
			hits = append(hits, e)
		}
	}
	return hits, true
}

func (r request) key() string {
	return fmt.Sprintf("%s|%d|%x", strings.ToLower(r.base), r.scope, r.filter.Bytes())
}

// pageOf returns how many hits are in this answer, and with which result it ends.
func (r request) pageOf(hits int) (page int, code uint16) {
	page = hits
	limit := func(n int, result uint16) {
		if n > 0 && page > n {
			page, code = n, result
		}
	}
	if r.paging != nil {
		limit(int(r.paging.PagingSize), 0)
		limit(maxPageSize, 0)
	} else {
		limit(maxPageSize, ldap.LDAPResultSizeLimitExceeded)
	}
	limit(r.limit, ldap.LDAPResultSizeLimitExceeded)
	return page, code
}

func (c *conn) answer(r request, base *ldap.DN, hits []*Entry) bool {
	fault := c.s.faultOf(c.id, c.searches)
	page, code := r.pageOf(len(hits))
	for i, e := range hits[:page] {
		if fault != nil && i == fault.After {
			if ended, goOn := c.misbehave(r, *fault); ended {
				return goOn
			}
		}
		if !c.send(r.id, entryPacket(c.visible(e), r.wanted)) {
			return false
		}
	}
	if !c.sendReferrals(r, base, fault) {
		return false
	}
	end := result(ldap.ApplicationSearchResultDone, code, "", "")
	if r.paging == nil || fault != nil && fault.NoPaging {
		return c.send(r.id, end)
	}
	paging := &ldap.ControlPaging{}
	if page < len(hits) && code == 0 {
		c.seq++
		paging.Cookie = []byte("cookie-" + strconv.Itoa(c.id) + "-" + strconv.Itoa(c.seq))
		c.cookies[string(paging.Cookie)] = cursor{r.key(), hits[page:]}
	}
	return c.send(r.id, end, paging.Encode())
}

// misbehave behaves as the fault describes. It reports whether the answer has ended with it, and
// whether the connection goes on.
func (c *conn) misbehave(r request, f Fault) (ended, goOn bool) {
	switch {
	case f.Stall > 0:
		c.s.sleep(f.Stall)
	case f.Close:
		return true, false
	case f.Cut:
		whole := envelope(r.id, entryPacket(c.s.Tree.rootDSE(), nil))
		_, _ = c.c.Write(whole[:len(whole)/2])
		return true, false
	case f.Code != 0:
		return true, c.finish(r.id, f.Code, "", f.Text)
	case f.Misplaced != nil:
		return false, c.send(r.id, entryPacket(f.Misplaced, r.wanted))
	}
	return false, true
}

// sendReferrals sends the referrals to other servers.
func (c *conn) sendReferrals(r request, base *ldap.DN, fault *Fault) bool {
	var urls []string
	if r.scope == ldap.ScopeWholeSubtree && base.EqualFold(c.s.Tree.root) {
		urls = slices.Clone(c.s.Partitions)
	}
	if fault != nil && fault.Referral != "" {
		urls = append(urls, fault.Referral)
	}
	for _, u := range urls {
		p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "")
		p.AppendChild(text(u))
		if !c.send(r.id, p) {
			return false
		}
	}
	return true
}

// visible returns the entry as the signed-in account may see it.
func (c *conn) visible(e *Entry) *Entry {
	if c.account.Conceals == nil {
		return e
	}
	seen := &Entry{DN: e.DN, Attributes: map[string][]string{}}
	for name, values := range e.Attributes {
		if !c.account.Conceals(e, name) {
			seen.Attributes[name] = values
		}
	}
	return seen
}

func inScope(base, dn *ldap.DN, scope int64) bool {
	switch scope {
	case ldap.ScopeBaseObject:
		return base.EqualFold(dn)
	case ldap.ScopeSingleLevel:
		return len(dn.RDNs) == len(base.RDNs)+1 && base.AncestorOfFold(dn)
	}
	return base.EqualFold(dn) || base.AncestorOfFold(dn)
}

func entryPacket(e *Entry, wanted []string) *ber.Packet {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	p.AppendChild(text(e.DN))
	attributes := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	for _, name := range e.names() {
		asked := len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return w == "*" || strings.EqualFold(w, name) })
		if !asked || len(e.Attributes[name]) == 0 {
			continue
		}
		attribute := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		attribute.AppendChild(text(name))
		values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, value := range e.Attributes[name] {
			values.AppendChild(text(value))
		}
		attribute.AppendChild(values)
		attributes.AppendChild(attribute)
	}
	p.AppendChild(attributes)
	return p
}
