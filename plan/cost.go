package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/seatwright/seatwright/state"
)

// Cost is what the plan changes in the monthly price of the seats that are used,
// signed: seats that come into use cost, seats that come free save. It says nothing
// about the invoice, which counts the seats that were bought.
type Cost struct {
	Currency string       `json:"currency"` // "": settings name no prices
	Cents    int64        `json:"cents"`    // hundredths, a month
	SKUs     []CostSKU    `json:"skus"`
	Policies []CostPolicy `json:"policies"`
	Unpriced []string     `json:"unpriced"` // part numbers of SKUs that seats change of and that have no price
}

// CostSKU is the cost of one SKU.
type CostSKU struct {
	PartNumber string `json:"sku_part_number"`
	Seats      int    `json:"seats"` // more in use, or fewer
	Cents      int64  `json:"cents"`
	ToBuy      int64  `json:"to_buy_cents"` // a month, for the seats that somebody waits for
}

// CostPolicy is the part of the cost that a policy answers for. A seat that several
// policies want is counted for the first of them by name.
type CostPolicy struct {
	Policy string `json:"policy"`
	Cents  int64  `json:"cents"`
}

// cost adds up the seats that the units take and free.
func (p *planner) cost(people []*person, accounts []SKU) Cost {
	cost := Cost{Currency: p.Set.Prices.Currency, SKUs: []CostSKU{}, Policies: []CostPolicy{}, Unpriced: []string{}}
	if cost.Currency == "" {
		return cost
	}
	seats, byPolicy := map[state.SKUID]int{}, map[string]int64{}
	for _, x := range people {
		for _, u := range x.units {
			p.addCost(u, seats, byPolicy)
		}
	}
	for _, account := range accounts {
		price, known := p.price(account.ID)
		n := seats[account.ID]
		switch {
		case !known && n != 0:
			cost.Unpriced = append(cost.Unpriced, account.PartNumber)
		case known && (n != 0 || account.Short > 0):
			cost.SKUs = append(cost.SKUs, CostSKU{account.PartNumber, n, int64(n) * price, int64(account.Short) * price})
			cost.Cents += int64(n) * price
		}
	}
	for _, policy := range slices.Sorted(maps.Keys(byPolicy)) {
		cost.Policies = append(cost.Policies, CostPolicy{policy, byPolicy[policy]})
	}
	slices.SortFunc(cost.SKUs, func(a, b CostSKU) int { return cmp.Compare(a.PartNumber, b.PartNumber) })
	return cost
}

func (p *planner) addCost(u *unit, seats map[state.SKUID]int, byPolicy map[string]int64) {
	u.each(func(x *pair) {
		var sign int
		switch {
		case x.fate == fateAdd && slices.Contains(u.takes, x.sku):
			sign = 1
		case x.fate == fateRemove && slices.Contains(u.frees, x.sku):
			sign = -1
		default:
			return
		}
		seats[x.sku] += sign
		if price, known := p.price(x.sku); known && len(x.winners) > 0 { // an undo has no policies
			names := make([]string, len(x.winners))
			for i, w := range x.winners {
				names[i] = w.policy.Name
			}
			byPolicy[slices.Min(names)] += int64(sign) * price
		}
	})
}

// price is what a seat costs a month, in hundredths.
func (p *planner) price(sku state.SKUID) (int64, bool) {
	for _, price := range p.Set.Prices.Monthly {
		if price.SKU.ID == sku && !sku.IsZero() {
			return price.Cents, true
		}
	}
	return 0, false
}
