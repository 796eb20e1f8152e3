package sandbox

import (
	"strings"
)

func (f *face) listOrganization(c *call) answer {
	o, refused := parseOptions(c, organizationShape.typeName, organizationShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	value := []members{organizationShape.project(f.tenant.organization, o.selected)}
	return ok(members{{"@odata.context", c.context("organization", o)}, {"value", value}})
}

func (f *face) listSKUs(c *call) answer {
	o, refused := parseOptions(c, skuShape.typeName, skuShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	value := []members{}
	for _, s := range f.tenant.skus {
		value = append(value, skuShape.project(s, o.selected))
	}
	return ok(members{{"@odata.context", c.context("subscribedSkus", o)}, {"value", value}})
}

func (f *face) getSKU(c *call) answer {
	o, refused := parseOptions(c, skuShape.typeName, skuShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	for _, s := range f.tenant.skus {
		if strings.EqualFold(s.subscribedID(), c.params[0]) {
			return entity(c, "subscribedSkus", o, skuShape.project(s, o.selected))
		}
	}
	return f.answerTo(c, notFound(c.params[0]))
}

func entity(c *call, set string, o options, properties members) answer {
	return ok(append(members{{"@odata.context", c.entityContext(set, o)}}, properties...))
}

func (f *face) listUsers(c *call) answer {
	o, refused := parseOptions(c, userShape.typeName, userShape.names(), "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	matches, refused := parseUserFilter(o.filter)
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	return page(f, c, listing[*user]{
		all:     f.tenant.users,
		id:      func(u *user) string { return u.id },
		matches: matches,
		render:  func(u *user) members { return userShape.project(u, o.selected) },
		context: "users",
	}, o)
}

func (f *face) getUser(c *call) answer {
	return f.ofUser(c, userShape.typeName, userShape.names(), func(u *user, o options) answer {
		return entity(c, "users", o, userShape.project(u, o.selected))
	})
}

func (f *face) listLicenseDetails(c *call) answer {
	return f.ofUser(c, licenseDetailsShape.typeName, licenseDetailsShape.names(), func(u *user, o options) answer {
		value := []members{}
		for _, l := range u.effective(u.state) {
			value = append(value, licenseDetailsShape.project(l, o.selected))
		}
		return ok(members{{"@odata.context", c.context("users('"+u.id+"')/licenseDetails", o)}, {"value", value}})
	})
}

// ofUser answers with something of the user whom the path names, under the lock.
func (f *face) ofUser(c *call, typeName string, names []string, show func(*user, options) answer) answer {
	o, refused := parseOptions(c, typeName, names, "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	u, found := f.tenant.user(c.params[0])
	if !found {
		return f.answerTo(c, notFound(c.params[0]))
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	return show(u, o)
}

func (f *face) listGroups(c *call) answer {
	o, refused := parseOptions(c, groupShape.typeName, groupShape.names(), "select", "top", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	return page(f, c, listing[*group]{
		all:     f.tenant.groups,
		id:      func(g *group) string { return g.id },
		render:  func(g *group) members { return groupShape.project(g, o.selected) },
		context: "groups",
	}, o)
}

func (f *face) getGroup(c *call) answer {
	o, refused := parseOptions(c, groupShape.typeName, groupShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	g := f.tenant.groupByID[strings.ToLower(c.params[0])]
	if g == nil {
		return f.answerTo(c, notFound(c.params[0]))
	}
	return entity(c, "groups", o, groupShape.project(g, o.selected))
}

func (f *face) listMembers(c *call) answer {
	o, refused := parseOptions(c, userShape.typeName, userShape.names(), "select", "top", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	g := f.tenant.groupByID[strings.ToLower(c.params[0])]
	if g == nil {
		return f.answerTo(c, notFound(c.params[0]))
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	return page(f, c, listing[*user]{
		all: g.members,
		id:  func(u *user) string { return u.id },
		render: func(u *user) members {
			kind := member{"@odata.type", "#" + userShape.typeName}
			return append(members{kind}, userShape.project(u, o.selected)...)
		},
		context: "directoryObjects",
	}, o)
}
