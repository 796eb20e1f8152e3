package policies

import (
	"fmt"
	"math"
	"slices"

	"github.com/seatwright/seatwright/policies/guard"
)

var waiversFileMapping = Mapping{ID: "waivers-file", Title: "waivers.yaml", Subject: "the file", Noun: "waivers", Keys: []Key{
	{Name: "waivers", Type: listOf(mappingOf("waiver")).orEmpty(), Required: true, Meaning: "The waivers of all tenants."},
}}

// waiverMapping returns the keys of a waiver: of one guard among those that a waiver can
// override.
func waiverMapping(guards guard.Table) Mapping {
	limit := unionOf(numberFrom(0, math.MaxInt32), textLike("number with `%`", `^(0|[1-9][0-9]*)%$`))
	return Mapping{ID: "waiver", Title: "a waiver", Subject: "the waiver", Noun: "waiver", Keys: []Key{
		{Name: "tenant", Type: nameType, When: "if the settings have several tenants", Meaning: "The tenant that the waiver is for."},
		{Name: "guard", Type: choiceOf(waivableGuards(guards)...), Required: true, Meaning: "The guard whose limit is raised."},
		{Name: "sku", Type: skuType, When: "for guards with one limit per SKU", Meaning: "The SKU whose limit is raised."},
		{Name: "policy", Type: nameType, When: "for guards with one limit per policy", Meaning: "The policy whose limit is raised."},
		{Name: "limit", Type: limit, Required: true, Meaning: "The new limit, in the unit of the guard."},
		{Name: "reason", Type: textOf("text"), Required: true, Meaning: "Who wants the change, and why."},
		{Name: "expires", Type: dateType, Required: true, Meaning: fmt.Sprintf("The last day on which the waiver counts, at most %d days ahead.", longestWaiver)},
	}}
}

// waivableGuards returns the names of the guards that a waiver can override, sorted.
func waivableGuards(guards guard.Table) []string {
	var names []string
	for _, row := range guards.Rows() {
		if row.Overridable() {
			names = append(names, string(row.Name))
		}
	}
	slices.Sort(names)
	return names
}

var acceptFileMapping = Mapping{ID: "accept-file", Title: "accept.yaml", Subject: "the file", Noun: "accepted drift", Keys: []Key{
	{Name: "accepted", Type: listOf(mappingOf("accepted")).orEmpty(), Required: true, Meaning: "The accepted items of all tenants."},
}}

var acceptedMapping = Mapping{ID: "accepted", Title: "an accepted item", Subject: "the accepted item", Noun: "accepted item", Keys: []Key{
	{Name: "tenant", Type: nameType, When: "if the settings have several tenants", Meaning: "The tenant that the item is in."},
	{Name: "key", Type: textLike("key of drift", driftKey.String()), Required: true, Meaning: "The key that `seatwright drift` prints with the item."},
	{Name: "reason", Type: textOf("text"), Required: true, Meaning: "Why the item may stay as it is."},
	{Name: "expires", Type: dateType, Required: true, Meaning: fmt.Sprintf("The last day on which the entry counts, at most %d days ahead.", longestAcceptance)},
}}

var pricesMapping = Mapping{ID: "prices-file", Title: "the file of prices", Subject: "the file", Noun: "prices", Keys: []Key{
	{Name: "currency", Type: textLike("currency code", currencyPattern.String()), Required: true, Meaning: "Three capital letters of ISO 4217, such as `EUR`."},
	{Name: "monthly", Type: entriesOf(skuType, textLike("price", amount.String())), Required: true, Meaning: "What one seat costs per month."},
}}

var lockMapping = Mapping{ID: "lock-file", Title: "the lock file", Subject: "the lock file", Noun: "lock file", Keys: []Key{
	{Name: "version", Type: choiceOf(wordVersion), Required: true, Meaning: "The version of the file."},
	{Name: "tenants", Type: entriesOf(nameType, entriesOf(textOf("GUID"), mappingOf("locked-sku")).orEmpty()).orEmpty(), Required: true, Meaning: "The SKUs of each tenant."},
}}

var lockedSKUMapping = Mapping{ID: "locked-sku", Title: "a SKU", Subject: "the SKU", Noun: "locked SKU", Keys: []Key{
	{Name: "name", Type: textOf("text"), Required: true, Meaning: "The string id of the SKU."},
	{Name: "plans", Type: entriesOf(textOf("GUID"), textOf("text")).orEmpty(), Required: true, Meaning: "The service plans of the SKU, by id."},
}}
