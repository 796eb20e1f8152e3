package plan

import (
	"slices"

	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// oneOf applies the sets of settings `one_of`. Of the wanted SKUs in a set, the one of the
// highest priority stays, and every other SKU of the set is absent. Equal priorities are a
// conflict. If a named absent of a higher priority overrules a want, that SKU is not wanted
// and excludes no other.
func (a *algebra) oneOf(decided []desire) []desire {
	for _, set := range a.Set.Tenant.OneOf {
		wants := wantsIn(set, decided)
		if len(wants) == 0 {
			continue
		}
		first, priority := wants[0], wants[0].priority()
		if rivals := slices.DeleteFunc(slices.Clone(wants), func(d desire) bool { return d.priority() < priority }); len(rivals) > 1 {
			for i := range decided {
				if slices.ContainsFunc(rivals, func(d desire) bool { return d.sku == decided[i].sku }) {
					decided[i].result, decided[i].rivals = resultConflict, [2]mention{rivals[0].winners[0], rivals[1].winners[0]}
				}
			}
			continue
		}
		decided = a.excludeRest(set, first, decided)
	}
	return decided
}

// wantsIn returns the SKUs of a set that are wanted, the highest priority first.
func wantsIn(set policies.OneOf, decided []desire) []desire {
	var wants []desire
	for _, d := range decided {
		if d.result == resultWant && !d.inactive && inSet(set, d.sku) {
			wants = append(wants, d)
		}
	}
	slices.SortStableFunc(wants, func(a, b desire) int { return b.priority() - a.priority() })
	return wants
}

func inSet(set policies.OneOf, sku state.SKUID) bool {
	return slices.ContainsFunc(set.SKUs, func(ref policies.SKURef) bool { return ref.ID == sku })
}

// excludeRest makes the other SKUs of a set absent: those that are wanted with a lower
// priority, and those that the user holds and no policy mentions.
func (a *algebra) excludeRest(set policies.OneOf, stays desire, decided []desire) []desire {
	for _, ref := range set.SKUs {
		if ref.ID == stays.sku || !a.isManaged(ref.ID) {
			continue
		}
		by := stays.winners[0]
		reason := mention{match: by.match, sku: ref.ID, pos: by.pos, instead: stays.sku}
		i := slices.IndexFunc(decided, func(d desire) bool { return d.sku == ref.ID })
		switch {
		case i < 0 && len(a.user.PathsOf(ref.ID)) > 0:
			decided = append(decided, desire{sku: ref.ID, result: resultAbsent, winners: []mention{reason}})
		case i >= 0 && decided[i].result == resultWant:
			overruled := slices.Concat(decided[i].winners, decided[i].losers)
			decided[i] = desire{sku: ref.ID, result: resultAbsent, winners: []mention{reason}, losers: overruled}
		case i >= 0 && decided[i].result == resultAbsent && !slices.ContainsFunc(decided[i].winners, by.samePolicy):
			decided[i].winners = append(slices.Clone(decided[i].winners), reason)
		}
	}
	return decided
}

func (m mention) samePolicy(other mention) bool { return m.policy == other.policy }
