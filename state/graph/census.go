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
	// pageSize is the most that $top takes ("List users").
	pageSize = 999
	// shardsPay is from how many users on shards are quicker than a walk.
	shardsPay = 5 * pageSize
)

// allUsers reads every user. The pages of a list can only be walked one by one,
// since each holds the link to the next; many users are therefore read in shards by
// the beginning of their names, side by side. Where the shards do not add up, the
// walk decides: one that ends is complete by itself.
func (c *Client) allUsers(ctx context.Context) (*crowd, error) {
	expected := 0
	var names []string
	into, err := c.walkUsers(ctx, func(first harvest) bool {
		names, expected = first.names(), c.countUsers(ctx)
		return expected < shardsPay
	})
	if !errors.Is(err, errSplit) {
		return into, err
	}
	into, err = c.shardedUsers(ctx, names, expected)
	no, refused := errors.AsType[*state.Error](err)
	if doubtful := errors.Is(err, errAddUp) || refused && no.Status == http.StatusBadRequest; !doubtful {
		return into, err
	}
	c.log.DebugContext(ctx, "reading users one page after the other", "reason", cut(err.Error()))
	return c.walkUsers(ctx, func(harvest) bool { return true })
}

// usersAddress returns where the users are listed that a filter lets through, "" for all.
func (c *Client) usersAddress(filter string) *url.URL {
	query := userSelect + "&$top=" + strconv.Itoa(pageSize)
	if filter != "" {
		query += "&$filter=" + url.QueryEscape(filter)
	}
	return c.root.to("/users", query)
}

// walkUsers walks all users, one page after the other. After the first page, where
// there is a second, it asks whether to go on, and ends with errSplit if not.
func (c *Client) walkUsers(ctx context.Context, goOn func(first harvest) bool) (*crowd, error) {
	into := newCrowd()
	var pages userReader
	asked := false
	err := walk(ctx, c, opListUsers, c.usersAddress(""), func(raw []byte) (string, int, error) {
		var h harvest
		link, err := pages.readPage(raw, h.take)
		if err != nil {
			return "", 0, err
		}
		if !asked && link != "" && !goOn(h) {
			return "", 0, errSplit
		}
		asked = true
		if err := into.takeIn(h); err != nil {
			return "", 0, err
		}
		c.progress(into.seen())
		return link, h.size(), nil
	})
	return into, err
}

// countUsers asks how many users there are ("List users", $count). The number comes
// from an index that lags behind, so that it decides nothing alone; 0 where it
// cannot be had.
func (c *Client) countUsers(ctx context.Context) int {
	raw, err := c.getIndexed(ctx, c.root.to("/users/$count", ""))
	if err != nil {
		return 0
	}
	// It is plain text, and begins with a byte order mark at times.
	count, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(string(raw), "\ufeff")))
	if err != nil {
		return 0
	}
	return count
}

// errAddUp says that shards are not the whole.
var errAddUp = errors.New("the shards do not add up")

// shardedUsers reads all users in shards and holds them to the number expected.
func (c *Client) shardedUsers(ctx context.Context, names []string, expected int) (*crowd, error) {
	crew := newCrew(c, names)
	if err := crew.read(ctx); err != nil {
		return nil, err
	}
	got := crew.into.seen()
	if off := max(got-expected, expected-got); crew.twice > 0 || off > max(20, expected/1000) {
		return nil, fmt.Errorf("%w: %d users, %d of them twice, want %d", errAddUp, got, crew.twice, expected)
	}
	return crew.into, nil
}
