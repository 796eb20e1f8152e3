package plan

import (
	"slices"

	"github.com/seatwright/seatwright/plan/effective"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// replacement is one line of `replace` that applies to a user.
type replacement struct {
	match
	policies.Replacement
	swaps bool // the user holds From directly, or will; else the user only keeps To
}

// replacements returns the lines that apply to the user. A user that holds From directly
// wants To, and From is absent. A user that holds To only keeps it, so that the policy is
// stable after it was applied. Lines do not apply to a user that holds neither.
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

// replaceLines returns all lines of `replace` in the user's policies. A disabled account has
// none, unless the policy includes it.
func replaceLines(user state.User, matches []match) []*replacement {
	var lines []*replacement
	for _, m := range matches {
		if m.inactiveFor(user) {
			continue
		}
		for _, line := range m.policy.Replace {
			if line.To.Missing {
				continue // if_owned: a SKU that cannot be given replaces nothing
			}
			lines = append(lines, &replacement{match: m, Replacement: line})
		}
	}
	return lines
}

// willHold returns the SKUs that the user will hold directly by policies without replacements.
// A replacement treats them as held. Otherwise it would only apply in the next run, and a
// second plan would not be empty.
func (a *algebra) willHold(mentions []mention) map[state.SKUID]bool {
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

// withRules adds the mentions of replacements to those without them.
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

// isWhole reports whether policies let a swap both give To and take From. A conflict counts as
// whole: it is reported, and the user is not changed.
func (r *replacement) isWhole(decided []desire) bool {
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

// chainedSKUs returns the SKUs that one line gives and another one takes: carried out one after
// the other, they would never converge.
func chainedSKUs(lines []*replacement) map[state.SKUID][2]*replacement {
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
