package query

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// Pages holds the rules for cutting collections into pages.
type Pages struct {
	Size  int  // the most objects of a page, 0 for no limit but $top
	Empty bool // an empty page comes before every page
}

// Listing is a collection that is answered in pages, sorted by id.
type Listing[T any] struct {
	All     []T
	ID      func(T) string
	Matches func(T) bool // nil for all
	Render  func(T) ordered.Object
	Context string // what follows "$metadata#"
}

// Page returns one page. A page continues after an id and not after a position, so that
// every object is listed once with any size of page.
func Page[T any](p Pages, r Request, l Listing[T], o Options) ordered.Object {
	found := l.All
	if l.Matches != nil {
		found = slices.DeleteFunc(slices.Clone(found), func(v T) bool { return !l.Matches(v) })
	}
	from, exact := slices.BinarySearchFunc(found, o.After, func(v T, id string) int { return strings.Compare(l.ID(v), id) })
	if exact {
		from++
	}
	to := min(from+p.SizeFor(o), len(found))
	body := ordered.Object{{"@odata.context", r.Context(l.Context, o)}}
	if o.count {
		body = append(body, ordered.Member{"@odata.count", len(found)})
	}
	value := []ordered.Object{}
	switch {
	case p.Empty && !o.full:
		body = append(body, ordered.Member{"@odata.nextLink", r.nextLink(fullPrefix, o.After)})
		return append(body, ordered.Member{"value", value})
	case to < len(found):
		body = append(body, ordered.Member{"@odata.nextLink", r.nextLink(afterPrefix, l.ID(found[to-1]))})
	}
	for _, v := range found[from:to] {
		value = append(value, l.Render(v))
	}
	return append(body, ordered.Member{"value", value})
}

// SizeFor returns how many objects a page holds.
func (p Pages) SizeFor(o Options) int {
	if p.Size > 0 {
		return min(o.Top, p.Size)
	}
	return o.Top
}

// Context returns the @odata.context of a collection. Graph repeats the selected properties
// in it.
func (r Request) Context(fragment string, o Options) string {
	return r.Base + "/$metadata#" + fragment + selection(o)
}

// EntityContext returns the @odata.context of a single object.
func (r Request) EntityContext(fragment string, o Options) string {
	return r.Context(fragment, o) + "/$entity"
}

func selection(o Options) string {
	if o.Selected == nil {
		return ""
	}
	return "(" + strings.Join(o.Selected, ",") + ")"
}

// nextLink returns the request with a token for the position after an id.
func (r Request) nextLink(prefix, after string) string {
	query := Without(r.Query, "skiptoken")
	if query != "" {
		query += "&"
	}
	return r.Base + "/" + r.Path + "?" + query + "$skiptoken=" + base64.RawURLEncoding.EncodeToString([]byte(prefix+after))
}

// Without returns the options of a query except one.
func Without(query, option string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" && len(Raw(part)[option]) == 0 {
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

func parseSkipToken(token string) (after string, full bool, refused *refusal.Error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		if after, ours := strings.CutPrefix(string(raw), afterPrefix); ours {
			return after, false, nil
		}
		if after, ours := strings.CutPrefix(string(raw), fullPrefix); ours {
			return after, true, nil
		}
	}
	return "", false, InvalidToken()
}

// InvalidToken returns the refusal of a page token that the sandbox did not issue.
func InvalidToken() *refusal.Error { return refusal.BadRequest("The specified page token is invalid.") }

// CountMatches returns the number of objects that match. A nil function matches all.
func CountMatches[T any](all []T, matches func(T) bool) int {
	n := 0
	for _, v := range all {
		if matches == nil || matches(v) {
			n++
		}
	}
	return n
}
