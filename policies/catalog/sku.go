package catalog

import (
	"cmp"
	"slices"

	"github.com/seatwright/seatwright/state"
)

// SKU finds the SKU that a part number, a product name or a GUID means. Its
// errors are an [*UnknownError], an [*AmbiguousError], or with a tenant a
// [*NotOwnedError].
func (c *Catalog) SKU(name string) (state.SKUID, error) {
	folded := Fold(name)
	if id, err := state.ParseID[state.SKU](folded); err == nil {
		return c.skuByID(name, id)
	}
	if c.tenant == nil {
		return c.oneSKU(name, c.skus.find(folded, everything))
	}
	if ids := c.tenant.byPartNumber[folded]; len(ids) > 0 {
		return c.oneSKU(name, ids)
	}
	if ids := c.skus.find(folded, c.tenant.owns); len(ids) > 0 {
		return c.oneSKU(name, ids)
	}
	id, err := c.oneSKU(name, c.skus.find(folded, everything))
	if err != nil {
		return state.SKUID{}, err
	}
	return state.SKUID{}, c.notOwned(name, id)
}

// skuByID never looks among plans: Microsoft gave SKU and plan MCOPSTN5 one GUID.
func (c *Catalog) skuByID(name string, id state.SKUID) (state.SKUID, error) {
	_, known := c.skus.entry(id)
	switch {
	case c.tenant.owns(id), c.tenant == nil && known:
		return id, nil
	case known:
		return state.SKUID{}, c.notOwned(name, id)
	}
	return state.SKUID{}, &UnknownError{Kind: KindSKU, Name: name}
}

// oneSKU returns the only id there is, and an error if there is none or another.
func (c *Catalog) oneSKU(name string, ids []state.SKUID) (state.SKUID, error) {
	switch len(ids) {
	case 0:
		return state.SKUID{}, &UnknownError{Kind: KindSKU, Name: name, Nearest: c.nearestSKUs(name)}
	case 1:
		return ids[0], nil
	}
	return state.SKUID{}, &AmbiguousError{
		Kind: KindSKU, Name: name,
		Candidates: candidates(ids, c.ProductName, c.PartNumber),
		NotOwned:   c.tenant != nil && !slices.ContainsFunc(ids, c.tenant.owns),
	}
}

func (c *Catalog) notOwned(name string, id state.SKUID) error {
	return &NotOwnedError{Name: name, PartNumber: c.PartNumber(id), ProductName: c.ProductName(id), ID: id}
}

// nearestSKUs suggests what the tenant owns before what it does not.
func (c *Catalog) nearestSKUs(name string) []string {
	if c.tenant != nil {
		var owned []string
		for _, sku := range c.tenant.skus {
			owned = append(owned, sku.PartNumber)
			if known, ok := c.skus.entry(sku.ID); ok {
				owned = append(owned, known.names...)
			}
		}
		if near := nearest(name, owned, suggestions); len(near) > 0 {
			return near
		}
	}
	return nearest(name, c.skus.spellings(), suggestions)
}

// candidates lists what a name can mean, by part number, then id.
func candidates[Of any](ids []state.ID[Of], name, partNumber func(state.ID[Of]) string) []Candidate {
	list := make([]Candidate, len(ids))
	for i, id := range ids {
		list[i] = Candidate{Name: name(id), PartNumber: partNumber(id), ID: id.String()}
	}
	slices.SortFunc(list, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.PartNumber, b.PartNumber), cmp.Compare(a.ID, b.ID))
	})
	return list
}
