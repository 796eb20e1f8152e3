package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// decodedUser is a user while it is decoded into a record.
type decodedUser struct {
	there    attribute
	record   state.Record
	userType string
	assigned []state.SKUID // SKUs of assignedLicenses
	paths    []state.Path  // licenseAssignmentStates
	held     []state.SKUID // see inconsistent
}

// attribute is a set of attributes. Every answer has each selected attribute, with null
// where it is unset; a missing attribute was not read at all.
type attribute uint

const (
	hasID attribute = 1 << iota
	hasUPN
	hasName
	hasEnabled
	hasType
	hasLocation
	hasCountry
	hasSynced
	hasDN
	hasDomain
	hasImmutableID
	hasSID
	hasAssigned
	hasStates
	hasAll attribute = 1<<iota - 1
)

// attributeOf returns the attribute of a name as written in JSON; 0 for one that is not
// selected.
func attributeOf(name []byte) attribute {
	switch string(name) {
	case `"id"`:
		return hasID
	case `"userPrincipalName"`:
		return hasUPN
	case `"displayName"`:
		return hasName
	case `"accountEnabled"`:
		return hasEnabled
	case `"userType"`:
		return hasType
	case `"usageLocation"`:
		return hasLocation
	case `"country"`:
		return hasCountry
	case `"onPremisesSyncEnabled"`:
		return hasSynced
	case `"onPremisesDistinguishedName"`:
		return hasDN
	case `"onPremisesDomainName"`:
		return hasDomain
	case `"onPremisesImmutableId"`:
		return hasImmutableID
	case `"onPremisesSecurityIdentifier"`:
		return hasSID
	case `"assignedLicenses"`:
		return hasAssigned
	case `"licenseAssignmentStates"`:
		return hasStates
	}
	return 0
}

// userSelect requests the attributes that a [state.Record] is made of ("user resource
// type": most of them are returned only on $select).
const userSelect = "$select=id,userPrincipalName,displayName,accountEnabled,userType,usageLocation,country," +
	"onPremisesSyncEnabled,onPremisesDistinguishedName,onPremisesDomainName,onPremisesImmutableId,onPremisesSecurityIdentifier," +
	"assignedLicenses,licenseAssignmentStates"

func (u *decodedUser) reset() {
	*u = decodedUser{assigned: u.assigned[:0], paths: u.paths[:0], held: u.held[:0]}
}

// check returns why nothing may be concluded from the attributes, or nil.
func (u *decodedUser) check() error {
	if missing := hasAll &^ u.there; missing != 0 {
		return fmt.Errorf("it has no %s", missing.first())
	}
	if u.record.ID.IsZero() || u.record.UserPrincipalName == "" {
		return errors.New("it has no id or userPrincipalName")
	}
	for _, p := range u.paths {
		if p.SKU.IsZero() || p.State == "" {
			return errors.New("an assignment path has no skuId or state")
		}
	}
	return nil
}

// first returns the name of the first attribute of a set, in the order in which they are
// selected.
func (a attribute) first() string {
	for name := range strings.SplitSeq(strings.TrimPrefix(userSelect, "$select="), ",") {
		if a&attributeOf([]byte(`"`+name+`"`)) != 0 {
			return name
		}
	}
	return ""
}

// finish returns the record, which shares nothing with the decodedUser.
func (u *decodedUser) finish() state.Record {
	r := u.record
	r.Guest = strings.EqualFold(u.userType, "Guest") // null: created before the attribute existed, a member
	r.Paths = slices.Clone(u.paths)
	r.Inconsistent = u.inconsistent()
	return r
}

// inconsistent reports whether the SKUs of assignedLicenses differ from those of the
// paths that are not in error. They come from different sources and can disagree. A path
// in an undocumented state proves nothing, so it counts as inconsistent too.
func (u *decodedUser) inconsistent() bool {
	for _, p := range u.paths {
		switch p.State {
		case state.PathActive, state.PathActiveWithError, state.PathDisabled:
			u.held = append(u.held, p.SKU)
		case state.PathError:
		default:
			return true
		}
	}
	return !slices.Equal(distinct(u.held), distinct(u.assigned))
}

// distinct sorts ids and removes duplicates, in place.
func distinct(ids []state.SKUID) []state.SKUID {
	slices.SortFunc(ids, state.SKUID.Compare)
	return slices.Compact(ids)
}
