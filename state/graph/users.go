package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/seatwright/seatwright/state"
)

const (
	// pageSize is the most that $top takes ("List users").
	pageSize = 999
	// maxSecondLooks bounds how many users with disagreeing attributes are read once
	// more. A few are in motion while the list is read; where there are thousands,
	// something else is wrong, and reading again would take an hour to say so.
	maxSecondLooks = 1000
)

// crowd collects the users of one read.
type crowd struct {
	builder *state.Builder
	count   int
	givers  map[state.GroupID]bool // groups that paths name
	doubts  []state.Record         // held back: read them once more
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

// groups are the groups that give licences to these users, sorted.
func (c *crowd) groups() []state.GroupID {
	ids := make([]state.GroupID, 0, len(c.givers))
	for id := range c.givers {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, state.GroupID.Compare)
	return ids
}

func (c *Client) readUsers(ctx context.Context, q state.Query, into *crowd) error {
	var err error
	switch {
	case q.AllUsers:
		err = c.listUsers(ctx, into)
	case len(q.Users) > 0:
		err = c.someUsers(ctx, q.Users, into.add)
	}
	if err != nil {
		return err
	}
	doubtful := make([]state.UserID, len(into.doubts))
	for i, r := range into.doubts {
		doubtful[i] = r.ID
	}
	return c.someUsers(ctx, doubtful, into.settle)
}

// listUsers walks all users, serially: each page holds the link to the next.
func (c *Client) listUsers(ctx context.Context, into *crowd) error {
	query := userSelect + "&$top=" + strconv.Itoa(pageSize)
	return list(ctx, c, "list users", c.root.to("/users", query), func(u *wireUser) error {
		r, err := u.record()
		if err != nil {
			return err
		}
		return into.add(r)
	}, func() { c.progress(into.count + len(into.doubts)) })
}

// someUsers reads users by id, each once, in batches. One that does not exist is
// left out.
func (c *Client) someUsers(ctx context.Context, ids []state.UserID, each func(state.Record) error) error {
	distinct := slices.Clone(ids)
	slices.SortFunc(distinct, state.UserID.Compare)
	for chunk := range slices.Chunk(slices.Compact(distinct), batchSize) {
		outcomes := c.exchange(ctx, reading(chunk, "/users/%s?"+userSelect), readAgain)
		for i, id := range chunk {
			if err := takeUser(ctx, id, outcomes[i], each); err != nil {
				return err
			}
		}
	}
	return nil
}

func takeUser(ctx context.Context, id state.UserID, o outcome, each func(state.Record) error) error {
	const op = "read user"
	if no, ok := errors.AsType[*refusal](o.err); ok && no.status == http.StatusNotFound && no.reason() == state.ReasonNotFound {
		return nil
	}
	if o.err != nil {
		return readFailure(ctx, op, o.err)
	}
	r, err := decodeUser(o.body)
	switch {
	case err != nil:
		return fmt.Errorf("%s %s: %w", op, id, err)
	case r.ID != id:
		return fmt.Errorf("%s %s: %w: the answer is about %s", op, id, ErrIncomplete, r.ID)
	}
	return each(r)
}
