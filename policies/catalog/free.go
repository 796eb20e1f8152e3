package catalog

import (
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state"
)

// kind is how a tenant gets a SKU.
type kind string

const (
	kindBought      kind = "bought"
	kindFree        kind = "free"         // given to every tenant, or on request
	kindTrial       kind = "trial"        // a trial, "viral" ones that users start themselves included
	kindSelfService kind = "self-service" // bought by users themselves
)

// Free reports whether a SKU is free, a trial or bought by users themselves, so that
// `manage: all` ignores it unless a policy names it.
//
// The table has the kind of its own SKUs. For others two rules of thumb apply, both seen
// in seven public listings of tenants' subscriptions: Microsoft marks such part
// numbers (POWERAPPS_VIRAL, SPZA_IW, POWER_BI_PRO_DEPT), and grants them in the
// same few round numbers of units. An exact number, not a limit: a large tenant
// buys more than 10,000 seats of a real product.
func (c *Catalog) Free(sku state.SKU) bool {
	if known, ok := c.skus.entry(sku.ID); ok {
		return known.kind != kindBought
	}
	return marked(Fold(sku.PartNumber)) || slices.Contains(grants, sku.Units())
}

// grants are the units that free SKUs come in: FLOW_FREE 10,000,
// TEAMS_COMMERCIAL_TRIAL 500,000, POWER_BI_STANDARD 1,000,000, MCOPSTNC 10,000,000.
var grants = []int{10_000, 500_000, 1_000_000, 10_000_000}

var freeEndings = []string{"_adhoc", "_dept", "_(for_departments)", "_free", "_individual_user", "_iw", "_iw_sku", "_trial", "_user_led", "_vtrial"}

func marked(partNumber string) bool {
	return strings.Contains(partNumber, "_viral") ||
		slices.ContainsFunc(freeEndings, func(ending string) bool { return strings.HasSuffix(partNumber, ending) })
}
