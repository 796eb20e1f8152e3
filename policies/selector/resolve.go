package selector

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// The rules of problems that depend on the tenant.
const (
	// ruleMissing is a row or a group that does not exist in the tenant.
	ruleMissing diag.Rule = "missing"
	// ruleIdentity is a row whose id and UPN belong to two users, or a group that has
	// another name.
	ruleIdentity diag.Rule = "identity"
	// ruleNoUser is a selector that selects no user.
	ruleNoUser diag.Rule = "no-user"
)

// Resolve returns the users that every policy selects. The error holds a
// [policies.Problem] for everything that must exist and does not. A selector without a
// user, and rows that `missing: skip` left out, are warnings.
func Resolve(set *policies.Set, snapshot *state.Snapshot) (*Matches, []policies.Problem, error) {
	r := resolver{snapshot: snapshot}
	named := make([][]Hit, len(set.Policies)) // by any other source than unmatched
	matched := make([]bool, snapshot.Len())
	for i, policy := range set.Policies {
		r.external = policy.TakeExternal
		named[i] = r.union(policy.Users, roleUsers)
		for _, hit := range named[i] {
			matched[hit.User] = true
		}
	}
	matches := &Matches{Policies: make([][]Hit, len(set.Policies)), Excepted: make([][]Hit, len(set.Policies))}
	for i, policy := range set.Policies {
		selected := sorted(append(named[i], r.unmatched(policy, matched)...))
		matches.Excepted[i] = r.union(policy.Except, roleExcept)
		matches.Policies[i] = without(selected, matches.Excepted[i])
	}
	matches.Protected = r.union(set.Tenant.Protect, roleProtect)
	return matches, r.warnings.List(), r.problems.Err()
}

// Pick returns the users that one selector selects, to show them. With external it returns
// guests and #EXT# members too. The users of `unmatched` depend on all policies: here it
// selects none.
func Pick(selector policies.Selector, snapshot *state.Snapshot, external bool) ([]Hit, []policies.Problem, error) {
	r := resolver{snapshot: snapshot, external: external}
	hits := r.union([]policies.Selector{selector}, roleUsers)
	return hits, r.warnings.List(), r.problems.Err()
}

// role is what a list of selectors is for. Selectors of `except` and `protect` select
// guests too, and nothing in them may be missing or empty: a user who is missed there
// could lose a license.
type role string

const (
	roleUsers   role = "users"
	roleExcept  role = "except"
	roleProtect role = "protect"
)

type resolver struct {
	snapshot *state.Snapshot
	external bool // the policy selects guests and #EXT# members by wide sources too
	upns     []string
	reported map[string]bool // places of the directory with warnings
	problems policies.Problems
	warnings policies.Problems
}

func (r *resolver) union(selectors []policies.Selector, as role) []Hit {
	var hits []Hit
	for i, selector := range selectors {
		before := r.problems.Len()
		found := r.resolve(selector, int32(i), as)
		if len(found) == 0 && r.problems.Len() == before && selector.Kind != policies.KindUnmatched {
			r.reportNoUser(selector, as)
		}
		hits = append(hits, found...)
	}
	return sorted(hits)
}

func (r *resolver) resolve(selector policies.Selector, index int32, as role) []Hit {
	var hits []Hit
	matches := r.filters(selector)
	take := func(user state.User, row int) {
		if matches(user) {
			hits = append(hits, Hit{User: int32(user.Row()), Selector: index, Row: int32(row)})
		}
	}
	switch selector.Kind {
	case policies.KindCSV, policies.KindList, policies.KindUPNs, policies.KindIDs:
		r.rows(selector, as, take)
	case policies.KindOU:
		r.eachUser(as, r.inOUs(selector.OUs), take)
	case policies.KindAll, policies.KindFilter:
		r.eachUser(as, func(state.User) bool { return true }, take)
	case policies.KindGroup:
		r.group(selector.Group, as, take)
	case policies.KindUnmatched: // see [resolver.unmatched]
	}
	return hits
}

// eachUser calls take for all wanted users. It leaves guests and external members out,
// unless the role or the policy includes them.
func (r *resolver) eachUser(as role, wanted func(state.User) bool, take func(state.User, int)) {
	all := as != roleUsers || r.external
	for user := range r.snapshot.Users() {
		if wanted(user) && (all || user.Internal()) {
			take(user, -1)
		}
	}
}

// containers returns for each container of the snapshot whether it lies in one of the OUs.
func (r *resolver) containers(ous []policies.OU) []bool {
	inside := make([]bool, len(r.snapshot.Containers()))
	for code, container := range r.snapshot.Containers() {
		for _, ou := range ous {
			if !ou.DN.IsZero() && (container.Equal(ou.DN) || ou.Subtree && container.Under(ou.DN)) {
				inside[code] = true
			}
		}
	}
	for _, ou := range ous {
		if ou.DN.IsZero() {
			r.problems.Add(ou.Pos, RulePlace, "write the distinguished name, or plan with the directory", "%s needs a directory to look it up in", diag.Quote(ou.String()))
		}
	}
	return inside
}

// filters returns a function that reports whether a user passes the filters of a selector.
func (r *resolver) filters(selector policies.Selector) func(state.User) bool {
	inDomain := func(state.User) bool { return true }
	if selector.Domain != "" {
		inDomain = r.inDomain(selector)
	}
	if selector.Search == "" {
		return inDomain
	}
	text := catalog.Fold(selector.Search)
	return func(user state.User) bool {
		return inDomain(user) && (strings.Contains(catalog.Fold(user.DisplayName()), text) || strings.Contains(catalog.Fold(user.UserPrincipalName()), text))
	}
}

// rows looks up every row of a file or an inline list.
func (r *resolver) rows(selector policies.Selector, as role, take func(state.User, int)) {
	for i, row := range selector.Rows {
		user, found := r.find(row)
		switch {
		case !found && as == roleUsers && selector.Missing == policies.MissingSkip:
			r.warnings.Add(row.Pos, ruleMissing, "", "%s does not exist in the tenant and is skipped", describe(row))
		case !found:
			r.problems.Add(row.Pos, ruleMissing, r.nearest(row), "%s does not exist in the tenant", describe(row))
		case r.isAnotherUser(row, user):
			r.problems.Add(row.Pos, ruleIdentity, "correct the row, or remove its UserPrincipalName so that the id decides",
				"%s: the id belongs to %s, and the name to another user", describe(row), diag.Quote(user.UserPrincipalName()))
		default:
			take(user, i)
		}
	}
}

func (r *resolver) find(row policies.Row) (state.User, bool) {
	if !row.ID.IsZero() {
		return r.snapshot.Find(row.ID)
	}
	return r.snapshot.FindUPN(row.UPN)
}

// isAnotherUser reports whether a row's UPN belongs to another user than its id. A UPN that
// no user has belongs to a user who was renamed: the id decides.
func (r *resolver) isAnotherUser(row policies.Row, user state.User) bool {
	if row.ID.IsZero() || row.UPN == "" {
		return false
	}
	named, found := r.snapshot.FindUPN(row.UPN)
	return found && named.ID() != user.ID()
}

// nearest returns a hint about the user that a row probably means. It stops at the number
// of problems that are shown, since each search compares with every user.
func (r *resolver) nearest(row policies.Row) string {
	if row.UPN == "" || r.problems.Len() >= diag.MaxProblems {
		return ""
	}
	if r.upns == nil {
		for user := range r.snapshot.Users() {
			r.upns = append(r.upns, user.UserPrincipalName())
		}
	}
	return catalog.DidYouMean(row.UPN, r.upns)
}

// reportNoUser reports a selector that selects no user.
func (r *resolver) reportNoUser(selector policies.Selector, as role) {
	const message = "this selector selects no user"
	if as == roleUsers {
		r.warnings.Add(selector.Pos, ruleNoUser, r.nearestPlace(selector), message)
		return
	}
	r.problems.Add(selector.Pos, ruleNoUser, r.nearestPlace(selector), "%s, and each selector in %s must select one", message, as)
}

// nearestPlace returns a hint about the OU or domain that the selector probably means.
func (r *resolver) nearestPlace(selector policies.Selector) string {
	if selector.Domain != "" {
		return r.domains()
	}
	if len(selector.OUs) != 1 || !selector.OUs[0].GUID.IsZero() {
		return ""
	}
	var names []string
	for _, container := range r.snapshot.Containers()[1:] {
		for !container.IsZero() {
			names = append(names, container.String())
			container = container.Parent()
		}
	}
	if near := catalog.Nearest(selector.OUs[0].DN.String(), names); near != "" && near != selector.OUs[0].DN.String() {
		return diag.DidYouMean(near)
	}
	return ""
}

// domains returns a hint with the AD domains of the tenant. A common mistake is to write
// the domain of the mail addresses.
func (r *resolver) domains() string {
	seen := map[string]bool{}
	for user := range r.snapshot.Users() {
		seen[user.Domain()] = true
	}
	delete(seen, "")
	names := slices.Sorted(maps.Keys(seen))
	if len(names) == 0 || len(names) > 5 {
		return ""
	}
	return "the AD domains of the users are " + strings.Join(names, ", ")
}

// describe returns a row as the file shows it.
func describe(row policies.Row) string {
	user := row.UPN
	if !row.ID.IsZero() {
		user = row.ID.String()
	}
	return fmt.Sprintf("row %d (%s)", row.Number, diag.Quote(user))
}
