package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

// locationWish is the usage location that one policy states for a user.
type locationWish struct {
	match
	pos       policies.Pos
	value     string
	overwrite policies.Overwrite
	row       *policies.Row // of a CSV that states it
}

// locationPlan is the usage location that a user ends up with.
type locationPlan struct {
	before, after string // equal: no step
	winners       []locationWish
	blocked       Reason // why it is left as it is, if it is
	detail        string
	dropped       Disposition // filtered or held: it would change, and does not in this run
}

// deciding returns the names of the policies that decide the location, sorted.
func (l locationPlan) deciding() []string {
	var names []string
	for _, w := range l.winners {
		names = append(names, w.policy.Name)
	}
	return sortedNames(names)
}

// locate returns the location that a user should have. A CSV row goes before a policy, then
// the highest priority wins. Different values of equal priority are a conflict.
func locate(f *facts, user state.User, matches []match, n *notes) locationPlan {
	plan := locationPlan{before: user.UsageLocation(), after: user.UsageLocation()}
	wishes := locationWishes(user, matches, n)
	if len(wishes) == 0 {
		return plan
	}
	wish := wishes[0]
	plan.winners = wishes
	if !slices.ContainsFunc(wishes, func(w locationWish) bool { return mayOverwrite(user, w) }) {
		return plan
	}
	if i := slices.IndexFunc(wishes, func(w locationWish) bool { return w.value != wish.value }); i > 0 {
		plan.blocked = ReasonLocationConflict
		plan.detail = fmt.Sprintf("policy %s says %s (%s), policy %s says %s (%s)", wish.policy.Name, wish.value, wish.pos,
			wishes[i].policy.Name, wishes[i].value, wishes[i].pos)
		return plan
	}
	if wish.value == plan.before {
		return plan
	}
	if why := f.joinConflicts[user.Row()]; why != "" {
		plan.blocked, plan.detail = ReasonJoin, why
		return plan
	}
	if plan.before != "" && f.isProtected(user) {
		protection := f.protectedUsers[user.Row()]
		plan.blocked, plan.detail = protection.reason, protection.why+": the location stays "+plan.before
		return plan
	}
	plan.after = wish.value
	return plan
}

func mayOverwrite(user state.User, wish locationWish) bool {
	switch {
	case user.UsageLocation() == "", wish.overwrite == policies.OverwriteAll:
		return true
	case wish.overwrite == policies.OverwriteCloud:
		return !user.Synced()
	}
	return false
}

// locationWishes returns the wishes that count: those of rows if there are any, else those
// of policies. Of these it returns the ones of the highest priority.
func locationWishes(user state.User, matches []match, n *notes) []locationWish {
	var rows, values []locationWish
	for _, m := range matches {
		if m.inactiveFor(user) {
			continue
		}
		overwrite := policies.OverwriteNone
		if location := m.policy.Location; location != nil {
			overwrite = location.Overwrite
			if value := statedLocation(user, *location, n); value != "" {
				values = append(values, locationWish{match: m, pos: location.Pos, value: value, overwrite: overwrite})
			}
		}
		for _, hit := range m.hits {
			if hit.Row < 0 {
				continue
			}
			if row := &m.policy.Users[hit.Selector].Rows[hit.Row]; row.Location != "" {
				rows = append(rows, locationWish{match: m, pos: row.Pos, value: row.Location, overwrite: overwrite, row: row})
			}
		}
	}
	wishes := rows
	if len(wishes) == 0 {
		wishes = values
	}
	slices.SortStableFunc(wishes, func(a, b locationWish) int {
		return cmp.Or(-cmp.Compare(a.policy.Priority, b.policy.Priority), cmp.Compare(a.policy.Name, b.policy.Name), a.pos.Compare(b.pos))
	})
	highest := 0
	for highest < len(wishes) && wishes[highest].policy.Priority == wishes[0].policy.Priority {
		highest++
	}
	return wishes[:highest]
}

// statedLocation returns the location that a policy states, or "" if it uses an attribute
// that has none.
func statedLocation(user state.User, location policies.Location, n *notes) string {
	if !location.FromCountry {
		return location.Value
	}
	code, known := catalog.CountryCode(user.Country())
	if !known && user.Country() != "" {
		n.note("the country in the directory is neither a code of ISO 3166-1 nor an English name: no usage location follows from it")
	}
	return code
}
