package sandbox

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

func (svc *service) listGroups(c *call) response {
	o, matches, refused := svc.groupQuery(c.Request, "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return c.refuse(refused)
	}
	s := svc.groupShape()
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	return ok(query.Page(svc.pages, c.Request, query.Listing[*directory.Group]{
		All:     svc.tenant.Groups,
		ID:      func(g *directory.Group) string { return g.ID },
		Matches: matches,
		Render:  func(g *directory.Group) ordered.Object { return s.project(g, o.Selected) },
		Context: "groups",
	}, o))
}

// countGroups answers GET groups/$count.
func (svc *service) countGroups(c *call) response {
	_, matches, refused := svc.groupQuery(c.Counting(), "filter", "count")
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	return countResponse(c, query.CountMatches(svc.tenant.Groups, matches))
}

// groupQuery reads the options of a query about groups.
func (svc *service) groupQuery(r query.Request, has ...string) (query.Options, func(*directory.Group) bool, *refusal.Error) {
	s := svc.groupShape()
	o, refused := query.Parse(r, s.typeName, s.names(), has...)
	if refused != nil {
		return o, nil, refused
	}
	matches, refused := query.ParseFilter(svc.groupFilters(), r, o)
	return o, matches, refused
}

func (svc *service) getGroup(c *call) response {
	s := svc.groupShape()
	o, refused := query.Parse(c.Request, s.typeName, s.names(), "select")
	if refused != nil {
		return c.refuse(refused)
	}
	g, found := svc.tenant.Group(c.params[0])
	if !found {
		return c.refuse(refusal.NotFound(c.params[0]))
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	return entity(c, "groups", o, s.project(g, o.Selected))
}

// related is a collection of directory objects that belongs to a user or group.
type related struct {
	objects []directory.Object
	hidden  bool // the client may see only that they exist
}

// listRelated answers with the objects of a relation. cast is "user" or "group" if the path
// ends with that type.
func (svc *service) listRelated(c *call, cast string, r relation) response {
	names := slices.Concat(userShape.names(), svc.groupShape().names())
	o, refused := query.Parse(c.Request, "microsoft.graph.directoryObject", names, "select", "top", "count", "skiptoken")
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	found, known := r.of(svc, c.params[0])
	if !known {
		return c.refuse(refusal.NotFound(c.params[0]))
	}
	return ok(query.Page(svc.pages, c.Request, query.Listing[directory.Object]{
		All:     found.objects,
		ID:      directory.Object.ID,
		Matches: ofType(cast),
		Render: func(d directory.Object) ordered.Object {
			shown := svc.render(d, o.Selected)
			if found.hidden && !c.exchange.caller.Names("Member.Read.Hidden") {
				shown = hide(shown)
			}
			if cast != "" {
				shown = shown[1:] // the context has the type
			}
			return shown
		},
		Context: map[string]string{"": "directoryObjects", "user": "users", "group": "groups"}[cast],
	}, o))
}

// relation is a collection that belongs to a user or group.
type relation struct {
	path string
	cost int
	of   func(svc *service, key string) (related, bool)
	cast []string // types that the path may end with
}

var relations = []relation{
	{"groups/{id}/members", 3, ofGroup(func(_ *service, g *directory.Group) related {
		return related{objects: directory.MembersOf(g), hidden: g.HidesMembers()}
	}), []string{"user", "group"}},
	{"groups/{id}/transitiveMembers", 5, ofGroup(transitiveMembers), []string{"user", "group"}},
	{"groups/{id}/membersWithLicenseErrors", 1, ofGroup(func(svc *service, g *directory.Group) related {
		return related{objects: directory.AsUsers(svc.tenant.MembersWithErrors(g))}
	}), nil},
	{"groups/{id}/memberOf", 2, ofGroup(func(_ *service, g *directory.Group) related {
		return related{objects: directory.AsGroups(g.MemberOf)}
	}), []string{"group"}},
	{"groups/{id}/transitiveMemberOf", 2, ofGroup(func(_ *service, g *directory.Group) related {
		return related{objects: directory.AllGroupsAbove(g.MemberOf)}
	}), []string{"group"}},
	{"users/{id}/memberOf", 2, ofUser(func(u *directory.User) related {
		return related{objects: directory.AsGroups(u.MemberOf)}
	}), []string{"group"}},
	{"users/{id}/transitiveMemberOf", 2, ofUser(func(u *directory.User) related {
		return related{objects: directory.AllGroupsAbove(u.MemberOf)}
	}), []string{"group"}},
}

// transitiveMembers returns the members of a group and of the groups in it. They are hidden
// if one of the groups hides its own.
func transitiveMembers(_ *service, g *directory.Group) related {
	hidden := slices.ContainsFunc(directory.Reach(g, func(g *directory.Group) []*directory.Group { return g.Nested }), (*directory.Group).HidesMembers)
	return related{objects: directory.AllMembersOf(g), hidden: hidden}
}

func ofGroup(show func(*service, *directory.Group) related) func(*service, string) (related, bool) {
	return func(svc *service, key string) (related, bool) {
		g, found := svc.tenant.Group(key)
		if !found {
			return related{}, false
		}
		return show(svc, g), true
	}
}

func ofUser(show func(*directory.User) related) func(*service, string) (related, bool) {
	return func(svc *service, key string) (related, bool) {
		u, found := svc.tenant.User(key)
		if !found {
			return related{}, false
		}
		return show(u), true
	}
}

// relationRoutes returns the routes of all relations, of their types and counts.
func relationRoutes() []route {
	var out []route
	for _, r := range relations {
		for _, cast := range append([]string{""}, r.cast...) {
			path := r.path
			if cast != "" {
				path += "/microsoft.graph." + cast
			}
			list := func(svc *service, c *call) response { return svc.listRelated(c, cast, r) }
			count := func(svc *service, c *call) response { return svc.countKindred(c, cast, r) }
			out = append(out, route{http.MethodGet, path, r.cost, list}, route{http.MethodGet, path + "/$count", r.cost, count})
		}
	}
	return out
}

func (svc *service) countKindred(c *call, cast string, r relation) response {
	if _, refused := query.Parse(c.Request, "microsoft.graph.directoryObject", nil, "count"); refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	found, ok := r.of(svc, c.params[0])
	if !ok {
		return c.refuse(refusal.NotFound(c.params[0]))
	}
	return countResponse(c, query.CountMatches(found.objects, ofType(cast)))
}

// ofType returns a function that selects users or groups. An empty type selects both.
func ofType(cast string) func(directory.Object) bool {
	return func(d directory.Object) bool { return cast == "" || (d.User != nil) == (cast == "user") }
}

// countResponse returns an answer with a count in plain text.
func countResponse(c *call, n int) response {
	if !c.Eventual() {
		return c.refuse(refusal.BadRequest("$count is not currently supported."))
	}
	return response{status: http.StatusOK, body: plainCount(n)}
}

// assignToGroup answers POST groups/{id}/assignLicense. The answer confirms only the change
// of the group, and has nothing about its members (Graph: "group: assignLicense").
func (svc *service) assignToGroup(c *call) response {
	w := newWrite(c, "groups/{id}/assignLicense")
	asked, refused := parseAssign(c, svc.variants)
	if refused == nil {
		w.Add, w.Remove, w.Status = asked.Add, asked.Remove, http.StatusAccepted
	}
	g, refused := svc.writer.AssignToGroup(w, asked, refused)
	if refused != nil {
		return c.refuse(refused)
	}
	a := entity(c, "groups", query.Options{}, svc.groupShape().project(g, nil))
	a.status = http.StatusAccepted
	a.set("Location", fmt.Sprintf("%s/v2/%s/directoryObjects/%s/Microsoft.DirectoryServices.Group", c.origin(), svc.tenant.Organization.ID, g.ID))
	return a
}
