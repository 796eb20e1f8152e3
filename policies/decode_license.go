package policies

import (
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
)

// decodeSKU reads one name of a SKU.
func decodeSKU(v value) (SKURef, bool) {
	name, ok := v.word()
	return SKURef{Name: name, Pos: v.pos()}, ok
}

// decodeSKUs reads a list of SKU names.
func decodeSKUs(v value, want, ifEmpty string) []SKURef {
	var skus []SKURef
	for _, item := range v.items(want, ifEmpty) {
		if item.isMapping() {
			item.reportKind("the name of a SKU", "")
		} else if sku, ok := decodeSKU(item); ok {
			skus = append(skus, sku)
		}
	}
	return skus
}

func decodeLicenses(v value) []License {
	const ifEmpty = "remove the key if the policy gives nothing; write absent: [SPE_E3] or absent: all to remove licenses"
	var licenses []License
	for _, item := range v.items("a list of SKUs", ifEmpty) {
		if license, ok := decodeLicense(item); ok {
			licenses = append(licenses, license)
		}
	}
	return licenses
}

// decodeLicense reads the name of a SKU, or `{sku: NAME, disable: [PLAN]}` and the
// other keys of a license.
func decodeLicense(v value) (License, bool) {
	var license License
	if !v.isMapping() {
		if v.isList() {
			v.reportKind("a SKU or {sku: NAME, disable: [PLAN]}", "")
			return license, false
		}
		sku, ok := decodeSKU(v)
		return License{SKU: sku}, ok
	}
	named := false
	written := v.fields(licenseMapping, keys{
		"sku":      func(v value) { license.SKU, named = decodeSKU(v) },
		"disable":  func(v value) { license.Disable, license.DisableNone = decodeDisable(v) },
		"enable":   func(v value) { license.Enable = decodeEnable(v) },
		"if_owned": func(v value) { license.IfOwned = v.boolean() },
	})
	v.complete(licenseMapping, v.pos(), written)
	if pos, enables := written["enable"]; enables && written["disable"] != (Pos{}) {
		v.doc.problems.Add(pos, diag.RuleConflict, "keep one of them", "\"enable\" and \"disable\" exclude each other: \"enable\" switches off all other service plans")
	}
	return license, named
}

// decodeDisable reads a list of service plans, or `none`, which means that every plan is on.
func decodeDisable(v value) (plans []PlanRef, none bool) {
	if v.isText() && v.node.Value == wordNone {
		return nil, true
	}
	return decodePlans(v), false
}

func decodeEnable(v value) []PlanRef {
	if v.isText() && v.node.Value == wordAll {
		v.reportKind("a list of service plans", "write disable: none to have every plan on")
		return nil
	}
	return decodePlans(v)
}

func decodePlans(v value) []PlanRef {
	var plans []PlanRef
	for _, item := range v.items("a list of service plans", "remove the key to leave the service plans as they are") {
		if name, ok := item.word(); ok {
			plans = append(plans, PlanRef{Name: name, Pos: item.pos()})
		}
	}
	return plans
}

// decodePlansOff reads service plans that must be off in every SKU.
func decodePlansOff(v value) []PlanOff {
	var plans []PlanOff
	for _, plan := range decodePlans(v) {
		plans = append(plans, PlanOff{Name: plan.Name, Pos: plan.Pos})
	}
	return plans
}

// decodeReplace reads `{SPE_E3: SPE_E5}`, in the order it is written.
func decodeReplace(v value) []Replacement {
	const want = "a mapping from the SKU to remove to the SKU to add"
	if v.isMapping() && len(v.node.Content) == 0 {
		v.problem(diag.RuleValue, "write {SPE_E3: SPE_E5}, or remove the key", "the mapping is empty")
	}
	var replacements []Replacement
	for _, pair := range v.filled(want) {
		from, named := pair.keyWord()
		if license, ok := decodeLicense(pair); ok && named {
			replacements = append(replacements, Replacement{From: SKURef{Name: from, Pos: pair.keyPos()}, To: license})
		}
	}
	return replacements
}

// decodeAbsent reads a list of SKUs, or `all`.
func decodeAbsent(v value) (skus []SKURef, all Pos) {
	if v.isText() && strings.EqualFold(v.node.Value, wordAll) {
		if v.node.Value != wordAll {
			v.problem(diag.RuleValue, "write all", "%s is neither a list of SKUs nor all", diag.Quote(v.node.Value))
		}
		return nil, v.pos()
	}
	for _, sku := range decodeSKUs(v, "a list of SKUs, or all", "write absent: all to remove every managed SKU, or remove the key") {
		if sku.Name == wordAll {
			v.doc.problems.Add(sku.Pos, diag.RuleValue, "write absent: all, without brackets", "\"all\" is not a SKU")
			continue
		}
		skus = append(skus, sku)
	}
	return skus, Pos{}
}
