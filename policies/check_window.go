package policies

import (
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/policies/catalog"
)

// checkWindows warns of policies that end while nothing takes what they gave: whoever
// holds it then keeps it, since nobody has an opinion any more. Whether the policy
// that takes it picks the same users is not asked: that only a tenant can tell.
func (l *loader) checkWindows(t Tenant, policies []Policy) {
	endless := func(p Policy) bool { return p.Until.IsZero() || p.Mode != ModeEnforce }
	ending := slices.DeleteFunc(slices.Clone(policies), endless)
	if len(ending) == 0 {
		return
	}
	names := meanings{}
	ends := names.endsOfTaking(t, policies)
	for _, p := range ending {
		var kept []string
		for _, license := range allLicenses(p) {
			if !ends[names.of(license.SKU)].After(p.Until) && !ends[everySKU].After(p.Until) {
				kept = append(kept, yamlWord(license.SKU.Name))
			}
		}
		if len(kept) > 0 {
			skus, until := strings.Join(kept, ", "), p.Until.Format(time.DateOnly)
			l.warnings.Add(p.Pos, RuleWindow, "to take it then, write a policy with from: "+until+" and absent: ["+skus+"]",
				"policy %s ends on %s, and whoever holds %s then keeps it", quote(p.Name), until, skus)
		}
	}
}

// everySKU stands for all SKUs where a policy names none.
const everySKU = ""

// meanings are the SKUs that names mean by the built-in table, as far as they have
// been asked for; what the table does not know means itself.
type meanings map[string]string

func (m meanings) of(ref SKURef) string {
	name := ref.folded()
	if _, known := m[name]; !known {
		m[name] = name
		if id, err := catalog.Builtin().SKU(name); err == nil {
			m[name] = id.String()
		}
	}
	return m[name]
}

// endsOfTaking says for each SKU when the last policy ends that takes it from whom
// it picks: by name, as one of all, or by giving another of its set.
func (m meanings) endsOfTaking(t Tenant, policies []Policy) map[string]time.Time {
	rivals := m.rivals(t)
	ends := map[string]time.Time{}
	for _, p := range policies {
		if p.Mode != ModeEnforce {
			continue
		}
		end := p.Until
		if end.IsZero() {
			end = time.Date(10_000, time.January, 1, 0, 0, 0, 0, time.UTC) // behind every date that can be written
		}
		for _, sku := range m.takenBy(p, rivals) {
			if end.After(ends[sku]) {
				ends[sku] = end
			}
		}
	}
	return ends
}

// rivals are, for each SKU of a set, the others of the set.
func (m meanings) rivals(t Tenant) map[string][]string {
	rivals := map[string][]string{}
	for _, set := range t.OneOf {
		for _, sku := range set.SKUs {
			for _, other := range set.SKUs {
				if m.of(other) != m.of(sku) {
					rivals[m.of(sku)] = append(rivals[m.of(sku)], m.of(other))
				}
			}
		}
	}
	return rivals
}

// takenBy are the SKUs that a policy takes.
func (m meanings) takenBy(p Policy, rivals map[string][]string) []string {
	var taken []string
	if !p.AbsentAll.IsZero() || p.Others == OthersRemove {
		taken = append(taken, everySKU)
	}
	for _, sku := range p.Absent {
		taken = append(taken, m.of(sku))
	}
	for _, line := range p.Replace {
		taken = append(taken, m.of(line.From))
	}
	for _, license := range allLicenses(p) {
		taken = append(taken, rivals[m.of(license.SKU)]...)
	}
	return taken
}
