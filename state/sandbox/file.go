package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Parse reads a tenant file, YAML or JSON; the package comment describes it.
// The name is used in messages only. Everything that is wrong is reported at
// once, as a [*ParseError] whose lines begin with name:line. The tenant keeps
// data, which must not be changed.
func Parse(name string, data []byte) (*Tenant, error) {
	root, err := readTree(name, data)
	if err != nil {
		return nil, err
	}
	r := newFileReader(name)
	r.read(root)
	if len(r.bad.Problems) > 0 {
		return nil, &r.bad
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
	nodeReader
	tenant      *Tenant
	skusByName  map[string][]*sku // by part number in lower case
	groupByName map[string][]*group
	memberLists []memberList
}

func newFileReader(name string) *fileReader {
	return &fileReader{
		nodeReader: nodeReader{name: name},
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
	top := r.object(root, "the tenant file", []string{"organization", "subscribedSkus", "users", "groups"})
	r.readOrganization(top)
	for _, n := range r.list(top, "subscribedSkus") {
		r.readSKU(n)
	}
	var users []object
	for _, n := range r.list(top, "users") {
		users = append(users, r.readUser(n))
	}
	for _, n := range r.list(top, "groups") {
		r.readGroup(n)
	}
	for _, m := range r.memberLists {
		r.readMembers(m)
	}
	for i, u := range slices.Clone(r.tenant.users) {
		r.readUserLicences(u, users[i])
	}
}

func (r *fileReader) readOrganization(top object) {
	org := &organization{attributes: attributes{}}
	r.tenant.organization = org
	if !top.has("organization") {
		r.problem(top.node, "the tenant file needs organization")
		return
	}
	o := r.object(top.at("organization"), "organization", append(names(organizationAttributes), "id", "verifiedDomains"))
	org.id = r.requiredGUID(o, "id", "organization")
	org.attributes = r.attributes(o, organizationAttributes)
	org.domains = []verifiedDomain{}
	for _, n := range r.list(o, "verifiedDomains") {
		d := r.object(n, "a verified domain", []string{"name", "isDefault", "isInitial", "capabilities", "type"})
		org.domains = append(org.domains, verifiedDomain{
			Capabilities: r.text(d, "capabilities"),
			IsDefault:    r.flag(d, "isDefault", false),
			IsInitial:    r.flag(d, "isInitial", false),
			Name:         r.required(d, "name", "a verified domain"),
			Type:         r.word(d, "type", "Managed", "Federated"),
		})
	}
}

// attributes reads the plain properties that an object states.
func (r *fileReader) attributes(o object, table []attribute) attributes {
	out := attributes{}
	for _, a := range table {
		if !o.has(a.name) {
			continue
		}
		switch a.kind {
		case text:
			out[a.name] = r.text(o, a.name)
		case instant:
			out[a.name] = timestamp(r.instant(o, a.name, fileTime))
		case flag:
			out[a.name] = r.flag(o, a.name, false)
		case list:
			out[a.name] = r.texts(o, a.name)
		case parts:
			out[a.name] = r.attributes(r.object(o.at(a.name), a.name, names(a.parts)), a.parts)
		}
	}
	return out
}

var skuKeys = []string{
	"id", "skuId", "skuPartNumber", "appliesTo", "capabilityStatus", "prepaidUnits", "servicePlans",
	"accountName", "accountId", "subscriptionIds", "otherConsumedUnits", "consumedUnits", "selfService",
}

func (r *fileReader) readSKU(n *yaml.Node) {
	o := r.object(n, "a subscribedSku", skuKeys)
	s := &sku{
		id:              r.requiredGUID(o, "skuId", "a subscribedSku"),
		partNumber:      r.required(o, "skuPartNumber", "a subscribedSku"),
		organizationID:  r.tenant.organization.id,
		accountName:     r.text(o, "accountName"),
		subscriptionIDs: r.texts(o, "subscriptionIds"),
		appliesTo:       r.word(o, "appliesTo", "User", "Company"),
		capability:      r.word(o, "capabilityStatus", "Enabled", "Warning", "Suspended", "Deleted", "LockedOut"),
		otherConsumed:   r.count(o, "otherConsumedUnits"),
		selfService:     r.flag(o, "selfService", false),
		plans:           []servicePlan{},
	}
	r.readUnits(o, s)
	for _, p := range r.list(o, "servicePlans") {
		r.readPlan(p, s)
	}
	r.checkComputed(o, s)
	if r.tenant.skuByID[s.id] != nil && s.id != "" {
		r.problem(o.at("skuId"), "skuId %s is listed twice", s.id)
		return
	}
	r.tenant.skus = append(r.tenant.skus, s)
	r.tenant.skuByID[s.id] = s
	key := strings.ToLower(s.partNumber)
	r.skusByName[key] = append(r.skusByName[key], s)
}

// checkComputed refuses what follows from the rest of the file and is written
// otherwise.
func (r *fileReader) checkComputed(o object, s *sku) {
	if o.has("consumedUnits") {
		r.problem(o.at("consumedUnits"), "consumedUnits is computed from the users who hold %s; seats of users not listed here are otherConsumedUnits", s.partNumber)
	}
	if id := r.text(o, "id"); id != "" && !strings.EqualFold(id, s.subscribedID()) {
		r.problem(o.at("id"), "id must be %q, or left out", s.subscribedID())
	}
	if id := r.text(o, "accountId"); id != "" && !strings.EqualFold(id, s.organizationID) {
		r.problem(o.at("accountId"), "accountId must be the organization's id, or left out")
	}
}

func (r *fileReader) readUnits(o object, s *sku) {
	if !o.has("prepaidUnits") {
		return
	}
	units := r.object(o.at("prepaidUnits"), "prepaidUnits", []string{"enabled", "warning", "suspended", "lockedOut"})
	s.prepaid = prepaidUnits{
		Enabled:   r.count(units, "enabled"),
		Warning:   r.count(units, "warning"),
		Suspended: r.count(units, "suspended"),
		LockedOut: r.count(units, "lockedOut"),
	}
}

func (r *fileReader) readPlan(n *yaml.Node, s *sku) {
	o := r.object(n, "a service plan", []string{"servicePlanId", "servicePlanName", "provisioningStatus", "appliesTo", "prohibitedIn"})
	p := servicePlan{
		ID:   r.requiredGUID(o, "servicePlanId", "a service plan"),
		Name: r.required(o, "servicePlanName", "a service plan"),
		ProvisioningStatus: r.word(o, "provisioningStatus", "Success", "Disabled", "Error", "PendingInput",
			"PendingActivation", "PendingProvisioning"),
		AppliesTo:    r.word(o, "appliesTo", "User", "Company"),
		prohibitedIn: r.texts(o, "prohibitedIn"),
	}
	for _, place := range p.prohibitedIn {
		if !countryCode.MatchString(place) {
			r.problem(o.at("prohibitedIn"), "prohibitedIn must hold country codes of two capital letters, not %s", quoted(place))
		}
	}
	if _, twice := s.plan(p.ID); twice {
		r.problem(o.at("servicePlanId"), "service plan %s is listed twice in %s", p.Name, s.partNumber)
		return
	}
	s.plans = append(s.plans, p)
}
