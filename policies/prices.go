package policies

import (
	"regexp"
	"strconv"

	"github.com/seatwright/seatwright/policies/diag"
)

// readPrices reads the file of prices, if the settings name one.
func (l *loader) readPrices(t Tenant) Prices {
	if t.Prices == "" {
		return Prices{}
	}
	data, ok := readFile(l.settings, t.Prices, maxYAMLBytes, t.PricesPos, &l.problems)
	if !ok {
		return Prices{}
	}
	var prices Prices
	if root, ok := parseYAML(t.Prices, data, &l.problems); ok {
		prices = decodePrices(root)
	}
	l.addInput(t.Prices, InputPrices, len(prices.Monthly), data)
	return prices
}

// decodePrices reads `currency: CHF` and `monthly: {SPE_E5: 57.00}`.
func decodePrices(root value) Prices {
	var prices Prices
	written := root.fields(pricesMapping, keys{
		"currency": func(v value) { prices.Currency = decodeCurrency(v) },
		"monthly":  func(v value) { prices.Monthly = decodeMonthly(v) },
	})
	root.complete(pricesMapping, root.pos(), written)
	return prices
}

var currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)

func decodeCurrency(v value) string {
	currency, ok := v.word()
	if ok && !currencyPattern.MatchString(currency) {
		v.problem(diag.RuleValue, "write three capital letters of ISO 4217, such as CHF", "%s is not a currency", diag.Quote(currency))
	}
	return currency
}

func decodeMonthly(v value) []Price {
	if v.isMapping() && len(v.node.Content) == 0 {
		v.problem(diag.RuleValue, "write {SPE_E5: 57.00}", "the mapping is empty")
	}
	var prices []Price
	var skus []SKURef
	for _, entry := range v.filled("a mapping from SKUs to prices") {
		name, named := entry.keyWord()
		cents, ok := decodeCents(entry)
		if !named || !ok {
			continue
		}
		price := Price{SKU: SKURef{Name: name, Pos: entry.keyPos()}, Cents: cents}
		prices, skus = append(prices, price), append(skus, price.SKU)
	}
	reportTwice(v.doc.problems, "monthly", skus, SKURef.folded)
	return prices
}

// amount matches a price below a thousand million, so that sums over a million users do
// not overflow.
var amount = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?$`)

// decodeCents reads a decimal number exactly, as hundredths.
func decodeCents(v value) (int64, bool) {
	text, ok := v.word()
	if !ok {
		return 0, false
	}
	parts := amount.FindStringSubmatch(text)
	if parts == nil {
		v.problem(diag.RuleValue, "write it with a point and two decimals at most, such as 57.00", "%s is not a price", diag.Quote(text))
		return 0, false
	}
	decimals := (parts[2] + "00")[:2]
	cents, err := strconv.ParseInt(parts[1]+decimals, 10, 64)
	return cents, err == nil
}
