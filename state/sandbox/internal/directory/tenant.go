package directory

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Tenant is one embedded Microsoft 365 tenant: the content of the tenant file, and what has
// been changed since. It is safe for use by several goroutines.
type Tenant struct {
	source       []byte // the tenant file
	Digest       string // of its bytes
	Organization *Organization
	SKUs         []*SKU   // in file order, as Graph keeps the order of purchase
	Users        []*User  // sorted by id
	Groups       []*Group // sorted by id

	skuByID   map[string]*SKU
	userByKey map[string]*User // by id, and by user principal name in lower case
	groupByID map[string]*Group

	mu      sync.RWMutex      // guards all below, user.state, group.state, sku.consumed and sku.minFree
	changed map[string][]byte // by object id: users and groups
	queued  []*Group          // changed, and their members do not have it yet
	History history
	record  recorder
}

// Organization is the tenant's own directory object.
type Organization struct {
	ID         string
	Attributes Attributes
	Domains    []VerifiedDomain
}

// VerifiedDomain is Graph's verifiedDomain.
type VerifiedDomain struct {
	Capabilities string `json:"capabilities"`
	IsDefault    bool   `json:"isDefault"`
	IsInitial    bool   `json:"isInitial"`
	Name         string `json:"name"`
	Type         string `json:"type"`
}

// SKU is one subscribedSku with its seats.
type SKU struct {
	ID, PartNumber        string
	OrganizationID        string
	AccountName           string
	SubscriptionIDs       []string
	AppliesTo, Capability string
	Plans                 []servicePlan
	Prepaid               PrepaidUnits
	otherConsumed         int  // seats of users that the file does not list
	selfService           bool // bought by users for themselves: it cannot be assigned

	Consumed int // holders and otherConsumed
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

// PrepaidUnits is Graph's licenseUnitsDetail.
type PrepaidUnits struct {
	Enabled   int `json:"enabled"`
	Suspended int `json:"suspended"`
	Warning   int `json:"warning"`
	LockedOut int `json:"lockedOut"`
}

// Free returns the seats that can still be assigned. Units in warning stay assignable,
// suspended ones do not (microsoft-graph-docs-contrib issue 2337). The result is negative
// if more is used than bought.
func (s *SKU) Free() int { return s.Prepaid.Enabled + s.Prepaid.Warning - s.Consumed }

// Plan returns the service plan with an id.
func (s *SKU) Plan(id string) (servicePlan, bool) {
	i := slices.IndexFunc(s.Plans, func(p servicePlan) bool { return p.ID == id })
	if i < 0 {
		return servicePlan{}, false
	}
	return s.Plans[i], true
}

// User is one account. Everything except state is as in the file and never changes.
type User struct {
	ID, UPN    string
	Enabled    bool
	Attributes Attributes
	MemberOf   []*Group // sorted by id
	collides   bool     // another user has one of the same proxyAddresses
	file       UserState
	State      UserState
}

// UserState is the part of a user that a license tool changes, directly or through a group.
// Its slices are never written to after they are set.
type UserState struct {
	Location  string      // usageLocation, "" for unset
	Direct    []License   // sorted by SKU
	Inherited []Inherited // sorted by SKU, then group
}

// License is one SKU with the service plans that one path switches off.
type License struct {
	SKU     *SKU
	Off     []string // ids of service plans, sorted
	updated time.Time
}

// Inherited is a path through a licensed group.
type Inherited struct {
	License

	Group         *Group
	State         string // Active, ActiveWithError, Disabled or Error
	failureReason string // Graph's error value, "" for none
}

// active reports whether the path gives the license. A path in state Error gives nothing
// and takes no seat.
func (p Inherited) active() bool {
	return p.State == StateActive || p.State == stateActiveWithError
}

// Group is one group with what it licenses. Everything except state is as in the file and
// never changes.
type Group struct {
	ID         string
	Attributes Attributes
	Members    []*User  // sorted by id
	Nested     []*Group // groups that are members, sorted by id
	MemberOf   []*Group // sorted by id
	file       groupState
	State      groupState
}

// groupState is the part of a group that a license tool changes.
type groupState struct {
	Licenses []License // sorted by SKU
	asked    time.Time // when the group was changed; zero if the members have them
}

// Attributes are the plain properties of an object by Graph's names: strings,
// booleans, lists of strings. A property that is unset has no entry.
type Attributes map[string]any

// User returns the user with an object id or user principal name, as "GET users/{id |
// userPrincipalName}" does.
func (t *Tenant) User(key string) (*User, bool) {
	u, ok := t.userByKey[strings.ToLower(key)]
	return u, ok
}

// RLock keeps the tenant as it is until RUnlock, for an answer that shows it.
func (t *Tenant) RLock() { t.mu.RLock() }

// RUnlock ends RLock.
func (t *Tenant) RUnlock() { t.mu.RUnlock() }

// buildIndexes sorts and indexes a tenant that has been read, gives every member the
// paths through its groups, and counts the seats.
func (t *Tenant) buildIndexes() {
	slices.SortFunc(t.Users, func(a, b *User) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(t.Groups, func(a, b *Group) int { return strings.Compare(a.ID, b.ID) })
	for _, g := range t.Groups {
		slices.SortFunc(g.Members, func(a, b *User) int { return strings.Compare(a.ID, b.ID) })
		slices.SortFunc(g.Nested, func(a, b *Group) int { return strings.Compare(a.ID, b.ID) })
		for _, u := range g.Members {
			u.MemberOf = append(u.MemberOf, g)
			u.inherit(g)
		}
		for _, inner := range g.Nested {
			inner.MemberOf = append(inner.MemberOf, g)
		}
		g.State = g.file
	}
	for _, u := range t.Users {
		slices.SortFunc(u.file.Inherited, comparePaths)
		u.State = u.file
	}
	t.compareAddresses()
	t.changed = map[string][]byte{}
	t.countSeats()
}

// compareAddresses marks users who share a proxy address.
func (t *Tenant) compareAddresses() {
	owners := map[string][]*User{}
	for _, u := range t.Users {
		addresses, _ := u.Attributes["proxyAddresses"].([]string)
		for _, a := range addresses {
			owners[strings.ToLower(a)] = append(owners[strings.ToLower(a)], u)
		}
	}
	for _, users := range owners {
		for _, u := range users {
			u.collides = u.collides || slices.ContainsFunc(users, func(other *User) bool { return other != u })
		}
	}
}

// inherit adds a group's licenses to a member, unless the file has the result of that path
// itself. Members of a nested group get nothing: only the first level is licensed (Entra:
// group-based licensing additional scenarios).
func (u *User) inherit(g *Group) {
	for _, l := range g.file.Licenses {
		if !slices.ContainsFunc(u.file.Inherited, func(p Inherited) bool { return p.goesThrough(g, l.SKU) }) {
			u.file.Inherited = append(u.file.Inherited, Inherited{License: l, Group: g, State: StateActive})
		}
	}
}

// goesThrough reports whether a path goes through a group to a SKU.
func (p Inherited) goesThrough(g *Group, s *SKU) bool { return p.Group == g && p.SKU == s }

func comparePaths(a, b Inherited) int {
	if c := strings.Compare(a.SKU.ID, b.SKU.ID); c != 0 {
		return c
	}
	return strings.Compare(a.Group.ID, b.Group.ID)
}

// countSeats computes the seats in use from the holders. A tenant may use more than it
// bought. That is never an error.
func (t *Tenant) countSeats() {
	for _, s := range t.SKUs {
		s.Consumed = s.otherConsumed
	}
	for _, u := range t.Users {
		for s := range u.State.Held() {
			s.Consumed++
		}
	}
	for _, s := range t.SKUs {
		s.minFree = s.Free()
	}
}

// setUser gives a user a state and moves the seats that this takes and frees.
func (t *Tenant) setUser(u *User, next UserState) {
	for s := range u.State.Held() {
		s.Consumed--
	}
	for s := range next.Held() {
		s.Consumed++
	}
	u.State = next
	t.track(u)
}

// SubscribedID returns the id of the subscribedSku, which is not its skuId.
func (s *SKU) SubscribedID() string { return s.OrganizationID + "_" + s.ID }
