package graph

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
)

// ErrLinkLoop reports that a list came back to an earlier page, or does not end.
var ErrLinkLoop = errors.New("the list does not end")

// The limits of a list: ten million users in pages of 999 need 10,010 of them.
const (
	maxPages      = 20_000
	maxEmptyPages = 100 // in sequence
)

// list reads a list to its end, page by page. It calls each for every element and
// pageDone after every page. A list that cannot be read to its end is an error.
func list[T any](ctx context.Context, c *Client, op string, first *url.URL, each func(*T) error, pageDone func()) error {
	return walkPages(ctx, c, op, first, func(raw []byte) (link string, elements int, err error) {
		link, err = decodePage(raw, func(element *T) error {
			elements++
			return each(element)
		})
		if err == nil {
			pageDone()
		}
		return link, elements, err
	})
}

// walkPages fetches the pages of a list and passes their bytes to page, which returns the
// link to the next page, "" at the end. An empty page does not end a list; only a missing
// link does.
func walkPages(ctx context.Context, c *Client, op string, first *url.URL, page func(raw []byte) (link string, elements int, err error)) error {
	seen := map[string]bool{}
	empty := 0
	for next := first; ; {
		if seen[next.String()] || len(seen) == maxPages || empty == maxEmptyPages {
			return fmt.Errorf("%s: %w", op, ErrLinkLoop)
		}
		seen[next.String()] = true
		raw, err := c.get(ctx, next)
		if err != nil {
			return readFailure(ctx, op, err)
		}
		link, elements, err := page(raw)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", op, err)
		case link == "":
			return nil
		case elements == 0:
			empty++
		default:
			empty = 0
		}
		if next, err = c.root.follow(link, first.Path); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
}

// decodePage passes the elements of a page on and returns the link to the next one, "" on
// the last.
func decodePage[T any](raw []byte, each func(*T) error) (string, error) {
	var p page[T]
	if err := json.Unmarshal(raw, &p); err != nil {
		return "", fmt.Errorf("read page: %w: %w", ErrIncomplete, err)
	}
	if p.Value == nil {
		return "", fmt.Errorf("read page: %w: it has no list", ErrIncomplete)
	}
	for i := range *p.Value {
		if err := each(&(*p.Value)[i]); err != nil {
			return "", err
		}
	}
	return p.Next, nil
}

// follow resolves a link from the service. It must lead to the same list of the same
// service.
func (r root) follow(link, path string) (*url.URL, error) {
	u, err := url.Parse(link)
	if err != nil { // its text would quote the whole link
		return nil, fmt.Errorf("follow link to the next page: %w: it cannot be read", ErrForeignAddress)
	}
	if !r.contains(u) {
		return nil, fmt.Errorf("follow link to the next page: %w: host %q", ErrForeignAddress, cut(u.Host))
	}
	if !strings.EqualFold(u.Path, path) {
		return nil, fmt.Errorf("follow link to the next page: %w: path %q", ErrForeignAddress, cut(u.Path))
	}
	u.Fragment = ""
	return u, nil
}
