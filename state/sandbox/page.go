package sandbox

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// listing is a collection that is answered in pages, sorted by id.
type listing[T any] struct {
	all     []T
	id      func(T) string
	matches func(T) bool // nil for all
	render  func(T) ordered.Object
	context string // what follows "$metadata#"
}

// page answers one page. A page goes on after an id rather than a position, so
// that every object is listed once whatever the sizes of the pages.
func page[T any](f *face, c *call, l listing[T], o options) answer {
	found := l.all
	if l.matches != nil {
		found = slices.DeleteFunc(slices.Clone(found), func(v T) bool { return !l.matches(v) })
	}
	from, exact := slices.BinarySearchFunc(found, o.after, func(v T, id string) int { return strings.Compare(l.id(v), id) })
	if exact {
		from++
	}
	to := min(from+f.pageOf(o), len(found))
	body := ordered.Object{{"@odata.context", c.context(l.context, o)}}
	if o.count {
		body = append(body, ordered.Member{"@odata.count", len(found)})
	}
	value := []ordered.Object{}
	switch {
	case f.emptyPages && !o.full:
		body = append(body, ordered.Member{"@odata.nextLink", c.nextLink(fullPrefix, o.after)})
		return ok(append(body, ordered.Member{"value", value}))
	case to < len(found):
		body = append(body, ordered.Member{"@odata.nextLink", c.nextLink(afterPrefix, l.id(found[to-1]))})
	}
	for _, v := range found[from:to] {
		value = append(value, l.render(v))
	}
	return ok(append(body, ordered.Member{"value", value}))
}

// pageOf is how many objects a page holds.
func (f *face) pageOf(o options) int {
	if f.pageSize > 0 {
		return min(o.top, f.pageSize)
	}
	return o.top
}

// context is the @odata.context of a collection. Graph repeats there what was
// selected.
func (c *call) context(fragment string, o options) string {
	return c.base + "/$metadata#" + fragment + selection(o)
}

// entityContext is the @odata.context of a single object.
func (c *call) entityContext(fragment string, o options) string {
	return c.context(fragment, o) + "/$entity"
}

func selection(o options) string {
	if o.selected == nil {
		return ""
	}
	return "(" + strings.Join(o.selected, ",") + ")"
}

// nextLink repeats the request with a token for the place after an id.
func (c *call) nextLink(prefix, after string) string {
	query := without(c.query, "skiptoken")
	if query != "" {
		query += "&"
	}
	return c.base + "/" + c.path + "?" + query + "$skiptoken=" + base64.RawURLEncoding.EncodeToString([]byte(prefix+after))
}

// without are the options of a query but one.
func without(query, option string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" && len(rawOptions(part)[option]) == 0 {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// What a page token begins with.
const (
	afterPrefix = "after:" // the page before held objects
	fullPrefix  = "full:"  // the page before was empty on purpose: this one is not
)

func parseSkipToken(token string) (after string, full bool, refused *refusal) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		if after, ours := strings.CutPrefix(string(raw), afterPrefix); ours {
			return after, false, nil
		}
		if after, ours := strings.CutPrefix(string(raw), fullPrefix); ours {
			return after, true, nil
		}
	}
	return "", false, invalidToken()
}

func invalidToken() *refusal { return badRequest("The specified page token is invalid.") }
