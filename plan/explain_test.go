package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/explain"
)

const explained = seats + `
	sku SPE_E5 1
	anna CH SPE_E3 POWER_BI_PRO@BI synced domain=sales.example
	bea CH SPE_E5
	carl CH SPE_E3 domain=sales.example
	dora CH VISIOCLIENT domain=sales.example guest
	emil CH domain=sales.example disabled
	fred CH SPE_E3 SPE_F1`

// explainedTo returns what is explained of a user: "SKU outcome because; overruled", then policies.
func explainedTo(t *testing.T, f fixture, name string) string {
	t.Helper()
	in := f.input()
	user, found := in.Snapshot.FindUPN(name + "@contoso.com")
	if !found {
		t.Fatalf("the tenant has no %s", name)
	}
	e := explain.User(in, user)
	var b strings.Builder
	for _, sku := range e.SKUs {
		fmt.Fprintf(&b, "%s %s %s%s", sku.PartNumber, sku.Outcome, sku.Reason, names(" by ", sku.Because))
		fmt.Fprintf(&b, "%s\n", names(" over ", sku.Overruled))
	}
	for _, p := range e.Policies {
		fmt.Fprintf(&b, "%s %v: %s\n", p.Name, p.Matches, p.Detail)
	}
	return strings.ReplaceAll(b.String(), "  ", " ")
}

func names(word string, because []plan.Because) string {
	var out []string
	for _, b := range because {
		out = append(out, b.Policy)
	}
	if len(out) == 0 {
		return ""
	}
	return word + strings.Join(out, ", ")
}

func TestExplainUser(t *testing.T) {
	t.Parallel()
	f := fixture{t: t, settings: "manage: [SPE_E3, SPE_E5, POWER_BI_PRO, VISIOCLIENT]", tenant: strings.Replace(explained, "sku SPE_E5 100\n", "", 1), policies: `
		- {name: sales, users: {domain: sales.example}, except: {upns: [carl@contoso.com]}, replace: {SPE_E3: SPE_E5}, absent: [POWER_BI_PRO]}
		- {name: all, users: {all: true}, licenses: [SPE_E3], priority: -1}
		- {name: next-year, users: {all: true}, licenses: [VISIOCLIENT], from: 2027-01-01}
		- {name: trial, mode: report, users: {upns: [anna@contoso.com]}, licenses: [VISIOCLIENT]}
		- {name: search, users: {all: true, search: zzz}, licenses: [VISIOCLIENT]}
		- {name: fixture, users: {upns: [bea@contoso.com]}, licenses: [SPE_E5]}`}
	for _, c := range []struct{ name, want string }{
		{"anna", lines(
			"POWER_BI_PRO blocked inherited by sales",
			"SPE_E3 waiting until by sales over all",
			"SPE_E5 waiting no_seat by sales",
			"all true: all: true",
			"next-year false: it begins on 2027-01-01",
			"sales true: domain: sales.example",
			"search false: all: true, search: zzz: the text is in neither name of the user",
			"trial false: mode: report: it shows what it would do")},
		{"carl", lines(
			"SPE_E3 keep by all",
			"all true: all: true",
			"next-year false: it begins on 2027-01-01",
			"sales false: excepted by upns: 1 listed, row 1",
			"search false: all: true, search: zzz: the text is in neither name of the user")},
		{"dora", lines(
			"VISIOCLIENT ignored ",
			"all false: all: true has the user, but guests and external members are left out: include: [external] would select them",
			"next-year false: all: true has the user, but guests and external members are left out: include: [external] would select them",
			"search false: all: true, search: zzz has the user, but guests and external members are left out: include: [external] would select them")},
		{"emil", lines(
			"POWER_BI_PRO keep by sales",
			"SPE_E3 ignored by all",
			"all true: all: true; the account is disabled, so the policy gives nothing: add `include: [disabled]` to change that",
			"next-year false: it begins on 2027-01-01",
			"sales true: domain: sales.example; the account is disabled, so the policy gives nothing: add `include: [disabled]` to change that",
			"search false: all: true, search: zzz: the text is in neither name of the user")},
		{"fred", lines(
			"SPE_E3 keep by all",
			"SPE_F1 unmanaged ",
			"all true: all: true",
			"next-year false: it begins on 2027-01-01",
			"search false: all: true, search: zzz: the text is in neither name of the user")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := f
			f.t = t
			if diff := cmp.Diff(c.want, explainedTo(t, f, c.name)); diff != "" {
				t.Errorf("explained (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExplainUserHoldingsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	in := fixture{t: t, settings: manageAll, tenant: seats + "anna - SPE_E3(SWAY) POWER_BI_PRO@BI", policies: policyForAll("a", "replace: {SPE_E3: SPE_E5}\nusage_location: CH")}.input()
	user, _ := in.Snapshot.FindUPN("anna@contoso.com")
	e := explain.User(in, user)
	bi := explain.ExplainedHolding{PartNumber: "POWER_BI_PRO", Group: "BI", State: "Active", Off: []string{}}
	if diff := cmp.Diff([]explain.ExplainedHolding{bi, {PartNumber: "SPE_E3", State: "Active", Off: []string{"SWAY"}}}, e.Before); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]explain.ExplainedHolding{bi, {PartNumber: "SPE_E5", State: "Active", Off: []string{"SWAY"}}}, e.After); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	if e.Location.Before != "" || e.Location.After != "CH" || len(e.Steps) != 2 {
		t.Errorf("location %+v, %d steps", e.Location, len(e.Steps))
	}
}

func TestExplainSKU(t *testing.T) {
	t.Parallel()
	in := fixture{t: t, settings: "manage: [SPE_E3, SPE_E5]", tenant: `
		sku SPE_E3 100
		sku SPE_E5 3
		anna CH SPE_E3
		bea CH SPE_E3
		carl CH SPE_E5
		dora CH SPE_E5@Staff
		emil CH SPE_E5 SPE_E5@Staff
		fred CH`, policies: `
		- {name: up, users: {upns: [anna@contoso.com, bea@contoso.com]}, replace: {SPE_E3: SPE_E5}}
		- {name: keep, users: {upns: [carl@contoso.com]}, licenses: [SPE_E5]}`}.input()
	e, managed := explain.SKU(in, sku("SPE_E5"))
	if !managed || e.Direct != 1 || e.ByGroup != 1 || e.Both != 1 || e.Ignored != 2 || e.SKU.Short != 2 {
		t.Errorf("managed %v, %+v", managed, e)
	}
	if diff := cmp.Diff([]explain.CountedPolicy{{Policy: "keep", Users: 1}}, e.Kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	var got []string
	for _, o := range e.Outcomes {
		got = append(got, o.User.DisplayName+" "+o.Outcome)
	}
	if diff := cmp.Diff([]string{"Anna waiting", "Bea waiting"}, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if _, managed := explain.SKU(in, sku("VISIOCLIENT")); managed {
		t.Error("a SKU that is not managed is explained")
	}
}

func TestExplainPlanNotes(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, settings: manageAll, tenant: seats + "anna CH VISIOCLIENT\nbea CH", policies: `
		- {name: project, until: 2026-07-01, users: {all: true}, licenses: [VISIOCLIENT]}`}.compute()
	var got []string
	for _, note := range p.Outcomes.Notes {
		got = append(got, fmt.Sprintf("%s (%d: %s)", note.Message, note.Count, strings.Join(note.Users, ", ")))
	}
	want := []string{"policy project ended before 2026-07-01, but users still have VISIOCLIENT: a policy with `from: 2026-07-01` and `absent: [VISIOCLIENT]` removes it (1: anna@contoso.com)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestExplainPlanNotesAssignmentErrors(t *testing.T) {
	t.Parallel()
	p := fixture{t: t, tenant: "sku SPE_E3 9\nsku SPE_E5 9\nanna CH SPE_E3?DependencyViolation\nbea CH SPE_E3@Staff?UniquenessViolation\n" +
		"carl CH SPE_E3@Staff!CountViolation\ndora CH SPE_E3\nemil CH SPE_E5?Other", policies: `
		- {name: staff, users: {all: true}, licenses: [SPE_E3]}`}.compute()
	var got []string
	for _, note := range p.Outcomes.Notes {
		if strings.Contains(note.Message, "has an error") {
			got = append(got, fmt.Sprintf("%s (%s)", note.Message, strings.Join(note.Users, ", ")))
		}
	}
	want := []string{
		"SPE_E3 from group \"Staff\" has an error: another user has the mail address that it would give (UniquenessViolation) (bea@contoso.com)",
		"SPE_E3 has an error: a service plan needs one that the user lacks (DependencyViolation) (anna@contoso.com)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}
