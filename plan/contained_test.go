package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
)

func TestExplainPlanNotesContainedLicenses(t *testing.T) {
	t.Parallel()
	const note = "SPE_E3 stays beside SPE_E5, which contains it: to give its seat back, write `replace: {SPE_E3: SPE_E5}`"
	for _, c := range []struct {
		name, policies, tenant string
		notes                  []string
	}{
		{"E3 stays beside a new E5", policyForAll("a", "licenses: [SPE_E5]"), "anna CH SPE_E3", []string{note}},
		{"the line that the note says ends it", policyForAll("a", "replace: {SPE_E3: SPE_E5}"), "anna CH SPE_E3", nil},
		{"a policy wants both", policyForAll("a", "licenses: [SPE_E5, SPE_E3]"), "anna CH SPE_E3", nil},
		{"E3 goes in the same call", policyForAll("a", "licenses: [SPE_E5]\nabsent: [SPE_E3]"), "anna CH SPE_E3", nil},
		{"a group gives E3, which no line takes", policyForAll("a", "licenses: [SPE_E5]"), "anna CH SPE_E3@Staff", nil},
		{"both were there before", policyForAll("a", "licenses: [SPE_E5, VISIOCLIENT]"), "anna CH SPE_E3 SPE_E5", nil},
		{"what is held has more", policyForAll("a", "licenses: [SPE_E3]"), "anna CH SPE_E5", nil},
		{"what is held has something else", policyForAll("a", "licenses: [SPE_E5]"), "anna CH VISIOCLIENT", nil},
		{"Power BI Pro is in E5", policyForAll("a", "licenses: [SPE_E5]"), "anna CH POWER_BI_PRO",
			[]string{"POWER_BI_PRO stays beside SPE_E5, which contains it: to give its seat back, write `replace: {POWER_BI_PRO: SPE_E5}`"}},
		{"F3 and E3 are suites in other editions", policyForAll("a", "licenses: [SPE_E3]"), "anna CH SPE_F1",
			[]string{"SPE_F1 stays beside SPE_E3, which contains it: to give its seat back, write `replace: {SPE_F1: SPE_E3}`"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := fixture{t: t, settings: manageAll, tenant: seats + c.tenant, policies: c.policies}.compute()
			if diff := cmp.Diff(c.notes, notesWith(p, "contains it")); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// notesWith returns the notes of a plan that contain these words.
func notesWith(p *plan.Plan, words string) []string {
	var found []string
	for _, note := range p.Outcomes.Notes {
		if strings.Contains(note.Message, words) {
			found = append(found, note.Message)
		}
	}
	return found
}
