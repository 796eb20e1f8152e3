package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// draft is a user on the way to a record.
type draft struct {
	there    attribute
	record   state.Record
	userType string
	assigned []state.SKUID // SKUs of assignedLicenses
	paths    []state.Path  // licenseAssignmentStates
	held     []state.SKUID // see inconsistent
}

// attribute is a set of attributes. Each one that was selected comes in every
// answer, as null where it is unset; one that is missing was not read at all.
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

// attributeOf returns the attribute of a name as it stands in JSON; 0 for one that is not
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

// userSelect asks for what a [state.Record] is made of ("user resource type": most
// of it is returned only on $select).
const userSelect = "$select=id,userPrincipalName,displayName,accountEnabled,userType,usageLocation,country," +
	"onPremisesSyncEnabled,onPremisesDistinguishedName,onPremisesDomainName,onPremisesImmutableId,onPremisesSecurityIdentifier," +
	"assignedLicenses,licenseAssignmentStates"

func (u *draft) reset() {
	*u = draft{assigned: u.assigned[:0], paths: u.paths[:0], held: u.held[:0]}
}

// check says why nothing may be concluded from what came.
func (u *draft) check() error {
	if missing := hasAll &^ u.there; missing != 0 {
		return fmt.Errorf("it comes without %s", missing.first())
	}
	if u.record.ID.IsZero() || u.record.UserPrincipalName == "" {
		return errors.New("it comes without id or userPrincipalName")
	}
	for _, p := range u.paths {
		if p.SKU.IsZero() || p.State == "" {
			return errors.New("an assignment path comes without skuId or state")
		}
	}
	return nil
}

// first names the first attribute of a set, in the order in which they are selected.
func (a attribute) first() string {
	for name := range strings.SplitSeq(strings.TrimPrefix(userSelect, "$select="), ",") {
		if a&attributeOf([]byte(`"`+name+`"`)) != 0 {
			return name
		}
	}
	return ""
}

// finish returns the record, which shares nothing with the draft.
func (u *draft) finish() state.Record {
	r := u.record
	r.Guest = strings.EqualFold(u.userType, "Guest") // null: created before the attribute, a member
	r.Paths = slices.Clone(u.paths)
	r.Inconsistent = u.inconsistent()
	return r
}

// inconsistent compares the SKUs of assignedLicenses with those of the paths that
// are not in error: they come from different places and can disagree. A path in a
// state that is not documented proves nothing either way, which is as bad.
func (u *draft) inconsistent() bool {
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

// distinct sorts ids and drops those that come again, in place.
func distinct(ids []state.SKUID) []state.SKUID {
	slices.SortFunc(ids, state.SKUID.Compare)
	return slices.Compact(ids)
}
