package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies/guard"
	"github.com/seatwright/seatwright/policies/guard/guardtest"
)

// giving is a plan that gives a SKU to some users by a line of a policy file, and is
// stopped by a guard.
func giving(name guard.Name, sku string) *plan.Plan {
	p := &plan.Plan{Tenant: plan.Tenant{Name: "contoso"}, Complete: true,
		Guards: []plan.Guard{{Name: name, SKU: sku, Limit: 3, Seen: 4, Verdict: plan.VerdictBreached}}}
	for n := range 4 {
		p.Steps = append(p.Steps, plan.Step{ID: fmt.Sprint(n), Kind: plan.KindAdd,
			Because: []plan.Because{{PartNumber: "SPE_E3", Effect: plan.EffectWant, Policy: "joiners", File: "policies/joiners.yaml", Line: 7, Column: 3}}})
	}
	return p
}

func TestAMadeUpGuardIsAnnotatedAtItsPolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		table guard.Table
		guard guard.Name
		sku   string
		want  string // the first line begins with it
	}{
		{"a row", guardtest.Table(), guardtest.MadeUp, "SPE_E3", "::error file=policies/joiners.yaml,line=7,col=3,title=A guard stops the plan::exceeded: made_up of SPE_E3: 4 users, the limit is 3; to allow it for one run: --allow made_up:SPE_E3=4; or add to waivers.yaml: - {tenant: contoso, guard: made_up, sku: \"SPE_E3\", limit: 4,"},
		{"a row that states nothing", guardtest.Table(), guardtest.Forgotten, "", "::error title=A guard stops the plan::exceeded: forgotten\n"},
		{"no row", guard.All(), guardtest.MadeUp, "SPE_E3", "::error title=A guard stops the plan::exceeded: made_up of SPE_E3\n"},
		{"protection that shrank", guard.All(), guard.Source, "", "::error title=A guard stops the plan::exceeded: source: 4 %25, the limit is 3; to allow it for one run: --allow source=4%25\n"},
		{"corrections", guard.All(), guard.Corrections, "", "::error file=policies/joiners.yaml,line=7,col=3,title=A guard stops the plan::exceeded: corrections: 4 users, the limit is 3;"},
		{"a count of seats", guard.All(), guard.Implausible, "SPE_E3", "::error file=policies/joiners.yaml,line=7,col=3,title=A guard stops the plan::exceeded: implausible of SPE_E3: 4 seats apart, the limit is 3;"},
	} {
		var b bytes.Buffer
		r := newReviewBy(c.table, giving(c.guard, c.sku), Links{})
		if err := writeAnnotations(&b, githubDialect, r.annotations(), r.Summary); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), c.want) {
			t.Errorf("%s: got\n%swant\n%s", c.name, b.String(), c.want)
		}
	}
}

func TestGitLabReportHasAFingerprintForEachGuard(t *testing.T) {
	t.Parallel()
	p := giving(guard.Removals, "SPE_E3")
	p.Guards = append(p.Guards, plan.Guard{Name: guard.Removals, SKU: "VISIOCLIENT", Limit: 3, Seen: 4, Verdict: plan.VerdictBreached})
	var b bytes.Buffer
	if err := writeGitLab(&b, newReview(p, Links{}).annotations(), Links{}); err != nil {
		t.Fatal(err)
	}
	var report []codeQuality
	if err := json.Unmarshal(b.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if len(report) != 2 || report[0].Fingerprint == report[1].Fingerprint {
		t.Errorf("two guards have one fingerprint, so GitLab shows one of them:\n%s", b.String())
	}
}
