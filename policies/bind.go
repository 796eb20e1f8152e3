package policies

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// Bind returns a copy of the set in which every SKU and service plan has its id, found
// among what the tenant owns; c must be the catalog of that tenant. The error
// holds a [Problem] for every name that means nothing, several things or something
// the tenant does not own. It also holds what only ids show: one SKU under two names in
// one list, a SKU that `manage` does not list.
func Bind(set *Set, c *catalog.Catalog) (*Set, error) {
	b := binder{catalog: c}
	bound := b.bind(set)
	if err := b.problems.Err(); err != nil {
		return nil, err
	}
	return bound, nil
}

// BindOffline binds like [Bind], by the built-in table alone. A name that the table does
// not know, or that has several meanings, is a warning and keeps the zero id: the tenant
// may have one meaning for it.
func BindOffline(set *Set, c *catalog.Catalog) (*Set, []Problem, error) {
	b := binder{catalog: c, offline: true}
	bound := b.bind(set)
	if err := b.problems.Err(); err != nil {
		return nil, b.warnings.List(), err
	}
	return bound, b.warnings.List(), nil
}

// binder finds ids for names.
type binder struct {
	catalog  *catalog.Catalog
	offline  bool
	problems Problems
	warnings Problems
}

func (b *binder) bind(set *Set) *Set {
	bound := *set
	b.bindTenant(&bound.Tenant)
	bound.Policies = slices.Clone(set.Policies)
	for i := range bound.Policies {
		b.bindPolicy(&bound.Policies[i])
	}
	bound.Waivers = slices.Clone(set.Waivers)
	for i := range bound.Waivers {
		if bound.Waivers[i].SKU.Name != "" {
			b.bindKnown(&bound.Waivers[i].SKU)
		}
	}
	bound.Prices.Monthly = slices.Clone(set.Prices.Monthly)
	for i := range bound.Prices.Monthly {
		b.bindKnown(&bound.Prices.Monthly[i].SKU)
	}
	b.checkIDs(&bound)
	return &bound
}

// bindTenant replaces the lists of SKUs in the settings with bound copies.
func (b *binder) bindTenant(t *Tenant) {
	t.Manage.SKUs = b.bindSKUs(t.Manage.SKUs)
	t.OneOf = slices.Clone(t.OneOf)
	for i := range t.OneOf {
		t.OneOf[i].SKUs = b.bindSKUs(t.OneOf[i].SKUs)
	}
	t.Reserve = slices.Clone(t.Reserve)
	for i := range t.Reserve {
		b.bindSKU(&t.Reserve[i].SKU)
	}
}

// bindPolicy replaces the lists of a policy with bound copies.
func (b *binder) bindPolicy(p *Policy) {
	p.Licenses = slices.Clone(p.Licenses)
	for i := range p.Licenses {
		b.bindLicense(&p.Licenses[i])
	}
	p.Replace = slices.Clone(p.Replace)
	for i := range p.Replace {
		b.bindReplacement(&p.Replace[i])
	}
	p.Absent = b.bindSKUs(p.Absent)
	p.PlansOff = slices.Clone(p.PlansOff)
	for i := range p.PlansOff {
		b.bindPlanOff(&p.PlansOff[i])
	}
}

func (b *binder) bindSKUs(refs []SKURef) []SKURef {
	refs = slices.Clone(refs)
	for i := range refs {
		b.bindSKU(&refs[i])
	}
	return refs
}

func (b *binder) bindSKU(ref *SKURef) {
	id, err := b.findSKU(*ref)
	ref.ID = id
	b.report(err, ref.Pos, diag.RuleSKU)
}

// findSKU returns the id of a SKU. Offline a GUID is its own id, whether the built-in table
// has it or not.
func (b *binder) findSKU(ref SKURef) (state.SKUID, error) {
	id, err := b.catalog.SKU(ref.Name)
	if err != nil && b.offline {
		id, _ = state.ParseID[state.SKU](ref.Name)
	}
	return id, err
}

// bindKnown binds a SKU that the tenant need not own: a waiver or a price of it has no effect
// then.
func (b *binder) bindKnown(ref *SKURef) {
	id, err := b.findSKU(*ref)
	if notOwned, ok := errors.AsType[*catalog.NotOwnedError](err); ok {
		id, err = notOwned.ID, nil
	}
	if parsed, parseErr := state.ParseID[state.SKU](ref.Name); err != nil && parseErr == nil {
		id, err = parsed, nil
	}
	ref.ID = id
	b.report(err, ref.Pos, diag.RuleSKU)
}

// bindLicense binds a SKU and the service plans inside it.
func (b *binder) bindLicense(license *License) {
	id, err := b.findSKU(license.SKU)
	license.SKU.ID = id
	if license.IfOwned && !b.offline && isNotOwned(err, license.SKU) {
		license.Missing = true
		return
	}
	b.report(err, license.SKU.Pos, diag.RuleSKU)
	b.bindPlans(license)
}

// bindReplacement binds both sides. Where the right one is missing the line is skipped,
// so that the tenant need not own the left one either.
func (b *binder) bindReplacement(r *Replacement) {
	b.bindLicense(&r.To)
	id, err := b.findSKU(r.From)
	r.From.ID = id
	if r.To.Missing && isNotOwned(err, r.From) {
		return
	}
	b.report(err, r.From.Pos, diag.RuleSKU)
}

// isNotOwned reports whether the catalog knows the name, and the tenant has no subscription
// of it. An unknown GUID is not treated as a typing mistake.
func isNotOwned(err error, ref SKURef) bool {
	if _, ok := errors.AsType[*catalog.NotOwnedError](err); ok {
		return true
	}
	if ambiguous, ok := errors.AsType[*catalog.AmbiguousError](err); ok {
		return ambiguous.NotOwned
	}
	return err != nil && state.IsGUID(ref.Name)
}

// report adds the reason why a name has no id. Offline it is only a warning.
func (b *binder) report(err error, pos Pos, rule diag.Rule) {
	if err == nil {
		return
	}
	message, hint := explain(err)
	if b.offline {
		b.warnings.Add(pos, rule, hint, "%s in the built-in table; the tenant may have it", message)
		return
	}
	b.problems.Add(pos, rule, hint, "%s", message)
}

// explain splits an error of the catalog into a message and a hint.
func explain(err error) (message, hint string) {
	if unknown, ok := errors.AsType[*catalog.UnknownError](err); ok {
		return fmt.Sprintf("unknown %s %s", unknown.Kind, diag.Quote(unknown.Name)), suggest(unknown.Nearest)
	}
	if outside, ok := errors.AsType[*catalog.NotInSKUError](err); ok {
		return fmt.Sprintf("service plan %s is not in %s", diag.Quote(outside.Name), cmp.Or(outside.SKU, "any SKU of the tenant")), suggest(outside.Nearest)
	}
	if _, ok := errors.AsType[*catalog.AmbiguousError](err); ok {
		return err.Error(), "write the string id or the GUID"
	}
	if _, ok := errors.AsType[*catalog.NotOwnedError](err); ok {
		return err.Error(), "remove it, or buy it first"
	}
	if _, ok := errors.AsType[*catalog.TenantWideError](err); ok {
		return err.Error(), "remove it"
	}
	return err.Error(), ""
}

// suggest returns a hint that asks for one of several names. Spellings that compare equal ("SWAY" and
// "Sway") are one suggestion.
func suggest(names []string) string {
	var different, folded []string
	for _, name := range names {
		if key := catalog.Fold(name); !slices.Contains(folded, key) {
			folded = append(folded, key)
			different = append(different, name)
		}
	}
	return diag.DidYouMean(different...)
}

// checkIDs repeats the checks by name with ids, and compares with `manage`.
func (b *binder) checkIDs(set *Set) {
	tenant := set.Tenant
	reportTwice(&b.problems, "manage", tenant.Manage.SKUs, SKURef.byID)
	var reserved []SKURef
	for _, reserve := range tenant.Reserve {
		reserved = append(reserved, reserve.SKU)
	}
	reportTwice(&b.problems, "seats", reserved, SKURef.byID)
	b.checkManaged(tenant, reserved)
	reportShared(&b.problems, tenant.OneOf, SKURef.byID)
	var priced []SKURef
	for _, price := range set.Prices.Monthly {
		priced = append(priced, price.SKU)
	}
	reportTwice(&b.problems, "monthly", priced, SKURef.byID)
	for _, choice := range tenant.OneOf {
		b.checkManaged(tenant, choice.SKUs)
	}
	for _, policy := range set.Policies {
		reportCollisions(&b.problems, policy, SKURef.byID)
		reportPlansOff(&b.problems, policy, PlanOff.byID, PlanRef.byID)
		b.checkManaged(tenant, b.mustBeManaged(policy))
	}
}

// mustBeManaged returns the SKUs that a policy names and that `manage` has to list. A SKU
// that is skipped while it is not owned has to be listed only if it is owned.
func (b *binder) mustBeManaged(p Policy) []SKURef {
	refs := slices.Clone(p.Absent)
	for _, license := range p.Licenses {
		if !b.skips(license) {
			refs = append(refs, license.SKU)
		}
	}
	for _, line := range p.Replace {
		if !b.skips(line.To) {
			refs = append(refs, line.From, line.To.SKU)
		}
	}
	return refs
}

// skips reports whether a license is skipped in the tenant. Offline that is unknown, and
// skips reports true.
func (b *binder) skips(l License) bool { return l.Missing || b.offline && l.IfOwned }

// checkManaged refuses SKUs that a list under `manage` does not have. Offline a name
// without an id counts as listed if the list has the same text.
func (b *binder) checkManaged(tenant Tenant, refs []SKURef) {
	if tenant.Manage.Mode != ManageList {
		return
	}
	for _, ref := range refs {
		listed := slices.ContainsFunc(tenant.Manage.SKUs, func(managed SKURef) bool {
			return managed.folded() == ref.folded() || managed.ID == ref.ID && !ref.ID.IsZero()
		})
		if !listed && !b.unsure(ref, tenant.Manage.SKUs) {
			b.problems.Add(ref.Pos, diag.RuleManage, fmt.Sprintf("add %s to \"manage\", or remove it here", yamlWord(ref.Name)),
				"%s is not in \"manage\" of tenant %s", diag.Quote(ref.Name), tenant.Name)
		}
	}
}

// unsure reports whether a name has no id: it may be another name of the same SKU.
func (b *binder) unsure(ref SKURef, managed []SKURef) bool {
	return ref.ID.IsZero() || slices.ContainsFunc(managed, func(m SKURef) bool { return m.ID.IsZero() })
}
