package policies

import (
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// checkPolicy reports contradictions in a policy. Names are compared by their text here,
// and by their ids in [Bind].
func checkPolicy(v value, p Policy, written map[string]Pos) {
	problems := v.doc.problems
	if !p.AbsentAll.IsZero() {
		for _, key := range []string{"licenses", "replace"} {
			if pos, both := written[key]; both {
				problems.Add(pos, diag.RuleConflict, "move it to a policy of its own", "%q is not allowed beside \"absent: all\"", key)
			}
		}
	}
	if !p.From.IsZero() && !p.Until.IsZero() && !p.Until.After(p.From) {
		problems.Add(written["until"], diag.RuleConflict, "until is the first day on which the policy no longer counts", "\"until\" is not after \"from\": the policy would never count")
	}
	for _, license := range allLicenses(p) {
		reportTwicePlans(problems, "disable", license.Disable, PlanRef.folded)
		reportTwicePlans(problems, "enable", license.Enable, PlanRef.folded)
	}
	reportCollisions(problems, p, SKURef.folded)
	reportPlansOff(problems, p, PlanOff.folded, PlanRef.folded)
}

// folded returns the form in which names of SKUs compare as text.
func (r SKURef) folded() string { return catalog.Fold(r.Name) }

// folded returns the form in which names of service plans compare as text.
func (r PlanRef) folded() string { return catalog.Fold(r.Name) }

// byID returns the form in which bound SKUs compare; "" for an unbound one.
func (r SKURef) byID() string {
	if r.ID.IsZero() {
		return ""
	}
	return r.ID.String()
}

// byID returns the form in which bound service plans compare; "" for an unbound one.
func (r PlanRef) byID() string {
	if r.ID.IsZero() {
		return ""
	}
	return r.ID.String()
}

// folded returns the form in which names under plans_off compare as text.
func (o PlanOff) folded() []string { return []string{catalog.Fold(o.Name)} }

// byID returns the forms in which bound plans under plans_off compare.
func (o PlanOff) byID() []string {
	ids := make([]string, len(o.IDs))
	for i, id := range o.IDs {
		ids[i] = id.String()
	}
	return ids
}

// allLicenses returns the SKUs that a policy may give, under licenses or replace.
func allLicenses(p Policy) []License {
	licenses := append([]License(nil), p.Licenses...)
	for _, replacement := range p.Replace {
		licenses = append(licenses, replacement.To)
	}
	return licenses
}

// mentioned returns all SKUs that a policy names.
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

// reportCollisions reports SKUs in lists of a policy that exclude each other. key returns
// the form to compare; SKUs whose key is "" are left out.
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

// place is a list of a policy that names SKUs.
type place struct {
	name string
	skus []SKURef
}

// reportBoth reports SKUs that two places name although they exclude each other.
func reportBoth(problems *Problems, a, b place, key func(SKURef) string) {
	first := map[string]SKURef{}
	for _, sku := range a.skus {
		first[key(sku)] = sku
	}
	for _, sku := range b.skus {
		if earlier, both := first[key(sku)]; both && key(sku) != "" {
			problems.Add(sku.Pos, diag.RuleConflict, "keep one of them", "%s is in %s and in %s (line %d)",
				diag.Quote(sku.Name), b.name, a.name, earlier.Pos.Line)
		}
	}
}

// reportTwice reports SKUs that one list names twice.
func reportTwice(problems *Problems, list string, skus []SKURef, key func(SKURef) string) {
	first := map[string]SKURef{}
	for _, sku := range skus {
		k := key(sku)
		if earlier, twice := first[k]; twice && k != "" {
			problems.Add(sku.Pos, diag.RuleConflict, "keep one of them", "%s is in %s twice: here and, as %s, in line %d",
				diag.Quote(sku.Name), list, diag.Quote(earlier.Name), earlier.Pos.Line)
			continue
		}
		first[k] = sku
	}
}

// reportShared reports SKUs that are twice in one set of `one_of`, or in two sets.
func reportShared(problems *Problems, sets []OneOf, key func(SKURef) string) {
	first := map[string]OneOf{}
	for _, set := range sets {
		reportTwice(problems, "one_of", set.SKUs, key)
		for _, sku := range set.SKUs {
			k := key(sku)
			if earlier, shared := first[k]; shared && k != "" && earlier.Name != set.Name {
				problems.Add(sku.Pos, diag.RuleConflict, "keep it in one of them", "%s is in the sets %s and %s of one_of",
					diag.Quote(sku.Name), diag.Quote(earlier.Name), diag.Quote(set.Name))
				continue
			}
			first[k] = set
		}
	}
}

// reportTwicePlans reports service plans that one list names twice.
func reportTwicePlans(problems *Problems, list string, plans []PlanRef, key func(PlanRef) string) {
	first := map[string]bool{}
	for _, plan := range plans {
		k := key(plan)
		if first[k] && k != "" {
			problems.Add(plan.Pos, diag.RuleConflict, "keep one of them", "%s is in %s twice", diag.Quote(plan.Name), list)
		}
		first[k] = true
	}
}

// reportPlansOff reports service plans that plans_off names twice, or that the same
// policy enables.
func reportPlansOff(problems *Problems, p Policy, off func(PlanOff) []string, on func(PlanRef) string) {
	first := map[string]PlanOff{}
	for _, plan := range p.PlansOff {
		for _, k := range off(plan) {
			if earlier, twice := first[k]; twice && earlier.Pos != plan.Pos {
				problems.Add(plan.Pos, diag.RuleConflict, "keep one of them", "%s is in plans_off twice", diag.Quote(plan.Name))
				break
			}
			first[k] = plan
		}
	}
	for _, license := range allLicenses(p) {
		for _, plan := range license.Enable {
			if earlier, both := first[on(plan)]; both && on(plan) != "" {
				problems.Add(plan.Pos, diag.RuleConflict, "keep one of them", "%s is in enable and in plans_off (line %d)", diag.Quote(plan.Name), earlier.Pos.Line)
			}
		}
	}
}
