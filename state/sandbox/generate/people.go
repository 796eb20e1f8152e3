package generate

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// rng draws random numbers for one thing at a time, by its number. So any user can be drawn
// again without the users before.
type rng struct{ rand.PCG }

func (d *rng) reset(seed, number uint64) { d.Seed(seed, number) }

// below returns a number from 0 up to, and without, n.
func (d *rng) below(n int) int {
	high, _ := bits.Mul64(d.Uint64(), uint64(n))
	return int(high)
}

// percent reports true with a chance of p in a hundred.
func (d *rng) percent(p int) bool { return d.below(100) < p }

func (d *rng) choose(among []weighted, sum int) int {
	n := d.below(sum)
	for i, w := range among {
		if n -= w.weight; n < 0 {
			return i
		}
	}
	return 0
}

func sumOf(among []weighted) int {
	sum := 0
	for _, w := range among {
		sum += w.weight
	}
	return sum
}

// The names and attributes of generated users.
var (
	givenNames = strings.Fields("Anna Beat Claudia Daniel Elena Felix Giulia Hans Ines Jürg Katrin Luca Maria Noah Olivia Peter Rosa Simon Tina Urs " +
		"Vera Walter Xenia Yves Zoë Björn Chloé Deniz Emma Łukasz")
	familyNames = strings.Fields("Müller Meier Schmid Keller Weber Huber Schneider Steiner Fischer Gerber Brunner Baumann Frei Zimmermann Moser Widmer Wyss " +
		"Graf Roth Suter Baumgartner Bachmann Kunz Berger Hofer O'Brien Nguyen Rossi García Kowalski")
	departments = strings.Fields("Sales Marketing Finance Legal IT Production Logistics Research Support HR")
	sites       = strings.Fields("Zurich Berlin Boston Paris London Milan Basel Munich Seattle Lyon")
	countries   = []struct {
		code, name string
		weight     int
	}{{"CH", "Switzerland", 40}, {"DE", "Germany", 20}, {"US", "United States", 15}, {"FR", "France", 10}, {"GB", "United Kingdom", 10}, {"IT", "Italy", 5}}
)

const (
	generatedDomain  = "contoso.com"
	generatedInitial = "contoso.onmicrosoft.com"
	generatedAD      = "corp.contoso.com"
)

// drawnUser is what is drawn for one user of the preset. It is filled anew for each user.
type drawnUser struct {
	number        int
	given, family string
	guest         bool
	disabled      bool
	synced        bool
	country       int // into countries
	located       bool
	department    string
	site          string
	holdings      []holding
	chosen        []int // of the extra SKUs
	rng           rng
}

// holding is one SKU that a user has.
type holding struct {
	sku    *owned
	group  *licensing // nil: not by a group
	failed bool       // the group could not give it
	direct bool
	off    []string // by the direct path
}

// takesSeat reports whether the holding takes a seat.
func (h holding) takesSeat() bool { return h.direct || h.group != nil && !h.failed }

// drawUser draws the user with a number. Members come first, then guests.
func (g *generator) drawUser(p *drawnUser, number int) {
	d := &p.rng
	d.reset(g.seed, uint64(number))
	p.number, p.guest, p.holdings = number, number >= g.members, p.holdings[:0]
	p.given, p.family = givenNames[d.below(len(givenNames))], familyNames[d.below(len(familyNames))]
	p.department, p.site = departments[d.below(len(departments))], sites[d.below(min(len(sites), 1+g.members/200))]
	p.country = d.drawCountry()
	p.located = !d.percent(g.noLocation) && !p.guest
	p.synced = d.percent(g.synced) && !p.guest
	p.disabled = false
	switch {
	case p.guest:
	case d.percent(g.unlicensed): // many of them are mailboxes that no user signs in to
		p.disabled = d.percent(40)
	default:
		p.disabled = d.percent(g.disabled)
		g.drawHoldings(p)
	}
}

func (d *rng) drawCountry() int {
	n := d.below(100)
	for i, c := range countries {
		if n -= c.weight; n < 0 {
			return i
		}
	}
	return 0
}

func (g *generator) drawHoldings(p *drawnUser) {
	d := &p.rng
	licenses, n := 1, d.below(100)
	for i, share := range g.licenses {
		if n -= share; n < 0 {
			licenses = i + 1
			break
		}
	}
	g.drawHolding(p, g.byPart[g.base[d.choose(g.base, g.baseSum)].part])
	p.chosen = p.chosen[:0]
	for range min(licenses-1, len(g.extra)) {
		i := d.choose(g.extra, g.extraSum)
		for slices.Contains(p.chosen, i) {
			i = (i + 1) % len(g.extra)
		}
		p.chosen = append(p.chosen, i)
		g.drawHolding(p, g.byPart[g.extra[i].part])
	}
}

// drawHolding draws the path by which a user has a SKU.
func (g *generator) drawHolding(p *drawnUser, sku *owned) {
	d := &p.rng
	h := holding{sku: sku}
	path, way, fault := d.below(100), d.below(1<<16), d.below(1000)
	if groups := g.groupsOf[sku]; len(groups) > 0 && path < g.byGroup+g.both {
		h.group = groups[way%len(groups)]
		h.failed = fault < g.inError
	}
	h.direct = h.group == nil || path >= g.byGroup
	if h.direct && len(sku.offs) > 0 && d.percent(g.plansOff) {
		h.off = sku.offs[way%len(sku.offs)]
	}
	p.holdings = append(p.holdings, h)
}

// upn returns the user principal name. Only names and number are needed for it.
func (p *drawnUser) upn() string {
	name := asciiNames.Replace(strings.ToLower(p.given+"."+p.family)) + strconv.Itoa(p.number)
	if p.guest {
		return name + "_fabrikam.example#EXT#@" + generatedInitial
	}
	return name + "@" + generatedDomain
}

// asciiNames spells names as addresses do.
var asciiNames = strings.NewReplacer("ü", "ue", "ö", "oe", "é", "e", "ë", "e", "í", "i", "ł", "l", "'", "")

// fileUser returns the user as the tenant file has them.
func (p *drawnUser) fileUser() fileUser {
	u := fileUser{UserPrincipalName: p.upn(), DisplayName: p.given + " " + p.family}
	if p.guest {
		u.UserType = "Guest"
		return u
	}
	u.Department, u.Country = p.department, countries[p.country].name
	if p.located {
		u.UsageLocation = countries[p.country].code
	}
	if p.disabled {
		u.AccountEnabled = new(bool)
	}
	if p.synced {
		u.Synced, u.Domain = true, generatedAD
		u.DN = fmt.Sprintf("CN=%s %s %d,OU=%s,OU=%s,OU=Staff,DC=corp,DC=contoso,DC=com", p.given, p.family, p.number, p.department, p.site)
	}
	for _, h := range p.holdings {
		if h.direct {
			u.AssignedLicenses = append(u.AssignedLicenses, fileLicense{h.sku.part, h.off})
		}
		if h.failed {
			u.States = append(u.States, fileState{SKU: h.sku.part, AssignedByGroup: h.group.name, State: failedState, Error: "CountViolation", DisabledPlans: h.group.off})
		}
	}
	return u
}
