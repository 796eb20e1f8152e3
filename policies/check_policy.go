package policies

import (
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// checkPolicy finds what a policy says against itself. Names are compared by their
// text here, and by the ids behind them in [Bind].
func checkPolicy(v value, p Policy, written map[string]Pos) {
	problems := v.doc.problems
	if !p.AbsentAll.IsZero() {
		for _, key := range []string{"licenses", "replace"} {
			if pos, both := written[key]; both {
				problems.Add(pos, diag.RuleConflict, "make it a policy of its own", "%q cannot stand beside \"absent: all\"", key)
			}
		}
	}
	if !p.From.IsZero() && !p.Until.IsZero() && !p.Until.After(p.From) {
		problems.Add(written["until"], diag.RuleConflict, "until is the first day on which it no longer counts", "\"until\" is not after \"from\": the policy would never count")
	}
	for _, license := range allLicenses(p) {
		reportTwicePlans(problems, "disable", license.Disable, PlanRef.folded)
		reportTwicePlans(problems, "enable", license.Enable, PlanRef.folded)
	}
	reportCollisions(problems, p, SKURef.folded)
	reportPlansOff(problems, p, PlanOff.folded, PlanRef.folded)
}

// folded is the form in which names of SKUs compare as text.
func (r SKURef) folded() string { return catalog.Fold(r.Name) }

// folded is the form in which names of service plans compare as text.
func (r PlanRef) folded() string { return catalog.Fold(r.Name) }

// byID is the form in which bound SKUs compare; "" for an unbound one.
func (r SKURef) byID() string {
	if r.ID.IsZero() {
		return ""
	}
	return r.ID.String()
}

// byID is the form in which bound service plans compare; "" for an unbound one.
func (r PlanRef) byID() string {
	if r.ID.IsZero() {
		return ""
	}
	return r.ID.String()
}

// folded is the form in which names under plans_off compare as text.
func (o PlanOff) folded() []string { return []string{catalog.Fold(o.Name)} }

// byID are the forms in which bound plans under plans_off compare.
func (o PlanOff) byID() []string {
	ids := make([]string, len(o.IDs))
	for i, id := range o.IDs {
		ids[i] = id.String()
	}
	return ids
}

// allLicenses are the SKUs that a policy may give, wherever it says so.
func allLicenses(p Policy) []License {
	licenses := append([]License(nil), p.Licenses...)
	for _, replacement := range p.Replace {
		licenses = append(licenses, replacement.To)
	}
	return licenses
}

// mentioned are all SKUs that a policy names.
func mentioned(p Policy) []SKURef {
	var refs []SKURef
	for _, license := range p.Licenses {
		refs = append(refs, license.SKU)
	}
	for _, replacement := range p.Replace {
		refs = append(refs, replacement.From, replacement.To.SKU)
	}
	return append(refs, p.Absent...)
}

// reportCollisions finds SKUs that stand where they exclude each other. Key is the
// form to compare; SKUs whose key is "" are left out.
func reportCollisions(problems *Problems, p Policy, key func(SKURef) string) {
	var wanted, from, to []SKURef
	for _, license := range p.Licenses {
		wanted = append(wanted, license.SKU)
	}
	for _, replacement := range p.Replace {
		from = append(from, replacement.From)
		to = append(to, replacement.To.SKU)
	}
	reportTwice(problems, "licenses", wanted, key)
	reportTwice(problems, "absent", p.Absent, key)
	reportTwice(problems, "replace", from, key)
	reportBoth(problems, place{"licenses", wanted}, place{"absent", p.Absent}, key)
	reportBoth(problems, place{"replace (left side)", from}, place{"replace (right side)", to}, key)
	reportBoth(problems, place{"licenses", wanted}, place{"replace (left side)", from}, key)
	reportBoth(problems, place{"replace (right side)", to}, place{"absent", p.Absent}, key)
}

// place is where in a policy SKUs are named.
type place struct {
	name string
	skus []SKURef
}

// reportBoth finds SKUs that two places name although they exclude each other.
func reportBoth(problems *Problems, a, b place, key func(SKURef) string) {
	first := map[string]SKURef{}
	for _, sku := range a.skus {
		first[key(sku)] = sku
	}
	for _, sku := range b.skus {
		if earlier, both := first[key(sku)]; both && key(sku) != "" {
			problems.Add(sku.Pos, diag.RuleConflict, "keep one of them", "%s stands in %s and in %s (line %d)",
				diag.Quote(sku.Name), b.name, a.name, earlier.Pos.Line)
		}
	}
}

// reportTwice finds SKUs that one list names twice.
func reportTwice(problems *Problems, list string, skus []SKURef, key func(SKURef) string) {
	first := map[string]SKURef{}
	for _, sku := range skus {
		k := key(sku)
		if earlier, twice := first[k]; twice && k != "" {
			problems.Add(sku.Pos, diag.RuleConflict, "keep one of them", "%s stands twice in %s: here and, as %s, in line %d",
				diag.Quote(sku.Name), list, diag.Quote(earlier.Name), earlier.Pos.Line)
			continue
		}
		first[k] = sku
	}
}

// reportShared finds SKUs that stand twice in one set of `one_of`, or in two.
func reportShared(problems *Problems, sets []OneOf, key func(SKURef) string) {
	first := map[string]OneOf{}
	for _, set := range sets {
		reportTwice(problems, "one_of", set.SKUs, key)
		for _, sku := range set.SKUs {
			k := key(sku)
			if earlier, shared := first[k]; shared && k != "" && earlier.Name != set.Name {
				problems.Add(sku.Pos, diag.RuleConflict, "keep it in one of them", "%s stands in the sets %s and %s of one_of",
					diag.Quote(sku.Name), diag.Quote(earlier.Name), diag.Quote(set.Name))
				continue
			}
			first[k] = set
		}
	}
}

// reportTwicePlans finds service plans that one list names twice.
func reportTwicePlans(problems *Problems, list string, plans []PlanRef, key func(PlanRef) string) {
	first := map[string]bool{}
	for _, plan := range plans {
		k := key(plan)
		if first[k] && k != "" {
			problems.Add(plan.Pos, diag.RuleConflict, "keep one of them", "%s stands twice in %s", diag.Quote(plan.Name), list)
		}
		first[k] = true
	}
}

// reportPlansOff finds service plans that plans_off names twice, or that the same
// policy enables.
func reportPlansOff(problems *Problems, p Policy, off func(PlanOff) []string, on func(PlanRef) string) {
	first := map[string]PlanOff{}
	for _, plan := range p.PlansOff {
		for _, k := range off(plan) {
			if earlier, twice := first[k]; twice && earlier.Pos != plan.Pos {
				problems.Add(plan.Pos, diag.RuleConflict, "keep one of them", "%s stands twice in plans_off", diag.Quote(plan.Name))
				break
			}
			first[k] = plan
		}
	}
	for _, license := range allLicenses(p) {
		for _, plan := range license.Enable {
			if earlier, both := first[on(plan)]; both && on(plan) != "" {
				problems.Add(plan.Pos, diag.RuleConflict, "keep one of them", "%s stands in enable and in plans_off (line %d)", diag.Quote(plan.Name), earlier.Pos.Line)
			}
		}
	}
}
