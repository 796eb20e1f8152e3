package plan_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/statetest"
)

// sizes are the tenants that are measured, in users.
func sizes() []int { return []int{1_000, 100_000, 1_000_000} }

// scaled is a large tenant with a policy for each of its hundred OUs, by which
// every user has the right licenses, and some users get one SKU more.
type scaled struct {
	snapshot *state.Snapshot
	catalog  *catalog.Catalog
	set      *policies.Set
}

// newScaled returns a tenant in which some users should get MCOEV, with some free seats.
func newScaled(t testing.TB, users, wanting, seats int) scaled {
	t.Helper()
	x := scaled{snapshot: statetest.Generate(t, users, 1)}
	wanted := slices.IndexFunc(x.snapshot.SKUs, func(s state.SKU) bool { return s.PartNumber == "MCOEV" })
	x.snapshot.SKUs[wanted].Enabled = x.snapshot.SKUs[wanted].Consumed + seats
	files := fstest.MapFS{
		"seatwright.yaml": {Data: []byte("version: 1\ntenants:\n  test:\n    sandbox: tenant.yaml\n    policies: [p.yaml]\n    manage: [SPE_E5, SPE_E3, SPE_F1, MCOEV, POWER_BI_PRO]\n")},
		"p.yaml":          {Data: scaledPolicies()},
		"wanting.txt":     {Data: wantingList(x.snapshot, x.snapshot.SKUs[wanted].ID, wanting)},
	}
	x.catalog = catalog.Builtin().ForTenant(x.snapshot.SKUs)
	x.set = loadSet(t, files, x.catalog)
	return x
}

// scaledPolicies returns one policy for each OU, and one for the users that get more.
func scaledPolicies() []byte {
	var b strings.Builder
	b.WriteString("policies:\n  - {name: more, users: {list: wanting.txt}, licenses: [MCOEV]}\n")
	for department, base := range statetest.Departments() {
		for _, site := range statetest.Sites() {
			fmt.Fprintf(&b, "  - name: %s-%s\n    users: {ou: 'OU=%s,OU=%s,OU=Staff,DC=corp,DC=contoso,DC=com'}\n    licenses: [%s]\n",
				strings.ToLower(department), strings.ToLower(site), department, site, base)
		}
	}
	return []byte(b.String())
}

// wantingList names so many enabled users with a location who do not have the SKU.
func wantingList(s *state.Snapshot, sku state.SKUID, n int) []byte {
	var b strings.Builder
	b.WriteString("# those who want one SKU more\n")
	for user := range s.Users() {
		if n == 0 {
			break
		}
		if user.Enabled() && user.UsageLocation() != "" && len(user.PathsOf(sku)) == 0 {
			fmt.Fprintln(&b, user.UserPrincipalName())
			n--
		}
	}
	if n > 0 {
		fmt.Fprintln(&b, "too-few-users-for-this-benchmark@contoso.com")
	}
	return []byte(b.String())
}

func (x scaled) resolve(t testing.TB) *selector.Matches {
	t.Helper()
	matches, _, err := selector.Resolve(x.set, x.snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return matches
}

func (x scaled) input(matches *selector.Matches) plan.Input {
	return plan.Input{Set: x.set, Matches: matches, Snapshot: x.snapshot, Catalog: x.catalog, Now: fixtureTime, ToolVersion: "test"}
}

// compute computes the plan and checks the number of its steps.
func (x scaled) compute(t testing.TB, matches *selector.Matches, steps int) {
	t.Helper()
	if p := explain.Plan(x.input(matches)); len(p.Steps) != steps {
		t.Fatalf("the plan has %d steps, want %d", len(p.Steps), steps)
	}
}

// shape is a tenant that is measured.
type shape struct {
	name           string
	wanting, seats func(users int) int
}

func someSteps(users int) int { return min(10_000, users/10) }

func shapes() []shape {
	none := func(int) int { return 1 }
	return []shape{
		{"nothing to do", none, func(int) int { return 0 }},                                                     // one user waits
		{"up to 10,000 steps", someSteps, func(users int) int { return users }},                                 // a seat for every user
		{"scarce seats", func(users int) int { return users / 10 }, func(users int) int { return users / 100 }}, // one in ten gets one
	}
}

func (s shape) steps(users int) int { return min(s.wanting(users), s.seats(users)) }

func BenchmarkCompute(b *testing.B) {
	for _, s := range shapes() {
		for _, users := range sizes() {
			b.Run(fmt.Sprintf("%s/%d", s.name, users), func(b *testing.B) {
				x := newScaled(b, users, s.wanting(users), s.seats(users))
				matches := x.resolve(b)
				b.ReportAllocs()
				for b.Loop() {
					x.compute(b, matches, s.steps(users))
				}
			})
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	for _, users := range sizes() {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			x := newScaled(b, users, someSteps(users), users)
			b.ReportAllocs()
			for b.Loop() {
				x.resolve(b)
			}
		})
	}
}

// allocations returns how many allocations a function makes.
func allocations(do func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs)
}

// The load has a test of its own in state/snapfile.
func TestComputeAllocationsPerUser(t *testing.T) { //nolint:paralleltest // counts allocations
	const few, many = 1_000, 100_000
	for _, s := range shapes() {
		cost := func(users int) (resolve, compute float64) {
			x := newScaled(t, users, s.wanting(users), s.seats(users))
			var matches *selector.Matches
			resolve = allocations(func() { matches = x.resolve(t) }) / float64(users)
			compute = allocations(func() { x.compute(t, matches, s.steps(users)) }) / float64(users)
			return resolve, compute
		}
		resolveOfFew, computeOfFew := cost(few)
		resolveOfMany, computeOfMany := cost(many)
		if resolveOfMany > 1.5*resolveOfFew {
			t.Errorf("%s: to resolve takes %.2f allocations a user of %d, %.2f of %d", s.name, resolveOfMany, many, resolveOfFew, few)
		}
		if computeOfMany > 1.5*computeOfFew {
			t.Errorf("%s: to plan takes %.2f allocations a user of %d, %.2f of %d", s.name, computeOfMany, many, computeOfFew, few)
		}
	}
}
