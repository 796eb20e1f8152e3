package sandbox

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state/sandbox/generate"
)

func generated(t *testing.T, o generate.GenerateOptions) *Tenant {
	t.Helper()
	var out bytes.Buffer
	if err := generate.Generate(&out, o); err != nil {
		t.Fatal(err)
	}
	tenant, err := Parse("generated.json", out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// anySKU, anyUser and anyGroup say whether the tenant has one of a kind.
func anySKU(is func(*sku) bool) func(*Tenant) bool {
	return func(t *Tenant) bool { return slices.ContainsFunc(t.skus, is) }
}

func anyUser(is func(*user) bool) func(*Tenant) bool {
	return func(t *Tenant) bool { return slices.ContainsFunc(t.users, is) }
}

func anyGroup(is func(*group) bool) func(*Tenant) bool {
	return func(t *Tenant) bool {
		return slices.ContainsFunc(t.groups, func(g *group) bool { return len(g.state.licences) > 0 && len(g.members) > 0 && is(g) })
	}
}

func directly(u *user, part string) bool {
	return slices.ContainsFunc(u.state.direct, func(l licence) bool { return l.sku.partNumber == part })
}

// byGroup is the first path of the SKU through a group.
func byGroup(u *user, part string) (inherited, bool) {
	i := slices.IndexFunc(u.state.inherited, func(p inherited) bool { return p.sku.partNumber == part })
	if i < 0 {
		return inherited{}, false
	}
	return u.state.inherited[i], true
}

func TestEveryGeneratedTenantHasEveryCase(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*Tenant) bool{
		"a SKU without free seats": anySKU(func(s *sku) bool { return s.consumed > 0 && s.free() == 0 }),
		"a SKU over its limit":     anySKU(func(s *sku) bool { return s.free() < 0 }),
		"a SKU only in warning": anySKU(func(s *sku) bool {
			return s.capability == "Warning" && s.prepaid.Enabled == 0 && s.prepaid.Warning > 0 && s.consumed > 0
		}),
		"a suspended SKU":                   anySKU(func(s *sku) bool { return s.capability == "Suspended" && s.prepaid.Suspended > 0 }),
		"a SKU with no seats":               anySKU(func(s *sku) bool { return s.prepaid == prepaidUnits{} && s.consumed == 0 }),
		"a SKU that no table has":           anySKU(func(s *sku) bool { return s.partNumber == "CONTOSO_EARLY_ACCESS" && s.consumed > 0 }),
		"a SKU for the company":             anySKU(func(s *sku) bool { return s.appliesTo == "Company" }),
		"two SKUs of one display name":      anyUser(func(u *user) bool { return directly(u, "VISIOCLIENT") && directly(u, "VISIO_PLAN2_DEPT") }),
		"a user of one SKU by three paths":  anyUser(threePaths),
		"an add-on whose base is elsewhere": anyUser(func(u *user) bool { return apart(u, "SPE_E5", "MCOMEETADV") }),
		"Project where SharePoint is off":   anyUser(projectWithoutSharePoint),
		"a guest with a licence":            anyUser(func(u *user) bool { return u.attributes["userType"] == "Guest" && len(u.state.direct) > 0 }),
		"a member of another organization":  anyUser(func(u *user) bool { return u.attributes["userType"] == "Member" && strings.Contains(u.upn, "#EXT#") }),
		"one mailbox and nothing else": anyUser(func(u *user) bool {
			return directly(u, "EXCHANGESTANDARD") && len(u.state.direct) == 1 && len(u.state.inherited) == 0
		}),
		"a disabled account with a licence": anyUser(func(u *user) bool { return !u.enabled && len(u.state.direct) > 0 }),
		"a path in error":                   anyUser(func(u *user) bool { p, found := byGroup(u, "MCOMEETADV"); return found && p.state == stateError }),
		"a comma in a distinguished name": anyUser(func(u *user) bool {
			dn, _ := u.attributes["onPremisesDistinguishedName"].(string)
			return strings.Contains(dn, `\,`)
		}),
		"a member of a member of a group": anyGroup(func(g *group) bool {
			return len(g.nested) == 1 && len(g.nested[0].members) == 1 && len(g.nested[0].members[0].state.inherited) == 0
		}),
		"a dynamic group that gives licences": anyGroup(func(g *group) bool { return g.attributes["membershipRule"] != nil }),
		"a synced group that gives licences":  anyGroup(func(g *group) bool { return g.attributes["onPremisesSyncEnabled"] == true }),
	}
	for _, preset := range generate.Presets() {
		tenant := generated(t, generate.GenerateOptions{Preset: preset, Users: 40, Seed: 3})
		for name, has := range cases {
			if !has(tenant) {
				t.Errorf("%s has not: %s", preset, name)
			}
		}
	}
}

// threePaths is a user who has one SKU directly and by two groups, each with other
// service plans off.
func threePaths(u *user) bool {
	var off [][]string
	for _, l := range u.state.direct {
		if l.sku.partNumber == "SPE_E5" {
			off = append(off, l.off)
		}
	}
	for _, p := range u.state.inherited {
		if p.sku.partNumber == "SPE_E5" {
			off = append(off, p.off)
		}
	}
	return len(off) == 3 && !slices.Equal(off[0], off[1]) && !slices.Equal(off[1], off[2])
}

// apart is a user who has two SKUs by two groups.
func apart(u *user, base, addOn string) bool {
	first, hasBase := byGroup(u, base)
	second, hasAddOn := byGroup(u, addOn)
	return hasBase && hasAddOn && first.group != second.group && second.state == stateActive
}

func projectWithoutSharePoint(u *user) bool {
	e5, found := byGroup(u, "SPE_E5")
	if !found || !directly(u, "PROJECTPROFESSIONAL") || !directly(u, "VISIOCLIENT") {
		return false
	}
	return slices.ContainsFunc(e5.off, func(id string) bool { p, _ := e5.sku.plan(id); return p.Name == "SHAREPOINTENTERPRISE" })
}

// share gives how many of a hundred users are so.
func share(users []*user, is func(*user) bool) int {
	n := 0
	for _, u := range users {
		if is(u) {
			n++
		}
	}
	return n * 100 / max(1, len(users))
}

func TestACrowdHasTheShapeOfItsPreset(t *testing.T) {
	t.Parallel()
	const users = 11_000
	tenant := generated(t, generate.GenerateOptions{Preset: "large", Users: users, Seed: 11})
	crowd := slices.DeleteFunc(slices.Clone(tenant.users), func(u *user) bool { return strings.HasPrefix(u.upn, "case-") })
	if n := len(crowd); n != users {
		t.Errorf("%d users, want %d", n, users)
	}
	isMember := func(u *user) bool { return u.attributes["userType"] == "Member" }
	members := slices.DeleteFunc(slices.Clone(tenant.users), func(u *user) bool { return !isMember(u) })
	licensed := slices.DeleteFunc(slices.Clone(members), func(u *user) bool { return len(u.state.direct)+len(u.state.inherited) == 0 })
	distinct := func(u *user) int {
		n := 0
		for range u.state.held() {
			n++
		}
		return n
	}
	for _, c := range []struct {
		name         string
		want, within int
		got          int
	}{
		{"members among all", 73, 1, share(tenant.users, isMember)},
		{"unlicensed members", 25, 2, 100 - len(licensed)*100/len(members)},
		{"members with one licence", 40, 2, share(licensed, func(u *user) bool { return distinct(u) == 1 })},
		{"members with four", 12, 2, share(licensed, func(u *user) bool { return distinct(u) == 4 })},
		{"members without location", 1, 1, share(members, func(u *user) bool { return u.state.location == "" })},
		{"disabled accounts among the licensed", 2, 1, share(licensed, func(u *user) bool { return !u.enabled })},
		{"synced members", 90, 2, share(members, func(u *user) bool { return u.attributes["onPremisesSyncEnabled"] == true })},
		{"E5 among the licensed", 45, 3, share(licensed, func(u *user) bool {
			return slices.ContainsFunc(slices.Collect(u.state.held()), func(s *sku) bool { return s.partNumber == "SPE_E5" })
		})},
		{"base licences by a group only", 85, 4, share(licensed, func(u *user) bool {
			return len(u.state.inherited) > 0 && !slices.ContainsFunc(u.state.direct, func(l licence) bool {
				return slices.Contains([]string{"SPE_E5", "SPE_E3", "SPE_F1", "EXCHANGESTANDARD"}, l.sku.partNumber)
			})
		})},
	} {
		if c.got < c.want-c.within || c.got > c.want+c.within {
			t.Errorf("%s: %d %%, want %d", c.name, c.got, c.want)
		}
	}
	if n := len(tenant.groups) - 6; n != 60 {
		t.Errorf("%d groups of the crowd give licences, want 60", n)
	}
}
