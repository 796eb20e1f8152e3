package sandbox

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
	"github.com/seatwright/seatwright/state/sandbox/internal/variant"
)

func (f *face) listOrganization(c *call) answer {
	o, refused := query.Parse(c.Request, organizationShape.typeName, organizationShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	value := []ordered.Object{organizationShape.project(f.tenant.Organization, o.Selected)}
	return ok(ordered.Object{{"@odata.context", c.Context("organization", o)}, {"value", value}})
}

func (f *face) listSKUs(c *call) answer {
	o, refused := query.Parse(c.Request, skuShape.typeName, skuShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	value := []ordered.Object{}
	for _, s := range f.tenant.SKUs {
		value = append(value, skuShape.project(s, o.Selected))
	}
	return ok(ordered.Object{{"@odata.context", c.Context("subscribedSkus", o)}, {"value", value}})
}

func (f *face) getSKU(c *call) answer {
	o, refused := query.Parse(c.Request, skuShape.typeName, skuShape.names(), "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	for _, s := range f.tenant.SKUs {
		if strings.EqualFold(s.SubscribedID(), c.params[0]) {
			return entity(c, "subscribedSkus", o, skuShape.project(s, o.Selected))
		}
	}
	return f.answerTo(c, refusal.NotFound(c.params[0]))
}

func entity(c *call, set string, o query.Options, properties ordered.Object) answer {
	return ok(append(ordered.Object{{"@odata.context", c.EntityContext(set, o)}}, properties...))
}

func (f *face) listUsers(c *call) answer {
	o, matches, refused := f.userQuery(c.Request, "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	return ok(query.Page(f.pages, c.Request, query.Listing[*directory.User]{
		All:     f.tenant.Users,
		ID:      func(u *directory.User) string { return u.ID },
		Matches: matches,
		Render:  func(u *directory.User) ordered.Object { return f.project(u, o) },
		Context: "users",
	}, o))
}

// userQuery reads the options of a query about users.
func (f *face) userQuery(r query.Request, has ...string) (query.Options, func(*directory.User) bool, *refusal.Error) {
	o, refused := query.Parse(r, userShape.typeName, userShape.names(), has...)
	if refused != nil {
		return o, nil, refused
	}
	if slices.Contains(o.Selected, "signInActivity") && o.Top > query.MaxSignInTop {
		return o, nil, query.PageSizeRefusal(o.Top, query.MaxSignInTop)
	}
	matches, refused := query.ParseFilter(f.userFilters(), r, o)
	return o, matches, refused
}

// project renders a user as the variants have it.
func (f *face) project(u *directory.User, o query.Options) ordered.Object {
	properties := userShape.project(u, o.Selected)
	for i, p := range properties {
		if states, ok := p.Value.([]directory.LicenseAssignmentState); ok {
			properties[i].Value = f.varied(states)
		}
	}
	return properties
}

// varied are a user's assignment paths as the variants have them.
func (f *face) varied(states []directory.LicenseAssignmentState) []directory.LicenseAssignmentState {
	for i := range states {
		switch {
		case f.variants.Has(variant.ErrorNull) && *states[i].Error == "None":
			states[i].Error = nil
		case f.variants.Has(variant.ErrorOthers) && *states[i].Error == directory.ReasonOther:
			others := "Others"
			states[i].Error = &others
		}
	}
	if f.variants.Has(variant.StatesOmitted) {
		states = slices.DeleteFunc(states, func(s directory.LicenseAssignmentState) bool { return s.AssignedByGroup == nil })
	}
	return states
}

// countUsers answers GET users/$count.
func (f *face) countUsers(c *call) answer {
	_, matches, refused := f.userQuery(c.Counting(), "filter", "count")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	return f.counted(c, query.HowMany(f.tenant.Users, matches))
}

func (f *face) getUser(c *call) answer {
	return f.ofUser(c, userShape.typeName, userShape.names(), func(u *directory.User, o query.Options) answer {
		return entity(c, "users", o, f.project(u, o))
	})
}

func (f *face) listLicenseDetails(c *call) answer {
	return f.ofUser(c, licenseDetailsShape.typeName, licenseDetailsShape.names(), func(u *directory.User, o query.Options) answer {
		value := []ordered.Object{}
		for _, l := range u.State.Effective() {
			value = append(value, licenseDetailsShape.project(l, o.Selected))
		}
		return ok(ordered.Object{{"@odata.context", c.Context("users('"+u.ID+"')/licenseDetails", o)}, {"value", value}})
	})
}

// ofUser answers with something of the user whom the path names, under the lock.
func (f *face) ofUser(c *call, typeName string, names []string, show func(*directory.User, query.Options) answer) answer {
	o, refused := query.Parse(c.Request, typeName, names, "select")
	if refused != nil {
		return f.answerTo(c, refused)
	}
	u, found := f.tenant.User(c.params[0])
	if !found {
		return f.answerTo(c, refusal.NotFound(c.params[0]))
	}
	f.tenant.RLock()
	defer f.tenant.RUnlock()
	return show(u, o)
}
