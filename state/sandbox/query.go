package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Sizes of a page (Graph: list users).
const (
	defaultTop = 100
	maxTop     = 999

	maxSignInTop = 500 // with signInActivity
)

// request is what of a request its options, its filter and the links of its answer
// depend on.
type request struct {
	base   string // "http://host/v1.0", where links begin
	path   string // below the version, escaped, without the leading slash
	query  string // raw
	header http.Header
}

// options are the OData query options of a request.
type options struct {
	selected []string // in Graph's spelling; nil for the default set
	top      int
	filter   string
	after    string // id of the last object of the page before
	full     bool   // an empty page came before this one
	count    bool
}

// rawOptions returns the query options by name: in lower case and without the
// "$", which Graph lets clients leave out. What is not even a query is empty.
func rawOptions(query string) url.Values {
	parsed, _ := url.ParseQuery(query)
	out := url.Values{}
	for name, values := range parsed {
		key := strings.ToLower(strings.TrimPrefix(name, "$"))
		out[key] = append(out[key], values...)
	}
	return out
}

// systemOptions are the names that OData gives a meaning; any other name is the
// client's own affair.
var systemOptions = []string{
	"select", "top", "filter", "count", "skiptoken", "orderby", "expand", "search", "skip", "format", "apply", "compute", "deltatoken",
}

// parseOptions reads the options of a request for a resource with certain
// properties, of those that the route has.
func parseOptions(r request, typeName string, properties []string, has ...string) (options, *refusal) {
	if _, err := url.ParseQuery(r.query); err != nil {
		return options{}, badPayload("The query could not be parsed.")
	}
	raw := rawOptions(r.query)
	for _, name := range systemOptions {
		switch {
		case len(raw[name]) > 1:
			return options{}, badPayload("Query option '$%s' was specified more than once, but it must be specified at most once.", name)
		case raw.Has(name) && !slices.Contains(has, name):
			return options{}, unsupportedQuery("Query option '$%s' is not supported by the sandbox for this resource.", name)
		}
	}
	return readOptions(r, raw, typeName, properties)
}

func readOptions(r request, raw url.Values, typeName string, properties []string) (options, *refusal) {
	o := options{filter: raw.Get("filter"), top: defaultTop}
	// Without the header $count is silently ignored (Graph: advanced queries).
	o.count = strings.EqualFold(raw.Get("count"), "true") && r.eventual()
	var refused *refusal
	if o.selected, refused = parseSelect(raw.Get("select"), typeName, properties); refused != nil {
		return options{}, refused
	}
	if raw.Has("top") {
		if o.top, refused = parseTop(raw.Get("top")); refused != nil {
			return options{}, refused
		}
	}
	if raw.Has("skiptoken") {
		if o.after, o.full, refused = parseSkipToken(raw.Get("skiptoken")); refused != nil {
			return options{}, refused
		}
	}
	return o, nil
}

func parseSelect(list, typeName string, properties []string) ([]string, *refusal) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var out []string
	for asked := range strings.SplitSeq(list, ",") {
		asked = strings.TrimSpace(asked)
		name, ok := canonical(asked, properties)
		if !ok {
			return nil, badPayload("Parsing OData Select and Expand failed: Could not find a property named '%s' on type '%s'.",
				asked, typeName)
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

func parseTop(s string) (int, *refusal) {
	top, err := strconv.Atoi(s)
	if err != nil {
		return 0, badPayload("Invalid value '%s' for $top query option found. "+
			"The $top query option requires a non-negative integer value.", s)
	}
	if top < 1 || top > maxTop {
		return 0, pageSizeRefusal(top, maxTop)
	}
	return top, nil
}

func pageSizeRefusal(top, most int) *refusal {
	return badRequest("Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", top, most)
}

// canonical finds a name in a list without regard to case.
func canonical(name string, known []string) (string, bool) {
	i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
	if i < 0 {
		return "", false
	}
	return known[i], true
}

// eventual tells whether a request has the header that advanced queries need.
func (r request) eventual() bool {
	return strings.EqualFold(r.header.Get("ConsistencyLevel"), "eventual")
}

// counting is the request with $count=true, which a path that ends with /$count says
// already.
func (r request) counting() request {
	r.query = without(r.query, "count") + "&$count=true"
	return r
}
