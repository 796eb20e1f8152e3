package selector

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// The rules of problems with a directory.
const (
	// RulePlace is an OU or a domain that a directory does not have.
	RulePlace diag.Rule = "place"
	// ruleJoin is about users of the directory that cannot be matched with the tenant.
	ruleJoin diag.Rule = "join"
)

// PlaceAt is a place that a selector names, with the first position that names it.
type PlaceAt struct {
	state.Place

	Pos policies.Pos
}

// Places returns the places to read from a directory, so that the sets can be resolved.
// Each is listed once, in an order that does not depend on files.
func Places(sets ...*policies.Set) []PlaceAt {
	var all []policies.Selector
	for _, set := range sets {
		for _, policy := range set.Policies {
			all = slices.Concat(all, policy.Users, policy.Except)
		}
		all = append(all, set.Tenant.Protect...)
	}
	return PlacesOf(all...)
}

// PlacesOf returns the places to read from a directory for these selectors.
func PlacesOf(selectors ...policies.Selector) []PlaceAt {
	var places []PlaceAt
	for _, s := range selectors {
		for _, ou := range s.OUs {
			places = append(places, PlaceAt{ou.Place(), ou.Pos})
		}
		if s.Domain != "" {
			places = append(places, PlaceAt{state.Place{Domain: s.Domain}, s.Pos})
		}
	}
	slices.SortFunc(places, func(a, b PlaceAt) int {
		return cmp.Or(cmp.Compare(a.Key(), b.Key()), a.Pos.Compare(b.Pos))
	})
	return slices.CompactFunc(places, func(a, b PlaceAt) bool { return a.Key() == b.Key() })
}

// Pin returns the set with the names that the directory has now for OUs that are named by
// objectGUID, so that it can be resolved against a snapshot of another time too.
func Pin(set *policies.Set, directory *state.Directory) *policies.Set {
	pinned := *set
	pinned.Policies = slices.Clone(set.Policies)
	for i := range pinned.Policies {
		pinned.Policies[i].Users = pinAll(pinned.Policies[i].Users, directory)
		pinned.Policies[i].Except = pinAll(pinned.Policies[i].Except, directory)
	}
	pinned.Tenant.Protect = pinAll(set.Tenant.Protect, directory)
	return &pinned
}

func pinAll(selectors []policies.Selector, directory *state.Directory) []policies.Selector {
	pinned := slices.Clone(selectors)
	for i := range pinned {
		pinned[i].OUs = slices.Clone(pinned[i].OUs)
		for k := range pinned[i].OUs {
			ou := &pinned[i].OUs[k]
			if base, found := directory.Base(ou.Place()); found && !ou.GUID.IsZero() {
				ou.DN = base
			}
		}
	}
	return pinned
}

// inOUs returns a function that reports whether a user is in one of the OUs: by the
// directory if it was read, else by the values of the last sync.
func (r *resolver) inOUs(ous []policies.OU) func(state.User) bool {
	if r.snapshot.Directory == nil {
		inside := r.containers(ous)
		return func(user state.User) bool { return inside[user.ContainerCode()] }
	}
	inside := make([]bool, r.snapshot.Len())
	for _, ou := range ous {
		for _, row := range r.rowsOf(ou.Place(), ou.Pos) {
			inside[row] = true
		}
	}
	return func(user state.User) bool { return inside[user.Row()] }
}

// inDomain returns a function that reports whether a user is in an AD domain, from the same
// sources.
func (r *resolver) inDomain(s policies.Selector) func(state.User) bool {
	domain := strings.ToLower(s.Domain)
	if r.snapshot.Directory == nil {
		return func(user state.User) bool { return user.Domain() == domain }
	}
	inside := make([]bool, r.snapshot.Len())
	for _, row := range r.rowsOf(state.Place{Domain: domain}, s.Pos) {
		inside[row] = true
	}
	return func(user state.User) bool { return inside[user.Row()] }
}

// rowsOf returns the users of a place, and warns about users that it cannot match.
func (r *resolver) rowsOf(place state.Place, pos policies.Pos) []int32 {
	rows, read := r.snapshot.Directory.Rows(place)
	if !read {
		r.problems.Add(pos, RulePlace, "", "%s was not read from the directory", diag.Quote(place.String()))
		return nil
	}
	if r.reported == nil {
		r.reported = map[string]bool{}
	}
	if !r.reported[place.Key()] {
		r.reported[place.Key()] = true
		r.reportPlace(place, pos)
	}
	return rows
}

// maxUnjoined is how many users a warning names before it only counts them.
const maxUnjoined = 20

// reportPlace warns once about doubts that concern a place.
func (r *resolver) reportPlace(place state.Place, pos policies.Pos) {
	for _, remark := range r.snapshot.Directory.Remarks(place) {
		r.warnings.Add(pos, ruleJoin, "", "%s", remark)
	}
	var names []string
	left := 0
	for _, u := range r.snapshot.Directory.Unjoined {
		if u.Place.Key() != place.Key() {
			continue
		}
		if left++; left <= maxUnjoined {
			names = append(names, u.User.DN)
		}
	}
	if left > maxUnjoined {
		names = append(names, fmt.Sprintf("and %d more", left-maxUnjoined))
	}
	if left > 0 {
		r.warnings.Add(pos, ruleJoin, "users that Entra Connect does not sync get no license", "%s has users that cannot be matched with the tenant (%d): %s",
			diag.Quote(place.String()), left, strings.Join(names, "; "))
	}
}
