package plan

import (
	"cmp"
	"slices"
)

// Comparison is what two plans have in common and what each has alone. Steps are the
// same if their ids are: users, before and after, whatever the reasons.
type Comparison struct {
	Both     []Step           `json:"both"`
	OnlyA    []Step           `json:"only_a"`
	OnlyB    []Step           `json:"only_b"`
	Outcomes ComparedOutcomes `json:"outcomes"`
	Seats    []ComparedSeats  `json:"seats"` // of SKUs whose account differs
}

// ComparedOutcomes are the pairs that no step serves, in one plan alone.
type ComparedOutcomes struct {
	Both  int             `json:"both_count"`
	OnlyA []SortedOutcome `json:"only_a"`
	OnlyB []SortedOutcome `json:"only_b"`
}

// SortedOutcome is an outcome with the sort it is of: blocked, waiting or held.
type SortedOutcome struct {
	Sort string `json:"sort"`
	Outcome
}

// ComparedSeats are the accounts of one SKU in both plans; nil where a plan has none.
type ComparedSeats struct {
	PartNumber string `json:"sku_part_number"`
	A          *SKU   `json:"a"`
	B          *SKU   `json:"b"`
}

// Same says that the plans do, and leave, the same.
func (c Comparison) Same() bool {
	return len(c.OnlyA)+len(c.OnlyB)+len(c.Outcomes.OnlyA)+len(c.Outcomes.OnlyB)+len(c.Seats) == 0
}

// Compare compares two plans of one tenant; lists stay in the order of their plan.
func Compare(a, b *Plan) Comparison {
	c := Comparison{Seats: compareSeats(a.SKUs, b.SKUs)}
	id := func(s Step) string { return s.ID }
	c.Both, c.OnlyA = split(a.Steps, b.Steps, id)
	_, c.OnlyB = split(b.Steps, a.Steps, id)
	outcomesA, outcomesB := sorted(a.Outcomes), sorted(b.Outcomes)
	both, onlyA := split(outcomesA, outcomesB, SortedOutcome.key)
	c.Outcomes.Both, c.Outcomes.OnlyA = len(both), onlyA
	_, c.Outcomes.OnlyB = split(outcomesB, outcomesA, SortedOutcome.key)
	return c
}

func (o SortedOutcome) key() outcomeKey {
	return outcomeKey{o.Sort, o.User.ID.String(), o.PartNumber, o.Reason}
}

// outcomeKey names an outcome from one plan to the next; its detail may say other numbers.
type outcomeKey struct {
	sort, user, sku string
	reason          Reason
}

func sorted(o Outcomes) []SortedOutcome {
	var all []SortedOutcome
	for _, list := range []struct {
		sort     string
		outcomes []Outcome
	}{{"blocked", o.Blocked}, {"waiting", o.Waiting}, {"held", o.Held}} {
		for _, outcome := range list.outcomes {
			all = append(all, SortedOutcome{list.sort, outcome})
		}
	}
	return all
}

// split tells those of a that are in b from those that are not.
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

func compareSeats(a, b []SKU) []ComparedSeats {
	byID := map[string]*ComparedSeats{}
	account := func(s SKU) *ComparedSeats {
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
