package plan

import (
	"cmp"
	"iter"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// match is one policy that matches a user, with the hits of its selectors.
type match struct {
	policy *policies.Policy
	hits   []selector.Hit // at least one
}

// mention is what one policy states about one SKU for one user.
type mention struct {
	match
	sku      state.SKUID
	want     bool // else absent
	pos      policies.Pos
	license  *policies.License // what a want states about service plans; nil: nothing
	inactive bool              // a want of a policy that gives nothing to this disabled account
	rule     *replacement      // the replacement that it comes from, if any
	instead  state.SKUID       // absent by `one_of`: the SKU of the set that is wanted
}

// result is what policies decide about one user and one SKU.
type result string

const (
	resultWant     result = "want"
	resultAbsent   result = "absent"
	resultImplied  result = "implied"
	resultConflict result = "conflict"
	resultUnstated result = "unstated" // nothing about the SKU itself, only about its service plans
)

// desire is the result with what led to it.
type desire struct {
	sku      state.SKUID
	result   result
	winners  []mention       // of the highest priority; for implied: the policy that states `others`
	losers   []mention       // the other mentions
	inactive bool            // wanted, but only by policies that give nothing to a disabled account
	chain    [2]*replacement // of a conflict: the replacements by it, and of it
	rivals   [2]mention      // of a conflict: two wants of one `one_of` set
	plans    opinion         // of a want or an unstated one
}

// priority returns the priority of the winning policies.
func (d desire) priority() int {
	if len(d.winners) == 0 {
		return 0
	}
	return d.winners[0].policy.Priority
}

// appendDeciding appends the names of the policies that decide: those that want or take the
// SKU, and those that decide its service plans.
func (d desire) appendDeciding(names []string) []string {
	for _, w := range d.winners {
		names = append(names, w.policy.Name)
	}
	for _, w := range d.plans.statements() {
		names = append(names, w.policy.Name)
	}
	return names
}

func sortedNames(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// replacedBy reports whether a replacement or a `one_of` set removes this SKU to give the
// other one instead. It also counts if other policies want or remove one of the two. Removed
// alone, the user would have neither.
func (d desire) replacedBy(sku state.SKUID) bool {
	by := func(m mention) bool {
		return !m.want && (m.rule != nil && m.rule.To.SKU.ID == sku || m.instead == sku && !sku.IsZero())
	}
	return slices.ContainsFunc(d.winners, by) || slices.ContainsFunc(d.losers, by)
}

// algebra decides what the policies that match one user want of each SKU.
type algebra struct {
	*facts
	*notes
	user    state.User
	matches []match // at least one
}

// desiresOf returns what policies decide about every managed SKU that a policy mentions
// or that the user holds. All other assignments of the user are ignored.
func desiresOf(f *facts, user state.User, matches []match, n *notes) []desire {
	if len(matches) == 0 {
		return nil
	}
	a := &algebra{facts: f, user: user, matches: matches, notes: n}
	out := a.decideAll()
	out = append(out, a.implied(a.others(), out)...)
	overlays := overlaysOf(user, matches)
	out = append(out, a.unstated(overlays, out)...)
	for i := range out {
		a.judgePlans(&out[i], overlays)
	}
	slices.SortFunc(out, func(a, b desire) int { return a.sku.Compare(b.sku) })
	return out
}

// decideAll decides every SKU that is mentioned. If other policies overrule one half of a
// replacement, both halves are left out and everything is decided again. Half of it would
// remove a SKU and give none, or give a second suite.
func (a *algebra) decideAll() []desire {
	base := a.mentions()
	lines := replaceLines(a.user, a.matches)
	rules, chains := replacements(a.user, lines, a.willHold(base)), chainedSKUs(lines)
	for {
		out := a.decideEach(withRules(base, rules), chains)
		broken := slices.IndexFunc(rules, func(r *replacement) bool { return !r.isWhole(out) })
		if broken < 0 {
			return out
		}
		r := rules[broken]
		a.note("policy %s does not replace %s by %s here: policies of a higher priority decide otherwise",
			r.policy.Name, a.part(r.From.ID), a.part(r.To.SKU.ID))
		rules = slices.Delete(rules, broken, broken+1)
	}
}

// decideEach decides SKU by SKU, and then applies the sets of `one_of`.
func (a *algebra) decideEach(mentions []mention, chains map[state.SKUID][2]*replacement) []desire {
	var out []desire
	for of := range bySKU(mentions) {
		out = append(out, decide(of, chains))
	}
	return a.oneOf(out)
}

// decide takes the mentions of one SKU, highest priority first.
func decide(mentions []mention, chains map[state.SKUID][2]*replacement) desire {
	d := decideByPriority(mentions)
	if _, chain := chains[d.sku]; chain && slices.ContainsFunc(d.winners, func(w mention) bool { return w.rule != nil }) {
		d.result, d.chain = resultConflict, chains[d.sku]
		return d
	}
	if d.result != resultWant || !d.inactive {
		return d
	}
	// Policies that give nothing to this disabled account only keep what it has. A
	// policy of a lower priority that includes disabled accounts may give.
	active := slices.DeleteFunc(slices.Clone(mentions), func(m mention) bool { return m.inactive })
	if len(active) > 0 {
		if given := decideByPriority(active); given.result == resultWant {
			return given
		}
	}
	return d
}

// decideByPriority lets the mentions of the highest priority decide.
func decideByPriority(mentions []mention) desire {
	n := 1
	for n < len(mentions) && mentions[n].policy.Priority == mentions[0].policy.Priority {
		n++
	}
	d := desire{sku: mentions[0].sku, winners: mentions[:n], losers: mentions[n:], result: resultConflict}
	wants, active := 0, false
	for _, m := range d.winners {
		if m.want {
			wants++
			active = active || !m.inactive
		}
	}
	switch wants {
	case n:
		d.result, d.inactive = resultWant, !active
	case 0:
		d.result = resultAbsent
	}
	return d
}

// mentions collects what the user's policies state about each SKU, without replacements,
// sorted by [sortMentions].
func (a *algebra) mentions() []mention {
	var out []mention
	for _, m := range a.matches {
		inactiveFor := m.inactiveFor(a.user)
		for i, license := range m.policy.Licenses {
			if !license.Missing {
				out = append(out, mention{match: m, sku: license.SKU.ID, want: true, pos: license.SKU.Pos, license: &m.policy.Licenses[i], inactive: inactiveFor})
			}
		}
		for _, absent := range m.policy.Absent {
			out = append(out, mention{match: m, sku: absent.ID, pos: absent.Pos})
		}
		if !m.policy.AbsentAll.IsZero() {
			for _, sku := range a.managed {
				out = append(out, mention{match: m, sku: sku, pos: m.policy.AbsentAll})
			}
		}
	}
	sortMentions(out)
	return out
}

// inactiveFor reports whether the policy gives the user nothing, since the account is disabled.
func (m match) inactiveFor(user state.User) bool { return !user.Enabled() && !m.policy.GiveDisabled }

// sortMentions sorts by SKU, then the highest priority first, then in an order that does
// not depend on the order of files.
func sortMentions(mentions []mention) {
	slices.SortFunc(mentions, func(a, b mention) int {
		return cmp.Or(a.sku.Compare(b.sku), -cmp.Compare(a.policy.Priority, b.policy.Priority),
			cmp.Compare(a.policy.Name, b.policy.Name), a.pos.Compare(b.pos))
	})
}

// bySKU cuts sorted mentions into those of each SKU.
func bySKU(mentions []mention) iter.Seq[[]mention] {
	return func(yield func([]mention) bool) {
		for len(mentions) > 0 {
			n := 1
			for n < len(mentions) && mentions[n].sku == mentions[0].sku {
				n++
			}
			if !yield(mentions[:n]) {
				return
			}
			mentions = mentions[n:]
		}
	}
}

// others returns the policy that decides about SKUs which no policy mentions: the policy of
// the highest priority with `others`. If policies of equal priority disagree, the user
// keeps these SKUs. It returns nil if they are kept.
func (a *algebra) others() *match {
	var decides *match
	for i, m := range a.matches {
		if m.policy.Others == policies.OthersUnset {
			continue
		}
		switch {
		case decides == nil || m.policy.Priority > decides.policy.Priority:
			decides = &a.matches[i]
		case m.policy.Priority == decides.policy.Priority && m.policy.Others != decides.policy.Others:
			a.note("policies %s and %s of equal priority disagree about `others`: kept", decides.policy.Name, m.policy.Name)
			if m.policy.Others == policies.OthersKeep {
				decides = &a.matches[i]
			}
		}
	}
	if decides == nil || decides.policy.Others == policies.OthersKeep || decides.inactiveFor(a.user) {
		return nil
	}
	return decides
}

// implied returns the managed SKUs that the user holds, that no policy mentions, and that
// `others: remove` takes.
func (a *algebra) implied(others *match, decided []desire) []desire {
	if others == nil {
		return nil
	}
	var out []desire
	for i, path := range a.user.Paths() {
		again := i > 0 && a.user.Paths()[i-1].SKU == path.SKU
		known := slices.ContainsFunc(decided, func(d desire) bool { return d.sku == path.SKU })
		if again || known || !a.isManaged(path.SKU) {
			continue
		}
		reason := mention{match: *others, sku: path.SKU, pos: others.policy.OthersPos}
		out = append(out, desire{sku: path.SKU, result: resultImplied, winners: []mention{reason}})
	}
	return out
}
