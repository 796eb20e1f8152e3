package policies

import (
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// decodePolicies reads the root of a policy file.
func decodePolicies(root value) []Policy {
	var policies []Policy
	written := root.fields(policyFileMapping, keys{
		"policies": func(v value) {
			for _, item := range v.items("a list of policies", "write a policy, or delete the file") {
				policies = append(policies, decodePolicy(item))
			}
		},
	})
	root.complete(policyFileMapping, root.pos(), written)
	return policies
}

// maxPriority keeps priorities readable. There is no other reason.
const maxPriority = 1_000_000

func decodePolicy(v value) Policy {
	p := Policy{Pos: v.pos()}
	written := v.fields(policyMapping, keys{
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
		"mode":            func(v value) { p.Mode = decodeMode(v) },
		"plans_off":       func(v value) { p.PlansOff = decodePlansOff(v) },
		"from":            func(v value) { p.From = decodeDate(v) },
		"until":           func(v value) { p.Until = decodeDate(v) },
	})
	v.complete(policyMapping, p.Pos, written)
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

// decodeMode reads whether the steps of the policy are applied. `enforce` means the same
// as a missing key.
func decodeMode(v value) Mode {
	mode, _ := v.choice(modeWords()...)
	if mode == wordEnforce {
		return ModeEnforce
	}
	return Mode(mode)
}

// firstYear is before every license that exists; an earlier date is a mistake.
const firstYear = 2000

// decodeDate reads a day, which begins at midnight UTC.
func decodeDate(v value) time.Time {
	text, ok := v.word()
	if !ok {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < firstYear {
		v.problem(diag.RuleValue, "write year, month and day, such as 2026-01-31", "%s is not a date", diag.Quote(text))
		return time.Time{}
	}
	return day
}

// decodeInclude reads which other users a policy is for. An empty list means the same as
// a missing key: it adds no user.
func decodeInclude(v value) (disabled, external bool) {
	if v.isList() && len(v.node.Content) == 0 {
		return false, false
	}
	for _, item := range v.items("a list of disabled and external", "") {
		word, _ := item.choice(includeWords()...)
		disabled = disabled || word == wordDisabled
		external = external || word == wordExternal
	}
	return disabled, external
}

func decodeOthers(v value) Others {
	others, _ := v.choice(othersWords()...)
	return Others(others)
}

// decodeLosses reads the loss families that a policy allows.
func decodeLosses(v value) []LossRef {
	families := familyNames(catalog.Families())
	if v.isText() && !isNull(v.node) && !slices.Contains(families, v.node.Value) {
		v.reportKind("a list of loss families", "list the families that may be lost: ["+strings.Join(families, ", ")+"]")
		return nil
	}
	var losses []LossRef
	for _, item := range v.items("a list of loss families", "remove the key to allow no loss") {
		if family, ok := item.choice(families...); ok {
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
