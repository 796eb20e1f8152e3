package sandbox

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Tenant is one embedded Microsoft 365 tenant: what the tenant file says, and
// what has been changed since. It is safe for use by several goroutines.
type Tenant struct {
	source       []byte // the tenant file
	digest       string // of its bytes
	organization *organization
	skus         []*sku   // in file order, as Graph keeps the order of purchase
	users        []*user  // sorted by id
	groups       []*group // sorted by id

	skuByID   map[string]*sku
	userByKey map[string]*user // by id, and by user principal name in lower case
	groupByID map[string]*group

	mu      sync.RWMutex // guards all below, user.state, sku.consumed and sku.minFree
	changed map[string][]byte
	record  Record

	recorded   int // bytes that the record takes
	plansNoted int // entries of record.Plans
}

// organization is the tenant's own directory object.
type organization struct {
	id         string
	attributes attributes
	domains    []verifiedDomain
}

// verifiedDomain is Graph's verifiedDomain.
type verifiedDomain struct {
	Capabilities string `json:"capabilities"`
	IsDefault    bool   `json:"isDefault"`
	IsInitial    bool   `json:"isInitial"`
	Name         string `json:"name"`
	Type         string `json:"type"`
}

// sku is one subscribedSku with its seats.
type sku struct {
	id, partNumber        string
	organizationID        string
	accountName           string
	subscriptionIDs       []string
	appliesTo, capability string
	plans                 []servicePlan
	prepaid               prepaidUnits
	otherConsumed         int // seats of users whom the file does not list

	consumed int // holders and otherConsumed
	minFree  int
}

// servicePlan is Graph's servicePlanInfo.
type servicePlan struct {
	ID                 string `json:"servicePlanId"`
	Name               string `json:"servicePlanName"`
	ProvisioningStatus string `json:"provisioningStatus"`
	AppliesTo          string `json:"appliesTo"`
}

// prepaidUnits is Graph's licenseUnitsDetail.
type prepaidUnits struct {
	Enabled   int `json:"enabled"`
	Suspended int `json:"suspended"`
	Warning   int `json:"warning"`
	LockedOut int `json:"lockedOut"`
}

// free is what can still be assigned: units in warning stay assignable,
// suspended ones do not (microsoft-graph-docs-contrib issue 2337). It is
// negative where more is used than bought.
func (s *sku) free() int { return s.prepaid.Enabled + s.prepaid.Warning - s.consumed }

// plan returns the service plan with an id.
func (s *sku) plan(id string) (servicePlan, bool) {
	i := slices.IndexFunc(s.plans, func(p servicePlan) bool { return p.ID == id })
	if i < 0 {
		return servicePlan{}, false
	}
	return s.plans[i], true
}

// user is one account. Everything but state is as the file says and never
// changes.
type user struct {
	id, upn    string
	enabled    bool
	attributes attributes
	inherited  []inherited // sorted by SKU, then group
	file       userState
	state      userState
}

// userState is the part of a user that Graph lets a licence tool change. Its
// slices are never written to once they are here.
type userState struct {
	location string    // usageLocation, "" for unset
	direct   []licence // sorted by SKU
}

// licence is one SKU with the service plans that one path switches off.
type licence struct {
	sku     *sku
	off     []string // ids of service plans, sorted
	updated time.Time
}

// inherited is a path through a licensed group.
type inherited struct {
	licence

	group         *group
	state         string // Active, ActiveWithError, Disabled or Error
	failureReason string // Graph's error value, "" for none
}

// active tells whether the path gives the licence. A path in state Error gives
// nothing and takes no seat.
func (p inherited) active() bool {
	return p.state == stateActive || p.state == stateActiveWithError
}

// group is one group with what it licenses.
type group struct {
	id         string
	attributes attributes
	licences   []licence
	members    []*user // sorted by id
}

// attributes are the plain properties of an object by Graph's names: strings,
// booleans, lists of strings. A property that is unset has no entry.
type attributes map[string]any

// user finds a user by object id or user principal name, as
// "GET users/{id | userPrincipalName}" does.
func (t *Tenant) user(key string) (*user, bool) {
	u, ok := t.userByKey[strings.ToLower(key)]
	return u, ok
}

// settle sorts and indexes a tenant that has been read, gives every member the
// paths through its groups, and counts the seats.
func (t *Tenant) settle() {
	slices.SortFunc(t.users, func(a, b *user) int { return strings.Compare(a.id, b.id) })
	slices.SortFunc(t.groups, func(a, b *group) int { return strings.Compare(a.id, b.id) })
	for _, g := range t.groups {
		slices.SortFunc(g.members, func(a, b *user) int { return strings.Compare(a.id, b.id) })
		for _, u := range g.members {
			u.inherit(g)
		}
	}
	for _, u := range t.users {
		slices.SortFunc(u.inherited, comparePaths)
		u.state = u.file
	}
	t.changed = map[string][]byte{}
	t.count()
}

// inherit adds a group's licences to a member, where the file does not say
// itself how that path ended.
func (u *user) inherit(g *group) {
	for _, l := range g.licences {
		stated := func(p inherited) bool { return p.group == g && p.sku == l.sku }
		if !slices.ContainsFunc(u.inherited, stated) {
			u.inherited = append(u.inherited, inherited{licence: l, group: g, state: stateActive})
		}
	}
}

func comparePaths(a, b inherited) int {
	if c := strings.Compare(a.sku.id, b.sku.id); c != 0 {
		return c
	}
	return strings.Compare(a.group.id, b.group.id)
}

// count computes the seats in use from the holders. A tenant may use more than
// it bought; that is never an error.
func (t *Tenant) count() {
	for _, s := range t.skus {
		s.consumed = s.otherConsumed
	}
	for _, u := range t.users {
		for s := range u.held(u.state) {
			s.consumed++
		}
	}
	for _, s := range t.skus {
		s.minFree = s.free()
	}
}

// set gives a user a state and moves the seats that this takes and frees.
func (t *Tenant) set(u *user, next userState) {
	for s := range u.held(u.state) {
		s.consumed--
	}
	for s := range u.held(next) {
		s.consumed++
	}
	u.state = next
	t.track(u)
}
