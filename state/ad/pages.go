package ad

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/seatwright/seatwright/state"
)

const (
	// pageSize is the largest page that AD returns (MaxPageSize of its query policy).
	pageSize = 1000
	// maxPages limits a read of a server whose pages never end.
	maxPages = 10_000
)

// userFilter selects the user objects, inetOrgPerson included. It selects neither
// contacts nor computers, groups, or the accounts of services and trusts (sAMAccountType
// SAM_USER_OBJECT; the attribute is indexed).
const userFilter = "(sAMAccountType=805306368)"

// users reads the users below a place, page by page. It checks each page itself and does
// not use go-ldap's SearchWithPaging. That function takes a page without the paging
// control for the last one, and returns a partial result together with an error.
func (s *session) users(ctx context.Context, place state.Place, found container, progress func(int)) ([]state.DirectoryUser, error) {
	const op = "read users"
	var users []state.DirectoryUser
	var cookie []byte
	for range maxPages {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		answer, err := s.conn.Search(pageRequest(place, found, cookie))
		if err != nil {
			return nil, s.reader.failure(op, s.server, &place, err)
		}
		if foreign := foreignReferral(answer.Referrals, found.dn, place); foreign != "" {
			return nil, s.fault(op, &place, state.DirectoryReferral, foreign)
		}
		paging, ok := ldap.FindControl(answer.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok {
			return nil, s.fault(op, &place, state.DirectoryBroken, "a page came without the paging control, so it is unknown whether it is the last")
		}
		if users, err = s.addPage(users, answer.Entries, place, found); err != nil {
			return nil, err
		}
		progress(len(users))
		if cookie = paging.Cookie; len(cookie) == 0 {
			return users, nil
		}
	}
	return nil, s.fault(op, &place, state.DirectoryBroken, fmt.Sprintf("the answer did not end after %d pages", maxPages))
}

// pageRequest makes a new request for each page. go-ldap keeps the last cookie in a
// request, and a second read with it returns no users and no error.
func pageRequest(place state.Place, found container, cookie []byte) *ldap.SearchRequest {
	scope := ldap.ScopeSingleLevel
	if place.Subtree || place.Domain != "" {
		scope = ldap.ScopeWholeSubtree
	}
	paging := ldap.NewControlPaging(pageSize)
	paging.SetCookie(cookie)
	return ldap.NewSearchRequest(found.base, scope, ldap.NeverDerefAliases, 0, 0, false, userFilter, userAttributes(), []ldap.Control{paging})
}

// addPage adds the users of a page.
func (s *session) addPage(users []state.DirectoryUser, entries []*ldap.Entry, place state.Place, found container) ([]state.DirectoryUser, error) {
	const op = "read users"
	for _, entry := range entries {
		dn, err := state.ParseDN(entry.DN)
		if err != nil {
			return nil, s.fault(op, &place, state.DirectoryBroken, err.Error())
		}
		if !isIn(dn, place, found.dn) {
			return nil, s.fault(op, &place, state.DirectoryBroken, fmt.Sprintf("%q is not in this place", entry.DN))
		}
		user, fault, why := decode(entry)
		if fault != "" {
			return nil, s.fault(op, &place, fault, fmt.Sprintf("%q %s", entry.DN, why))
		}
		users = append(users, user)
	}
	return users, nil
}

// isIn reports whether a user is in the place.
func isIn(dn state.DN, place state.Place, base state.DN) bool {
	if place.Subtree || place.Domain != "" {
		return !dn.Equal(base) && dn.Under(base)
	}
	return dn.Parent().Equal(base)
}

// foreignReferral returns the first referral that means that users of the place are on
// another server. At the root of a domain, AD always refers to its partitions without
// users, and to the domains below, which are domains of their own.
func foreignReferral(referrals []string, base state.DN, place state.Place) string {
	for _, referral := range referrals {
		dn, known := referredTo(referral)
		if !known || !dn.Parent().Equal(base) || !isPartition(dn) && place.Domain == "" {
			return referral
		}
	}
	return ""
}

// referredTo returns the name in a referral such as
// ldap://host/DC=emea,DC=contoso,DC=com.
func referredTo(referral string) (state.DN, bool) {
	u, err := url.Parse(referral)
	if err != nil {
		return state.DN{}, false
	}
	dn, err := state.ParseDN(strings.TrimPrefix(u.Path, "/"))
	return dn, err == nil
}

// isPartition reports whether a name is one of a partition that never holds users.
func isPartition(dn state.DN) bool {
	first, _, _ := strings.Cut(dn.Key(), ",")
	return first == "cn=configuration" || first == "dc=domaindnszones" || first == "dc=forestdnszones"
}
