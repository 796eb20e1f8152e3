package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// Parse reads a tenant file, YAML or JSON; the package comment describes it.
// The name is used in messages only. Everything that is wrong is reported at
// once, as a [*ParseError] whose lines begin with name:line. The tenant keeps
// data, which must not be changed.
func Parse(name string, data []byte) (*Tenant, error) {
	root, err := strict.ReadTree(name, data)
	if err != nil {
		return nil, err
	}
	r := newFileReader(name)
	r.read(root)
	if len(r.Bad.Problems) > 0 {
		return nil, &r.Bad
	}
	r.tenant.source = data
	sum := sha256.Sum256(data)
	r.tenant.digest = "sha256:" + hex.EncodeToString(sum[:])
	r.tenant.settle()
	return r.tenant, nil
}

// fileReader fills a tenant from a file and resolves what its parts say of each
// other.
type fileReader struct {
	strict.Reader
	tenant      *Tenant
	skusByName  map[string][]*sku // by part number in lower case
	groupByName map[string][]*group
	memberLists []memberList
}

func newFileReader(name string) *fileReader {
	return &fileReader{
		Reader: strict.Reader{Name: name},
		tenant: &Tenant{
			skuByID:   map[string]*sku{},
			userByKey: map[string]*user{},
			groupByID: map[string]*group{},
		},
		skusByName:  map[string][]*sku{},
		groupByName: map[string][]*group{},
	}
}

func (r *fileReader) read(root *yaml.Node) {
	top := r.Object(root, "the tenant file", []string{"organization", "subscribedSkus", "users", "groups"})
	r.readOrganization(top)
	for _, n := range r.List(top, "subscribedSkus") {
		r.readSKU(n)
	}
	var users []strict.Object
	for _, n := range r.List(top, "users") {
		users = append(users, r.readUser(n))
	}
	for _, n := range r.List(top, "groups") {
		r.readGroup(n)
	}
	for _, m := range r.memberLists {
		r.readMembers(m)
	}
	for i, u := range slices.Clone(r.tenant.users) {
		r.readUserLicences(u, users[i])
	}
}

func (r *fileReader) readOrganization(top strict.Object) {
	org := &organization{attributes: attributes{}}
	r.tenant.organization = org
	if !top.Has("organization") {
		r.Problem(top.Node, "the tenant file needs organization")
		return
	}
	o := r.Object(top.At("organization"), "organization", append(names(organizationAttributes), "id", "verifiedDomains"))
	org.id = r.RequiredGUID(o, "id", "organization")
	org.attributes = r.attributes(o, organizationAttributes)
	org.domains = []verifiedDomain{}
	for _, n := range r.List(o, "verifiedDomains") {
		d := r.Object(n, "a verified domain", []string{"name", "isDefault", "isInitial", "capabilities", "type"})
		org.domains = append(org.domains, verifiedDomain{
			Capabilities: r.Text(d, "capabilities"),
			IsDefault:    r.Flag(d, "isDefault", false),
			IsInitial:    r.Flag(d, "isInitial", false),
			Name:         r.Required(d, "name", "a verified domain"),
			Type:         r.Word(d, "type", "Managed", "Federated"),
		})
	}
}

// attributes reads the plain properties that an object states.
func (r *fileReader) attributes(o strict.Object, table []attribute) attributes {
	out := attributes{}
	for _, a := range table {
		if !o.Has(a.name) {
			continue
		}
		switch a.kind {
		case text:
			out[a.name] = r.Text(o, a.name)
		case instant:
			out[a.name] = timestamp(r.Instant(o, a.name, fileTime))
		case flag:
			out[a.name] = r.Flag(o, a.name, false)
		case list:
			out[a.name] = r.Texts(o, a.name)
		case parts:
			out[a.name] = r.attributes(r.Object(o.At(a.name), a.name, names(a.parts)), a.parts)
		}
	}
	return out
}

var skuKeys = []string{
	"id", "skuId", "skuPartNumber", "appliesTo", "capabilityStatus", "prepaidUnits", "servicePlans",
	"accountName", "accountId", "subscriptionIds", "otherConsumedUnits", "consumedUnits", "selfService",
}

func (r *fileReader) readSKU(n *yaml.Node) {
	o := r.Object(n, "a subscribedSku", skuKeys)
	s := &sku{
		id:              r.RequiredGUID(o, "skuId", "a subscribedSku"),
		partNumber:      r.Required(o, "skuPartNumber", "a subscribedSku"),
		organizationID:  r.tenant.organization.id,
		accountName:     r.Text(o, "accountName"),
		subscriptionIDs: r.Texts(o, "subscriptionIds"),
		appliesTo:       r.Word(o, "appliesTo", "User", "Company"),
		capability:      r.Word(o, "capabilityStatus", "Enabled", "Warning", "Suspended", "Deleted", "LockedOut"),
		otherConsumed:   r.Count(o, "otherConsumedUnits"),
		selfService:     r.Flag(o, "selfService", false),
		plans:           []servicePlan{},
	}
	r.readUnits(o, s)
	for _, p := range r.List(o, "servicePlans") {
		r.readPlan(p, s)
	}
	r.checkComputed(o, s)
	if r.tenant.skuByID[s.id] != nil && s.id != "" {
		r.Problem(o.At("skuId"), "skuId %s is listed twice", s.id)
		return
	}
	r.tenant.skus = append(r.tenant.skus, s)
	r.tenant.skuByID[s.id] = s
	key := strings.ToLower(s.partNumber)
	r.skusByName[key] = append(r.skusByName[key], s)
}

// checkComputed refuses what follows from the rest of the file and is written
// otherwise.
func (r *fileReader) checkComputed(o strict.Object, s *sku) {
	if o.Has("consumedUnits") {
		r.Problem(o.At("consumedUnits"), "consumedUnits is computed from the users who hold %s; seats of users not listed here are otherConsumedUnits", s.partNumber)
	}
	if id := r.Text(o, "id"); id != "" && !strings.EqualFold(id, s.subscribedID()) {
		r.Problem(o.At("id"), "id must be %q, or left out", s.subscribedID())
	}
	if id := r.Text(o, "accountId"); id != "" && !strings.EqualFold(id, s.organizationID) {
		r.Problem(o.At("accountId"), "accountId must be the organization's id, or left out")
	}
}

func (r *fileReader) readUnits(o strict.Object, s *sku) {
	if !o.Has("prepaidUnits") {
		return
	}
	units := r.Object(o.At("prepaidUnits"), "prepaidUnits", []string{"enabled", "warning", "suspended", "lockedOut"})
	s.prepaid = prepaidUnits{
		Enabled:   r.Count(units, "enabled"),
		Warning:   r.Count(units, "warning"),
		Suspended: r.Count(units, "suspended"),
		LockedOut: r.Count(units, "lockedOut"),
	}
}

func (r *fileReader) readPlan(n *yaml.Node, s *sku) {
	o := r.Object(n, "a service plan", []string{"servicePlanId", "servicePlanName", "provisioningStatus", "appliesTo", "prohibitedIn"})
	p := servicePlan{
		ID:   r.RequiredGUID(o, "servicePlanId", "a service plan"),
		Name: r.Required(o, "servicePlanName", "a service plan"),
		ProvisioningStatus: r.Word(o, "provisioningStatus", "Success", "Disabled", "Error", "PendingInput",
			"PendingActivation", "PendingProvisioning"),
		AppliesTo:    r.Word(o, "appliesTo", "User", "Company"),
		prohibitedIn: r.Texts(o, "prohibitedIn"),
	}
	for _, place := range p.prohibitedIn {
		if !countryCode.MatchString(place) {
			r.Problem(o.At("prohibitedIn"), "prohibitedIn must hold country codes of two capital letters, not %s", strict.Quoted(place))
		}
	}
	if _, twice := s.plan(p.ID); twice {
		r.Problem(o.At("servicePlanId"), "service plan %s is listed twice in %s", p.Name, s.partNumber)
		return
	}
	s.plans = append(s.plans, p)
}
