package policies

import (
	"strings"

	"github.com/seatwright/seatwright/policies/catalog"
)

// decodePolicies reads the root of a policy file.
func decodePolicies(root value) []Policy {
	var policies []Policy
	written := root.fields("a policy file", keys{
		"policies": func(v value) {
			for _, item := range v.items("a list of policies", "write a policy or delete the file") {
				policies = append(policies, decodePolicy(item))
			}
		},
	})
	root.required(root.pos(), "the file", written, "policies")
	return policies
}

// maxPriority keeps priorities readable; there is no other reason.
const maxPriority = 1_000_000

func decodePolicy(v value) Policy {
	p := Policy{Pos: v.pos()}
	written := v.fields("a policy", keys{
		"name":            func(v value) { p.Name, p.Pos = decodeName(v), v.pos() },
		"description":     func(v value) { p.Description, _ = v.text() },
		"priority":        func(v value) { p.Priority, _ = v.wholeNumber(-maxPriority, maxPriority) },
		"users":           func(v value) { p.Users = decodeSelectors(v, roleUsers) },
		"except":          func(v value) { p.Except = decodeSelectors(v, roleExcept) },
		"include":         func(v value) { p.GiveDisabled, p.TakeExternal = decodeInclude(v) },
		"licenses":        func(v value) { p.Licenses = decodeLicenses(v) },
		"replace":         func(v value) { p.Replace = decodeReplace(v) },
		"absent":          func(v value) { p.Absent, p.AbsentAll = decodeAbsent(v) },
		"others":          func(v value) { p.Others, p.OthersPos = decodeOthers(v), v.pos() },
		"usage_location":  func(v value) { p.Location = decodeLocation(v) },
		"allow_data_loss": func(v value) { p.AllowDataLoss = decodeLosses(v) },
		"mode":            nil, "plans_off": nil, "from": nil, "until": nil,
	})
	v.required(p.Pos, "the policy", written, "name", "users")
	checkPolicy(v, p, written)
	return p
}

func decodeName(v value) string {
	name, ok := v.word()
	if ok {
		checkName(v, v.pos(), name)
	}
	return name
}

// decodeInclude reads whom else a policy reaches. Here an empty list says the same
// as none: it includes nobody more.
func decodeInclude(v value) (disabled, external bool) {
	if v.isList() && len(v.node.Content) == 0 {
		return false, false
	}
	for _, item := range v.items("a list of disabled and external", "") {
		word, _ := item.choice("disabled", "external")
		disabled = disabled || word == "disabled"
		external = external || word == "external"
	}
	return disabled, external
}

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
			item.wants("the name of a SKU", "")
		} else if sku, ok := decodeSKU(item); ok {
			skus = append(skus, sku)
		}
	}
	return skus
}

func decodeLicenses(v value) []License {
	const ifEmpty = "leave it out where the policy gives nothing; write absent: [...] or absent: all to take licences away"
	var licenses []License
	for _, item := range v.items("a list of SKUs", ifEmpty) {
		if license, ok := decodeLicense(item); ok {
			licenses = append(licenses, license)
		}
	}
	return licenses
}

// decodeLicense reads the name of a SKU, or `{sku: NAME, disable: [PLAN]}`.
func decodeLicense(v value) (License, bool) {
	var license License
	if !v.isMapping() {
		if v.isList() {
			v.wants("a SKU or {sku: NAME, disable: [PLAN]}", "")
			return license, false
		}
		sku, ok := decodeSKU(v)
		return License{SKU: sku}, ok
	}
	named := false
	written := v.fields("a licence", keys{
		"sku":     func(v value) { license.SKU, named = decodeSKU(v) },
		"disable": func(v value) { license.Disable = decodePlans(v) },
		"enable":  nil, "if_owned": nil,
	})
	v.required(v.pos(), "the licence", written, "sku")
	return license, named
}

func decodePlans(v value) []PlanRef {
	if v.isText() && v.node.Value == "none" {
		v.unsupported("disable: none")
		return nil
	}
	var plans []PlanRef
	for _, item := range v.items("a list of service plans", "leave the key out to have no opinion about service plans") {
		if name, ok := item.word(); ok {
			plans = append(plans, PlanRef{Name: name, Pos: item.pos()})
		}
	}
	return plans
}

// decodeReplace reads `{SPE_E3: SPE_E5}`, in the order it is written.
func decodeReplace(v value) []Replacement {
	const want = "a mapping from the SKU that goes to the one that comes"
	if v.isMapping() && len(v.node.Content) == 0 {
		v.problem(RuleValue, "write {OLD: NEW}, or leave it out", "the mapping is empty")
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
	if v.isText() && strings.EqualFold(v.node.Value, "all") {
		if v.node.Value != "all" {
			v.problem(RuleValue, "write all", "%s is neither a list of SKUs nor all", quote(v.node.Value))
		}
		return nil, v.pos()
	}
	for _, sku := range decodeSKUs(v, "a list of SKUs, or all", "write absent: all to take every managed SKU, or leave it out") {
		if sku.Name == "all" {
			v.doc.problems.Add(sku.Pos, RuleValue, "write absent: all, without brackets", "\"all\" is no SKU")
			continue
		}
		skus = append(skus, sku)
	}
	return skus, Pos{}
}

func decodeOthers(v value) Others {
	others, _ := v.choice(string(OthersKeep), string(OthersRemove))
	return Others(others)
}

// decodeLocation reads `CH`, or `{value: CH, overwrite: cloud}`.
func decodeLocation(v value) *Location {
	if !v.isMapping() {
		return &Location{Pos: v.pos(), Value: decodeCountry(v)}
	}
	location := Location{Pos: v.pos()}
	written := v.fields("usage_location", keys{
		"value":     func(v value) { location.Value, location.Pos = decodeCountry(v), v.pos() },
		"overwrite": func(v value) { location.Overwrite = decodeOverwrite(v) },
		"attribute": nil,
	})
	if _, later := written["attribute"]; !later {
		v.required(v.pos(), "usage_location", written, "value")
	}
	return &location
}

func decodeCountry(v value) string {
	code, ok := v.word()
	if !ok {
		return ""
	}
	hint, known := catalog.Country(code)
	if !known {
		v.problem(RuleValue, hint, "%s is no country code: want two capital letters of ISO 3166-1", quote(code))
	}
	return code
}

func decodeOverwrite(v value) Overwrite {
	extent, _ := v.choice(string(OverwriteCloud), string(OverwriteAll))
	return Overwrite(extent)
}

// decodeLosses reads the loss families that a policy allows.
func decodeLosses(v value) []LossRef {
	var losses []LossRef
	for _, item := range v.items("a list of loss families", "leave it out to allow no loss") {
		if family, ok := item.choice(familyNames(catalog.Families())...); ok {
			losses = append(losses, LossRef{Family: family, Pos: item.pos()})
		}
	}
	return losses
}

func familyNames(families []catalog.Family) []string {
	names := make([]string, len(families))
	for i, family := range families {
		names[i] = string(family)
	}
	return names
}
