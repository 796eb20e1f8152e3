package sandbox

import (
	"encoding/base64"
	"slices"
	"strings"
)

// listing is a collection that is answered in pages, sorted by id.
type listing[T any] struct {
	all     []T
	id      func(T) string
	matches func(T) bool // nil for all
	render  func(T) members
	context string // what follows "$metadata#"
}

// page answers one page. A page goes on after an id rather than a position, so
// that every object is listed once whatever the sizes of the pages.
func page[T any](f *face, c *call, l listing[T], o options) answer {
	found := l.all
	if l.matches != nil {
		found = slices.DeleteFunc(slices.Clone(found), func(v T) bool { return !l.matches(v) })
	}
	size := o.top
	if f.pageSize > 0 {
		size = min(size, f.pageSize)
	}
	from, exact := slices.BinarySearchFunc(found, o.after, func(v T, id string) int { return strings.Compare(l.id(v), id) })
	if exact {
		from++
	}
	to := min(from+size, len(found))
	body := members{{"@odata.context", c.context(l.context, o)}}
	if o.count {
		body = append(body, member{"@odata.count", len(found)})
	}
	if to < len(found) {
		body = append(body, member{"@odata.nextLink", c.nextLink(l.id(found[to-1]))})
	}
	value := []members{}
	for _, v := range found[from:to] {
		value = append(value, l.render(v))
	}
	return ok(append(body, member{"value", value}))
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
func (c *call) nextLink(after string) string {
	var kept []string
	for part := range strings.SplitSeq(c.query, "&") {
		if part != "" && len(rawOptions(part)["skiptoken"]) == 0 {
			kept = append(kept, part)
		}
	}
	kept = append(kept, "$skiptoken="+skipToken(after))
	return c.base + "/" + c.path + "?" + strings.Join(kept, "&")
}

const skipTokenPrefix = "after:"

func skipToken(after string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(skipTokenPrefix + after))
}

func parseSkipToken(token string) (string, *refusal) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	after, ours := strings.CutPrefix(string(raw), skipTokenPrefix)
	if err != nil || !ours {
		return "", badRequest("The specified page token is invalid.")
	}
	return after, nil
}
