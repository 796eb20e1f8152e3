package plan

import (
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// Baseline holds the users that each selector matched at an earlier time. Without it, a user
// that left an OU looks like a user of an OU that could not be read.
type Baseline struct {
	Origin  string         // where it comes from, for people: "the snapshot of 2026-11-23 02:00 UTC"
	Sources []SourceRecord // sorted
	// FilesUnknown is set if it was made from a snapshot of the tenant. Then the earlier
	// content of CSV files and lists is unknown.
	FilesUnknown bool
}

// SourceRecord holds the users that one selector picked.
type SourceRecord struct {
	Policy   string         // "" for settings `protect`
	Protects bool           // it is in `except` or `protect`
	Selector string         // as the policy writes it
	Users    []state.UserID // sorted
}

// NewBaseline records the users that the selectors of a set pick in a snapshot.
func NewBaseline(origin string, set *policies.Set, matches *selector.Matches, snapshot *state.Snapshot) *Baseline {
	b := &Baseline{Origin: origin}
	for i, policy := range set.Policies {
		b.record(policy.Name, false, policy.Users, matches.Policies[i], snapshot)
		b.record(policy.Name, true, policy.Except, matches.Excepted[i], snapshot)
	}
	b.record("", true, set.Tenant.Protect, matches.Protected, snapshot)
	return b
}

func (b *Baseline) record(policy string, protects bool, selectors []policies.Selector, hits []selector.Hit, snapshot *state.Snapshot) {
	users := usersOf(len(selectors), hits, snapshot)
	for i, s := range selectors {
		b.Sources = append(b.Sources, SourceRecord{Policy: policy, Protects: protects, Selector: s.String(), Users: users[i]})
	}
}

// find returns the record of a selector, if there is one.
func (b *Baseline) find(policy string, protects bool, text string) (SourceRecord, bool) {
	if b == nil {
		return SourceRecord{}, false
	}
	i := slices.IndexFunc(b.Sources, func(r SourceRecord) bool {
		return r.Policy == policy && r.Protects == protects && r.Selector == text
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

// byFile reports whether the policy picks users by a CSV file or a list.
func byFile(policy policies.Policy) bool {
	return slices.ContainsFunc(policy.Users, func(s policies.Selector) bool { return s.Kind == policies.KindCSV || s.Kind == policies.KindList })
}

func gives(policy policies.Policy, sku state.SKUID) bool {
	is := func(l policies.License) bool { return l.SKU.ID == sku }
	return slices.ContainsFunc(policy.Licenses, is) || slices.ContainsFunc(policy.Replace, func(r policies.Replacement) bool { return is(r.To) })
}

// usersOf returns the users that each of the selectors picks, sorted.
func usersOf(selectors int, hits []selector.Hit, snapshot *state.Snapshot) [][]state.UserID {
	users := make([][]state.UserID, selectors)
	for _, hit := range hits {
		users[hit.Selector] = append(users[hit.Selector], snapshot.User(int(hit.User)).ID())
	}
	for i := range users {
		slices.SortFunc(users[i], state.UserID.Compare)
		users[i] = slices.Compact(users[i])
	}
	return users
}
