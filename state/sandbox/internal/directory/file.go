package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seatwright/seatwright/state/sandbox/internal/strict"
)

// Parse reads a tenant file, YAML or JSON. The package comment of sandbox describes it. The
// name is used in messages only. All problems are reported at once, as a [*ParseError]
// whose lines begin with name:line. The tenant keeps data, which must not be changed.
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
	r.tenant.Digest = "sha256:" + hex.EncodeToString(sum[:])
	r.tenant.buildIndexes()
	return r.tenant, nil
}

// fileReader fills a tenant from a file and resolves the references between its parts.
type fileReader struct {
	strict.Reader
	tenant      *Tenant
	skusByName  map[string][]*SKU // by part number in lower case
	groupByName map[string][]*Group
	memberLists []memberList
}

func newFileReader(name string) *fileReader {
	return &fileReader{
		Reader: strict.Reader{Name: name},
		tenant: &Tenant{
			skuByID:   map[string]*SKU{},
			userByKey: map[string]*User{},
			groupByID: map[string]*Group{},
		},
		skusByName:  map[string][]*SKU{},
		groupByName: map[string][]*Group{},
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
	for i, u := range slices.Clone(r.tenant.Users) {
		r.readUserLicenses(u, users[i])
	}
}

func (r *fileReader) readOrganization(top strict.Object) {
	org := &Organization{Attributes: Attributes{}}
	r.tenant.Organization = org
	if !top.Has("organization") {
		r.Problem(top.Node, "the tenant file needs organization")
		return
	}
	o := r.Object(top.At("organization"), "organization", append(names(OrganizationAttributes), "id", "verifiedDomains"))
	org.ID = r.RequiredGUID(o, "id", "organization")
	org.Attributes = r.attributes(o, OrganizationAttributes)
	org.Domains = []VerifiedDomain{}
	for _, n := range r.List(o, "verifiedDomains") {
		d := r.Object(n, "a verified domain", []string{"name", "isDefault", "isInitial", "capabilities", "type"})
		org.Domains = append(org.Domains, VerifiedDomain{
			Capabilities: r.Text(d, "capabilities"),
			IsDefault:    r.Flag(d, "isDefault", false),
			IsInitial:    r.Flag(d, "isInitial", false),
			Name:         r.Required(d, "name", "a verified domain"),
			Type:         r.Word(d, "type", "Managed", "Federated"),
		})
	}
}

// attributes reads the plain properties that an object sets.
func (r *fileReader) attributes(o strict.Object, table []Attribute) Attributes {
	out := Attributes{}
	for _, a := range table {
		if !o.Has(a.Name) {
			continue
		}
		switch a.kind {
		case text:
			out[a.Name] = r.Text(o, a.Name)
		case instant:
			out[a.Name] = Timestamp(r.Instant(o, a.Name, FileTime))
		case flag:
			out[a.Name] = r.Flag(o, a.Name, false)
		case list:
			out[a.Name] = r.Texts(o, a.Name)
		case parts:
			out[a.Name] = r.attributes(r.Object(o.At(a.Name), a.Name, names(a.parts)), a.parts)
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
	s := &SKU{
		ID:              r.RequiredGUID(o, "skuId", "a subscribedSku"),
		PartNumber:      r.Required(o, "skuPartNumber", "a subscribedSku"),
		OrganizationID:  r.tenant.Organization.ID,
		AccountName:     r.Text(o, "accountName"),
		SubscriptionIDs: r.Texts(o, "subscriptionIds"),
		AppliesTo:       r.Word(o, "appliesTo", "User", "Company"),
		Capability:      r.Word(o, "capabilityStatus", "Enabled", "Warning", "Suspended", "Deleted", "LockedOut"),
		otherConsumed:   r.Count(o, "otherConsumedUnits"),
		selfService:     r.Flag(o, "selfService", false),
		Plans:           []servicePlan{},
	}
	r.readUnits(o, s)
	for _, p := range r.List(o, "servicePlans") {
		r.readPlan(p, s)
	}
	r.checkComputed(o, s)
	if r.tenant.skuByID[s.ID] != nil && s.ID != "" {
		r.Problem(o.At("skuId"), "skuId %s is listed twice", s.ID)
		return
	}
	r.tenant.SKUs = append(r.tenant.SKUs, s)
	r.tenant.skuByID[s.ID] = s
	key := strings.ToLower(s.PartNumber)
	r.skusByName[key] = append(r.skusByName[key], s)
}

// checkComputed refuses values that follow from the rest of the file and are written
// differently.
func (r *fileReader) checkComputed(o strict.Object, s *SKU) {
	if o.Has("consumedUnits") {
		r.Problem(o.At("consumedUnits"), "consumedUnits is computed from the users who hold %s; seats of users not listed here are otherConsumedUnits", s.PartNumber)
	}
	if id := r.Text(o, "id"); id != "" && !strings.EqualFold(id, s.SubscribedID()) {
		r.Problem(o.At("id"), "id must be %q, or left out", s.SubscribedID())
	}
	if id := r.Text(o, "accountId"); id != "" && !strings.EqualFold(id, s.OrganizationID) {
		r.Problem(o.At("accountId"), "accountId must be the organization's id, or left out")
	}
}

func (r *fileReader) readUnits(o strict.Object, s *SKU) {
	if !o.Has("prepaidUnits") {
		return
	}
	units := r.Object(o.At("prepaidUnits"), "prepaidUnits", []string{"enabled", "warning", "suspended", "lockedOut"})
	s.Prepaid = PrepaidUnits{
		Enabled:   r.Count(units, "enabled"),
		Warning:   r.Count(units, "warning"),
		Suspended: r.Count(units, "suspended"),
		LockedOut: r.Count(units, "lockedOut"),
	}
}

func (r *fileReader) readPlan(n *yaml.Node, s *SKU) {
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
		if !CountryCode.MatchString(place) {
			r.Problem(o.At("prohibitedIn"), "prohibitedIn must hold country codes of two capital letters, not %s", strict.Quoted(place))
		}
	}
	if _, twice := s.Plan(p.ID); twice {
		r.Problem(o.At("servicePlanId"), "service plan %s is listed twice in %s", p.Name, s.PartNumber)
		return
	}
	s.Plans = append(s.Plans, p)
}
