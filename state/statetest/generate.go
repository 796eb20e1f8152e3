package statetest

import (
	_ "embed" // for generate.txt
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seatwright/seatwright/state"
)

//go:embed generate.txt
var generateTable string

// Generate returns a generated snapshot of a large tenant, made without a backend, for
// benchmarks. A quarter of the members have no license, the others one to four, most of
// them by groups. A quarter of the assignments have service plans off. A quarter of the
// users are guests. Synced users are in OU=DEPARTMENT,OU=SITE,OU=Staff (see [Departments]
// and [Sites]) with the base SKU of their department, or without licenses in OU=Shared.
// The same seed gives the same snapshot. Otherwise the shape is that of the preset
// "large" of the sandbox's generator, without its special cases.
func Generate(t testing.TB, users int, seed uint64) *state.Snapshot {
	t.Helper()
	c := newGenerator(t, seed)
	for number := range users {
		if err := c.builder.Add(c.record(number)); err != nil {
			t.Fatalf("generate snapshot: %v", err)
		}
	}
	snapshot, err := c.builder.Snapshot(c.header())
	if err != nil {
		t.Fatalf("generate snapshot: %v", err)
	}
	return snapshot
}

// generator builds one snapshot.
type generator struct {
	rng         *rand.Rand
	builder     *state.Builder
	plans       map[string]state.ServicePlan
	base, extra []*generatedSKU
	places      []state.DN      // of a user in each OU of a department
	bases       []*generatedSKU // of the users there
	shared      state.DN        // of a user in OU=Shared
	paths       []state.Path
}

// generatedSKU is a SKU with the groups that give it.
type generatedSKU struct {
	state.SKU

	weight int
	offs   [][]state.PlanID // sets of service plans that assignments switch off
	groups []state.Group
}

// Departments returns the OUs below each site, with the base SKU of their users.
func Departments() map[string]string {
	return map[string]string{
		"Finance": "SPE_E5", "HR": "SPE_E3", "IT": "SPE_E5", "Legal": "SPE_E5", "Logistics": "SPE_F1",
		"Marketing": "SPE_E5", "Production": "SPE_F1", "Research": "SPE_E3", "Sales": "SPE_E5", "Support": "SPE_E3",
	}
}

// Sites returns the OUs below OU=Staff,DC=corp,DC=contoso,DC=com.
func Sites() []string {
	return []string{"Basel", "Berlin", "Boston", "London", "Lyon", "Milan", "Munich", "Paris", "Seattle", "Zurich"}
}

func usageLocations() []string {
	return []string{"CH", "CH", "CH", "CH", "DE", "DE", "US", "FR", "GB", "IT"}
}

func newGenerator(t testing.TB, seed uint64) *generator {
	c := &generator{
		rng:     rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // made-up people are no secret
		builder: state.NewBuilder(), plans: map[string]state.ServicePlan{},
	}
	for line := range strings.Lines(generateTable) {
		switch fields := strings.Fields(line); fields[0] {
		case "plan":
			c.plans[fields[1]] = state.ServicePlan{ID: state.MustParseID[state.ServicePlan](fields[2]), Name: fields[1], AppliesTo: state.ScopeUser, Status: "Success"}
		case "sku":
			c.addSKU(fields[1:])
		}
	}
	parse := func(text string) state.DN {
		dn, err := state.ParseDN(text)
		if err != nil {
			t.Fatal(err)
		}
		return dn
	}
	c.shared = parse("CN=User,OU=Shared,DC=corp,DC=contoso,DC=com")
	for _, department := range slices.Sorted(maps.Keys(Departments())) {
		for _, site := range Sites() {
			c.places = append(c.places, parse("CN=User,OU="+department+",OU="+site+",OU=Staff,DC=corp,DC=contoso,DC=com"))
			c.bases = append(c.bases, c.find(Departments()[department]))
		}
	}
	return c
}

func (c *generator) find(part string) *generatedSKU {
	return c.base[slices.IndexFunc(c.base, func(s *generatedSKU) bool { return s.PartNumber == part })]
}

// addSKU reads a SKU of the table.
func (c *generator) addSKU(fields []string) {
	s := &generatedSKU{
		SKU: state.SKU{ID: state.MustParseID[state.SKU](fields[1]), PartNumber: fields[0], Capability: state.CapabilityEnabled, AppliesTo: state.ScopeUser},
	}
	var ids []state.PlanID
	for name := range strings.SplitSeq(fields[5], ",") {
		s.Plans = append(s.Plans, c.plans[name])
		ids = append(ids, c.plans[name].ID)
	}
	for range 8 {
		c.rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		if off := ids[:len(ids)/3]; len(off) > 0 {
			s.offs = append(s.offs, state.SortedPlans(off))
		}
	}
	s.weight, _ = strconv.Atoi(fields[3]) // the table is a part of the program
	groups, _ := strconv.Atoi(fields[4])
	for i := range groups {
		g := state.Group{ID: state.GroupID{0: 0xee, 1: byte(i), 2: s.ID[0], 3: s.ID[1]}, DisplayName: fmt.Sprintf("Licenses %s %d", s.PartNumber, i+1),
			Members: []state.UserID{}}
		g.Licenses = []state.License{{SKU: s.ID, Disabled: c.plansOff(s)}}
		s.groups = append(s.groups, g)
	}
	if fields[2] == "base" {
		c.base = append(c.base, s)
	} else {
		c.extra = append(c.extra, s)
	}
}

// plansOff returns the service plans that one assignment of the SKU switches off, mostly
// none.
func (c *generator) plansOff(s *generatedSKU) []state.PlanID {
	if len(s.offs) == 0 || c.rng.IntN(4) > 0 {
		return nil
	}
	return s.offs[c.rng.IntN(len(s.offs))]
}

// record returns one generated user.
func (c *generator) record(number int) state.Record {
	r := state.Record{DisplayName: fmt.Sprintf("Firstname Lastname %d", number)}
	for i := 0; i < len(r.ID); i += 8 {
		bits := c.rng.Uint64()
		for j := range 8 {
			r.ID[i+j] = byte(bits >> (8 * j))
		}
	}
	if c.rng.IntN(100) < 27 {
		r.Guest = true
		r.UserPrincipalName = fmt.Sprintf("firstname.lastname%d_fabrikam.example#EXT#@contoso.onmicrosoft.com", number)
		return r
	}
	r.UserPrincipalName = fmt.Sprintf("Firstname.Lastname%d@contoso.com", number)
	r.Country = "Switzerland"
	if c.rng.IntN(100) > 0 {
		r.UsageLocation = usageLocations()[c.rng.IntN(10)]
	}
	r.Synced = c.rng.IntN(10) > 0
	if r.Synced {
		r.Domain, r.DN = "corp.contoso.com", c.shared
		r.ImmutableID, r.SID = state.Anchor(r.ID).ImmutableID(), "S-1-5-21-1111111111-2222222222-3333333333-"+strconv.Itoa(1000+number)
	}
	if c.rng.IntN(4) == 0 {
		r.Disabled = c.rng.IntN(5) < 2
		return r
	}
	r.Disabled = c.rng.IntN(50) == 0
	base := choose(c.rng, c.base)
	if r.Synced {
		place := c.rng.IntN(len(c.places))
		r.DN, base = c.places[place], c.bases[place]
	}
	r.Paths = c.assign(r.ID, base)
	return r
}

// assign draws the licenses of a user. The slice is used again for the next user.
func (c *generator) assign(user state.UserID, base *generatedSKU) []state.Path {
	c.paths = c.paths[:0]
	c.assignOne(user, base)
	licenses := [10]int{1, 1, 1, 1, 2, 2, 2, 3, 3, 4}[c.rng.IntN(10)]
	for range licenses - 1 {
		sku := choose(c.rng, c.extra)
		if !slices.ContainsFunc(c.paths, func(p state.Path) bool { return p.SKU == sku.ID }) {
			c.assignOne(user, sku)
		}
	}
	return c.paths
}

func choose(rng *rand.Rand, among []*generatedSKU) *generatedSKU {
	n := 0
	for _, s := range among {
		n += s.weight
	}
	n = rng.IntN(n)
	for _, s := range among {
		if n -= s.weight; n < 0 {
			return s
		}
	}
	return among[0]
}

func (c *generator) assignOne(user state.UserID, s *generatedSKU) {
	path := c.rng.IntN(100)
	s.Consumed++
	if len(s.groups) > 0 && path < 90 {
		g := &s.groups[c.rng.IntN(len(s.groups))]
		g.Members = append(g.Members, user)
		c.paths = append(c.paths, state.Path{SKU: s.ID, Group: g.ID, State: state.PathActive, Disabled: g.Licenses[0].Disabled})
	}
	if len(s.groups) == 0 || path >= 85 {
		c.paths = append(c.paths, state.Path{SKU: s.ID, State: state.PathActive, Disabled: c.plansOff(s)})
	}
}

func (c *generator) header() state.Header {
	h := state.Header{
		Organization: state.Organization{ID: id[state.Organization](0x02), DisplayName: "Contoso", Domains: []string{"contoso.com", "contoso.onmicrosoft.com"}},
		Source:       state.SourceLive, ReadAt: time.Date(2026, time.November, 23, 2, 0, 0, 0, time.UTC), Complete: true,
	}
	for _, s := range slices.Concat(c.base, c.extra) {
		s.Enabled = s.Consumed + s.Consumed/5 + 10
		h.SKUs = append(h.SKUs, s.SKU)
		for _, g := range s.groups {
			slices.SortFunc(g.Members, state.UserID.Compare)
			h.Groups = append(h.Groups, g)
		}
	}
	return h
}
