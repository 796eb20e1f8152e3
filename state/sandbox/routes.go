package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// route is a method and a path that the sandbox answers. In a pattern "{id}" matches any
// one segment. Other segments are compared without regard to case.
type route struct {
	method  string
	pattern string
	cost    int // resource units (Graph: throttling limits of identity and access)
	serve   serve
}

// serve answers a call from one copy of the tenant.
type serve func(*service, *call) response

// routes returns every route. batch serves the route whose items are calls themselves.
func routes(batch serve) []route {
	return append([]route{
		{http.MethodGet, "organization", 1, (*service).listOrganization},
		{http.MethodGet, "subscribedSkus", 3, (*service).listSKUs},
		{http.MethodGet, "subscribedSkus/{id}", 3, (*service).getSKU},
		{http.MethodGet, "organization/{id}", 1, (*service).getOrganization},
		{http.MethodGet, "domains", 1, (*service).listDomains},
		{http.MethodGet, "directory/subscriptions", 1, (*service).listSubscriptions},
		{http.MethodGet, "auditLogs/directoryAudits", 1, (*service).listAudits},
		{http.MethodPost, "directoryObjects/getByIds", 5, (*service).getByIDs},
		{http.MethodGet, "users", 2, (*service).listUsers},
		{http.MethodGet, "users/$count", 1, (*service).countUsers},
		{http.MethodGet, "users/delta", 1, (*service).delta},
		{http.MethodGet, "users/{id}", 1, (*service).getUser},
		{http.MethodPatch, "users/{id}", 1, (*service).patchUser},
		{http.MethodGet, "users/{id}/licenseDetails", 2, (*service).listLicenseDetails},
		{http.MethodPost, "users/{id}/assignLicense", 1, (*service).assignLicense},
		{http.MethodPost, "users/{id}/reprocessLicenseAssignment", 1, (*service).reprocess},
		{http.MethodGet, "groups", 1, (*service).listGroups},
		{http.MethodGet, "groups/$count", 1, (*service).countGroups},
		{http.MethodGet, "groups/{id}", 1, (*service).getGroup},
		{http.MethodPost, "groups/{id}/assignLicense", 1, (*service).assignToGroup},
		{http.MethodPost, "$batch", 1, batch},
	}, relationRoutes()...)
}

// dispatch finds the route of a call and serves it.
func (h *handler) dispatch(c *call) response {
	h.service.writer.ProcessGroups()
	segments, err := splitPath(c.Path)
	if err != nil {
		return c.refuse(refusal.BadPayload("Bad request path."))
	}
	var allowed []string
	for _, r := range h.routes {
		params, matches := r.match(segments)
		switch {
		case !matches:
		case r.method != c.method:
			allowed = append(allowed, r.method)
		default:
			h.service.tenant.CountRequest(r.method + " " + r.pattern)
			c.params, c.route = params, r.name()
			a := h.runLayers(r, c)
			a.cost = cmp.Or(a.cost, cost(r.cost, c))
			return a
		}
	}
	if len(allowed) > 0 {
		a := c.refuse(&refusal.Error{Status: http.StatusMethodNotAllowed, Code: refusal.CodeBadRequest,
			Message: "Specified HTTP method is not allowed for the request target."})
		a.allow = strings.Join(allowed, ", ")
		return a
	}
	return c.refuse(refusal.BadPayload("Resource not found for the segment '%s'.", unknownSegment(h.routes, segments)))
}

func splitPath(path string) ([]string, error) {
	var out []string
	for escaped := range strings.SplitSeq(strings.TrimSuffix(path, "/"), "/") {
		segment, err := url.PathUnescape(escaped)
		if err != nil {
			return nil, err
		}
		if m := keySegment.FindStringSubmatch(segment); m != nil {
			out = append(out, m[1], strings.ReplaceAll(m[2], "''", "'"))
			continue
		}
		out = append(out, segment)
	}
	return out, nil
}

// keySegment matches OData's other way of naming an object, as in "users('ada@contoso.com')".
var keySegment = regexp.MustCompile(`^(\w+)\('((?:[^']|'')+)'\)$`)

// match compares a path with the pattern and returns the segments at "{id}".
func (r route) match(segments []string) ([]string, bool) {
	pattern := strings.Split(r.pattern, "/")
	if len(pattern) != len(segments) {
		return nil, false
	}
	return matchPrefix(pattern, segments)
}

func matchPrefix(pattern, segments []string) ([]string, bool) {
	var params []string
	for i, segment := range segments {
		switch {
		case pattern[i] == "{id}" && segment != "":
			params = append(params, segment)
		case strings.EqualFold(pattern[i], segment), strings.EqualFold(pattern[i], unqualified(segment)):
		default:
			return nil, false
		}
	}
	return params, true
}

// unqualified removes the namespace that OData allows before the name of an action or
// function, as in "microsoft.graph.assignLicense". It also removes the brackets after the
// name of a function, as in "delta()".
func unqualified(segment string) string {
	segment = strings.TrimSuffix(segment, "()")
	const namespace = "microsoft.graph."
	if len(segment) > len(namespace) && strings.EqualFold(segment[:len(namespace)], namespace) {
		return segment[len(namespace):]
	}
	return segment
}

// unknownSegment returns the first segment at which no route continues.
func unknownSegment(routes []route, segments []string) string {
	for i := range segments {
		known := slices.ContainsFunc(routes, func(r route) bool {
			pattern := strings.Split(r.pattern, "/")
			if len(pattern) <= i {
				return false
			}
			_, ok := matchPrefix(pattern, segments[:i+1])
			return ok
		})
		if !known {
			return segments[i]
		}
	}
	return segments[len(segments)-1]
}

// cost applies the modifiers of the throttling page. $select saves a resource unit, and
// $top below 20 another. The result is never below one.
func cost(base int, c *call) int {
	o := query.Raw(c.Query)
	if o.Has("select") {
		base--
	}
	if top, err := strconv.Atoi(o.Get("top")); err == nil && top < 20 {
		base--
	}
	return max(base, 1)
}

// name returns the route as the record and fault profiles write it.
func (r route) name() string { return r.method + " " + r.pattern }

func routeNames() []string {
	var out []string
	for _, r := range routes(nil) {
		out = append(out, r.name())
	}
	return out
}
