package explain

import (
	"cmp"
	"maps"
	"slices"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
)

// cost adds up the seats that steps take and free.
func cost(prices policies.Prices, p *plan.Plan, d *plan.Details) plan.Cost {
	cost := plan.Cost{Currency: prices.Currency, SKUs: []plan.CostSKU{}, Policies: []plan.CostPolicy{}, Unpriced: []string{}}
	if cost.Currency == "" {
		return cost
	}
	seats, byPolicy := map[state.SKUID]int{}, map[string]int64{}
	for user := range d.Users() {
		for decision := range user.Decisions() {
			n := decision.Seats()
			seats[decision.SKU] += n
			policies := decision.Winners() // none in an undo
			if price, known := priceOf(prices, decision.SKU); known && n != 0 && len(policies) > 0 {
				byPolicy[slices.Min(policies)] += int64(n) * price
			}
		}
	}
	for _, account := range p.SKUs {
		price, known := priceOf(prices, account.ID)
		n := seats[account.ID]
		switch {
		case !known && n != 0:
			cost.Unpriced = append(cost.Unpriced, account.PartNumber)
		case known && (n != 0 || account.Short > 0):
			cost.SKUs = append(cost.SKUs, plan.CostSKU{PartNumber: account.PartNumber, Seats: n, Cents: int64(n) * price, ToBuy: int64(account.Short) * price})
			cost.Cents += int64(n) * price
		}
	}
	for _, policy := range slices.Sorted(maps.Keys(byPolicy)) {
		cost.Policies = append(cost.Policies, plan.CostPolicy{Policy: policy, Cents: byPolicy[policy]})
	}
	slices.SortFunc(cost.SKUs, func(a, b plan.CostSKU) int { return cmp.Compare(a.PartNumber, b.PartNumber) })
	return cost
}

// priceOf returns what a seat costs a month, in hundredths.
func priceOf(prices policies.Prices, sku state.SKUID) (int64, bool) {
	for _, price := range prices.Monthly {
		if price.SKU.ID == sku && !sku.IsZero() {
			return price.Cents, true
		}
	}
	return 0, false
}
