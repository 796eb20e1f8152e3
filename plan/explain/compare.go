package explain

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/plan"
)

// Comparison is what two plans have in common and what only one of them has. Steps are the
// same if their ids are the same: user, before and after. The reasons do not count.
type Comparison struct {
	Both     []plan.Step      `json:"both"`
	OnlyA    []plan.Step      `json:"only_a"`
	OnlyB    []plan.Step      `json:"only_b"`
	Outcomes ComparedOutcomes `json:"outcomes"`
	Seats    []ComparedSeats  `json:"seats"` // of SKUs whose account differs
}

// ComparedOutcomes are the assignments without a step that only one plan lists.
type ComparedOutcomes struct {
	Both  int                  `json:"both_count"`
	OnlyA []plan.SortedOutcome `json:"only_a"`
	OnlyB []plan.SortedOutcome `json:"only_b"`
}

// ComparedSeats are the accounts of one SKU in both plans; nil where a plan has none.
type ComparedSeats struct {
	PartNumber string    `json:"sku_part_number"`
	A          *plan.SKU `json:"a"`
	B          *plan.SKU `json:"b"`
}

// Same reports whether the plans have the same steps, outcomes and seats.
func (c Comparison) Same() bool {
	return len(c.OnlyA)+len(c.OnlyB)+len(c.Outcomes.OnlyA)+len(c.Outcomes.OnlyB)+len(c.Seats) == 0
}

// Compare compares two plans of one tenant; lists stay in the order of their plan.
func Compare(a, b *plan.Plan) Comparison {
	c := Comparison{Seats: compareSeats(a.SKUs, b.SKUs)}
	id := func(s plan.Step) string { return s.ID }
	c.Both, c.OnlyA = split(a.Steps, b.Steps, id)
	_, c.OnlyB = split(b.Steps, a.Steps, id)
	outcomesA, outcomesB := sorted(a.Outcomes), sorted(b.Outcomes)
	both, onlyA := split(outcomesA, outcomesB, keyOf)
	c.Outcomes.Both, c.Outcomes.OnlyA = len(both), onlyA
	_, c.Outcomes.OnlyB = split(outcomesB, outcomesA, keyOf)
	return c
}

func keyOf(o plan.SortedOutcome) outcomeKey {
	return outcomeKey{o.Sort, o.User.ID.String(), o.PartNumber, o.Reason}
}

// outcomeKey identifies an outcome across plans. Its detail may have other numbers.
type outcomeKey struct {
	sort, user, sku string
	reason          plan.Reason
}

func sorted(o plan.Outcomes) []plan.SortedOutcome {
	var all []plan.SortedOutcome
	for _, list := range []struct {
		sort     string
		outcomes []plan.Outcome
	}{{"blocked", o.Blocked}, {"waiting", o.Waiting}, {"held", o.Held}} {
		for _, outcome := range list.outcomes {
			all = append(all, plan.SortedOutcome{Sort: list.sort, Outcome: outcome})
		}
	}
	return all
}

// split returns which of a are in b, and which are not.
func split[V any, K comparable](a, b []V, key func(V) K) (both, only []V) {
	inB := make(map[K]bool, len(b))
	for _, v := range b {
		inB[key(v)] = true
	}
	both, only = []V{}, []V{}
	for _, v := range a {
		if inB[key(v)] {
			both = append(both, v)
		} else {
			only = append(only, v)
		}
	}
	return both, only
}

func compareSeats(a, b []plan.SKU) []ComparedSeats {
	byID := map[string]*ComparedSeats{}
	account := func(s plan.SKU) *ComparedSeats {
		if byID[s.ID.String()] == nil {
			byID[s.ID.String()] = &ComparedSeats{PartNumber: s.PartNumber}
		}
		return byID[s.ID.String()]
	}
	for _, s := range a {
		account(s).A = &s
	}
	for _, s := range b {
		account(s).B = &s
	}
	differ := []ComparedSeats{}
	for _, seats := range byID {
		if seats.A == nil || seats.B == nil || *seats.A != *seats.B {
			differ = append(differ, *seats)
		}
	}
	slices.SortFunc(differ, func(x, y ComparedSeats) int { return cmp.Compare(x.PartNumber, y.PartNumber) })
	return differ
}

// CompareWith marks in the plan what the plan of the base has too, and keeps what only
// that plan has.
func CompareWith(p, base *plan.Plan, of plan.Base) {
	compared := Compare(base, p)
	of.PoliciesDigest, of.Ended, of.EndedOutcomes = base.PoliciesDigest, compared.OnlyA, compared.Outcomes.OnlyA
	p.Base = &of
	markSteps(p.Steps, base.Steps)
	markSteps(p.Reported, base.Reported)
	known := map[outcomeKey]bool{}
	for _, outcome := range sorted(base.Outcomes) {
		known[keyOf(outcome)] = true
	}
	for sort, outcomes := range map[string][]plan.Outcome{"blocked": p.Outcomes.Blocked, "waiting": p.Outcomes.Waiting, "held": p.Outcomes.Held} {
		for i, outcome := range outcomes {
			outcomes[i].InBase = known[keyOf(plan.SortedOutcome{Sort: sort, Outcome: outcome})]
		}
	}
}

func markSteps(steps, base []plan.Step) {
	ids := map[string]bool{}
	for _, step := range base {
		ids[step.ID] = true
	}
	for i := range steps {
		steps[i].InBase = ids[steps[i].ID]
	}
}
