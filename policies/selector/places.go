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

// The rules of problems with what a directory says.
const (
	// RulePlace is an OU or a domain that a directory does not have.
	RulePlace diag.Rule = "place"
	// ruleJoin is about users of the directory who cannot be told in the tenant.
	ruleJoin diag.Rule = "join"
)

// PlaceAt is a place that a selector names, and where it does so first.
type PlaceAt struct {
	state.Place

	Pos policies.Pos
}

// Places returns what a directory must be asked for, so that the sets can be resolved;
// each once, in an order that does not depend on files.
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

// PlacesOf returns what a directory must be asked for on account of these selectors.
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

// inOUs returns who lies in one of the OUs: by what the directory says where it was
// read, else by what was synced.
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

// inDomain returns who belongs to an AD domain, likewise.
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

// rowsOf returns the users of a place, with a word on those who are not.
func (r *resolver) rowsOf(place state.Place, pos policies.Pos) []int32 {
	rows, read := r.snapshot.Directory.Rows(place)
	if !read {
		r.problems.Add(pos, RulePlace, "", "%s was not read from the directory", diag.Quote(place.String()))
		return nil
	}
	if r.told == nil {
		r.told = map[string]bool{}
	}
	if !r.told[place.Key()] {
		r.told[place.Key()] = true
		r.tell(place, pos)
	}
	return rows
}

// maxUnjoined is how many users a warning names before it only counts them.
const maxUnjoined = 20

// tell warns of what is doubtful about a place, once.
func (r *resolver) tell(place state.Place, pos policies.Pos) {
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
		r.warnings.Add(pos, ruleJoin, "those whom Entra Connect does not sync get no license", "%s has users who cannot be told in the tenant (%d): %s",
			diag.Quote(place.String()), left, strings.Join(names, "; "))
	}
}
