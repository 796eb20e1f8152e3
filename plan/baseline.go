package plan

import (
	"math"
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// Baseline is who matched which source at an earlier time: without it nobody can
// tell somebody who left an OU from an OU that could not be read.
type Baseline struct {
	Origin  string         // where it comes from, for people: "the snapshot of 2026-11-23 02:00 UTC"
	Sources []SourceRecord // sorted
	// FilesUnknown says that it was made from a snapshot of the tenant: who stood in a
	// CSV file or a list then is not known.
	FilesUnknown bool
}

// SourceRecord is whom one selector picked.
type SourceRecord struct {
	Policy   string         // "" for settings `protect`
	Protects bool           // it stands in `except` or `protect`
	Selector string         // as the policy writes it
	Users    []state.UserID // sorted
}

// NewBaseline records whom the selectors of a set pick in a snapshot.
func NewBaseline(origin string, set *policies.Set, matches *selector.Matches, snapshot *state.Snapshot) *Baseline {
	b := &Baseline{Origin: origin}
	for i, policy := range set.Policies {
		b.record(policy.Name, false, policy.Users, matches.Policies[i], snapshot)
		b.record(policy.Name, true, policy.Except, matches.Excepted[i], snapshot)
	}
	b.record("", true, set.Tenant.Protect, matches.Protected, snapshot)
	return b
}

func (b *Baseline) record(policy string, shields bool, selectors []policies.Selector, hits []selector.Hit, snapshot *state.Snapshot) {
	users := usersOf(len(selectors), hits, snapshot)
	for i, s := range selectors {
		b.Sources = append(b.Sources, SourceRecord{Policy: policy, Protects: shields, Selector: s.String(), Users: users[i]})
	}
}

// find is the record of a selector, if there is one.
func (b *Baseline) find(policy string, shields bool, text string) (SourceRecord, bool) {
	if b == nil {
		return SourceRecord{}, false
	}
	i := slices.IndexFunc(b.Sources, func(r SourceRecord) bool {
		return r.Policy == policy && r.Protects == shields && r.Selector == text
	})
	if i < 0 {
		return SourceRecord{}, false
	}
	return b.Sources[i], true
}

func (r SourceRecord) has(id state.UserID) bool {
	_, found := slices.BinarySearchFunc(r.Users, id, state.UserID.Compare)
	return found
}

// waitsForBaseline says that a removal can follow from somebody's having left a
// source, while nobody knows who was in it: what `others` implies, what a policy on
// unmatched users takes, and what a policy of a higher priority, if it still matched
// him, would have him keep. Where only files are unknown, those that go by files count.
func (p *planner) waitsForBaseline(y pair) bool {
	if p.FirstRun || y.fate != fateRemove || p.Baseline != nil && !p.Baseline.FilesUnknown {
		return false
	}
	if y.result == resultImplied && p.canHaveLeft(y.sku, minPriority) {
		return true
	}
	return slices.ContainsFunc(y.winners, func(w mention) bool {
		return !w.want && (w.byUnmatched() && p.canHaveLeft(state.SKUID{}, minPriority) || p.canHaveLeft(w.sku, w.policy.Priority+1))
	})
}

// minPriority is below every priority.
const minPriority = math.MinInt

// canHaveLeft says whether the user may have left, unseen, an active policy that gives
// the SKU with such a priority or a higher one; the zero SKU is any policy at all.
// Without any baseline nobody knows what there was, policies that are gone included.
func (p *planner) canHaveLeft(sku state.SKUID, priority int) bool {
	if p.Baseline == nil && priority == minPriority {
		return true
	}
	for i, policy := range p.Set.Policies {
		unseen := p.Baseline == nil || byFile(policy)
		if p.active[i] && unseen && policy.Priority >= priority && (sku.IsZero() || gives(policy, sku)) {
			return true
		}
	}
	return false
}

// byFile says that a CSV file or a list says whom the policy picks.
func byFile(policy policies.Policy) bool {
	return slices.ContainsFunc(policy.Users, func(s policies.Selector) bool { return s.Kind == policies.KindCSV || s.Kind == policies.KindList })
}

// byUnmatched says that the policy picks the user for being picked by no other.
func (m match) byUnmatched() bool {
	return slices.ContainsFunc(m.hits, func(h selector.Hit) bool { return m.policy.Users[h.Selector].Kind == policies.KindUnmatched })
}

func gives(policy policies.Policy, sku state.SKUID) bool {
	is := func(l policies.License) bool { return l.SKU.ID == sku }
	return slices.ContainsFunc(policy.Licenses, is) || slices.ContainsFunc(policy.Replace, func(r policies.Replacement) bool { return is(r.To) })
}
