package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/state"
)

const (
	// pageSize is the largest $top that the service accepts ("List users").
	pageSize = 999
	// shardsPay is the number of users from which shards are faster than a walk.
	shardsPay = 5 * pageSize
)

// allUsers reads every user. The pages of a list can only be walked one by one, since
// each page holds the link to the next. Many users are therefore read in parallel, in
// shards by the beginning of their names. If the shards do not add up, the walk is used
// instead: a walk that ends is complete by itself.
func (c *Client) allUsers(ctx context.Context) (*userCollector, error) {
	expected := 0
	var names []string
	into, err := c.walkUsers(ctx, func(first shardResult) bool {
		names, expected = first.names(), c.countUsers(ctx)
		return expected < shardsPay
	})
	if !errors.Is(err, errSplit) {
		return into, err
	}
	into, err = c.shardedUsers(ctx, names, expected)
	no, refused := errors.AsType[*state.Error](err)
	if recheckIDs := errors.Is(err, errAddUp) || refused && no.Status == http.StatusBadRequest; !recheckIDs {
		return into, err
	}
	c.log.DebugContext(ctx, "reading users one page after the other", "reason", cut(err.Error()))
	return c.walkUsers(ctx, func(shardResult) bool { return true })
}

// usersAddress returns the address of the list of users that a filter selects, "" for
// all.
func (c *Client) usersAddress(filter string) *url.URL {
	query := userSelect + "&$top=" + strconv.Itoa(pageSize)
	if filter != "" {
		query += "&$filter=" + url.QueryEscape(filter)
	}
	return c.root.to("/users", query)
}

// walkUsers walks all users, one page after the other. If there is a second page, it
// calls goOn after the first, and ends with errSplit if that returns false.
func (c *Client) walkUsers(ctx context.Context, goOn func(first shardResult) bool) (*userCollector, error) {
	into := newUserCollector()
	var pages userReader
	asked := false
	err := walkPages(ctx, c, opListUsers, c.usersAddress(""), func(raw []byte) (string, int, error) {
		var h shardResult
		link, err := pages.readPage(raw, h.take)
		if err != nil {
			return "", 0, err
		}
		if !asked && link != "" && !goOn(h) {
			return "", 0, errSplit
		}
		asked = true
		if err := into.addResult(h); err != nil {
			return "", 0, err
		}
		c.progress(into.seen())
		return link, h.size(), nil
	})
	return into, err
}

// countUsers returns the number of users ("List users", $count), or 0 if it is not
// available. The number comes from an index that lags behind, so nothing depends on it
// alone.
func (c *Client) countUsers(ctx context.Context) int {
	raw, err := c.getIndexed(ctx, c.root.to("/users/$count", ""))
	if err != nil {
		return 0
	}
	// The count is plain text, and sometimes begins with a byte order mark.
	count, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(string(raw), "\ufeff")))
	if err != nil {
		return 0
	}
	return count
}

// errAddUp reports that the shards do not contain all users.
var errAddUp = errors.New("the shards do not add up")

// shardedUsers reads all users in shards and compares them with the number expected.
func (c *Client) shardedUsers(ctx context.Context, names []string, expected int) (*userCollector, error) {
	pool := newWorkerPool(c, names)
	if err := pool.read(ctx); err != nil {
		return nil, err
	}
	got := pool.into.seen()
	if off := max(got-expected, expected-got); pool.duplicates > 0 || off > max(20, expected/1000) {
		return nil, fmt.Errorf("%w: %d users and %d duplicates, want %d users", errAddUp, got, pool.duplicates, expected)
	}
	return pool.into, nil
}
