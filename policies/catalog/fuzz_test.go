package catalog_test

import (
	"errors"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/state"
)

var seeds = []string{
	"SPE_E5", "Visio Plan 2", "MCOPSTN5\u00a0", idE5, "", "\t", "Privacy Management – risk", "Microsoft Forms", "\xff\xfe", "\u0345\u1fb3",
	"O365_w/o Teams Bundle_M3", "8fc2205d-4e51-4401-97f0-5c89ef1aafb", "Ｅ５", "ﷺ",
}

// resolvesTo reports whether an answer is the id itself, or an error that names it
// among others.
func resolvesTo[Of any](got state.ID[Of], err error, want state.ID[Of]) bool {
	if ambiguous, ok := errors.AsType[*catalog.AmbiguousError](err); ok {
		return slices.ContainsFunc(ambiguous.Candidates, func(c catalog.Candidate) bool { return c.ID == want.String() })
	}
	return err == nil && got == want
}

// FuzzSKU gives a tenant two SKUs of whatever part numbers, and asks for names.
func FuzzSKU(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "SPE_E5", seed)
	}
	builtin := catalog.Builtin()
	f.Fuzz(func(t *testing.T, name, first, second string) {
		skus := []state.SKU{sku(idE5, first), sku(idStranger, second)}
		tenant := builtin.ForTenant(skus)
		for _, c := range []*catalog.Catalog{builtin, tenant} {
			if id, err := c.SKU(name); (err == nil) == id.IsZero() {
				t.Errorf("SKU(%q) = %s, %v", name, id, err)
			}
		}
		for _, owned := range skus {
			if got, err := tenant.SKU(owned.ID.String()); err != nil || got != owned.ID {
				t.Errorf("SKU(%s) = %s, %v", owned.ID, got, err)
			}
			partNumber := tenant.PartNumber(owned.ID)
			if state.IsGUID(catalog.Fold(partNumber)) {
				continue
			}
			if got, err := tenant.SKU(partNumber); !resolvesTo(got, err, owned.ID) && !resolvesFirst(tenant, partNumber, owned.ID) {
				t.Errorf("SKU(%q) = %s, %v, want %s", partNumber, got, err, owned.ID)
			}
		}
	})
}

// resolvesFirst reports whether another owned SKU has, as the tenant's own part
// number, what the table calls this one: then the tenant's word counts.
func resolvesFirst(c *catalog.Catalog, partNumber string, want state.SKUID) bool {
	got, err := c.SKU(partNumber)
	return err == nil && got != want && catalog.Fold(c.PartNumber(got)) == catalog.Fold(partNumber)
}

// FuzzPlan gives a SKU two plans of whatever names, and asks for names.
func FuzzPlan(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "SWAY", seed)
	}
	builtin := catalog.Builtin()
	f.Fuzz(func(t *testing.T, name, first, second string) {
		owned := sku(idE5, "SPE_E5", plan(planSway, first), plan(planStranger, second))
		tenant := builtin.ForTenant([]state.SKU{owned})
		for _, c := range []*catalog.Catalog{builtin, tenant} {
			if id, err := c.Plan(owned.ID, name); (err == nil) == id.IsZero() {
				t.Errorf("Plan(%q) = %s, %v", name, id, err)
			}
		}
		for _, p := range owned.Plans {
			if catalog.Fold(p.Name) == "" {
				continue
			}
			if got, err := tenant.Plan(owned.ID, p.Name); !resolvesTo(got, err, p.ID) {
				t.Errorf("Plan(%q) = %s, %v, want %s", p.Name, got, err, p.ID)
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := catalog.Fold(s)
		if twice := catalog.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, and folded again %q", s, once, twice)
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Errorf("Fold(%q) = %q is not UTF-8", s, once)
		}
	})
}

func FuzzNearest(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "SPE_E5", "Visio Plan 2")
	}
	f.Fuzz(func(t *testing.T, word, first, second string) {
		among := []string{first, second}
		near := catalog.Nearest(word, among)
		if near != "" && !slices.Contains(among, near) {
			t.Errorf("Nearest(%q, %q) = %q, which is none of them", word, among, near)
		}
		if reversed := catalog.Nearest(word, []string{second, first}); reversed != near {
			t.Errorf("Nearest(%q) = %q or %q, as the order is", word, near, reversed)
		}
	})
}

func FuzzCountry(f *testing.F) {
	for _, seed := range append(seeds, "CH", "UK", "United Kingdom") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, code string) {
		hint, ok := catalog.Country(code)
		if ok && len(code) != 2 || !ok && hint == "" {
			t.Errorf("Country(%q) = %q, %t", code, hint, ok)
		}
	})
}
