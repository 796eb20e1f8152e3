package state

import (
	"slices"
	"time"
)

// Organization is the tenant itself (Graph: "List organizations").
type Organization struct {
	ID          TenantID
	DisplayName string
	Domains     []string  // verified, sorted, lower case
	LastSync    time.Time // last sync from Active Directory (onPremisesLastSyncDateTime), UTC; zero: never, or not known
}

// Capability is subscribedSku.capabilityStatus.
type Capability string

// The capability states that allow seats to be assigned; every other one
// (Suspended, Deleted, LockedOut, and whatever Microsoft adds) does not.
const (
	CapabilityEnabled Capability = "Enabled"
	CapabilityWarning Capability = "Warning"
)

// Scope is the kind of object that a SKU or a service plan applies to.
type Scope string

// The scopes of Graph's appliesTo. Only things with scope User are assigned to users.
const (
	ScopeUser    Scope = "User"
	ScopeCompany Scope = "Company"
)

// SKU is a subscribed product as the tenant owns it (Graph: "List subscribedSkus").
// Units are counts of seats.
type SKU struct {
	ID         SKUID
	PartNumber string // "SPE_E5"
	Capability Capability
	AppliesTo  Scope
	Enabled    int           // units in force
	Warning    int           // units expired, in the grace period; still usable
	Suspended  int           // not usable
	LockedOut  int           // not usable
	Consumed   int           // seats taken, as the service counts them; can exceed what is owned
	Plans      []ServicePlan // sorted by id
}

// ServicePlan is one service inside a SKU.
type ServicePlan struct {
	ID        PlanID
	Name      string // "EXCHANGE_S_ENTERPRISE"
	AppliesTo Scope
	Status    string // provisioningStatus, as given
}

// Assignable reports whether the service accepts new assignments of the SKU to users.
func (s SKU) Assignable() bool {
	return s.AppliesTo == ScopeUser && (s.Capability == CapabilityEnabled || s.Capability == CapabilityWarning)
}

// Units returns the seats that can be in use: enabled and in grace.
func (s SKU) Units() int { return s.Enabled + s.Warning }

// Plan returns the service plan of the SKU with this id.
func (s SKU) Plan(id PlanID) (ServicePlan, bool) {
	i, found := slices.BinarySearchFunc(s.Plans, id, func(p ServicePlan, id PlanID) int { return p.ID.Compare(id) })
	if !found {
		return ServicePlan{}, false
	}
	return s.Plans[i], true
}

// Group is a group of users. What a read did not request is nil.
type Group struct {
	ID             GroupID
	DisplayName    string    // "" if it could not be read
	Licenses       []License // what it gives to its direct members (Graph: "Assign licenses to a group"), sorted by SKU
	RoleAssignable bool      // it can hold directory roles (isAssignableToRole)
	Members        []UserID  // direct members who are users, sorted: only they are given licenses
	Everyone       []UserID  // transitive members who are users, sorted
}

// Source is where a snapshot came from. Only a live one may be written to.
type Source string

// The sources of a snapshot.
const (
	SourceLive    Source = "live"
	SourceFile    Source = "snapshot"
	SourceSandbox Source = "sandbox"
)

// Header is everything in a snapshot that is not a user.
type Header struct {
	Organization Organization
	Source       Source
	ReadAt       time.Time // when the read began, UTC
	Complete     bool      // every page of every list arrived
	Incomplete   string    // why not, if not
	SKUs         []SKU     // sorted by id
	Groups       []Group   // those that paths name, that give licenses, and that the query asked for; sorted by id
	Unread       []string  // what could not be read besides users and SKUs, and why: it cannot be taken into account
	Caller       UserID    // the user that the credential signs in as; zero for an application
}
