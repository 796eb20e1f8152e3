package query

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// Sizes of a page (Graph: list users).
const (
	DefaultTop = 100
	maxTop     = 999

	MaxSignInTop = 500 // with signInActivity
)

// Request is the part of a request on which its options, its filter and the links of its
// answer depend.
type Request struct {
	Base   string // "http://host/v1.0", where links begin
	Path   string // below the version, escaped, without the leading slash
	Query  string // raw
	Header http.Header
}

// Options are the OData query options of a request.
type Options struct {
	Selected []string // in Graph's spelling; nil for the default set
	Top      int
	Filter   string
	After    string // id of the last object of the page before
	full     bool   // an empty page came before this one
	count    bool
}

// Raw returns the query options by name: in lower case and without the "$", which Graph
// lets clients leave out. A query that cannot be parsed gives none.
func Raw(query string) url.Values {
	parsed, _ := url.ParseQuery(query)
	out := url.Values{}
	for name, values := range parsed {
		key := strings.ToLower(strings.TrimPrefix(name, "$"))
		out[key] = append(out[key], values...)
	}
	return out
}

// systemOptions are the names that OData gives a meaning. Any other name belongs to the
// client.
var systemOptions = []string{
	"select", "top", "filter", "count", "skiptoken", "orderby", "expand", "search", "skip", "format", "apply", "compute", "deltatoken",
}

// Parse reads the options of a request for a resource with certain properties, from those
// that the route supports.
func Parse(r Request, typeName string, properties []string, has ...string) (Options, *refusal.Error) {
	if _, err := url.ParseQuery(r.Query); err != nil {
		return Options{}, refusal.BadPayload("The query could not be parsed.")
	}
	raw := Raw(r.Query)
	for _, name := range systemOptions {
		switch {
		case len(raw[name]) > 1:
			return Options{}, refusal.BadPayload("Query option '$%s' was specified more than once, but it must be specified at most once.", name)
		case raw.Has(name) && !slices.Contains(has, name):
			return Options{}, refusal.UnsupportedQuery("Query option '$%s' is not supported by the sandbox for this resource.", name)
		}
	}
	return readOptions(r, raw, typeName, properties)
}

func readOptions(r Request, raw url.Values, typeName string, properties []string) (Options, *refusal.Error) {
	o := Options{Filter: raw.Get("filter"), Top: DefaultTop}
	// Without the header $count is silently ignored (Graph: advanced queries).
	o.count = strings.EqualFold(raw.Get("count"), "true") && r.Eventual()
	var refused *refusal.Error
	if o.Selected, refused = parseSelect(raw.Get("select"), typeName, properties); refused != nil {
		return Options{}, refused
	}
	if raw.Has("top") {
		if o.Top, refused = parseTop(raw.Get("top")); refused != nil {
			return Options{}, refused
		}
	}
	if raw.Has("skiptoken") {
		if o.After, o.full, refused = parseSkipToken(raw.Get("skiptoken")); refused != nil {
			return Options{}, refused
		}
	}
	return o, nil
}

func parseSelect(list, typeName string, properties []string) ([]string, *refusal.Error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var out []string
	for asked := range strings.SplitSeq(list, ",") {
		asked = strings.TrimSpace(asked)
		name, ok := canonical(asked, properties)
		if !ok {
			return nil, refusal.BadPayload("Parsing OData Select and Expand failed: Could not find a property named '%s' on type '%s'.",
				asked, typeName)
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

func parseTop(s string) (int, *refusal.Error) {
	top, err := strconv.Atoi(s)
	if err != nil {
		return 0, refusal.BadPayload("Invalid value '%s' for $top query option found. "+
			"The $top query option requires a non-negative integer value.", s)
	}
	if top < 1 || top > maxTop {
		return 0, PageSizeRefusal(top, maxTop)
	}
	return top, nil
}

// PageSizeRefusal returns the refusal of a $top that is not between 1 and a limit.
func PageSizeRefusal(top, most int) *refusal.Error {
	return refusal.BadRequest("Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", top, most)
}

// canonical returns the spelling of a name in a list, without regard to case.
func canonical(name string, known []string) (string, bool) {
	i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
	if i < 0 {
		return "", false
	}
	return known[i], true
}

// Eventual reports whether a request has the header that advanced queries need.
func (r Request) Eventual() bool {
	return strings.EqualFold(r.Header.Get("ConsistencyLevel"), "eventual")
}

// Counting returns the request with $count=true, which the path /$count implies.
func (r Request) Counting() Request {
	r.Query = Without(r.Query, "count") + "&$count=true"
	return r
}
