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

func (svc *service) listOrganization(c *call) response {
	o, refused := query.Parse(c.Request, organizationShape.typeName, organizationShape.names(), "select")
	if refused != nil {
		return c.refuse(refused)
	}
	value := []ordered.Object{organizationShape.project(svc.tenant.Organization, o.Selected)}
	return ok(ordered.Object{{"@odata.context", c.Context("organization", o)}, {"value", value}})
}

func (svc *service) listSKUs(c *call) response {
	o, refused := query.Parse(c.Request, skuShape.typeName, skuShape.names(), "select")
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	value := []ordered.Object{}
	for _, s := range svc.tenant.SKUs {
		value = append(value, skuShape.project(s, o.Selected))
	}
	return ok(ordered.Object{{"@odata.context", c.Context("subscribedSkus", o)}, {"value", value}})
}

func (svc *service) getSKU(c *call) response {
	o, refused := query.Parse(c.Request, skuShape.typeName, skuShape.names(), "select")
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	for _, s := range svc.tenant.SKUs {
		if strings.EqualFold(s.SubscribedID(), c.params[0]) {
			return entity(c, "subscribedSkus", o, skuShape.project(s, o.Selected))
		}
	}
	return c.refuse(refusal.NotFound(c.params[0]))
}

func entity(c *call, set string, o query.Options, properties ordered.Object) response {
	return ok(append(ordered.Object{{"@odata.context", c.EntityContext(set, o)}}, properties...))
}

func (svc *service) listUsers(c *call) response {
	o, matches, refused := svc.userQuery(c.Request, "select", "top", "filter", "count", "skiptoken")
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	return ok(query.Page(svc.pages, c.Request, query.Listing[*directory.User]{
		All:     svc.tenant.Users,
		ID:      func(u *directory.User) string { return u.ID },
		Matches: matches,
		Render:  func(u *directory.User) ordered.Object { return svc.project(u, o) },
		Context: "users",
	}, o))
}

// userQuery reads the options of a query about users.
func (svc *service) userQuery(r query.Request, has ...string) (query.Options, func(*directory.User) bool, *refusal.Error) {
	o, refused := query.Parse(r, userShape.typeName, userShape.names(), has...)
	if refused != nil {
		return o, nil, refused
	}
	if slices.Contains(o.Selected, "signInActivity") && o.Top > query.MaxSignInTop {
		return o, nil, query.PageSizeRefusal(o.Top, query.MaxSignInTop)
	}
	matches, refused := query.ParseFilter(userFilters(svc.variants), r, o)
	return o, matches, refused
}

// project renders a user with the chosen variants.
func (svc *service) project(u *directory.User, o query.Options) ordered.Object {
	properties := userShape.project(u, o.Selected)
	for i, p := range properties {
		if states, ok := p.Value.([]directory.LicenseAssignmentState); ok {
			properties[i].Value = withVariants(states, svc.variants)
		}
	}
	return properties
}

// withVariants returns a user's assignment paths with the chosen variants.
func withVariants(states []directory.LicenseAssignmentState, chosen variant.Set) []directory.LicenseAssignmentState {
	for i := range states {
		switch {
		case chosen.Has(variant.ErrorNull) && *states[i].Error == "None":
			states[i].Error = nil
		case chosen.Has(variant.ErrorOthers) && *states[i].Error == directory.ReasonOther:
			others := "Others"
			states[i].Error = &others
		}
	}
	if chosen.Has(variant.StatesOmitted) {
		states = slices.DeleteFunc(states, func(s directory.LicenseAssignmentState) bool { return s.AssignedByGroup == nil })
	}
	return states
}

// countUsers answers GET users/$count.
func (svc *service) countUsers(c *call) response {
	_, matches, refused := svc.userQuery(c.Counting(), "filter", "count")
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	return countResponse(c, query.CountMatches(svc.tenant.Users, matches))
}

func (svc *service) getUser(c *call) response {
	return svc.ofUser(c, userShape.typeName, userShape.names(), func(u *directory.User, o query.Options) response {
		return entity(c, "users", o, svc.project(u, o))
	})
}

func (svc *service) listLicenseDetails(c *call) response {
	return svc.ofUser(c, licenseDetailsShape.typeName, licenseDetailsShape.names(), func(u *directory.User, o query.Options) response {
		value := []ordered.Object{}
		for _, l := range u.State.Effective() {
			value = append(value, licenseDetailsShape.project(l, o.Selected))
		}
		return ok(ordered.Object{{"@odata.context", c.Context("users('"+u.ID+"')/licenseDetails", o)}, {"value", value}})
	})
}

// ofUser answers with data of the user that the path names, under the lock.
func (svc *service) ofUser(c *call, typeName string, names []string, show func(*directory.User, query.Options) response) response {
	o, refused := query.Parse(c.Request, typeName, names, "select")
	if refused != nil {
		return c.refuse(refused)
	}
	u, found := svc.tenant.User(c.params[0])
	if !found {
		return c.refuse(refusal.NotFound(c.params[0]))
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	return show(u, o)
}
