package sandbox

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

func (f *face) listGroups(c *call) answer {
	o, matches, refused := f.groupQuery(c.Request, "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	s := f.groupShape()
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	return ok(query.Page(f.pages, c.Request, query.Listing[*group]{
		All:     f.tenant.groups,
		ID:      func(g *group) string { return g.id },
		Matches: matches,
		Render:  func(g *group) ordered.Object { return s.project(g, o.Selected) },
		Context: "groups",
	}, o))
}

// countGroups answers GET groups/$count.
func (f *face) countGroups(c *call) answer {
	_, matches, refused := f.groupQuery(c.Counting(), "filter", "count")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	return f.counted(c, query.HowMany(f.tenant.groups, matches))
}

// groupQuery reads the options of a query about groups.
func (f *face) groupQuery(r query.Request, has ...string) (query.Options, func(*group) bool, *refusal.Error) {
	s := f.groupShape()
	o, refused := query.Parse(r, s.typeName, s.names(), has...)
	if refused != nil {
		return o, nil, refused
	}
	matches, refused := query.ParseFilter(f.groupFilters(), r, o)
	return o, matches, refused
}

func (f *face) getGroup(c *call) answer {
	s := f.groupShape()
	o, refused := query.Parse(c.Request, s.typeName, s.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	g, found := f.tenant.group(c.params[0])
	if !found {
		return f.answerTo(c, refusal.NotFound(c.params[0]))
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	return entity(c, "groups", o, s.project(g, o.Selected))
}

// related is a collection of directory objects that belongs to a user or group.
type related struct {
	objects []directoryObject
	hidden  bool // the client may see no more than that they are there
}

// listKindred answers with a relation of what the path names; cast is "user" or
// "group" where the path ends with that type.
func (f *face) listKindred(c *call, cast string, r relation) answer {
	names := slices.Concat(userShape.names(), f.groupShape().names())
	o, refused := query.Parse(c.Request, "microsoft.graph.directoryObject", names, "select", "top", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	found, known := r.of(f, c.params[0])
	if !known {
		return f.answerTo(c, refusal.NotFound(c.params[0]))
	}
	return ok(query.Page(f.pages, c.Request, query.Listing[directoryObject]{
		All:     found.objects,
		ID:      directoryObject.id,
		Matches: ofType(cast),
		Render: func(d directoryObject) ordered.Object {
			shown := f.render(d, o.Selected)
			if found.hidden && !c.trip.caller.Names("Member.Read.Hidden") {
				shown = hide(shown)
			}
			if cast != "" {
				shown = shown[1:] // the context tells the type
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
	of   func(f *face, key string) (related, bool)
	cast []string // types that the path may end with
}

var relations = []relation{
	{"groups/{id}/members", 3, ofGroup(func(_ *face, g *group) related {
		return related{objects: membersOf(g), hidden: g.hidesMembers()}
	}), []string{"user", "group"}},
	{"groups/{id}/transitiveMembers", 5, ofGroup(transitiveMembers), []string{"user", "group"}},
	{"groups/{id}/membersWithLicenseErrors", 1, ofGroup(func(f *face, g *group) related {
		return related{objects: asUsers(f.tenant.withErrors(g))}
	}), nil},
	{"groups/{id}/memberOf", 2, ofGroup(func(_ *face, g *group) related {
		return related{objects: asGroups(g.memberOf)}
	}), []string{"group"}},
	{"groups/{id}/transitiveMemberOf", 2, ofGroup(func(_ *face, g *group) related {
		return related{objects: allGroupsAbove(g.memberOf)}
	}), []string{"group"}},
	{"users/{id}/memberOf", 2, ofUser(func(u *user) related {
		return related{objects: asGroups(u.memberOf)}
	}), []string{"group"}},
	{"users/{id}/transitiveMemberOf", 2, ofUser(func(u *user) related {
		return related{objects: allGroupsAbove(u.memberOf)}
	}), []string{"group"}},
}

// transitiveMembers are hidden as soon as one of the groups hides its own.
func transitiveMembers(_ *face, g *group) related {
	hidden := slices.ContainsFunc(reach(g, func(g *group) []*group { return g.nested }), (*group).hidesMembers)
	return related{objects: allMembersOf(g), hidden: hidden}
}

func ofGroup(show func(*face, *group) related) func(*face, string) (related, bool) {
	return func(f *face, key string) (related, bool) {
		g, found := f.tenant.group(key)
		if !found {
			return related{}, false
		}
		return show(f, g), true
	}
}

func ofUser(show func(*user) related) func(*face, string) (related, bool) {
	return func(f *face, key string) (related, bool) {
		u, found := f.tenant.user(key)
		if !found {
			return related{}, false
		}
		return show(u), true
	}
}

// relationRoutes are the routes of all relations, of their types and counts.
func relationRoutes() []route {
	var out []route
	for _, r := range relations {
		for _, cast := range append([]string{""}, r.cast...) {
			path := r.path
			if cast != "" {
				path += "/microsoft.graph." + cast
			}
			list := func(f *face, c *call) answer { return f.listKindred(c, cast, r) }
			count := func(f *face, c *call) answer { return f.countKindred(c, cast, r) }
			out = append(out, route{http.MethodGet, path, r.cost, list}, route{http.MethodGet, path + "/$count", r.cost, count})
		}
	}
	return out
}

func (f *face) countKindred(c *call, cast string, r relation) answer {
	if _, refused := query.Parse(c.Request, "microsoft.graph.directoryObject", nil, "count"); refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	found, ok := r.of(f, c.params[0])
	if !ok {
		return f.answerTo(c, refusal.NotFound(c.params[0]))
	}
	return f.counted(c, query.HowMany(found.objects, ofType(cast)))
}

// ofType tells users from groups; "" takes both.
func ofType(cast string) func(directoryObject) bool {
	return func(d directoryObject) bool { return cast == "" || (d.user != nil) == (cast == "user") }
}

// counted answers with how many there are, in plain text.
func (f *face) counted(c *call, n int) answer {
	if !c.Eventual() {
		return f.answerTo(c, refusal.BadRequest("$count is not currently supported."))
	}
	return answer{status: http.StatusOK, body: plainCount(n)}
}

// assignToGroup answers POST groups/{id}/assignLicense. The answer says that the
// group was told, nothing about its members (Graph: "group: assignLicense").
func (f *face) assignToGroup(c *call) answer {
	w := f.newWrite(c, "groups/{id}/assignLicense")
	asked, refused := f.parseAssign(c)
	if refused == nil {
		w.Add, w.Remove, w.Status = asked.add, asked.remove, http.StatusAccepted
	}
	g, refused := f.writer.AssignToGroup(w, asked, refused)
	if refused != nil {
		return f.answerTo(c, refused)
	}
	a := entity(c, "groups", query.Options{}, f.groupShape().project(g, nil))
	a.status = http.StatusAccepted
	a.set("Location", fmt.Sprintf("%s/v2/%s/directoryObjects/%s/Microsoft.DirectoryServices.Group", c.origin(), f.tenant.organization.id, g.id))
	return a
}
