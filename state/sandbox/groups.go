package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

func (f *face) listGroups(c *call) answer {
	s := f.groupShape()
	o, refused := parseOptions(c, s.typeName, s.names(), "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	matches, refused := parseFilter(f.groupFilters(), c, o)
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	return page(f, c, listing[*group]{
		all:     f.tenant.groups,
		id:      func(g *group) string { return g.id },
		matches: matches,
		render:  func(g *group) members { return s.project(g, o.selected) },
		context: "groups",
	}, o)
}

func (f *face) countGroups(c *call) answer {
	s := f.groupShape()
	o, refused := parseOptions(c.counting(), s.typeName, s.names(), "filter", "count")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	matches, refused := parseFilter(f.groupFilters(), c, o)
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	return f.counted(c, len(slices.DeleteFunc(slices.Clone(f.tenant.groups), func(g *group) bool { return matches != nil && !matches(g) })))
}

func (f *face) getGroup(c *call) answer {
	s := f.groupShape()
	o, refused := parseOptions(c, s.typeName, s.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	g, found := f.tenant.group(c.params[0])
	if !found {
		return f.answerTo(c, notFound(c.params[0]))
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	return entity(c, "groups", o, s.project(g, o.selected))
}

// related is a collection of directory objects that belongs to a user or group.
type related struct {
	objects []directoryObject
	hidden  bool // the client may see no more than that they are there
}

// kindred answers with a collection that of finds for the id in the path; cast is
// "user" or "group" where the path ends with that type.
func (f *face) kindred(c *call, cast string, of func(key string) (related, bool)) answer {
	names := slices.Concat(userShape.names(), f.groupShape().names())
	o, refused := parseOptions(c, "microsoft.graph.directoryObject", names, "select", "top", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	found, ok := of(c.params[0])
	if !ok {
		return f.answerTo(c, notFound(c.params[0]))
	}
	return page(f, c, listing[directoryObject]{
		all: found.objects,
		id:  directoryObject.id,
		matches: func(d directoryObject) bool {
			return cast == "" || (d.user != nil) == (cast == "user")
		},
		render: func(d directoryObject) members {
			shown := f.render(d, o.selected)
			if found.hidden {
				shown = hide(shown)
			}
			if cast != "" {
				shown = shown[1:] // the context tells the type
			}
			return shown
		},
		context: map[string]string{"": "directoryObjects", "user": "users", "group": "groups"}[cast],
	}, o)
}

func (f *face) members(key string) (related, bool) {
	g, found := f.tenant.group(key)
	if !found {
		return related{}, false
	}
	return related{objects: membersOf(g), hidden: g.hidesMembers()}, true
}

// transitiveMembers are hidden as soon as one of the groups hides its own.
func (f *face) transitiveMembers(key string) (related, bool) {
	g, found := f.tenant.group(key)
	if !found {
		return related{}, false
	}
	hidden := slices.ContainsFunc(reach(g, func(g *group) []*group { return g.nested }), (*group).hidesMembers)
	return related{objects: allMembersOf(g), hidden: hidden}, true
}

func (f *face) membersWithErrors(key string) (related, bool) {
	g, found := f.tenant.group(key)
	if !found {
		return related{}, false
	}
	return related{objects: asUsers(f.tenant.withErrors(g))}, true
}

func (f *face) groupsOfUser(key string) (related, bool) {
	u, found := f.tenant.user(key)
	if !found {
		return related{}, false
	}
	return related{objects: asGroups(u.memberOf)}, true
}

func (f *face) allGroupsOfUser(key string) (related, bool) {
	u, found := f.tenant.user(key)
	if !found {
		return related{}, false
	}
	return related{objects: allGroupsAbove(u.memberOf)}, true
}

func (f *face) groupsOfGroup(key string) (related, bool) {
	g, found := f.tenant.group(key)
	if !found {
		return related{}, false
	}
	return related{objects: asGroups(g.memberOf)}, true
}

func (f *face) allGroupsOfGroup(key string) (related, bool) {
	g, found := f.tenant.group(key)
	if !found {
		return related{}, false
	}
	return related{objects: allGroupsAbove(g.memberOf)}, true
}

// relation is a collection that belongs to a user or group.
type relation struct {
	path string
	cost int
	of   func(*face, string) (related, bool)
	cast []string // types that the path may end with
}

var relations = []relation{
	{"groups/{id}/members", 3, (*face).members, []string{"user", "group"}},
	{"groups/{id}/transitiveMembers", 5, (*face).transitiveMembers, []string{"user", "group"}},
	{"groups/{id}/membersWithLicenseErrors", 1, (*face).membersWithErrors, nil},
	{"groups/{id}/memberOf", 2, (*face).groupsOfGroup, []string{"group"}},
	{"groups/{id}/transitiveMemberOf", 2, (*face).allGroupsOfGroup, []string{"group"}},
	{"users/{id}/memberOf", 2, (*face).groupsOfUser, []string{"group"}},
	{"users/{id}/transitiveMemberOf", 2, (*face).allGroupsOfUser, []string{"group"}},
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
			list := func(f *face, c *call) answer {
				return f.kindred(c, cast, func(key string) (related, bool) { return r.of(f, key) })
			}
			count := func(f *face, c *call) answer { return f.countKindred(c, cast, r) }
			out = append(out, route{http.MethodGet, path, r.cost, list}, route{http.MethodGet, path + "/$count", r.cost, count})
		}
	}
	return out
}

func (f *face) countKindred(c *call, cast string, r relation) answer {
	if _, refused := parseOptions(c, "microsoft.graph.directoryObject", nil, "count"); refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	found, ok := r.of(f, c.params[0])
	if !ok {
		return f.answerTo(c, notFound(c.params[0]))
	}
	return f.counted(c, len(slices.DeleteFunc(found.objects, func(d directoryObject) bool {
		return cast != "" && (d.user != nil) != (cast == "user")
	})))
}

// eventual tells whether a request has the header that advanced queries need.
func (c *call) eventual() bool {
	return strings.EqualFold(c.header.Get("ConsistencyLevel"), "eventual")
}

// counting is the call with $count=true, which a path that ends with /$count says
// already.
func (c *call) counting() *call {
	out := *c
	out.query = without(c.query, "count") + "&$count=true"
	return &out
}

// counted answers with how many there are, in plain text.
func (f *face) counted(c *call, n int) answer {
	if !c.eventual() {
		return f.answerTo(c, badRequest("$count is not currently supported."))
	}
	return answer{status: http.StatusOK, body: plainCount(n)}
}
