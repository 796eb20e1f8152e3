package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// replacement is one line of `replace` that speaks of a user.
type replacement struct {
	match
	policies.Replacement
	swaps bool // he holds From directly, or will; else he only keeps To
}

// replacements are the lines that speak of the user: a direct holder of From wants
// To and must not hold From; a holder of To only wants it as it is, so that the
// policy is stable once applied; a holder of neither is not mentioned.
func replacements(user state.User, lines []*replacement, comes map[state.SKUID]bool) []*replacement {
	var rules []*replacement
	for _, r := range lines {
		r.swaps = comes[r.From.ID] || slices.ContainsFunc(user.PathsOf(r.From.ID), state.Path.Direct)
		if r.swaps || slices.ContainsFunc(user.PathsOf(r.To.SKU.ID), state.Path.Holds) {
			rules = append(rules, r)
		}
	}
	return rules
}

// replaceLines are all lines of `replace` in the user's policies. A disabled account
// has none, unless it is included.
func replaceLines(user state.User, matches []match) []*replacement {
	var lines []*replacement
	for _, m := range matches {
		if m.inactiveFor(user) {
			continue
		}
		for _, line := range m.policy.Replace {
			if line.To.Missing {
				continue // if_owned: what cannot come in its place is no reason to take something
			}
			lines = append(lines, &replacement{match: m, Replacement: line})
		}
	}
	return lines
}

// coming are the SKUs that the user will hold directly by what his policies want
// apart from replacements. A replacement treats them as held: else it would take
// its turn in the next run only, and a second plan would not be empty.
func (a *algebra) coming(mentions []mention) map[state.SKUID]bool {
	comes := map[state.SKUID]bool{}
	for _, d := range a.decideEach(mentions, nil) {
		switch held := effective.HoldingOf(a.user.PathsOf(d.sku)); {
		case d.result != resultWant || d.inactive || held.Direct != nil:
		case len(held.Inherited) == 0, a.comesBeside(d):
			comes[d.sku] = true
		}
	}
	return comes
}

// comesBeside reports whether a direct path is added beside that of a group, for the
// service plans that the group lacks. Its notes are dropped: the comparison that counts
// comes later.
func (a *algebra) comesBeside(d desire) bool {
	a.judgePlans(&d, overlaysOf(a.user, a.matches))
	return compare(a.facts, a.user, d, &notes{}).disposition == DispositionAdd
}

// withRules adds what replacements say to what was said without them.
func withRules(base []mention, rules []*replacement) []mention {
	all := slices.Clone(base)
	for _, r := range rules {
		want := mention{match: r.match, sku: r.To.SKU.ID, want: true, pos: r.To.SKU.Pos, rule: r}
		if r.swaps {
			want.license = &r.To
			all = append(all, mention{match: r.match, sku: r.From.ID, pos: r.From.Pos, rule: r})
		}
		all = append(all, want)
	}
	sortMentions(all)
	return all
}

// whole says that a swap gives To and takes From, as far as policies go. About a
// conflict nothing is said: it is reported, and nothing of the user is changed.
func (r *replacement) whole(decided []desire) bool {
	if !r.swaps {
		return true
	}
	to, from := decisionOn(decided, r.To.SKU.ID), decisionOn(decided, r.From.ID)
	if to.result == resultConflict || from.result == resultConflict {
		return true
	}
	return to.result == resultWant && !to.inactive && from.result == resultAbsent
}

func decisionOn(decided []desire, sku state.SKUID) desire {
	return decided[slices.IndexFunc(decided, func(d desire) bool { return d.sku == sku })]
}

// chained are the SKUs that one line gives and another takes: carried out one after
// the other they would not come to rest.
func chained(lines []*replacement) map[state.SKUID][2]*replacement {
	chains := map[state.SKUID][2]*replacement{}
	for _, by := range lines {
		for _, of := range lines {
			if by.To.SKU.ID == of.From.ID {
				chains[of.From.ID] = [2]*replacement{by, of}
			}
		}
	}
	return chains
}
