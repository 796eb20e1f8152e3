package generate

import (
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/state/sandbox/internal/guid"
)

// generator makes up one tenant.
type generator struct {
	preset

	seed              uint64
	skus              []*owned // in order of purchase
	byPart            map[string]*owned
	groups            []*licensing
	groupsOf          map[*owned][]*licensing
	cases             []specialCase
	baseSum, extraSum int
}

// licensing is a group that gives one SKU to users of the preset.
type licensing struct {
	name    string
	sku     *owned
	off     []string
	members []uint32 // numbers of users
}

func newGenerator(p preset, seed uint64) *generator {
	g := &generator{
		preset: p, seed: seed, byPart: map[string]*owned{}, groupsOf: map[*owned][]*licensing{},
		cases: specialCases(), baseSum: sumOf(p.base), extraSum: sumOf(p.extra),
	}
	g.buySKUs()
	g.makeGroups()
	g.countUsage()
	return g
}

// buySKUs makes the SKUs that the tenant owns, each once.
func (g *generator) buySKUs() {
	known := products()
	known[unknownSKU] = &product{part: unknownSKU, id: guid.Derived("generated", "sku", unknownSKU),
		plans: []filePlan{{ID: guid.Derived("generated", "plan", unknownSKU), Name: unknownSKU + "_PLAN"}}}
	own := func(part string, stock stock) {
		if fixed, special := caseStocks[part]; special {
			stock = fixed
		}
		if g.byPart[part] == nil {
			g.byPart[part] = &owned{product: known[part], stock: stock}
			g.skus = append(g.skus, g.byPart[part])
		}
	}
	for _, part := range g.free {
		own(part, stockFree)
	}
	for _, w := range slices.Concat(g.base, g.extra) {
		own(w.part, stockSome)
	}
	for _, part := range g.idle {
		own(part, stockIdle)
	}
	for _, part := range caseSKUs {
		own(part, stockSome)
	}
	for i, sku := range g.skus {
		g.drawPlansOff(sku, uint64(i))
	}
}

// The kinds of things that are drawn, beside the users from 0.
const (
	rngForSKUs   = math.MaxUint64 - 1<<32
	rngForGroups = math.MaxUint64 - 2<<32
)

// plansOffVariants is how many sets of service plans are off for a SKU. Users have a few
// profiles, even if no administrator planned that.
const plansOffVariants = 8

func (g *generator) drawPlansOff(sku *owned, number uint64) {
	var names []string
	for _, plan := range sku.plans {
		if plan.AppliesTo == "" {
			names = append(names, plan.Name)
		}
	}
	if g.plansOff == 0 || len(names) < 2 {
		return
	}
	var d rng
	d.reset(g.seed, rngForSKUs+number)
	for range plansOffVariants {
		shuffled := slices.Clone(names)
		for i := range shuffled {
			j := i + d.below(len(shuffled)-i)
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		}
		off := shuffled[:min(g.fewest+d.below(g.most-g.fewest+1), len(names)-1)]
		slices.Sort(off)
		sku.offs = append(sku.offs, off)
	}
}

// makeGroups makes the groups that give licenses. Half of them give the base SKUs, because
// users of one SKU differ in their service plans.
func (g *generator) makeGroups() {
	var d rng
	for i := range g.preset.groups {
		among := g.base
		if i%2 == 1 {
			among = g.paidExtras()
		}
		sku := g.byPart[among[i/2%len(among)].part]
		d.reset(g.seed, rngForGroups+uint64(i))
		group := &licensing{name: fmt.Sprintf("Licenses %s %d", sku.part, len(g.groupsOf[sku])+1), sku: sku}
		if len(sku.offs) > 0 && d.percent(g.plansOff) {
			group.off = sku.offs[d.below(len(sku.offs))]
		}
		g.groups = append(g.groups, group)
		g.groupsOf[sku] = append(g.groupsOf[sku], group)
	}
}

// paidExtras returns the extra SKUs that are paid for. Users take the others themselves.
func (g *generator) paidExtras() []weighted {
	return slices.DeleteFunc(slices.Clone(g.extra), func(w weighted) bool { return g.byPart[w.part].stock == stockFree })
}

// countUsage draws all users once, because the members of each group and the used seats
// must be known before the first user is written.
func (g *generator) countUsage() {
	var p drawnUser
	for number := range g.members + g.guests {
		g.drawUser(&p, number)
		for _, h := range p.holdings {
			if h.group != nil {
				h.group.members = append(h.group.members, uint32(number))
			}
			if h.takesSeat() {
				h.sku.taken++
			}
		}
	}
	for _, c := range g.cases {
		for _, part := range c.skusWithSeat() {
			g.byPart[part].taken++
		}
	}
}

func (g *generator) write(to io.Writer) error {
	w := newFileWriter(to)
	w.text(`{"organization": `)
	w.value(fileOrganization{
		ID: guid.Derived("generated", "organization", fmt.Sprint(g.seed)), DisplayName: "Contoso",
		VerifiedDomains: []fileDomain{{Name: generatedDomain, IsDefault: true}, {Name: generatedInitial, IsInitial: true}},
	})
	w.list("subscribedSkus", func(yield func(any) bool) {
		for _, sku := range g.skus {
			if !yield(sku.fileSKU()) {
				return
			}
		}
	})
	w.list("users", g.users())
	w.text(",\n" + `"groups": [` + "\n")
	for i, group := range g.allGroups() {
		if i > 0 {
			w.text(",")
		}
		w.group(group)
	}
	w.text("]")
	return w.end()
}

func (g *generator) users() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, c := range g.cases {
			if !yield(c.user) {
				return
			}
		}
		var p drawnUser
		for number := range g.members + g.guests {
			g.drawUser(&p, number)
			if !yield(p.fileUser()) {
				return
			}
		}
	}
}

func (g *generator) allGroups() []fileGroup {
	var all []fileGroup
	for _, group := range caseGroups() {
		group.members = func(yield func(string) bool) {
			for _, c := range g.cases {
				if slices.Contains(c.groups, group.DisplayName) && !yield(c.user.UserPrincipalName) {
					return
				}
			}
		}
		all = append(all, group)
	}
	for _, group := range g.groups {
		all = append(all, fileGroup{
			DisplayName: group.name, AssignedLicenses: []fileLicense{{group.sku.part, group.off}}, members: g.principalNames(group.members),
		})
	}
	return all
}

// principalNames returns the user principal names of users, by their numbers.
func (g *generator) principalNames(numbers []uint32) iter.Seq[string] {
	return func(yield func(string) bool) {
		var p drawnUser
		for _, number := range numbers {
			g.drawUser(&p, int(number))
			if !yield(p.upn()) {
				return
			}
		}
	}
}

// caseName returns the principal name of a special case.
func caseName(what string) string {
	return "case-" + strings.ToLower(strings.ReplaceAll(what, " ", "-")) + "@" + generatedDomain
}
