// Package catalog translates between names and ids: product names, part numbers and plan
// names become ids, and ids become names again.
//
// Its terms:
//
//   - A part number ("SPE_E5") is Microsoft's string id of a SKU, a product name
//     ("Microsoft 365 E5") is its name in the admin center. Neither is unique.
//   - A plan name ("EXCHANGE_S_ENTERPRISE") is the string id of a service plan.
//     Friendly names of plans ("Microsoft Forms") are shared by many plans, and
//     mean one only inside a SKU. SKUs and plans are separate namespaces: MCOEV
//     is both, with different ids.
//   - The tables, skus.tsv and plans.tsv, hold the common ones. They give names
//     only: the tenant has the SKUs that exist and the plans that each contains.
//   - A loss [Family] is a kind of user data or service that goes with a service
//     plan; a [Tier] is how much of one service of it a plan gives.
//
// A name is looked for among the tenant's own part numbers first, then in the
// table among the SKUs that the tenant owns, then in the whole table; the first
// of them that has it decides. A name that means two things there is refused with both
// ([AmbiguousError]). Nothing is ever guessed from parts of a name:
// O365_BUSINESS_PREMIUM is Business Standard, and SPE_F1 is Microsoft 365 F3.
//
// Functions to compare and suggest words are here too: [Fold], [Nearest], and [Country] for
// usage locations.
//
// The files:
//
//   - catalog.go, table.go: the catalog and its embedded tables
//   - sku.go, serviceplan.go, planrules.go, free.go: SKUs, service plans, and Microsoft's rules for them
//   - family.go, family_data.go, family_security.go, family_work.go: the losses table
//   - service.go: the losses table as the reference shows it
//   - fold.go, nearest.go, country.go: comparing and suggesting words
//   - errors.go: names that mean nothing, or several things
//
// This package must never do I/O beyond its embedded tables, or know what a policy
// is. Begin with [Catalog.SKU].
package catalog
