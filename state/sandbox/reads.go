package sandbox

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
)

func (f *face) listOrganization(c *call) answer {
	o, refused := parseOptions(c.request, organizationShape.typeName, organizationShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	value := []ordered.Object{organizationShape.project(f.tenant.organization, o.selected)}
	return ok(ordered.Object{{"@odata.context", c.context("organization", o)}, {"value", value}})
}

func (f *face) listSKUs(c *call) answer {
	o, refused := parseOptions(c.request, skuShape.typeName, skuShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	value := []ordered.Object{}
	for _, s := range f.tenant.skus {
		value = append(value, skuShape.project(s, o.selected))
	}
	return ok(ordered.Object{{"@odata.context", c.context("subscribedSkus", o)}, {"value", value}})
}

func (f *face) getSKU(c *call) answer {
	o, refused := parseOptions(c.request, skuShape.typeName, skuShape.names(), "select")
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

func entity(c *call, set string, o options, properties ordered.Object) answer {
	return ok(append(ordered.Object{{"@odata.context", c.entityContext(set, o)}}, properties...))
}

func (f *face) listUsers(c *call) answer {
	o, matches, refused := f.userQuery(c.request, "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	return ok(page(f.pages, c.request, listing[*user]{
		all:     f.tenant.users,
		id:      func(u *user) string { return u.id },
		matches: matches,
		render:  func(u *user) ordered.Object { return f.project(u, o) },
		context: "users",
	}, o))
}

// userQuery reads the options of a query about users.
func (f *face) userQuery(r request, has ...string) (options, func(*user) bool, *refusal) {
	o, refused := parseOptions(r, userShape.typeName, userShape.names(), has...)
	if refused != nil {
		return o, nil, refused
	}
	if slices.Contains(o.selected, "signInActivity") && o.top > maxSignInTop {
		return o, nil, pageSizeRefusal(o.top, maxSignInTop)
	}
	matches, refused := parseFilter(f.userFilters(), r, o)
	return o, matches, refused
}

// project renders a user as the variants have it.
func (f *face) project(u *user, o options) ordered.Object {
	properties := userShape.project(u, o.selected)
	for i, p := range properties {
		if states, ok := p.Value.([]licenseAssignmentState); ok {
			properties[i].Value = f.varied(states)
		}
	}
	return properties
}

// varied are a user's assignment paths as the variants have them.
func (f *face) varied(states []licenseAssignmentState) []licenseAssignmentState {
	for i := range states {
		switch {
		case f.variants.has(ErrorNull) && *states[i].Error == "None":
			states[i].Error = nil
		case f.variants.has(ErrorOthers) && *states[i].Error == reasonOther:
			others := "Others"
			states[i].Error = &others
		}
	}
	if f.variants.has(StatesOmitted) {
		states = slices.DeleteFunc(states, func(s licenseAssignmentState) bool { return s.AssignedByGroup == nil })
	}
	return states
}

// countUsers answers GET users/$count.
func (f *face) countUsers(c *call) answer {
	_, matches, refused := f.userQuery(c.counting(), "filter", "count")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.mu.RLock()
	defer f.tenant.mu.RUnlock()
	return f.counted(c, howMany(f.tenant.users, matches))
}

func (f *face) getUser(c *call) answer {
	return f.ofUser(c, userShape.typeName, userShape.names(), func(u *user, o options) answer {
		return entity(c, "users", o, f.project(u, o))
	})
}

func (f *face) listLicenseDetails(c *call) answer {
	return f.ofUser(c, licenseDetailsShape.typeName, licenseDetailsShape.names(), func(u *user, o options) answer {
		value := []ordered.Object{}
		for _, l := range u.state.effective() {
			value = append(value, licenseDetailsShape.project(l, o.selected))
		}
		return ok(ordered.Object{{"@odata.context", c.context("users('"+u.id+"')/licenseDetails", o)}, {"value", value}})
	})
}

// ofUser answers with something of the user whom the path names, under the lock.
func (f *face) ofUser(c *call, typeName string, names []string, show func(*user, options) answer) answer {
	o, refused := parseOptions(c.request, typeName, names, "select")
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
