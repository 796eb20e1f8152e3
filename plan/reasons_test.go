package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
)

// TestComputeDecidesNothingByReasons plans without any reason and expects the same: filters,
// holding, the source guard and report mode go by the policies that decide a step. The test
// of the same promise for a run is in package apply.
func TestComputeDecidesNothingByReasons(t *testing.T) {
	t.Parallel()
	const two = "- {name: up, users: {upns: [anna@contoso.com]}, replace: {SPE_E3: SPE_E5}}\n- {name: out, users: {upns: [bea@contoso.com]}, absent: [POWER_BI_PRO]}\n" +
		"- {name: place, users: {upns: [carl@contoso.com]}, usage_location: CH}\n"
	const tenant = seats + "anna CH SPE_E3\nbea CH POWER_BI_PRO\ncarl -"
	loosely := "manage: [SPE_E3]\n" + loose
	left := inDomain(39, "s", "staff.example", "SPE_E3") + inDomain(11, "l", "elsewhere.example", "SPE_E3")
	spared := inDomain(39, "v", "vip.example", "SPE_E3") + inDomain(11, "x", "elsewhere.example", "SPE_E3")
	for _, c := range []struct {
		name    string
		fixture fixture
		works   func(p *plan.Plan) bool // what the policies of steps drive here
	}{
		{"--only a policy", fixture{settings: manageAll, policies: two, tenant: tenant, filters: plan.Filters{Only: []plan.Term{{Policy: "up"}}}},
			func(p *plan.Plan) bool { return len(p.Steps) == 1 }},
		{"--exclude a policy", fixture{settings: manageAll, policies: two, tenant: tenant, filters: plan.Filters{Exclude: []plan.Term{{Policy: "place"}, {Policy: "out"}}}},
			func(p *plan.Plan) bool { return len(p.Steps) == 1 }},
		{"the source guard", fixture{settings: loosely, tenant: plenty + left, baseline: plenty + inDomain(39, "s", "staff.example", "SPE_E3") + inDomain(11, "l", "staff.example", "SPE_E3"),
			policies: "- {name: staff, users: {domain: staff.example}, licenses: [SPE_E3]}\n- {name: rest, priority: -1, users: {all: true}, absent: [SPE_E3]}"},
			func(p *plan.Plan) bool { return breaches(p) == "source" }},
		{"a source that grew", fixture{settings: loosely, tenant: plenty + inDomain(50, "o", "leavers.example", "") + inDomain(11, "n", "leavers.example", "SPE_E3"),
			baseline: plenty + inDomain(50, "o", "leavers.example", "") + inDomain(11, "n", "staff.example", "SPE_E3"), policies: "- {name: leavers, users: {domain: leavers.example}, absent: [SPE_E3]}"},
			func(p *plan.Plan) bool { return breaches(p) == "source" }},
		{"steps of a policy whose exceptions shrank are held", fixture{settings: "manage: [SPE_E3, VISIOCLIENT]\n" + loose, hold: true, tenant: plenty + spared + "zoe CH domain=other.example",
			baseline: plenty + inDomain(39, "v", "vip.example", "SPE_E3") + inDomain(11, "x", "vip.example", "SPE_E3") + "zoe CH domain=other.example",
			policies: "- {name: in, users: {domain: elsewhere.example}, except: {domain: vip.example}, licenses: [VISIOCLIENT]}\n- {name: other, users: {domain: other.example}, licenses: [SPE_E3]}"},
			func(p *plan.Plan) bool { return len(p.Outcomes.Held) == 11 && len(p.Steps) == 1 }},
		{"report mode", fixture{settings: manageAll, tenant: tenant, policies: two + "- {name: soon, mode: report, users: {upns: [carl@contoso.com]}, licenses: [VISIOCLIENT]}"},
			func(p *plan.Plan) bool { return len(p.Reported) == 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := c.fixture
			f.t = t
			in := f.input()
			p, _ := plan.Compute(in)
			if !c.works(p) {
				t.Fatalf("the case does not show what it is for:\n%s%d reported, guards %+v", printed(p), len(p.Reported), p.Guards)
			}
			steps, reports, guards := plan.Decided(in)
			for i, decided := range [][]plan.Step{steps, reports} {
				written := [][]plan.Step{p.Steps, p.Reported}[i]
				for n := range decided {
					if decided[n].Because != nil {
						t.Errorf("%s has reasons before everything is decided: %+v", decided[n], decided[n].Because)
					}
					if written[n].ID != decided[n].ID || len(written[n].Because) == 0 {
						t.Errorf("%s was decided, %s with the reasons %+v is written", decided[n], written[n], written[n].Because)
					}
				}
				if len(decided) != len(written) {
					t.Errorf("%d steps were decided, %d are written", len(decided), len(written))
				}
			}
			if diff := cmp.Diff(p.Guards, guards); diff != "" {
				t.Errorf("guards (-written +decided):\n%s", diff)
			}
		})
	}
}
