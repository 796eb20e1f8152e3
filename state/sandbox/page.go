package sandbox

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

// pages is how collections are cut into pages.
type pages struct {
	size  int  // the most objects of a page, 0 for no limit but $top
	empty bool // an empty page comes before every page
}

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
func page[T any](p pages, r request, l listing[T], o options) ordered.Object {
	found := l.all
	if l.matches != nil {
		found = slices.DeleteFunc(slices.Clone(found), func(v T) bool { return !l.matches(v) })
	}
	from, exact := slices.BinarySearchFunc(found, o.after, func(v T, id string) int { return strings.Compare(l.id(v), id) })
	if exact {
		from++
	}
	to := min(from+p.of(o), len(found))
	body := ordered.Object{{"@odata.context", r.context(l.context, o)}}
	if o.count {
		body = append(body, ordered.Member{"@odata.count", len(found)})
	}
	value := []ordered.Object{}
	switch {
	case p.empty && !o.full:
		body = append(body, ordered.Member{"@odata.nextLink", r.nextLink(fullPrefix, o.after)})
		return append(body, ordered.Member{"value", value})
	case to < len(found):
		body = append(body, ordered.Member{"@odata.nextLink", r.nextLink(afterPrefix, l.id(found[to-1]))})
	}
	for _, v := range found[from:to] {
		value = append(value, l.render(v))
	}
	return append(body, ordered.Member{"value", value})
}

// of is how many objects a page holds.
func (p pages) of(o options) int {
	if p.size > 0 {
		return min(o.top, p.size)
	}
	return o.top
}

// context is the @odata.context of a collection. Graph repeats there what was
// selected.
func (r request) context(fragment string, o options) string {
	return r.base + "/$metadata#" + fragment + selection(o)
}

// entityContext is the @odata.context of a single object.
func (r request) entityContext(fragment string, o options) string {
	return r.context(fragment, o) + "/$entity"
}

func selection(o options) string {
	if o.selected == nil {
		return ""
	}
	return "(" + strings.Join(o.selected, ",") + ")"
}

// nextLink repeats the request with a token for the place after an id.
func (r request) nextLink(prefix, after string) string {
	query := without(r.query, "skiptoken")
	if query != "" {
		query += "&"
	}
	return r.base + "/" + r.path + "?" + query + "$skiptoken=" + base64.RawURLEncoding.EncodeToString([]byte(prefix+after))
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

// howMany counts what matches; nil takes all.
func howMany[T any](all []T, matches func(T) bool) int {
	n := 0
	for _, v := range all {
		if matches == nil || matches(v) {
			n++
		}
	}
	return n
}
