package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
)

// checkNames refuses a second policy of the same name, in any file.
func (l *loader) checkNames(policies []Policy) {
	inOrder := slices.SortedFunc(slices.Values(policies), func(a, b Policy) int { return a.Pos.Compare(b.Pos) })
	first := map[string]Pos{}
	for _, policy := range inOrder {
		if policy.Name == "" {
			continue
		}
		if earlier, taken := first[policy.Name]; taken {
			l.problems.Add(policy.Pos, diag.RuleName, "give one of them another name", "there is already a policy named %s at %s", diag.Quote(policy.Name), earlier)
			continue
		}
		first[policy.Name] = policy.Pos
	}
}

// checkPurpose refuses policies that do nothing: their author expects an effect.
func (l *loader) checkPurpose(policies []Policy) {
	for _, policy := range policies {
		if !policy.doesSomething() {
			l.problems.Add(policy.Pos, diag.RuleRequired, "write licenses, replace, absent, others, plans_off or usage_location",
				"policy %s does nothing", diag.Quote(policy.Name))
		}
	}
}

// doesSomething reports whether the policy can change anything about its users. The
// UsageLocation column of a CSV file does, by itself.
func (p Policy) doesSomething() bool {
	locates := func(s Selector) bool {
		return slices.ContainsFunc(s.Rows, func(r Row) bool { return r.Location != "" })
	}
	return len(mentioned(p))+len(p.PlansOff) > 0 || !p.AbsentAll.IsZero() || p.Others != OthersUnset || p.Location != nil ||
		slices.ContainsFunc(p.Users, locates)
}

// checkManage refuses `manage: mentioned` where a policy removes SKUs that it does not
// name, or removes them from users that it does not name. There a new policy that
// mentions a SKU would remove it from all other users.
func (l *loader) checkManage(t Tenant, policies []Policy) {
	if t.Manage.Mode != ManageMentioned {
		return
	}
	var unnamed []Pos
	for _, policy := range policies {
		if !policy.AbsentAll.IsZero() {
			unnamed = append(unnamed, policy.AbsentAll)
		}
		if policy.Others == OthersRemove {
			unnamed = append(unnamed, policy.OthersPos)
		}
		for _, selector := range policy.Users {
			if selector.Kind == KindUnmatched {
				unnamed = append(unnamed, selector.Pos)
			}
		}
	}
	if len(unnamed) > 0 {
		l.problems.Add(slices.MinFunc(unnamed, Pos.Compare), diag.RuleManage, manageHint(t, policies),
			"what this removes changes with every other policy while \"manage\" is \"mentioned\": \"manage\" must be a list, or all")
	}
}

// manageHint returns the line to paste: every SKU that the tenant's policies or its
// `one_of` mention.
func manageHint(t Tenant, policies []Policy) string {
	names := map[string]string{} // by folded name, the first spelling
	collect := func(skus []SKURef) {
		for _, sku := range skus {
			if known, found := names[sku.folded()]; !found || sku.Name < known {
				names[sku.folded()] = sku.Name
			}
		}
	}
	for _, policy := range policies {
		collect(mentioned(policy))
	}
	for _, choice := range t.OneOf {
		collect(choice.SKUs)
	}
	if len(names) == 0 {
		return fmt.Sprintf("list the SKUs under \"manage\" of tenant %s in %s", t.Name, SettingsFile)
	}
	var words []string
	for _, name := range names {
		words = append(words, yamlWord(name))
	}
	slices.Sort(words)
	return fmt.Sprintf("write under tenant %s in %s: manage: [%s]", t.Name, SettingsFile, strings.Join(words, ", "))
}

// checkPins refuses OUs that are named by objectGUID if the tenant has no directory: the
// tenant itself does not know the ids of OUs.
func (l *loader) checkPins(t Tenant, policies []Policy) {
	if len(t.Directories) > 0 {
		return
	}
	lists := [][]Selector{t.Protect}
	for _, policy := range policies {
		lists = append(lists, policy.Users, policy.Except)
	}
	for _, s := range slices.Concat(lists...) {
		for _, ou := range s.OUs {
			if !ou.GUID.IsZero() {
				l.problems.Add(ou.Pos, diag.RuleSelector, "add directory: NAME to the tenant in seatwright.yaml, or write the distinguished name",
					"\"ou: guid:\" needs a directory to look it up in")
			}
		}
	}
}
