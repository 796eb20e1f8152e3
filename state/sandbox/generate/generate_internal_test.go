package generate

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state/sandbox/internal/directory"
)

func generated(t *testing.T, o Options) *directory.Tenant {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, o); err != nil {
		t.Fatal(err)
	}
	tenant, err := directory.Parse("generated.json", out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

// anySKU, anyUser and anyGroup return a check for one of a kind in the tenant.
func anySKU(is func(*directory.SKU) bool) func(*directory.Tenant) bool {
	return func(t *directory.Tenant) bool { return slices.ContainsFunc(t.SKUs, is) }
}

func anyUser(is func(*directory.User) bool) func(*directory.Tenant) bool {
	return func(t *directory.Tenant) bool { return slices.ContainsFunc(t.Users, is) }
}

func anyGroup(is func(*directory.Group) bool) func(*directory.Tenant) bool {
	return func(t *directory.Tenant) bool {
		return slices.ContainsFunc(t.Groups, func(g *directory.Group) bool { return len(g.State.Licenses) > 0 && len(g.Members) > 0 && is(g) })
	}
}

func directly(u *directory.User, part string) bool {
	return slices.ContainsFunc(u.State.Direct, func(l directory.License) bool { return l.SKU.PartNumber == part })
}

// byGroup returns the first path of the SKU through a group.
func byGroup(u *directory.User, part string) (directory.Inherited, bool) {
	i := slices.IndexFunc(u.State.Inherited, func(p directory.Inherited) bool { return p.SKU.PartNumber == part })
	if i < 0 {
		return directory.Inherited{}, false
	}
	return u.State.Inherited[i], true
}

func TestWriteHasEverySpecialCase(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*directory.Tenant) bool{
		"a SKU without free seats": anySKU(func(s *directory.SKU) bool { return s.Consumed > 0 && s.Free() == 0 }),
		"a SKU over its limit":     anySKU(func(s *directory.SKU) bool { return s.Free() < 0 }),
		"a SKU only in warning": anySKU(func(s *directory.SKU) bool {
			return s.Capability == "Warning" && s.Prepaid.Enabled == 0 && s.Prepaid.Warning > 0 && s.Consumed > 0
		}),
		"a suspended SKU":                   anySKU(func(s *directory.SKU) bool { return s.Capability == "Suspended" && s.Prepaid.Suspended > 0 }),
		"a SKU with no seats":               anySKU(func(s *directory.SKU) bool { return s.Prepaid == directory.PrepaidUnits{} && s.Consumed == 0 }),
		"a SKU that no table has":           anySKU(func(s *directory.SKU) bool { return s.PartNumber == unknownSKU && s.Consumed > 0 }),
		"a SKU for the company":             anySKU(func(s *directory.SKU) bool { return s.AppliesTo == "Company" }),
		"two SKUs of one display name":      anyUser(func(u *directory.User) bool { return directly(u, "VISIOCLIENT") && directly(u, "VISIO_PLAN2_DEPT") }),
		"a user of one SKU by three paths":  anyUser(threePaths),
		"an add-on whose base is elsewhere": anyUser(func(u *directory.User) bool { return apart(u, "SPE_E5", "MCOMEETADV") }),
		"Project where SharePoint is off":   anyUser(projectWithoutSharePoint),
		"a guest with a license":            anyUser(func(u *directory.User) bool { return u.Attributes["userType"] == "Guest" && len(u.State.Direct) > 0 }),
		"a member of another organization": anyUser(func(u *directory.User) bool {
			return u.Attributes["userType"] == "Member" && strings.Contains(u.UPN, "#EXT#")
		}),
		"one mailbox and nothing else": anyUser(func(u *directory.User) bool {
			return directly(u, "EXCHANGESTANDARD") && len(u.State.Direct) == 1 && len(u.State.Inherited) == 0
		}),
		"a disabled account with a license": anyUser(func(u *directory.User) bool { return !u.Enabled && len(u.State.Direct) > 0 }),
		"a path in error": anyUser(func(u *directory.User) bool {
			p, found := byGroup(u, "MCOMEETADV")
			return found && p.State == directory.StateError
		}),
		"a comma in a distinguished name": anyUser(func(u *directory.User) bool {
			dn, _ := u.Attributes["onPremisesDistinguishedName"].(string)
			return strings.Contains(dn, `\,`)
		}),
		"a member of a member of a group": anyGroup(func(g *directory.Group) bool {
			return len(g.Nested) == 1 && len(g.Nested[0].Members) == 1 && len(g.Nested[0].Members[0].State.Inherited) == 0
		}),
		"a dynamic group that gives licenses": anyGroup(func(g *directory.Group) bool { return g.Attributes["membershipRule"] != nil }),
		"a synced group that gives licenses":  anyGroup(func(g *directory.Group) bool { return g.Attributes["onPremisesSyncEnabled"] == true }),
	}
	for _, preset := range Presets() {
		tenant := generated(t, Options{Preset: preset, Users: 40, Seed: 3})
		for name, has := range cases {
			if !has(tenant) {
				t.Errorf("%s has not: %s", preset, name)
			}
		}
	}
}

// threePaths reports whether a user has one SKU directly and by two groups, each with other
// service plans off.
func threePaths(u *directory.User) bool {
	var off [][]string
	for _, l := range u.State.Direct {
		if l.SKU.PartNumber == "SPE_E5" {
			off = append(off, l.Off)
		}
	}
	for _, p := range u.State.Inherited {
		if p.SKU.PartNumber == "SPE_E5" {
			off = append(off, p.Off)
		}
	}
	return len(off) == 3 && !slices.Equal(off[0], off[1]) && !slices.Equal(off[1], off[2])
}

// apart reports whether a user has two SKUs by two groups.
func apart(u *directory.User, base, addOn string) bool {
	first, hasBase := byGroup(u, base)
	second, hasAddOn := byGroup(u, addOn)
	return hasBase && hasAddOn && first.Group != second.Group && second.State == directory.StateActive
}

func projectWithoutSharePoint(u *directory.User) bool {
	e5, found := byGroup(u, "SPE_E5")
	if !found || !directly(u, "PROJECTPROFESSIONAL") || !directly(u, "VISIOCLIENT") {
		return false
	}
	return slices.ContainsFunc(e5.Off, func(id string) bool { p, _ := e5.SKU.Plan(id); return p.Name == "SHAREPOINTENTERPRISE" })
}

// share returns how many of a hundred users meet a condition.
func share(users []*directory.User, is func(*directory.User) bool) int {
	n := 0
	for _, u := range users {
		if is(u) {
			n++
		}
	}
	return n * 100 / max(1, len(users))
}

func TestWriteHasTheShapeOfThePreset(t *testing.T) {
	t.Parallel()
	const users = 11_000
	tenant := generated(t, Options{Preset: "large", Users: users, Seed: 11})
	if n := len(tenant.Users) - len(specialCases()); n != users {
		t.Errorf("%d users, want %d", n, users)
	}
	isMember := func(u *directory.User) bool { return u.Attributes["userType"] == "Member" }
	members := slices.DeleteFunc(slices.Clone(tenant.Users), func(u *directory.User) bool { return !isMember(u) })
	licensed := slices.DeleteFunc(slices.Clone(members), func(u *directory.User) bool { return len(u.State.Direct)+len(u.State.Inherited) == 0 })
	distinct := func(u *directory.User) int {
		n := 0
		for range u.State.Held() {
			n++
		}
		return n
	}
	for _, c := range []struct {
		name         string
		want, within int
		got          int
	}{
		{"members among all", 73, 1, share(tenant.Users, isMember)},
		{"unlicensed members", 25, 2, 100 - len(licensed)*100/len(members)},
		{"members with one license", 40, 2, share(licensed, func(u *directory.User) bool { return distinct(u) == 1 })},
		{"members with four", 12, 2, share(licensed, func(u *directory.User) bool { return distinct(u) == 4 })},
		{"members without location", 1, 1, share(members, func(u *directory.User) bool { return u.State.Location == "" })},
		{"disabled accounts among the licensed", 2, 1, share(licensed, func(u *directory.User) bool { return !u.Enabled })},
		{"synced members", 90, 2, share(members, func(u *directory.User) bool { return u.Attributes["onPremisesSyncEnabled"] == true })},
		{"E5 among the licensed", 45, 3, share(licensed, func(u *directory.User) bool {
			return slices.ContainsFunc(slices.Collect(u.State.Held()), func(s *directory.SKU) bool { return s.PartNumber == "SPE_E5" })
		})},
		{"base licenses by a group only", 85, 4, share(licensed, func(u *directory.User) bool {
			return len(u.State.Inherited) > 0 && !slices.ContainsFunc(u.State.Direct, func(l directory.License) bool {
				return slices.ContainsFunc(presets["large"].base, func(w weighted) bool { return w.part == l.SKU.PartNumber })
			})
		})},
	} {
		if c.got < c.want-c.within || c.got > c.want+c.within {
			t.Errorf("%s: %d %%, want %d", c.name, c.got, c.want)
		}
	}
	if n := len(tenant.Groups) - len(caseGroups()); n != 60 {
		t.Errorf("%d drawn groups give licenses, want 60", n)
	}
}
