package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seatwright/seatwright/state"
)

// maxRechecks limits how many users with disagreeing attributes are read once more. A few
// users change while the list is read. If there are thousands, the cause is another one,
// and reading them again would take an hour without a better result.
const maxRechecks = 1000

// userCollector collects the users of one read.
type userCollector struct {
	builder  *state.Builder
	count    int
	groupIDs map[state.GroupID]bool // groups that paths name
	recheck  []state.Record         // held back, to be read once more
	flaws    int                    // users that cannot be decoded, and are left out
	flaw     error                  // the first of them
}

func newUserCollector() *userCollector {
	return &userCollector{builder: state.NewBuilder(), groupIDs: map[state.GroupID]bool{}}
}

// add adds a user, or holds an inconsistent user back to be read once more.
func (c *userCollector) add(r state.Record) error {
	if r.Inconsistent && len(c.recheck) < maxRechecks {
		c.recheck = append(c.recheck, r)
		return nil
	}
	return c.addFinal(r)
}

// addFinal adds a user without a second read.
func (c *userCollector) addFinal(r state.Record) error {
	for _, path := range r.Paths {
		if !path.Direct() {
			c.groupIDs[path.Group] = true
		}
	}
	c.count++
	return c.builder.Add(r)
}

// addFlaw notes a user that cannot be decoded. The user is left out, and the read is not
// complete. The other users are still valid.
func (c *userCollector) addFlaw(flaw error) {
	c.flaws++
	c.flaw = cmp.Or(c.flaw, flaw)
}

// addResult adds the users of some pages.
func (c *userCollector) addResult(h shardResult) error {
	for _, flaw := range h.flaws {
		c.addFlaw(flaw)
	}
	for _, r := range h.users {
		if err := c.add(r); err != nil {
			return err
		}
	}
	return nil
}

// incomplete returns what is missing, or "".
func (c *userCollector) incomplete() string {
	switch c.flaws {
	case 0:
		return ""
	case 1:
		return c.flaw.Error()
	}
	return fmt.Sprintf("%v; %d users are affected", c.flaw, c.flaws)
}

// groups returns the groups that give licenses to these users, sorted.
func (c *userCollector) groups() []state.GroupID {
	ids := make([]state.GroupID, 0, len(c.groupIDs))
	for id := range c.groupIDs {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, state.GroupID.Compare)
	return ids
}

func (c *Client) readUsers(ctx context.Context, q state.Query) (*userCollector, error) {
	into := newUserCollector()
	var err error
	if q.AllUsers {
		into, err = c.allUsers(bulk(ctx))
	} else {
		err = c.someUsers(ctx, addressesOf(q.Users, q.UPNs), into.add, into.addFlaw)
	}
	if err != nil {
		return nil, err
	}
	recheckIDs := make([]state.UserID, len(into.recheck))
	for i, r := range into.recheck {
		recheckIDs[i] = r.ID
	}
	return into, c.someUsers(ctx, addressesOf(recheckIDs, nil), into.addFinal, into.addFlaw)
}

// seen returns how many users have been read so far.
func (c *userCollector) seen() int { return c.count + len(c.recheck) + c.flaws }

// address is a user to be requested by id or by name.
type address struct {
	id  state.UserID
	upn string // "": by id
}

// addressesOf returns the users to request, each once. A name that no user can have is
// left out, like one that no user has.
func addressesOf(ids []state.UserID, upns []string) []address {
	var all []address
	for _, id := range ids {
		all = append(all, address{id: id})
	}
	for _, upn := range upns {
		if _, ok := escapeUPN(upn); ok {
			all = append(all, address{upn: strings.ToLower(upn)})
		}
	}
	slices.SortFunc(all, func(a, b address) int { return cmp.Or(a.id.Compare(b.id), cmp.Compare(a.upn, b.upn)) })
	return slices.Compact(all)
}

// path returns the user's path below the root.
func (a address) path() string {
	if a.upn == "" {
		return "/users/" + a.id.String()
	}
	escaped, _ := escapeUPN(a.upn)
	return "/users/" + escaped
}

func (a address) String() string { return cmp.Or(cut(a.upn), a.id.String()) }

// is reports whether a user is the requested one.
func (a address) is(r state.Record) bool {
	return a.upn == "" && r.ID == a.id || a.upn != "" && strings.EqualFold(r.UserPrincipalName, a.upn)
}

// someUsers reads users in batches. It calls each once for every user, and flawed for a
// user that cannot be decoded. A user that does not exist is left out.
func (c *Client) someUsers(ctx context.Context, wanted []address, each func(state.Record) error, flawed func(error)) error {
	known := map[state.UserID]bool{} // a user can be requested by id and by name
	for chunk := range slices.Chunk(wanted, batchSize) {
		requests := make([]batchRequest, len(chunk))
		for i, a := range chunk {
			requests[i] = batchRequest{Method: http.MethodGet, URL: a.path() + "?" + userSelect}
		}
		for i, o := range c.exchange(ctx, requests, retryReads) {
			r, found, err := o.user(ctx, chunk[i])
			switch {
			case errors.Is(err, ErrIncomplete):
				flawed(err)
			case err != nil:
				return err
			case found && !known[r.ID]:
				known[r.ID] = true
				if err := each(r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// user returns the user in a result, if the user exists.
func (o batchResult) user(ctx context.Context, a address) (r state.Record, found bool, err error) {
	const op = opReadUser
	if no, ok := errors.AsType[*refusal](o.err); ok && no.status == http.StatusNotFound && no.reason() == state.ReasonNotFound {
		return state.Record{}, false, nil
	}
	if o.err != nil {
		return state.Record{}, false, readFailure(ctx, op, o.err)
	}
	r, err = new(userReader).readUser(o.body)
	switch {
	case err != nil:
		return state.Record{}, false, fmt.Errorf("%s %s: %w", op, a, err)
	case !a.is(r):
		return state.Record{}, false, fmt.Errorf("%s %s: %w: the answer is about %s", op, a, ErrIncomplete, r.ID)
	}
	return r, true, nil
}

// escapeUPN returns a user principal name as one segment of a path. Everything but
// letters, digits, dots, hyphens and underscores is escaped, so that nothing in it can be
// taken for a part of an address. It refuses names that no user can have.
func escapeUPN(upn string) (string, bool) {
	const mostBytes = 1024 // 113 characters are documented
	if !strings.Contains(upn, "@") || len(upn) > mostBytes || strings.ContainsAny(upn, `/\`) || !utf8.ValidString(upn) ||
		strings.ContainsFunc(upn, unicode.IsControl) {
		return "", false
	}
	var b strings.Builder
	for _, c := range []byte(upn) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("._-", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String(), true
}
