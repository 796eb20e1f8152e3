package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
)

// inDomain returns n users of an AD domain, with a holding.
func inDomain(n int, prefix, domain, holding string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s%03d CH %s domain=%s\n", prefix, i, holding, domain)
	}
	return b.String()
}

const plenty = "sku SPE_E3 900\nsku SPE_E5 900\nsku VISIOCLIENT 900\nsku POWER_BI_PRO 900\n"

// loose are limits that no case of these tests reaches but for the source guard's.
const loose = "guards: {removals: {users: 900, percent: 100}, losses: {users: 900}}\n"

func TestComputeWithoutBaselineTakesNothingFromUsersThatLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, policies, want string }{
		{"what others: remove implies", policyForAll("a", "licenses: [SPE_E3]\nothers: remove"), lines("waiting anna VISIOCLIENT: no_baseline")},
		{"what an unmatched policy takes", "- {name: a, users: {domain: staff.example}, licenses: [SPE_E3]}\n- {name: rest, users: {unmatched: true}, absent: [VISIOCLIENT]}",
			lines("waiting anna VISIOCLIENT: no_baseline")},
		{"what a policy of a higher priority would keep if it matched the user", policyForAll("a", "absent: [VISIOCLIENT]") +
			"- {name: users-of-visio, priority: 1, users: {domain: visio.example}, licenses: [VISIOCLIENT]}\n", lines("waiting anna VISIOCLIENT: no_baseline")},
		{"a named absent that no policy can overrule is removed", policyForAll("a", "absent: [VISIOCLIENT]"), lines("remove anna: -VISIOCLIENT")},
		{"a swap by others: remove waits whole", policyForAll("a", "licenses: [SPE_E5]\nothers: remove\nabsent: [VISIOCLIENT]"), lines("remove anna: -VISIOCLIENT",
			"waiting anna SPE_E3: no_baseline", "waiting anna SPE_E5: no_baseline", "waiting bea SPE_E3: no_baseline", "waiting bea SPE_E5: no_baseline")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := fixture{t: t, settings: "manage: [SPE_E3, SPE_E5, VISIOCLIENT]", policies: c.policies, unknown: true,
				tenant: plenty + "anna CH SPE_E3 VISIOCLIENT domain=lost.example\nbea CH SPE_E3"}
			if diff := cmp.Diff(c.want, printed(f.compute())); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			f.unknown = false
			if got := printed(f.compute()); strings.Contains(got, "no_baseline") {
				t.Errorf("--first-run leaves waiting:\n%s", got)
			}
		})
	}
}

// A snapshot is resolved with the files of today: who was cut off from one was never in it.
func TestComputeWithSnapshotBaselineAndFiles(t *testing.T) {
	t.Parallel()
	const rest = "- {name: rest, users: {all: true}, absent: [VISIOCLIENT], priority: -1}\n"
	for _, c := range []struct {
		name, policies string
		snapped        bool
		want           string
	}{
		{"the user may have been in the file of a policy that gives it", "- {name: visio, users: {csv: people.csv}, licenses: [VISIOCLIENT]}\n" + rest, true,
			lines("waiting bea VISIOCLIENT: no_baseline")},
		{"a record of the last run has the users of the file", "- {name: visio, users: {csv: people.csv}, licenses: [VISIOCLIENT]}\n" + rest, false,
			lines("remove bea: -VISIOCLIENT loses onedrive")},
		{"no file gives it", "- {name: visio, users: {domain: visio.example}, licenses: [VISIOCLIENT]}\n" + rest, true,
			lines("remove anna: -VISIOCLIENT loses onedrive", "remove bea: -VISIOCLIENT loses onedrive")},
		{"the file gives something else", "- {name: bi, users: {csv: people.csv}, licenses: [POWER_BI_PRO]}\n" + rest, true,
			lines("remove anna: -VISIOCLIENT loses onedrive", "remove bea: -VISIOCLIENT loses onedrive")},
		{"a user that left any file is unmatched", "- {name: bi, users: {csv: people.csv}, licenses: [POWER_BI_PRO]}\n- {name: over, users: {unmatched: true}, absent: [VISIOCLIENT]}\n", true,
			lines("waiting bea VISIOCLIENT: no_baseline")},
		{"others: remove takes what a file may have given", "- {name: visio, users: {csv: people.csv}, licenses: [VISIOCLIENT]}\n" + policyForAll("exact", "usage_location: CH\nothers: remove"), true,
			lines("remove anna: -POWER_BI_PRO", "waiting bea VISIOCLIENT: no_baseline")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tenant := seats + "anna CH VISIOCLIENT POWER_BI_PRO\nbea CH VISIOCLIENT"
			p := fixture{t: t, settings: manageAll, tenant: tenant, baseline: tenant, snapped: c.snapped, policies: c.policies, csv: "UserPrincipalName\nanna@contoso.com\n"}.compute()
			if diff := cmp.Diff(c.want, printed(p)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGuardSource(t *testing.T) {
	t.Parallel()
	staff := "- {name: staff, users: {domain: staff.example}, licenses: [SPE_E3]}\n- {name: rest, priority: -1, users: {all: true}, absent: [SPE_E3]}"
	leftover := "- {name: staff, users: {domain: staff.example}, licenses: [SPE_E3]}\n- {name: rest, users: {unmatched: true}, absent: [SPE_E3]}"
	leavers := "- {name: leavers, users: {domain: leavers.example}, absent: [SPE_E3]}"
	spared := "- {name: out, users: {all: true}, except: {domain: vip.example}, absent: [SPE_E3]}"
	allow := func(policy string, percent int) []plan.Override {
		return []plan.Override{{Guard: guard.Source, Policy: policy, Limit: percent}}
	}
	staffNow := func(stay, leave int) string {
		return inDomain(stay, "s", "staff.example", "SPE_E3") + inDomain(leave, "l", "elsewhere.example", "SPE_E3")
	}
	staffWas := func(stay, leave int) string {
		return inDomain(stay, "s", "staff.example", "SPE_E3") + inDomain(leave, "l", "staff.example", "SPE_E3")
	}
	for _, c := range []struct {
		name, policies, settings, was, now string
		allow                              []plan.Override
		want                               []string
	}{
		{"no user has left", staff, "", staffWas(50, 0), staffNow(50, 0), nil, nil},
		{"nine of forty are below the floor", staff, "", staffWas(31, 9), staffNow(31, 9), nil, []string{"staff 23/20 ok"}},
		{"ten of fifty are at the limit", staff, "", staffWas(40, 10), staffNow(40, 10), nil, []string{"staff 20/20 ok"}},
		{"eleven of fifty are one over", staff, "", staffWas(39, 11), staffNow(39, 11), nil, []string{"staff 22/20 breached"}},
		{"an override that is equal opens it", staff, "", staffWas(39, 11), staffNow(39, 11), allow("staff", 22), []string{"staff 22/20 overridden"}},
		{"one that is too low does not", staff, "", staffWas(39, 11), staffNow(39, 11), allow("staff", 21), []string{"staff 22/20 breached"}},
		{"nor does one for another policy", staff, "", staffWas(39, 11), staffNow(39, 11), allow("rest", 99), []string{"staff 22/20 breached"}},
		{"settings state other limits", staff, "guards: {removals: {users: 900, percent: 100}, losses: {users: 900}, source: {users: 5, percent: 10}}", staffWas(44, 6), staffNow(44, 6), nil, []string{"staff 12/10 breached"}},
		{"a source that is empty now is always a breach", staff, "", staffWas(0, 3) + "x CH domain=staff.example", staffNow(0, 3) + "x CH", nil, []string{"staff 100/20 breached"}},
		{"leaving that costs nothing is not counted", "- {name: staff, users: {domain: staff.example}, licenses: [SPE_E3]}", "", staffWas(30, 20), staffNow(30, 20), nil, nil},
		{"people who are gone from the tenant have not left a source", staff, "", staffWas(30, 20), staffNow(30, 0), nil, nil},
		{"a removing selector that grew by ten of fifty", leavers, "", inDomain(50, "o", "leavers.example", "") + inDomain(10, "n", "staff.example", "SPE_E3"),
			inDomain(50, "o", "leavers.example", "") + inDomain(10, "n", "leavers.example", "SPE_E3"), nil, []string{"leavers 20/20 ok"}},
		{"by eleven of fifty", leavers, "", inDomain(50, "o", "leavers.example", "") + inDomain(11, "n", "staff.example", "SPE_E3"),
			inDomain(50, "o", "leavers.example", "") + inDomain(11, "n", "leavers.example", "SPE_E3"), nil, []string{"leavers 22/20 breached"}},
		{"users that leave one source enter unmatched", leftover, "", staffWas(39, 11), staffNow(39, 11), nil, []string{"rest 1100/20 breached", "staff 22/20 breached"}},
		{"an exception that shrank", spared, "", inDomain(20, "v", "vip.example", "SPE_E3"), inDomain(9, "v", "vip.example", "SPE_E3") + strings.ReplaceAll(inDomain(20, "v", "other.example", "SPE_E3"), "v00", "w00"),
			nil, []string{"out 2000/20 breached", "out 50/20 breached"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			settings := c.settings
			if settings == "" {
				settings = loose
			}
			p := fixture{t: t, settings: "manage: [SPE_E3]\n" + settings, policies: c.policies, allow: c.allow, baseline: plenty + c.was, tenant: plenty + c.now}.compute()
			var got []string
			for _, g := range p.Guards {
				if g.Name == guard.Source {
					got = append(got, strings.TrimSpace(fmt.Sprintf("%s %d/%d %s", g.Policy, g.Seen, g.Limit, g.Verdict)))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("source (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGuardSourceWithoutBaseline(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH POWER_BI_PRO", policies: policyForAll("a", "absent: [POWER_BI_PRO]"), unknown: true}.compute()
	if diff := cmp.Diff([]string{"0/20 not_checked"}, verdicts(p, guard.Source)); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
	if !p.Applyable {
		t.Error("what was not checked stops the plan")
	}
}

func TestGuardSourceWithSnapshotBaselineAndFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, tenant string
		snapped      bool
		want         string
	}{
		{"a user that left it, or was never in it, loses what it gives", "anna CH SPE_E3\nbea CH SPE_E3", true, "staff not_checked"},
		{"no user loses anything", "anna CH SPE_E3\nbea CH", true, ""},
		{"the record of a run knows", "anna CH SPE_E3\nbea CH SPE_E3", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: "manage: [SPE_E3]\n" + loose, people: "anna@contoso.com\n", tenant: plenty + c.tenant, baseline: plenty + c.tenant, snapped: c.snapped,
				policies: "- {name: staff, users: {list: people.txt}, licenses: [SPE_E3]}\n- {name: rest, users: {all: true}, absent: [SPE_E3]}"}.compute()
			var got []string
			for _, g := range p.Guards {
				if g.Name == guard.Source {
					got = append(got, g.Policy+" "+string(g.Verdict))
				}
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("source: got %q, want %q", got, c.want)
			}
		})
	}
}

func TestGuardImplausible(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		others int
		want   []string
	}{
		{"the service and the read agree", 0, []string{"SPE_E3 0/20 ok"}},
		{"twenty seats apart are the floor", 20, []string{"SPE_E3 20/20 ok"}},
		{"twenty-one are one over", 21, []string{"SPE_E3 21/20 breached"}},
		{"of many, a tenth", 900, []string{"SPE_E3 900/91 breached"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tenant, _ := many(10, "u", "SPE_E3")
			p := fixture{t: t, settings: "manage: [SPE_E3]", policies: policyForAll("a", "licenses: [SPE_E3]"),
				tenant: fmt.Sprintf("sku SPE_E3 2000 others=%d\n", c.others) + tenant + "new CH\n"}.compute()
			if diff := cmp.Diff(c.want, verdicts(p, guard.Implausible)); diff != "" {
				t.Errorf("implausible (-want +got):\n%s", diff)
			}
		})
	}
}
