package sandbox

import (
	"net/http"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
	"github.com/seatwright/seatwright/state/sandbox/internal/ordered"
	"github.com/seatwright/seatwright/state/sandbox/internal/query"
	"github.com/seatwright/seatwright/state/sandbox/internal/refusal"
)

// origin returns the address of the service, without the version.
func (c *call) origin() string { return strings.TrimSuffix(c.Base, "/v1.0") }

func (svc *service) getOrganization(c *call) response {
	o, refused := query.Parse(c.Request, organizationShape.typeName, organizationShape.names(), "select")
	switch {
	case refused != nil:
		return c.refuse(refused)
	case !strings.EqualFold(c.params[0], svc.tenant.Organization.ID):
		return c.refuse(refusal.NotFound(c.params[0]))
	}
	return entity(c, "organization", o, organizationShape.project(svc.tenant.Organization, o.Selected))
}

var domainShape = shape[directory.VerifiedDomain]{"microsoft.graph.domain", []property[directory.VerifiedDomain]{
	{"authenticationType", true, func(d directory.VerifiedDomain) any { return d.Type }},
	{"availabilityStatus", true, func(directory.VerifiedDomain) any { return nil }},
	{"id", true, func(d directory.VerifiedDomain) any { return d.Name }},
	{"isAdminManaged", true, func(directory.VerifiedDomain) any { return true }},
	{"isDefault", true, func(d directory.VerifiedDomain) any { return d.IsDefault }},
	{"isInitial", true, func(d directory.VerifiedDomain) any { return d.IsInitial }},
	{"isRoot", true, func(directory.VerifiedDomain) any { return true }},
	{"isVerified", true, func(directory.VerifiedDomain) any { return true }},
	{"supportedServices", true, func(directory.VerifiedDomain) any { return []string{} }},
}}

func (svc *service) listDomains(c *call) response {
	o, refused := query.Parse(c.Request, domainShape.typeName, domainShape.names(), "select")
	if refused != nil {
		return c.refuse(refused)
	}
	value := []ordered.Object{}
	for _, d := range svc.tenant.Organization.Domains {
		value = append(value, domainShape.project(d, o.Selected))
	}
	return ok(ordered.Object{{"@odata.context", c.Context("domains", o)}, {"value", value}})
}

// subscription is one subscription of a SKU.
type subscription struct {
	sku    *directory.SKU
	id     string
	number int // of those of the SKU, from 0
}

var subscriptionShape = shape[subscription]{"microsoft.graph.companySubscription", []property[subscription]{
	{"commerceSubscriptionId", true, func(subscription) any { return nil }},
	{"createdDateTime", true, func(subscription) any { return directory.Timestamp(directory.FileTime) }},
	{"id", true, func(s subscription) any { return s.id }},
	{"isTrial", true, func(subscription) any { return false }},
	{"nextLifecycleDateTime", true, func(subscription) any { return nil }},
	{"ownerId", true, func(subscription) any { return nil }},
	{"ownerTenantId", true, func(subscription) any { return nil }},
	{"ownerType", true, func(subscription) any { return nil }},
	{"serviceStatus", true, func(s subscription) any { return s.sku.Plans }},
	{"skuId", true, func(s subscription) any { return s.sku.ID }},
	{"skuPartNumber", true, func(s subscription) any { return s.sku.PartNumber }},
	{"status", true, func(s subscription) any { return s.sku.Capability }},
	{"totalLicenses", true, func(s subscription) any { return s.units() }},
}}

// units returns the units of the subscription. The file has the sum of a SKU alone, and its
// first subscription gets all of it.
func (s subscription) units() int {
	if s.number > 0 {
		return 0
	}
	p := s.sku.Prepaid
	return p.Enabled + p.Warning + p.Suspended + p.LockedOut
}

// listSubscriptions answers GET directory/subscriptions.
func (svc *service) listSubscriptions(c *call) response {
	o, refused := query.Parse(c.Request, subscriptionShape.typeName, subscriptionShape.names(), "select")
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	value := []ordered.Object{}
	for _, s := range svc.tenant.SKUs {
		ids := s.SubscriptionIDs
		if len(ids) == 0 {
			ids = []string{guid.Derived(s.OrganizationID, "subscription", s.ID)}
		}
		for i, id := range ids {
			value = append(value, subscriptionShape.project(subscription{s, id, i}, o.Selected))
		}
	}
	return ok(ordered.Object{{"@odata.context", c.Context("directory/subscriptions", o)}, {"value", value}})
}

// maxByIDs is how many ids getByIds takes (Graph: "directoryObject: getByIds").
const maxByIDs = 1000

// getByIDs answers POST directoryObjects/getByIds. Ids without an object are left out.
func (svc *service) getByIDs(c *call) response {
	names := slices.Concat(userShape.names(), svc.groupShape().names())
	o, refused := query.Parse(c.Request, "microsoft.graph.directoryObject", names, "select")
	if refused != nil {
		return c.refuse(refused)
	}
	ids, types, refused := parseByIDs(c)
	if refused != nil {
		return c.refuse(refused)
	}
	svc.tenant.RLock()
	defer svc.tenant.RUnlock()
	value := []ordered.Object{}
	for _, d := range svc.tenant.Objects(ids) {
		kind := "group"
		if d.User != nil {
			kind = "user"
		}
		if len(types) == 0 || slices.Contains(types, kind) || slices.Contains(types, "directoryobject") {
			value = append(value, svc.render(d, o.Selected))
		}
	}
	a := ok(ordered.Object{{"@odata.context", c.Context("directoryObjects", o)}, {"value", value}})
	a.set("Location", c.origin())
	if o.Selected != nil {
		a.cost = 2
	}
	return a
}

func parseByIDs(c *call) (ids, types []string, refused *refusal.Error) {
	fields, refused := parseObject(c)
	if refused != nil {
		return nil, nil, refused
	}
	if fields["ids"] == nil {
		return nil, nil, refusal.BadRequest("One or more parameters of the operation 'getByIds' are missing from the request payload. " +
			"The missing parameters are: ids.")
	}
	if types, refused = parseTexts(fields["types"], "types"); refused != nil {
		return nil, nil, refused
	}
	ids, refused = parseTexts(fields["ids"], "ids")
	if len(ids) > maxByIDs {
		return nil, nil, &refusal.Error{Status: http.StatusBadRequest, Code: refusal.CodeBadRequest, Message: "Too many ids: at most 1000 are looked up at once."}
	}
	return ids, types, refused
}
