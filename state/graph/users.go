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

// maxSecondLooks bounds how many users with disagreeing attributes are read once
// more. A few are in motion while the list is read; where there are thousands,
// something else is wrong, and reading again would take an hour to say so.
const maxSecondLooks = 1000

// crowd collects the users of one read.
type crowd struct {
	builder *state.Builder
	count   int
	givers  map[state.GroupID]bool // groups that paths name
	doubts  []state.Record         // held back: read them once more
	flaws   int                    // users who cannot be understood, and are left out
	flaw    error                  // the first of them
}

func newCrowd() *crowd {
	return &crowd{builder: state.NewBuilder(), givers: map[state.GroupID]bool{}}
}

// add takes a user, or holds him back for a second look.
func (c *crowd) add(r state.Record) error {
	if r.Inconsistent && len(c.doubts) < maxSecondLooks {
		c.doubts = append(c.doubts, r)
		return nil
	}
	return c.settle(r)
}

// settle takes a user as he is.
func (c *crowd) settle(r state.Record) error {
	for _, path := range r.Paths {
		if !path.Direct() {
			c.givers[path.Group] = true
		}
	}
	c.count++
	return c.builder.Add(r)
}

// spoil notes a user who cannot be understood. He is left out, and what was read is
// not everything any more; the others are no worse for it.
func (c *crowd) spoil(flaw error) {
	c.flaws++
	c.flaw = cmp.Or(c.flaw, flaw)
}

// takeIn takes the users of some pages.
func (c *crowd) takeIn(h harvest) error {
	for _, flaw := range h.flaws {
		c.spoil(flaw)
	}
	for _, r := range h.users {
		if err := c.add(r); err != nil {
			return err
		}
	}
	return nil
}

// incomplete says what is missing, or "".
func (c *crowd) incomplete() string {
	switch c.flaws {
	case 0:
		return ""
	case 1:
		return c.flaw.Error()
	}
	return fmt.Sprintf("%v; so with %d users", c.flaw, c.flaws)
}

// groups returns the groups that give licenses to these users, sorted.
func (c *crowd) groups() []state.GroupID {
	ids := make([]state.GroupID, 0, len(c.givers))
	for id := range c.givers {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, state.GroupID.Compare)
	return ids
}

func (c *Client) readUsers(ctx context.Context, q state.Query) (*crowd, error) {
	into := newCrowd()
	var err error
	if q.AllUsers {
		into, err = c.allUsers(bulk(ctx))
	} else {
		err = c.someUsers(ctx, addressesOf(q.Users, q.UPNs), into.add, into.spoil)
	}
	if err != nil {
		return nil, err
	}
	doubtful := make([]state.UserID, len(into.doubts))
	for i, r := range into.doubts {
		doubtful[i] = r.ID
	}
	return into, c.someUsers(ctx, addressesOf(doubtful, nil), into.settle, into.spoil)
}

// seen returns how many users have come so far.
func (c *crowd) seen() int { return c.count + len(c.doubts) + c.flaws }

// address is a user to be asked for by id or by name.
type address struct {
	id  state.UserID
	upn string // "": by id
}

// addressesOf puts together whom to ask for, each once. A name that no user can have
// is left out, like one that nobody has.
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

// path returns the user's place below the root.
func (a address) path() string {
	if a.upn == "" {
		return "/users/" + a.id.String()
	}
	escaped, _ := escapeUPN(a.upn)
	return "/users/" + escaped
}

func (a address) String() string { return cmp.Or(cut(a.upn), a.id.String()) }

// is reports whether a user is the one who was asked for.
func (a address) is(r state.Record) bool {
	return a.upn == "" && r.ID == a.id || a.upn != "" && strings.EqualFold(r.UserPrincipalName, a.upn)
}

// someUsers reads users in batches and calls each for every one once, and flawed for
// one that cannot be understood. One that does not exist is left out.
func (c *Client) someUsers(ctx context.Context, whom []address, each func(state.Record) error, flawed func(error)) error {
	known := map[state.UserID]bool{} // somebody may be asked for by id and by name
	for chunk := range slices.Chunk(whom, batchSize) {
		requests := make([]batchRequest, len(chunk))
		for i, a := range chunk {
			requests[i] = batchRequest{Method: http.MethodGet, URL: a.path() + "?" + userSelect}
		}
		for i, o := range c.exchange(ctx, requests, readAgain) {
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

// user returns the user whom an outcome holds, if he exists.
func (o outcome) user(ctx context.Context, a address) (r state.Record, found bool, err error) {
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

// escapeUPN makes one segment of a path out of a user principal name: everything
// but letters, digits, dots, hyphens and underscores is escaped, so that nothing in
// it can be taken for a part of an address. It refuses what no user can be called.
func escapeUPN(upn string) (string, bool) {
	const mostBytes = 1024 // documented are 113 characters
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
