package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/state"
)

// moved returns the sources of a plan, one line each.
func moved(p *plan.Plan) string {
	var b strings.Builder
	names := func(users []plan.UserRef) string {
		var names []string
		for _, u := range users {
			name, _, _ := strings.Cut(u.UserPrincipalName, "@")
			if name == "" {
				name = "deleted"
			}
			names = append(names, name)
		}
		return strings.Join(names, " ")
	}
	for _, s := range p.Sources {
		fmt.Fprintf(&b, "%s", s.Policy)
		if s.Protects {
			fmt.Fprint(&b, " shield")
		}
		fmt.Fprintf(&b, " %q line %d: %s, %d -> %d", s.Selector, s.Line, s.Status, s.Before, s.Users)
		if s.EnteredCount > 0 {
			fmt.Fprintf(&b, " +%d %s", s.EnteredCount, names(s.Entered))
		}
		if s.LeftCount > 0 {
			fmt.Fprintf(&b, " -%d %s", s.LeftCount, names(s.Left))
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

func TestExplainPlanSources(t *testing.T) {
	t.Parallel()
	const staff = "- {name: staff, users: {domain: staff.example}, licenses: [SPE_E3]}\n"
	for _, c := range []struct {
		name, policies, settings, before, now, want string
		snapped                                     bool
		csv                                         string
	}{
		{name: "no user entered or left", policies: staff, before: "anna CH domain=staff.example", now: "anna CH domain=staff.example",
			want: lines(`staff "domain: staff.example" line 2: compared, 1 -> 1`)},
		{name: "one came, one left and is there still, one was deleted", policies: staff,
			before: "anna CH domain=staff.example\nbea CH domain=staff.example\ncarl CH\nzoe CH domain=staff.example",
			now:    "anna CH domain=staff.example\nbea CH\ncarl CH domain=staff.example",
			want:   lines(`staff "domain: staff.example" line 2: compared, 3 -> 2 +1 carl -2 bea deleted`)},
		{name: "without a baseline it is unknown", policies: staff, now: "anna CH domain=staff.example",
			want: lines(`staff "domain: staff.example" line 2: unknown, 0 -> 1`)},
		{name: "all, and unmatched users", policies: staff + "- {name: every, users: {all: true}, licenses: [POWER_BI_PRO]}\n- {name: over, users: {unmatched: true}, licenses: [VISIOCLIENT]}\n",
			before: "anna CH domain=staff.example", now: "anna CH domain=staff.example\nbea CH",
			want: lines(`every "all: true" line 3: compared, 1 -> 2 +1 bea`, `over "unmatched: true" line 4: compared, 0 -> 0`, `staff "domain: staff.example" line 2: compared, 1 -> 1`)},
		{name: "left over is a source of its own", policies: staff + "- {name: over, users: {unmatched: true}, licenses: [VISIOCLIENT]}\n",
			before: "anna CH domain=staff.example\nbea CH", now: "anna CH\nbea CH domain=staff.example",
			want: lines(`over "unmatched: true" line 3: compared, 1 -> 1 +1 anna -1 bea`, `staff "domain: staff.example" line 2: compared, 1 -> 1 +1 bea -1 anna`)},
		{name: "exceptions and protected users", settings: "protect: {domain: vip.example}",
			policies: "- {name: staff, users: {all: true}, except: {domain: guest.example}, licenses: [SPE_E3]}\n",
			before:   "anna CH domain=guest.example\nbea CH domain=vip.example\nzoe CH domain=vip.example", now: "anna CH\nbea CH domain=guest.example\nzoe CH domain=vip.example",
			want: lines(` shield "domain: vip.example" line 7: compared, 2 -> 1 -1 bea`, `staff "all: true" line 2: compared, 2 -> 2 +1 anna -1 bea`,
				`staff shield "domain: guest.example" line 2: compared, 1 -> 1 +1 bea -1 anna`)},
		{name: "a record has the users of a file", policies: "- {name: staff, users: {csv: people.csv}, licenses: [SPE_E3]}\n", csv: "UserPrincipalName\nanna@contoso.com\n",
			before: "bea CH", now: "anna CH\nbea CH", want: lines(`staff "csv: people.csv" line 2: compared, 0 -> 1 +1 anna`)},
		{name: "a snapshot does not, nor who was left over by it", snapped: true, csv: "UserPrincipalName\nanna@contoso.com\n",
			policies: "- {name: staff, users: {csv: people.csv}, licenses: [SPE_E3]}\n- {name: over, users: {unmatched: true}, licenses: [VISIOCLIENT]}\n" +
				"- {name: every, users: {all: true}, licenses: [POWER_BI_PRO]}\n- {name: one, users: {upns: [bea@contoso.com]}, licenses: [SPE_E5]}\n",
			before: "bea CH", now: "anna CH\nbea CH",
			want: lines(`every "all: true" line 4: compared, 1 -> 2 +1 anna`, `one "upns: 1 listed" line 5: unknown, 0 -> 1`,
				`over "unmatched: true" line 3: unknown, 0 -> 0`, `staff "csv: people.csv" line 2: unknown, 0 -> 1`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := fixture{t: t, settings: "manage: [SPE_E3, SPE_E5, VISIOCLIENT, POWER_BI_PRO]\n" + c.settings, policies: c.policies, tenant: plenty + c.now, csv: c.csv, snapped: c.snapped}
			if c.before != "" {
				f.baseline = plenty + c.before
			}
			if diff := cmp.Diff(c.want, moved(f.compute())); diff != "" {
				t.Errorf("sources (-want +got):\n%s", diff)
			}
		})
	}
}

// TestExplainPlanSourcesOfChangedPolicy compares with the record of a run under other
// policies.
func TestExplainPlanSourcesOfChangedPolicy(t *testing.T) {
	t.Parallel()
	f := fixture{t: t, tenant: plenty + "anna CH domain=staff.example\nbea CH", policies: "- {name: staff, users: {domain: staff.example}, licenses: [SPE_E3]}\n"}
	in := f.input()
	in.Baseline = &plan.Baseline{Origin: "a run", Sources: []plan.SourceRecord{
		{Policy: "staff", Selector: "all: true", Users: sortedIDs("anna", "bea")}, {Policy: "visio", Selector: "upns: 1 listed", Users: sortedIDs("bea", "zoe")},
	}}
	want := lines(`staff "domain: staff.example" line 2: new, 0 -> 1 +1 anna`, `staff "all: true" line 0: gone, 2 -> 0 -2 anna bea`,
		`visio "upns: 1 listed" line 0: gone, 2 -> 0 -2 bea deleted`)
	if diff := cmp.Diff(want, moved(explain.Plan(in))); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func sortedIDs(names ...string) []state.UserID {
	var ids []state.UserID
	for _, name := range names {
		ids = append(ids, idOf[state.User](name))
	}
	slices.SortFunc(ids, state.UserID.Compare)
	return ids
}

// TestExplainPlanSourcesNamesFirstUsers and counts all.
func TestExplainPlanSourcesNamesFirstUsers(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, policies: "- {name: staff, users: {domain: staff.example}, licenses: [SPE_E3]}\n",
		baseline: plenty + inDomain(70, "old", "staff.example", ""), tenant: plenty + inDomain(80, "new", "staff.example", "")}.compute()
	s := p.Sources[0]
	if s.EnteredCount != 80 || s.LeftCount != 70 || len(s.Entered) != explain.MaxSourceUsers || len(s.Left) != explain.MaxSourceUsers || s.Entered[0].UserPrincipalName != "new000@contoso.com" {
		t.Errorf("%d of %d came, the first is %v; %d of %d left", len(s.Entered), s.EnteredCount, s.Entered[0], len(s.Left), s.LeftCount)
	}
}
