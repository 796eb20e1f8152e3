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

	mu      sync.RWMutex      // guards all below, user.state, group.state, sku.consumed and sku.minFree
	changed map[string][]byte // by object id: users and groups
	queued  []*group          // told what their members do not have yet
	history history
	record  recorder
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
	otherConsumed         int  // seats of users whom the file does not list
	selfService           bool // bought by users for themselves: nobody assigns it

	consumed int // holders and otherConsumed
	minFree  int
}

// servicePlan is Graph's servicePlanInfo.
type servicePlan struct {
	ID                 string `json:"servicePlanId"`
	Name               string `json:"servicePlanName"`
	ProvisioningStatus string `json:"provisioningStatus"`
	AppliesTo          string `json:"appliesTo"`

	prohibitedIn []string // usage locations where it is not offered
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
	memberOf   []*group // sorted by id
	collides   bool     // another user has one of his proxyAddresses
	file       userState
	state      userState
}

// userState is the part of a user that a licence tool changes, by itself or
// through a group. Its slices are never written to once they are here.
type userState struct {
	location  string      // usageLocation, "" for unset
	direct    []licence   // sorted by SKU
	inherited []inherited // sorted by SKU, then group
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

// group is one group with what it licenses. Everything but state is as the file
// says and never changes.
type group struct {
	id         string
	attributes attributes
	members    []*user  // sorted by id
	nested     []*group // groups that are members, sorted by id
	memberOf   []*group // sorted by id
	file       groupState
	state      groupState
}

// groupState is the part of a group that a licence tool changes.
type groupState struct {
	licences []licence // sorted by SKU
	asked    time.Time // when the members were to get them; zero where they have
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

// RLock keeps the tenant as it is until RUnlock, for an answer that shows it.
func (t *Tenant) RLock() { t.mu.RLock() }

// RUnlock ends RLock.
func (t *Tenant) RUnlock() { t.mu.RUnlock() }

// settle sorts and indexes a tenant that has been read, gives every member the
// paths through its groups, and counts the seats.
func (t *Tenant) settle() {
	slices.SortFunc(t.users, func(a, b *user) int { return strings.Compare(a.id, b.id) })
	slices.SortFunc(t.groups, func(a, b *group) int { return strings.Compare(a.id, b.id) })
	for _, g := range t.groups {
		slices.SortFunc(g.members, func(a, b *user) int { return strings.Compare(a.id, b.id) })
		slices.SortFunc(g.nested, func(a, b *group) int { return strings.Compare(a.id, b.id) })
		for _, u := range g.members {
			u.memberOf = append(u.memberOf, g)
			u.inherit(g)
		}
		for _, inner := range g.nested {
			inner.memberOf = append(inner.memberOf, g)
		}
		g.state = g.file
	}
	for _, u := range t.users {
		slices.SortFunc(u.file.inherited, comparePaths)
		u.state = u.file
	}
	t.compareAddresses()
	t.changed = map[string][]byte{}
	t.count()
}

// compareAddresses finds the users who have a proxy address that another one has
// too.
func (t *Tenant) compareAddresses() {
	owners := map[string][]*user{}
	for _, u := range t.users {
		addresses, _ := u.attributes["proxyAddresses"].([]string)
		for _, a := range addresses {
			owners[strings.ToLower(a)] = append(owners[strings.ToLower(a)], u)
		}
	}
	for _, users := range owners {
		for _, u := range users {
			u.collides = u.collides || slices.ContainsFunc(users, func(other *user) bool { return other != u })
		}
	}
}

// inherit adds a group's licences to a member, where the file does not say
// itself how that path ended. Members of a nested group get nothing: only the
// first level is licensed (Entra: group-based licensing additional scenarios).
func (u *user) inherit(g *group) {
	for _, l := range g.file.licences {
		if !slices.ContainsFunc(u.file.inherited, func(p inherited) bool { return p.of(g, l.sku) }) {
			u.file.inherited = append(u.file.inherited, inherited{licence: l, group: g, state: stateActive})
		}
	}
}

// of tells whether a path goes through a group to a SKU.
func (p inherited) of(g *group, s *sku) bool { return p.group == g && p.sku == s }

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
		for s := range u.state.held() {
			s.consumed++
		}
	}
	for _, s := range t.skus {
		s.minFree = s.free()
	}
}

// set gives a user a state and moves the seats that this takes and frees.
func (t *Tenant) set(u *user, next userState) {
	for s := range u.state.held() {
		s.consumed--
	}
	for s := range next.held() {
		s.consumed++
	}
	u.state = next
	t.track(u)
}

// subscribedID is the id of the subscribedSku, which is not its skuId.
func (s *sku) subscribedID() string { return s.organizationID + "_" + s.id }
