package policies

import (
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// checkWindows warns about policies that end while no policy removes what they gave: their
// users keep it, since no policy covers it any more. It does not check whether the
// removing policy selects the same users, since that depends on the tenant.
func (l *loader) checkWindows(t Tenant, policies []Policy) {
	endless := func(p Policy) bool { return p.Until.IsZero() || p.Mode != ModeEnforce }
	ending := slices.DeleteFunc(slices.Clone(policies), endless)
	if len(ending) == 0 {
		return
	}
	names := meanings{}
	ends := names.endsOfRemoval(t, policies)
	for _, p := range ending {
		var kept []string
		for _, license := range allLicenses(p) {
			if !ends.removed(names.of(license.SKU), p.Until) {
				kept = append(kept, yamlWord(license.SKU.Name))
			}
		}
		if len(kept) > 0 {
			skus, until := strings.Join(kept, ", "), p.Until.Format(time.DateOnly)
			l.warnings.Add(p.Pos, diag.RuleWindow, "to remove it then, add a policy with from: "+until+" and absent: ["+skus+"]",
				"policy %s ends on %s, and its users keep %s", diag.Quote(p.Name), until, skus)
		}
	}
}

// meanings caches the SKUs that names mean by the built-in table. A name that the table
// does not know means itself.
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

// endsOfRemoval is when the last policies end that remove SKUs from their users.
type endsOfRemoval struct {
	all     time.Time            // others: remove, absent: all
	sku     map[string]time.Time // named, by meaning
	sets    []lastEnds           // of one_of
	setWith map[string]int       // index into sets, by the meaning of a SKU
}

func (m meanings) endsOfRemoval(t Tenant, policies []Policy) endsOfRemoval {
	e := endsOfRemoval{sku: map[string]time.Time{}, sets: make([]lastEnds, len(t.OneOf)), setWith: map[string]int{}}
	for i, set := range t.OneOf {
		for _, sku := range set.SKUs {
			e.setWith[m.of(sku)] = i
		}
	}
	for _, p := range policies {
		if p.Mode != ModeEnforce {
			continue
		}
		end := p.Until
		if end.IsZero() {
			end = time.Date(10_000, time.January, 1, 0, 0, 0, 0, time.UTC) // after every date that can be written
		}
		m.addPolicy(&e, p, end)
	}
	return e
}

// addPolicy adds what one policy removes.
func (m meanings) addPolicy(e *endsOfRemoval, p Policy, end time.Time) {
	if !p.AbsentAll.IsZero() || p.Others == OthersRemove {
		e.all = later(e.all, end)
	}
	for _, sku := range p.Absent {
		e.sku[m.of(sku)] = later(e.sku[m.of(sku)], end)
	}
	for _, line := range p.Replace {
		e.sku[m.of(line.From)] = later(e.sku[m.of(line.From)], end)
	}
	for _, license := range allLicenses(p) {
		if set, found := e.setWith[m.of(license.SKU)]; found {
			e.sets[set].give(m.of(license.SKU), end)
		}
	}
}

// removed reports whether a policy removes the SKU after the moment.
func (e endsOfRemoval) removed(sku string, after time.Time) bool {
	last := later(e.all, e.sku[sku])
	if set, found := e.setWith[sku]; found {
		last = later(last, e.sets[set].without(sku))
	}
	return last.After(after)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lastEnds are the ends of the policies that give SKUs of one set: the last of all,
// and the last of those that give another SKU than that one.
type lastEnds struct {
	sku           string
	last, another time.Time
}

func (l *lastEnds) give(sku string, end time.Time) {
	switch {
	case sku == l.sku:
		l.last = later(l.last, end)
	case end.After(l.last):
		l.sku, l.last, l.another = sku, end, l.last
	default:
		l.another = later(l.another, end)
	}
}

// without returns the last end of a policy that gives another SKU of the set.
func (l lastEnds) without(sku string) time.Time {
	if sku == l.sku {
		return l.another
	}
	return l.last
}
