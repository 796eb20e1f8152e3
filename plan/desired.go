package plan

import (
	"cmp"
	"iter"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// match is one policy that matches a user, and how it came to pick him.
type match struct {
	policy *policies.Policy
	hits   []selector.Hit // at least one
}

// mention is one policy's word about one SKU for one user.
type mention struct {
	match
	sku      state.SKUID
	want     bool // else absent
	pos      policies.Pos
	off      []policies.PlanRef // plans that a want switches off
	replaces state.SKUID        // the SKU whose place a want takes by `replace`
	dormant  bool               // a want of a policy that gives nothing to this disabled account
}

// result is what the algebra says about one user and one SKU.
type result string

const (
	resultWant     result = "want"
	resultAbsent   result = "absent"
	resultImplied  result = "implied"
	resultConflict result = "conflict"
)

// desire is the result with what led to it.
type desire struct {
	sku     state.SKUID
	result  result
	winners []mention // of the highest priority; for implied: the policy that states `others`
	dormant bool      // wanted, but only by policies that give nothing to a disabled account
}

// priority is that of the winning policies.
func (d desire) priority() int {
	if len(d.winners) == 0 {
		return 0
	}
	return d.winners[0].policy.Priority
}

// off is the set of plans that winning wants switch off.
func (d desire) off() []state.PlanID {
	var plans []state.PlanID
	for _, w := range d.winners {
		for _, plan := range w.off {
			plans = append(plans, plan.ID)
		}
	}
	return state.SortedPlans(plans)
}

// replaces says whether this want takes the place of a SKU by `replace`.
func (d desire) replaces(sku state.SKUID) bool {
	return slices.ContainsFunc(d.winners, func(w mention) bool { return w.replaces == sku })
}

// desires works out, for one user, the result of every managed SKU that a policy
// mentions or that he holds; all other pairs are ignored.
func (p *planner) desires(user state.User, matches []match) []desire {
	if len(matches) == 0 {
		return nil
	}
	chained := chained(matches)
	var out []desire
	for of := range bySKU(p.mentions(user, matches)) {
		out = append(out, decide(of, chained))
	}
	out = append(out, p.implied(user, p.others(user, matches), out)...)
	slices.SortFunc(out, func(a, b desire) int { return a.sku.Compare(b.sku) })
	return out
}

// decide takes the mentions of one SKU, highest priority first.
func decide(mentions []mention, chained map[state.SKUID]bool) desire {
	if chained[mentions[0].sku] {
		return desire{sku: mentions[0].sku, result: resultConflict, winners: mentions}
	}
	top := mentions[0].policy.Priority
	n := 1
	for n < len(mentions) && mentions[n].policy.Priority == top {
		n++
	}
	d := desire{sku: mentions[0].sku, winners: mentions[:n]}
	wants := 0
	awake := false
	for _, m := range d.winners {
		if m.want {
			wants++
			awake = awake || !m.dormant
		}
	}
	switch wants {
	case n:
		d.result, d.dormant = resultWant, !awake
	case 0:
		d.result = resultAbsent
	default:
		d.result = resultConflict
	}
	return d
}

// mentions collects what the user's policies say of each SKU, sorted by SKU, then
// the highest priority first, then in an order that no file order shows in.
func (p *planner) mentions(user state.User, matches []match) []mention {
	var out []mention
	for _, m := range matches {
		asleep := m.asleep(user)
		for _, license := range m.policy.Licenses {
			out = append(out, mention{match: m, sku: license.SKU.ID, want: true, pos: license.SKU.Pos, off: license.Disable, dormant: asleep})
		}
		for _, absent := range m.policy.Absent {
			out = append(out, mention{match: m, sku: absent.ID, pos: absent.Pos})
		}
		if !m.policy.AbsentAll.IsZero() {
			for _, sku := range p.managed {
				out = append(out, mention{match: m, sku: sku, pos: m.policy.AbsentAll})
			}
		}
	}
	sortMentions(out)
	comes := coming(user, out)
	for _, m := range matches {
		if m.asleep(user) {
			continue
		}
		for _, replacement := range m.policy.Replace {
			out = append(out, replaceMentions(user, m, replacement, comes)...)
		}
	}
	sortMentions(out)
	return out
}

// asleep says that the policy gives the user nothing, since his account is disabled.
func (m match) asleep(user state.User) bool { return !user.Enabled() && !m.policy.GiveDisabled }

func sortMentions(mentions []mention) {
	slices.SortFunc(mentions, func(a, b mention) int {
		return cmp.Or(a.sku.Compare(b.sku), -cmp.Compare(a.policy.Priority, b.policy.Priority),
			cmp.Compare(a.policy.Name, b.policy.Name), a.pos.Compare(b.pos))
	})
}

// coming are the SKUs that the user will hold directly by what his policies want
// apart from replacements. A replacement treats them as held: else it would take
// its turn in the next run only, and a second plan would not be empty.
func coming(user state.User, mentions []mention) map[state.SKUID]bool {
	comes := map[state.SKUID]bool{}
	for of := range bySKU(mentions) {
		d := decide(of, nil)
		if d.result == resultWant && !d.dormant && !slices.ContainsFunc(user.PathsOf(d.sku), state.Path.Holds) {
			comes[d.sku] = true
		}
	}
	return comes
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

// replaceMentions is what `replace: {from: to}` says of one user: a direct holder
// of From wants To and must not hold From; a holder of To only wants it as it is,
// so that the policy is stable once applied; a holder of neither is not mentioned.
func replaceMentions(user state.User, m match, r policies.Replacement, comes map[state.SKUID]bool) []mention {
	switch {
	case slices.ContainsFunc(user.PathsOf(r.From.ID), state.Path.Direct), comes[r.From.ID]:
		return []mention{
			{match: m, sku: r.To.SKU.ID, want: true, pos: r.To.SKU.Pos, off: r.To.Disable, replaces: r.From.ID},
			{match: m, sku: r.From.ID, pos: r.From.Pos},
		}
	case slices.ContainsFunc(user.PathsOf(r.To.SKU.ID), state.Path.Holds):
		return []mention{{match: m, sku: r.To.SKU.ID, want: true, pos: r.To.SKU.Pos}}
	}
	return nil
}

// chained are the SKUs that are the left of one replacement of the user and the
// right of another: carried out one after the other they would not come to rest.
func chained(matches []match) map[state.SKUID]bool {
	var lefts, rights []state.SKUID
	for _, m := range matches {
		for _, r := range m.policy.Replace {
			lefts = append(lefts, r.From.ID)
			rights = append(rights, r.To.SKU.ID)
		}
	}
	both := map[state.SKUID]bool{}
	for _, sku := range lefts {
		if slices.Contains(rights, sku) {
			both[sku] = true
		}
	}
	return both
}

// others is the policy that decides what becomes of SKUs nobody mentions: the one
// of the highest priority that says so. Said differently at equal priority, the
// user keeps them.
func (p *planner) others(user state.User, matches []match) *match {
	var decides *match
	for i, m := range matches {
		if m.policy.Others == policies.OthersUnset {
			continue
		}
		switch {
		case decides == nil || m.policy.Priority > decides.policy.Priority:
			decides = &matches[i]
		case m.policy.Priority == decides.policy.Priority && m.policy.Others != decides.policy.Others:
			p.note(user, "policies %s and %s of equal priority disagree about `others`: kept", decides.policy.Name, m.policy.Name)
			if m.policy.Others == policies.OthersKeep {
				decides = &matches[i]
			}
		}
	}
	if decides == nil || decides.policy.Others == policies.OthersKeep || decides.asleep(user) {
		return nil
	}
	return decides
}

// implied are the managed SKUs that the user holds, nobody mentions, and `others:
// remove` takes.
func (p *planner) implied(user state.User, others *match, decided []desire) []desire {
	if others == nil {
		return nil
	}
	var out []desire
	for i, path := range user.Paths() {
		again := i > 0 && user.Paths()[i-1].SKU == path.SKU
		known := slices.ContainsFunc(decided, func(d desire) bool { return d.sku == path.SKU })
		if again || known || !p.isManaged(path.SKU) {
			continue
		}
		reason := mention{match: *others, sku: path.SKU, pos: others.policy.OthersPos}
		out = append(out, desire{sku: path.SKU, result: resultImplied, winners: []mention{reason}})
	}
	return out
}
